//! Detached signatures bind no names: what was moved, exchanged or brought from elsewhere.

use super::{PROGRAM, gpg_signs, read, released, rules, second, verdict, write};
use secpack_tests::Team;
use std::os::unix::fs::symlink;

/// Copies a document and both signatures.
fn copy(from: &Team, path: &str, to: &Team, new: &str) {
    for suffix in ["", ".sig.ann", ".sig.ben"] {
        write(to, &format!("{new}{suffix}"), read(from, &format!("{path}{suffix}")));
    }
}

fn all_name_mismatch(team: &Team) -> bool {
    let found = rules(&team.verify().ends(1));
    found.contains(&"name-mismatch".to_owned())
        && found.iter().all(|rule| rule == "name-mismatch" || rule == "duplicate")
}

#[test]
fn two_exchanged_documents() {
    let (team, first) = released();
    let other = second(&team);
    team.verify().ends(0);
    let (one, two) = (read(&team, &first), read(&team, &other));
    let exchange = |suffix: &str| {
        let (a, b) = (format!("{first}{suffix}"), format!("{other}{suffix}"));
        let (left, right) = (read(&team, &a), read(&team, &b));
        write(&team, &a, right);
        write(&team, &b, left);
    };
    ["", ".sig.ann", ".sig.ben"].into_iter().for_each(exchange);
    assert_ne!(one, two);
    assert_eq!(rules(&team.verify().ends(1)), ["name-mismatch", "name-mismatch"]);
}

#[test]
fn a_copy_at_the_next_number_or_in_another_year() {
    let (team, path) = released();
    for new in [path.replace("-001-", "-002-"), path.replace("-2026", "-2027")] {
        copy(&team, &path, &team, &new);
        assert!(all_name_mismatch(&team), "{new}");
        for suffix in ["", ".sig.ann", ".sig.ben"] {
            std::fs::remove_file(team.sandbox.path(&format!("pack/{new}{suffix}"))).expect("gone");
        }
    }
    team.verify().ends(0);
}

/// Ann and ben sign whatever they like with another tool; the place decides what it must be.
#[test]
fn a_canary_among_bulletins_and_the_other_way() {
    let (team, path) = released();
    let canary = "---===[ Canary 002 ]===---\n\n\nStatements\n-----------\n\n1. All is well.\n";
    let bulletin = path.replace("-001-", "-002-");
    write(&team, &bulletin, canary);
    for member in ["ann", "ben"] {
        write(&team, &format!("{bulletin}.sig.{member}"), gpg_signs(&team, member, &bulletin, &[]));
    }
    assert_eq!(rules(&team.verify().ends(1)), ["name-mismatch"]);
    for suffix in ["", ".sig.ann", ".sig.ben"] {
        std::fs::remove_file(team.sandbox.path(&format!("pack/{bulletin}{suffix}"))).expect("gone");
    }
    let place = "canaries/canary-001-2026.txt";
    write(&team, place, read(&team, &path));
    for member in ["ann", "ben", "carol"] {
        write(&team, &format!("{place}.sig.{member}"), gpg_signs(&team, member, place, &[]));
    }
    assert!(rules(&team.verify().ends(1)).contains(&"name-mismatch".to_owned()));
}

/// The same people sign for two organisations.
#[test]
fn a_document_of_another_pack() {
    let (team, path) = released();
    let text = read(&team, &path).replacen("Security Bulletin", "Other Bulletin", 1);
    let next = path.replace("-001-", "-002-");
    write(&team, &next, text.replacen("001", "002", 1));
    for member in ["ann", "ben"] {
        write(&team, &format!("{next}.sig.{member}"), gpg_signs(&team, member, &next, &[]));
    }
    assert_eq!(rules(&team.verify().ends(1)), ["name-mismatch"]);
}

/// Text that has no heading at all says nothing of its number.
#[test]
fn a_text_that_says_nothing() {
    let (team, path) = released();
    let next = path.replace("-001-", "-002-");
    for text in ["\n", "Nothing.\n", "\u{0}\u{ff}\n"] {
        write(&team, &next, text);
        for member in ["ann", "ben"] {
            write(&team, &format!("{next}.sig.{member}"), gpg_signs(&team, member, &next, &[]));
        }
        assert!(rules(&team.verify().ends(1)).contains(&"name-mismatch".to_owned()), "{text:?}");
    }
}

/// One signature would serve as the tag's or commit's as well.
#[test]
fn documents_that_are_git_objects() {
    let (team, _) = released();
    let git = |kind: &str, name: &str| team.sandbox.git("pack", &["cat-file", kind, name]).stdout;
    let tag = git("tag", &format!("ann_sec_{}", &team.head()[..8]));
    let payload = tag.split("-----BEGIN").next().expect("a payload").to_owned();
    let place = "fund/note.txt";
    for text in [payload, git("commit", "HEAD")] {
        let _ = std::fs::remove_file(team.sandbox.path(&format!("pack/{place}.sig.ann")));
        write(&team, place, &text);
        let refused = team.sign(place, "ann").ends(1);
        assert!(refused.stderr.contains("git"), "{}", refused.stderr);
        assert!(!team.sandbox.path(&format!("pack/{place}.sig.ann")).exists());
        for member in ["ann", "ben"] {
            write(&team, &format!("{place}.sig.{member}"), gpg_signs(&team, member, place, &[]));
        }
        let run = team.verify().ends(1);
        assert_eq!(verdict(&run, &format!("{place}.sig.ann")), "wrong-type");
    }
    // A tag's own signature beside its payload, with nobody's help.
    let signature = &tag[tag.find("-----BEGIN").expect("signed")..];
    write(&team, place, tag.split("-----BEGIN").next().expect("a payload"));
    write(&team, &format!("{place}.sig.ann"), signature);
    assert_eq!(verdict(&team.verify().ends(1), &format!("{place}.sig.ann")), "wrong-type");
    write(&team, place, "object lessons are not git objects\n");
    for member in ["ann", "ben"] {
        let _ = std::fs::remove_file(team.sandbox.path(&format!("pack/{place}.sig.{member}")));
        team.sign(place, member).ends(0);
    }
    team.verify().ends(0);
}

/// A link could show one text to the reader and another to the verifier.
#[test]
fn links_in_place_of_files() {
    for suffix in ["", ".sig.ann"] {
        let (team, path) = released();
        let place = team.sandbox.path(&format!("pack/{path}{suffix}"));
        let elsewhere = team.sandbox.path("elsewhere");
        std::fs::rename(&place, &elsewhere).expect("moved");
        symlink(&elsewhere, &place).expect("a link");
        let run = team.verify().ends(1);
        assert_eq!(verdict(&run, &format!("{path}.sig.ann")), "unreadable", "{suffix}");
        // Inside the pack as well.
        std::fs::remove_file(&place).expect("removed");
        std::fs::rename(&elsewhere, team.sandbox.path("pack/inside")).expect("moved");
        symlink("../inside", &place).expect("a link");
        let run = team.verify().ends(1);
        assert_eq!(verdict(&run, &format!("{path}.sig.ann")), "unreadable", "{suffix}");
    }
}

/// Whoever signs a link signs nothing.
#[test]
fn a_link_is_not_signed() {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let place = team.sandbox.path(&format!("pack/{path}"));
    std::fs::rename(&place, team.sandbox.path("elsewhere")).expect("moved");
    symlink(team.sandbox.path("elsewhere"), &place).expect("a link");
    let run = team.sign(&path, "ann");
    assert_ne!(run.code, 0, "{run:?}");
    assert!(!team.sandbox.path(&format!("pack/{path}.sig.ann")).exists());
}
