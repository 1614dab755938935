//! A mail to those who are missing: what to sign and what to type. It carries no text of a document,
//! because a mail is read on its way.

use crate::step::{Plan, Ready, Step};
use chrono::{DateTime, Utc};
use mail_builder::MessageBuilder;
use secpack_git::Identity;
use secpack_openpgp::Authority;
use secpack_pack::{MemberId, PackPath};

/// The mail that asks everybody whom a plan waits for, as RFC 5322 bytes; `None` when it waits for
/// nobody. Addresses are those in the members' certificates.
///
/// # Errors
/// When the mail cannot be put together.
pub fn mail(
    authority: &Authority<'_>,
    plan: &Plan,
    from: &Identity,
    now: DateTime<Utc>,
) -> std::io::Result<Option<Vec<u8>>> {
    let wanted: Vec<(&Step, &[MemberId], &[String])> =
        plan.steps.iter().filter_map(|planned| waiting(&planned.step, &planned.ready)).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let mut members: Vec<&MemberId> = wanted.iter().flat_map(|(_, who, _)| who.iter()).collect();
    members.sort();
    members.dedup();
    let to: Vec<String> = members.iter().filter_map(|member| address(authority, member)).collect();
    let paths: Vec<&str> = wanted.iter().filter_map(|(step, ..)| path(step)).collect();
    let who = format!("{} {}", from.email(), now.timestamp());
    let domain = from.email().rsplit('@').next().unwrap_or("localhost");
    let id = secpack_signing::digest(format!("{who} {}", paths.join(" ")).as_bytes());
    let message = MessageBuilder::new()
        .from((from.name(), from.email()))
        .to(to)
        .date(now.timestamp())
        .message_id(format!("{}@{domain}", id.get(..32).unwrap_or(&id)))
        .subject(format!("Please sign {}", paths.join(", ")))
        .text_body(body(&members, &wanted));
    message.write_to_vec().map(Some)
}

fn waiting<'a>(
    step: &'a Step,
    ready: &'a Ready,
) -> Option<(&'a Step, &'a [MemberId], &'a [String])> {
    match ready {
        Ready::Waiting { members, commands } => Some((step, members, commands)),
        Ready::Done | Ready::Ready | Ready::Blocked { .. } => None,
    }
}

fn path(step: &Step) -> Option<&str> {
    match step {
        Step::Collect { path, .. } => Some(PackPath::as_str(path)),
        Step::Lint { .. }
        | Step::Commit { .. }
        | Step::Tag { .. }
        | Step::Verify
        | Step::Push { .. }
        | Step::Confirm { .. }
        | Step::Mirror { .. } => None,
    }
}

fn body(members: &[&MemberId], wanted: &[(&Step, &[MemberId], &[String])]) -> String {
    let names: Vec<&str> = members.iter().map(|member| member.as_str()).collect();
    let mut text = format!(
        "The release waits for {}. In your clone of the pack, with FILE your key:\n\n",
        names.join(" and ")
    );
    for (_, _, commands) in wanted {
        for command in *commands {
            text.push_str(&format!("    {command}\n"));
        }
    }
    text.push_str("\nRead the text before you sign it. Then send the new file back.\n");
    text
}

/// The address in the first user id of a member's certificate that has one.
fn address(authority: &Authority<'_>, member: &MemberId) -> Option<String> {
    let found = authority.policy.pack().roster().named(member.as_str())?;
    found.fingerprints.iter().find_map(|fingerprint| {
        let info = authority.keyring.info(fingerprint, &authority.policy)?;
        info.user_ids.iter().find_map(|user| in_brackets(user))
    })
}

/// `Name <address>`, with nothing in the address that a header could be broken with.
fn in_brackets(user_id: &str) -> Option<String> {
    let (_, rest) = user_id.rsplit_once('<')?;
    let address = rest.strip_suffix('>')?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_+@".contains(c);
    let is_address = address.contains('@') && address.chars().all(is_plain);
    is_address.then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_address_is_taken_from_a_user_id() {
        let check = |user_id: &str, expected: Option<&str>| {
            assert_eq!(in_brackets(user_id).as_deref(), expected, "{user_id}");
        };
        check("Ann <ann@example.org>", Some("ann@example.org"));
        check("Ann", None);
        check("Ann <ann@example.org>, Eve <eve@example.org", None);
        check("Ann <ann@example.org\\u{a}Bcc: eve@example.org>", None);
    }
}
