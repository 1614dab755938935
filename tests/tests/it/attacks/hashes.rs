//! Weak hashes count only by a dated rule, and only while a later tag with a strong hash covers
//! the very same bytes.

use super::{amend, gpg_signs, released, rules, tag_verdict, verdict, write};
use secpack_tests::Team;

const HASHES: [(&str, &str); 3] = [("SHA1", "SHA1"), ("MD5", "MD5"), ("RIPEMD160", "RIPEMD160")];

fn allow(team: &Team, until: &str) {
    amend(team, |policy| {
        let rules = HASHES.map(|(_, name)| {
            format!(
                "\n[[hash]]\nalgorithm = \"{name}\"\nuses = [\"documents\", \"tags\"]\n\
                 until = {until}\nreason = \"made before the change\"\n"
            )
        });
        policy + &rules.concat()
    });
}

/// Ben's signature replaced by one with this hash; `None` where this gpg cannot make it.
fn weak(team: &Team, path: &str, hash: &str) -> String {
    let place = format!("{path}.sig.ben");
    write(team, &place, gpg_signs(team, "ben", path, &["--digest-algo", hash]));
    place
}

#[test]
fn without_a_rule() {
    let (team, path) = released();
    for (hash, _) in HASHES {
        let place = weak(&team, &path, hash);
        assert_eq!(verdict(&team.verify().ends(1), &place), "weak-hash", "{hash}");
    }
    let place = weak(&team, &path, "SHA224");
    assert_eq!(verdict(&team.verify().ends(1), &place), "weak-hash");
    let place = weak(&team, &path, "SHA256");
    assert_eq!(verdict(&team.verify().ends(0), &place), "good");
}

#[test]
fn a_rule_that_ended_before() {
    let (team, path) = released();
    allow(&team, "2026-03-03");
    for (hash, _) in HASHES {
        let place = weak(&team, &path, hash);
        assert_eq!(verdict(&team.verify().ends(1), &place), "weak-hash", "{hash}");
    }
}

/// The tags of the team are made at ten, the weak signatures at nine.
#[test]
fn a_rule_and_a_later_strong_tag() {
    let (team, path) = released();
    allow(&team, "2026-03-04");
    for (hash, _) in HASHES {
        let place = weak(&team, &path, hash);
        assert_eq!(verdict(&team.verify().ends(0), &place), "good", "{hash}");
    }
}

/// The only tag that covers the text is older than the signature, so it proves nothing.
#[test]
fn a_rule_and_only_an_earlier_tag() {
    let (team, path) = released();
    allow(&team, "2026-03-05");
    let place = format!("{path}.sig.ben");
    let options = ["--digest-algo", "SHA1"];
    let later = super::gpg_signs_at(&team, "20260304T110000", "ben", &path, &options);
    write(&team, &place, later);
    assert_eq!(verdict(&team.verify().ends(1), &place), "weak-hash");
}

/// No tag covers this text: somebody with a collision could have put it there today.
#[test]
fn a_rule_and_a_tag_over_another_text() {
    let (team, path) = released();
    allow(&team, "2026-03-04");
    let changed = super::read(&team, &path).replacen("overflow", "Overflow", 1);
    write(&team, &path, changed);
    team.sign(&path, "ann").ends(0);
    let place = weak(&team, &path, "SHA1");
    assert_eq!(verdict(&team.verify().ends(1), &place), "weak-hash");
    team.commit("A collision");
    team.tag("ann");
    assert_eq!(verdict(&team.verify().ends(0), &place), "good");
}

/// A weak tag covers nothing, not even itself.
#[test]
fn a_weak_tag_covers_nothing() {
    let (team, path) = released();
    allow(&team, "2026-03-04");
    let changed = super::read(&team, &path).replacen("overflow", "Overflow", 1);
    write(&team, &path, changed);
    team.sign(&path, "ann").ends(0);
    let place = weak(&team, &path, "SHA1");
    team.commit("A collision");
    let name = super::git_tags::gpg_tags(&team, "ann", &["--digest-algo", "SHA1"]);
    let run = team.verify().ends(1);
    assert_eq!(verdict(&run, &place), "weak-hash");
    assert_eq!(tag_verdict(&run, &name), "weak-hash");
    assert!(rules(&run).contains(&"head-untagged".to_owned()));
}
