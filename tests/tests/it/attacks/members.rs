//! Who signed: the named person, in their role, once.

use super::{PROGRAM, amend, gpg_signs, read, released, verdict, write};
use secpack_tests::Team;

/// Bulletins need ann; whoever else has a role may sign too. Ben's role gets these lines.
fn with_role(team: &Team, lines: &str) {
    amend(team, |policy| {
        let role = policy.find("member = \"ben\"").expect("ben's role");
        let end = policy[role..].find("\n\n").map_or(policy.len(), |at| role + at);
        let bens = "member = \"ben\"\nsigns = [\"policy\", \"tag\"]\n\n[[role]]\nmember = \"ben\"\n\
                    signs = [\"bulletin\"]\n";
        let require = "\n[[require]]\nseries = \"bulletin\"\nsigners = [\"ann\"]\n";
        format!("{}{bens}{lines}\n{}{require}", &policy[..role], &policy[end..])
    });
}

#[test]
fn another_ones_signature() {
    let (team, path) = released();
    let (anns, bens) = (format!("{path}.sig.ann"), format!("{path}.sig.ben"));
    let (ann, ben) = (read(&team, &anns), read(&team, &bens));
    write(&team, &anns, &ben);
    write(&team, &bens, &ann);
    let run = team.verify().ends(1);
    assert_eq!(
        (verdict(&run, &anns), verdict(&run, &bens)),
        ("wrong-member".into(), "wrong-member".into())
    );
    write(&team, &anns, &ann);
    write(&team, &bens, &ben);
    team.verify().ends(0);
}

/// A name that no member has, beside the good ones.
#[test]
fn a_stranger_by_name() {
    let (team, path) = released();
    let ann = read(&team, &format!("{path}.sig.ann"));
    let place = format!("{path}.sig.mallory");
    write(&team, &place, ann);
    assert_ne!(verdict(&team.verify().ends(1), &place), "good");
}

#[test]
fn before_joining_and_after_leaving() {
    for (role, expected) in [
        ("from = 2026-03-05\n", "out-of-role"),
        ("until = 2026-03-03\n", "out-of-role"),
        ("numbers = \"2-\"\n", "out-of-role"),
        ("from = 2026-03-04\nuntil = 2026-03-04\nnumbers = \"1\"\n", "good"),
    ] {
        let (team, path) = released();
        with_role(&team, role);
        let place = format!("{path}.sig.ben");
        let run = team.verify();
        assert_eq!(verdict(&run, &place), expected, "{role}");
        run.ends(i32::from(expected != "good"));
    }
}

/// Carol signs canaries; her signature under a bulletin spoils it.
#[test]
fn an_emeritus() {
    let (team, path) = released();
    let place = format!("{path}.sig.carol");
    write(&team, &place, gpg_signs(&team, "carol", &path, &[]));
    assert_eq!(verdict(&team.verify().ends(1), &place), "out-of-role");
}

/// Two files of one person, as an alias allows.
#[test]
fn one_person_counts_once() {
    let (team, path) = released();
    amend(&team, |policy| {
        let two = "signatures = [\"{document}.sig.{member}\", \"{document}.asc.{member}\"]";
        let policy = policy.replacen("signatures = [\"{document}.sig.{member}\"]", two, 1);
        policy + "\n[[require]]\nseries = \"bulletin\"\nsigners = 2\n"
    });
    team.verify().ends(0);
    std::fs::remove_file(team.sandbox.path(&format!("pack/{path}.sig.ben"))).expect("removed");
    let again = format!("{path}.asc.ann");
    write(&team, &again, gpg_signs(&team, "ann", &path, &[]));
    let run = team.verify().ends(1);
    let both = [verdict(&run, &again), verdict(&run, &format!("{path}.sig.ann"))];
    assert!(
        both.contains(&"duplicate".to_owned()) && both.contains(&"good".to_owned()),
        "{both:?}"
    );
    let state = run.json()["documents"].to_string();
    assert!(state.contains("broken"), "{state}");
}

/// Each of these policies would let fewer people through than it says, so it is no policy.
#[test]
fn policies_that_cannot_be_meant() {
    let team = Team::new(PROGRAM);
    let policy = read(&team, "secpack.toml");
    let key_of = |member: &str| {
        let at = policy.find(&format!("id = \"{member}\"")).expect("a member");
        policy[at..].split('"').nth(3).expect("a fingerprint").to_owned()
    };
    let require =
        |signers: &str| format!("{policy}\n[[require]]\nseries = \"bulletin\"\n{signers}\n");
    for (changed, says) in [
        (policy.replace(&key_of("ben"), &key_of("ann")), "belongs to member \"ann\" already"),
        (policy.replace(&key_of("ben"), &team.anchor), "already"),
        (policy.replace("id = \"ben\"", "id = \"ben\"\naliases = [\"ann\"]"), "belongs to"),
        (require("signers = 0"), "accept anything"),
        (require("signers = -1"), "signers is"),
        (require("signers = 4"), "4 signatures are asked of"),
        (require("signers = []"), "names nobody"),
        (require("signers = \"none\""), "needs a reason"),
        (require("signers = \"some\""), "neither"),
        (policy.replace("head = 1", "head = 9"), "more than there are members"),
    ] {
        write(&team, "secpack.toml", &changed);
        let run = team.verify().ends(2);
        assert!(run.stderr.contains(says), "wanted {says:?} in {}", run.stderr);
    }
    write(&team, "secpack.toml", &policy);
    team.verify().ends(0);
}
