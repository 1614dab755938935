//! The smartcard that gpg-agent sees in a reader: whether it has a key, and whether it asks.

use super::agent::wait_for;
use sequoia_gpg_agent as gpg_agent;
use sequoia_gpg_agent::cardinfo::CardInfo;
use sequoia_ipc::Keygrip;
use std::path::Path;

/// What an OpenPGP card's number begins with: the registered name of the application.
const OPENPGP: &str = "D276000124";

/// The card in the reader, when it has this key. Another card answers for itself only.
pub(super) fn with_key(socket: &Path, grip: &Keygrip) -> Option<CardInfo> {
    let card = wait_for(async {
        let mut agent = gpg_agent::Agent::connect_to_agent(socket).await?;
        agent.card_info().await
    });
    card.ok().filter(|card| card.keys_keygrips().any(|key| key == *grip))
}

/// Whether it wants its PIN for every signature: the first field of its CHV-STATUS is 0
/// (GnuPG's "Signature PIN: forced").
pub(super) fn asks_each_time(card: &CardInfo) -> bool {
    card.raw().any(|(key, value)| key == "CHV-STATUS" && value.trim().starts_with("+0"))
}

/// The number as gpg prints it and as it stands on the card: maker and serial number, digits 17 to
/// 28 of the application's name (OpenPGP card 3.4, section 4.2.1).
pub(super) fn number(application: &str) -> String {
    let parts = application.get(16..20).zip(application.get(20..28));
    match parts.filter(|_| application.starts_with(OPENPGP)) {
        Some((maker, serial)) => format!("{maker} {serial}"),
        None => secpack_pack::escape(application),
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_card_is_named_as_gpg_names_it() {
        assert_eq!(number("D2760001240103040006181329630000"), "0006 18132963");
        assert_eq!(number("D276000124"), "D276000124");
        assert_eq!(number("A000000308\n"), "A000000308\\u{a}");
    }
}
