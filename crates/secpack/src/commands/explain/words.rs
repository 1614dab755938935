//! The words of each reason code: what it means, what to do, and what stock gpg would say.

use secpack_pack::Reason;

/// Every code that the program prints has a section there.
const VERDICTS: &str = include_str!("../../../../../docs/verdicts.md");

/// What the documentation says of a code that is no verdict, such as `head-untagged`: its section,
/// else its rows in the tables of rules about texts.
pub fn section(code: &str) -> Option<String> {
    let Some((_, rest)) = VERDICTS.split_once(&format!("\n## {code}\n")) else {
        return rules(code);
    };
    let body = rest.split("\n## ").next().unwrap_or(rest);
    let body = body.split("\n# ").next().unwrap_or(body);
    Some(format!("{code}\n\n{}", body.trim()))
}

/// `| rule | level | what is wrong |` below a heading that says of which texts.
fn rules(code: &str) -> Option<String> {
    let (mut of, mut found) = ("", Vec::new());
    for line in VERDICTS.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            of = heading;
        }
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [names, level, what] = cells.as_slice() else { continue };
        if names.split(", ").any(|name| name == format!("`{code}`")) {
            found.push(format!("{of}, {level}: {what}"));
        }
    }
    let lint = "secpack bulletin lint and secpack canary lint name the lines; secpack bulletin edit \
                and secpack canary edit open them";
    (!found.is_empty()).then(|| format!("{code}\n\n{}\n\n{lint}", found.join("\n")))
}

/// Meaning and action, as docs/verdicts.md has them.
pub fn words(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::Good => {
            ("the right key made it over these bytes, in its role and its time", "nothing")
        }
        Reason::Stale => (
            "the right key made it, but over an earlier text",
            "compare the two texts; the member signs the text as it is now",
        ),
        Reason::Bad => (
            "its key does not verify it over this text, nor over any text that was ever committed",
            "if you edited the text after it was signed, it must be signed again: secpack sign; \
             otherwise do not trust it, and ask the member",
        ),
        Reason::Missing => {
            ("a signature that the policy asks for is not there", "the member signs")
        }
        Reason::WrongMember => (
            "it bears one member's name and was made by another key",
            "do not trust it; find out who put it there",
        ),
        Reason::OutOfRole => (
            "its maker has no such role at this number or date",
            "ask a member with the role, or change the policy and sign that",
        ),
        Reason::UnknownKey => (
            "no certificate of the pack, now or in its history, made it",
            "if the key is genuine, add its certificate under a key group of the policy",
        ),
        Reason::UncertifiedKey => (
            "the root that must certify its key does not",
            "the root certifies the key: secpack keys certify",
        ),
        Reason::Expired => {
            ("its key had expired when it was made", "the member extends the key and signs again")
        }
        Reason::NotYetValid => (
            "it is dated before its key existed or was bound, or in the future",
            "check the clock of the machine that signed; sign again",
        ),
        Reason::Revoked => ("its key is revoked", "do not trust it; a valid key signs again"),
        Reason::WeakHash => (
            "its hash algorithm does not count for a signature of this date",
            "sign again with SHA-256 or SHA-512",
        ),
        Reason::WrongType => (
            "it is not a signature over a document, or its key is not one for signing",
            "sign again: secpack sign",
        ),
        Reason::Malformed => (
            "it is not exactly one signature, or has a structure that is refused",
            "sign again: secpack sign",
        ),
        Reason::NotCanonical => (
            "it verifies, but bytes were changed or added around what is verified",
            "restore the file from its maker",
        ),
        Reason::Duplicate => ("it stands a second time", "remove one of the two"),
        Reason::NameMismatch => (
            "the name on the outside differs from the name inside",
            "do not trust it; find out who renamed it",
        ),
        Reason::RolledBack => {
            ("it is older than what this reader saw before", "fetch from another place and compare")
        }
        Reason::Overdue => ("it is due and not there", "ask the team; assume nothing"),
        Reason::Unreadable => (
            "its bytes are not in the repository, or it is a link where a file must be",
            "put the file in the place of the link, or fetch the whole repository again",
        ),
    }
}

/// What `gpg --verify` or `git verify-tag` say of the same signature, and their exit code. Where
/// they disagree with us, docs/gnupg-differences.md says why.
pub fn gpg(reason: Reason) -> &'static str {
    match reason {
        Reason::Good => "Good signature, exit code 0",
        Reason::Stale | Reason::Bad => "BAD signature, exit code 1",
        Reason::UnknownKey => "Can't check signature: No public key, exit code 2",
        Reason::WrongMember | Reason::OutOfRole | Reason::UncertifiedKey | Reason::NameMismatch => {
            "Good signature, exit code 0: it knows neither members nor names"
        }
        Reason::Revoked => "Good signature with a warning that the key is revoked, exit code 0",
        Reason::Expired => "Good signature from an expired key, exit code 0",
        Reason::NotYetValid => {
            "depends on its clock and the key; a date ahead of it still exits with 0"
        }
        Reason::WeakHash => "Good signature, exit code 0: SHA-1 is not refused",
        Reason::NotCanonical => "Good signature, exit code 0: it passes over such bytes",
        Reason::WrongType | Reason::Malformed => {
            "nothing reliable: it may pass over what we refuse"
        }
        Reason::Duplicate => "Good signature, exit code 0: it does not count people",
        Reason::Missing | Reason::RolledBack | Reason::Overdue | Reason::Unreadable => {
            "nothing: there is no signature to look at"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::section;

    #[test]
    fn a_section_ends_where_the_next_begins_and_rules_stand_in_tables() {
        let of = |code: &str| section(code).unwrap_or_default();
        assert!(of("key-unusable").ends_with("`secpack keys retire MEMBER`."));
        assert!(of("todo").contains("every text, error: `TODO`"));
        let date = of("date");
        assert!(date.contains("bulletins, error") && date.contains("canaries, error"), "{date}");
        assert!(of("width").contains("warning") && of("section-order").contains("warning"));
        assert_eq!((section("rule"), section("---"), section("")), (None, None, None));
    }
}
