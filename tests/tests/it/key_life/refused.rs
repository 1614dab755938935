//! Commands about keys that fail: with a reason, something to type, and nothing changed.

use super::{PROGRAM, at, hints, key_of, refuses};
use secpack_tests::Team;

const DAY: &str = "2026-03-04";

fn refused(team: &Team, code: i32, words: &str, arguments: &[&str]) {
    let run = refuses(team, code, words, || at(team, DAY, arguments));
    assert!(
        run.stderr.starts_with("error: ") || run.stderr.contains("\nerror: "),
        "{}",
        run.stderr
    );
}

#[test]
fn extensions() {
    let team = Team::new(PROGRAM);
    let (ben, eve) = (team.key_of("ben"), team.sandbox.path("eve.key").display().to_string());
    super::certified_key(&team.sandbox, "eve", "Eve <eve@example.org>", "2026-03-01");
    let extend = |key: &str, expires: &str, code, words: &str| {
        refused(&team, code, words, &["keys", "extend", "--key", key, "--expires", expires]);
    };
    extend(&ben, "2026-01-31", 1, "has passed already");
    extend(&ben, "90d", 1, "lasts longer already: until 2028-01-01");
    extend(&ben, "soon", 2, "give a span such as");
    extend(&eve, "5y", 1, "no key file of the pack holds");
    extend("ann.asc", "5y", 2, "ann.asc");
    let certificate = team.sandbox.path("ann.asc").display().to_string();
    extend(&certificate, "5y", 2, "only the public half");
    // A key whose newest self-signature is from tomorrow would win over the new one.
    let now = "2026-01-01T00:00:00Z";
    let early = ["keys", "extend", "--key", &ben, "--expires", "5y", "--now", now];
    refuses(&team, 1, "check the clock", || team.sandbox.secpack("pack", &early));
    let anns = team.sandbox.path("ann-certified.asc").display().to_string();
    let known = at(&team, DAY, &["keys", "extend", "--from", &anns]).ends(0);
    assert!(known.stdout.contains("known: "), "{}", known.stdout);
    let eves = team.sandbox.path("eve-certified.asc").display().to_string();
    refused(&team, 1, "no key file of the pack holds", &["keys", "extend", "--from", &eves]);
    // A file that cannot be written: the secret key file stays as it is too.
    let out = "/proc/nowhere/ben.asc";
    refused(&team, 2, out, &["keys", "extend", "--key", &ben, "--expires", "5y", "--out", out]);
}

#[test]
fn revocations() {
    let team = Team::new(PROGRAM);
    let (ben, key) = (team.key_of("ben"), key_of(&team, "ben"));
    let anns = key_of(&team, "ann");
    let own = ["keys", "revoke", "--key", &ben, "--reason", "retired"];
    let with = |more: &[&'static str]| [&own[..], more].concat();
    refused(&team, 2, "nobody can be asked", &own);
    refused(&team, 2, "one visible line", &with(&["--text", "a\nb"]));
    refused(&team, 1, "--yes names another key", &[&own[..], &["--yes", &anns]].concat());
    refused(&team, 1, "fewer than 16", &[&own[..], &["--yes", &key[..12]]].concat());
    let anns_file = team.sandbox.path("ann.asc").display().to_string();
    refused(&team, 1, "holds no revocation", &["keys", "revoke", "--from", &anns_file]);
    super::certified_key(&team.sandbox, "eve", "Eve <eve@example.org>", "2026-03-01");
    let eves = team.sandbox.path("eve.revocation.asc").display().to_string();
    refused(&team, 1, "no key of the pack made", &["keys", "revoke", "--from", &eves]);
    // As gpg stores it: a colon keeps it from being used by mistake.
    let text = String::from_utf8(team.sandbox.read("ben.revocation.asc")).expect("text");
    team.sandbox.write("colon", format!("Note.\n\n:{text}"));
    let colon = team.sandbox.path("colon").display().to_string();
    refused(&team, 1, "a colon stands before", &["keys", "revoke", "--from", &colon]);
    // Nothing undoes it, so the hint shows the key instead of saying yes for anybody.
    let run = at(&team, DAY, &own).ends(2);
    assert_eq!(hints(&run), [format!("gpg --show-keys {ben}")]);
    at(&team, DAY, &[&own[..], &["--yes", &key[..16]]].concat()).ends(0);
    // A revoked key is neither extended nor certified any more.
    refused(&team, 1, "nothing undoes that", &["keys", "extend", "--key", &ben, "--expires", "9y"]);
    let master = team.key_of("master");
    let certify =
        ["keys", "certify", "keys/members/ben.asc", "--key", &master, "--out", "../again.asc"];
    refused(&team, 1, "nothing undoes that", &certify);
}

#[test]
fn a_revocation_for_later_changes_nothing_yet() {
    let team = Team::new(PROGRAM);
    let old = team.released();
    let before = team.sandbox.contents("pack");
    let (ben, out) = (team.key_of("ben"), team.sandbox.path("later.asc").display().to_string());
    let revoke = ["keys", "revoke", "--key", &ben, "--reason", "superseded", "--out", &out];
    at(&team, "2026-03-05", &revoke).ends(0);
    assert_eq!(before, team.sandbox.contents("pack"));
    refused(&team, 2, "stands there already", &revoke);
    refused(&team, 1, "must never be in a pack", &[&revoke[..7], &["later.asc"]].concat());
    let yes = key_of(&team, "ben");
    at(&team, DAY, &["keys", "revoke", "--from", &out, "--yes", &yes]).ends(0);
    assert_eq!(super::verdict(&team, "2026-05-01", &format!("{old}.sig.ben")), "good");
}

#[test]
fn certifications() {
    let team = Team::new(PROGRAM);
    let (master, ann) = (team.key_of("master"), team.sandbox.path("ann.asc").display().to_string());
    let master_cert = team.sandbox.path("master.asc").display().to_string();
    refused(
        &team,
        1,
        "cannot certify itself",
        &["keys", "certify", &master_cert, "--key", &master, "--out", "x.asc"],
    );
    refused(
        &team,
        2,
        "only the public half",
        &["keys", "certify", &ann, "--key", &ann, "--out", "x.asc"],
    );
    refused(
        &team,
        2,
        "is no file, no member",
        &["keys", "certify", "eve", "--request", "--out", "x"],
    );
    refused(
        &team,
        2,
        "no root \"other\"",
        &["keys", "certify", "ann", "--request", "--root", "other", "--out", "x"],
    );
    refused(
        &team,
        2,
        "stands there already",
        &["keys", "certify", "ann", "--request", "--out", &ann],
    );
    refused(&team, 2, "nowhere", &["keys", "certify", "nowhere", "--answer"]);
    let both = [team.sandbox.read("ann.asc"), team.sandbox.read("ben.asc")].concat();
    team.sandbox.write("both.asc", both);
    let both = team.sandbox.path("both.asc").display().to_string();
    refused(&team, 2, "more than one", &["keys", "certify", &both, "--answer"]);
}
