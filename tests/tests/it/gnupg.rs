//! Second opinion by stock gpg and git. What is good here is good there; where they accept more,
//! docs/gnupg-differences.md has a section, and the test here bears its name.

use crate::attacks::{
    amend, fingerprint, gpg_asks, gpg_makes, gpg_signs, gpg_signs_at, pack_with, read, released,
    tag_verdict, verdict, write,
};
use secpack_tests::Team;

const DIFFERENCES: &str = include_str!("../../../docs/gnupg-differences.md");
const THIS_FILE: &str = include_str!("gnupg.rs");

/// The time of the tests, as gpg wants it.
const NOW: &str = "20260304T100000";
const BEN: &str = "keys/members/ben.asc";

/// Imports every certificate of the pack, as a reader of the pack would.
fn import(team: &Team) {
    for place in ["master/master", "members/ann", "members/ben", "members/carol"] {
        let path = format!("pack/keys/{place}.asc");
        team.sandbox.gpg(".", &["--faked-system-time", NOW, "--import", &path]).ends(0);
    }
}

/// Whether stock gpg ends with exit code 0.
fn gpg_accepts(team: &Team, signature: &str, document: &str) -> bool {
    let paths = [format!("pack/{signature}"), format!("pack/{document}")];
    let arguments = ["--faked-system-time", NOW, "--verify", &paths[0], &paths[1]];
    team.sandbox.gpg(".", &arguments).code == 0
}

/// Ben's place holds this file: gpg accepts it, and we say something else.
#[track_caller]
fn differs(team: &Team, path: &str, bytes: impl AsRef<[u8]>, ours: &str) {
    let place = format!("{path}.sig.ben");
    write(team, &place, bytes);
    import(team);
    assert!(gpg_accepts(team, &place, path), "gpg accepts it");
    assert_eq!(verdict(&team.verify(), &place), ours);
}

#[test]
fn where_both_agree() {
    let (team, path) = released();
    team.verify().ends(0);
    import(&team);
    for member in ["ann", "ben"] {
        assert!(gpg_accepts(&team, &format!("{path}.sig.{member}"), &path));
        assert!(gpg_accepts(&team, &format!("secpack.toml.sig.{member}"), "secpack.toml"));
    }
    let name = format!("ann_sec_{}", &team.head()[..8]);
    team.sandbox.git("pack", &["tag", "-v", &name]);
    team.sandbox.git("pack", &["verify-tag", &name]);
}

#[test]
fn what_they_sign_we_verify() {
    let (team, path) = released();
    for options in [
        &[][..],
        &["--digest-algo", "SHA256"],
        &["--digest-algo", "SHA384"],
        &["--emit-version", "--set-notation", "x@example.org=1"],
        &["--sig-policy-url", "https://example.org/policy"],
    ] {
        let place = format!("{path}.sig.ben");
        write(&team, &place, gpg_signs(&team, "ben", &path, options));
        assert_eq!(verdict(&team.verify().ends(0), &place), "good", "{options:?}");
    }
    let whole = team.sandbox.secpack("pack", &["keys", "export"]).ends(0).stdout;
    team.sandbox.write("exported.asc", whole);
    team.sandbox.gpg(".", &["--faked-system-time", NOW, "--import", "exported.asc"]).ends(0);
}

/// The other direction: what they refuse we refuse too.
#[test]
fn what_they_refuse_we_refuse() {
    let (team, path) = released();
    import(&team);
    let place = format!("{path}.sig.ben");
    let good = read(&team, &place);
    let critical = gpg_signs(&team, "ben", &path, &["--set-notation", "!x@example.org=1"]);
    let of_ann = gpg_signs(&team, "ann", "secpack.toml", &[]);
    for bytes in [Vec::new(), good.clone().into_bytes()[..100].to_vec(), critical, of_ann] {
        write(&team, &place, bytes);
        assert!(!gpg_accepts(&team, &place, &path));
        assert_ne!(verdict(&team.verify().ends(1), &place), "good");
    }
    write(&team, &place, good);
    team.verify().ends(0);
}

#[test]
fn every_section_has_its_test() {
    let sections = DIFFERENCES.lines().filter_map(|line| line.strip_prefix("## "));
    for section in sections {
        let name: String = section
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        assert!(THIS_FILE.contains(&format!("\nfn {name}()")), "no test named {name}");
    }
}

#[test]
fn revoked_keys() {
    let (team, path) = released();
    let signed = gpg_signs(&team, "ben", &path, &[]);
    let arguments = ["--armor", "--output", "revocation", "--gen-revoke", "<ben@example.org>"];
    gpg_asks(&team, &arguments, &["y", "1", "", "y"]).ends(0);
    let revocation = String::from_utf8(team.sandbox.read("revocation")).expect("ASCII");
    let certificate = read(&team, BEN);
    write(&team, BEN, certificate + &revocation);
    // A plain import does not apply what stands behind the certificate; an explicit one does.
    team.sandbox.gpg(".", &["--faked-system-time", NOW, "--import", "revocation"]).ends(0);
    differs(&team, &path, signed, "revoked");
}

/// Ben's key ended on the fifteenth of February; somebody with the secret key signs in March.
#[test]
fn expired_keys() {
    let (team, path) = released();
    let late = gpg_signs(&team, "ben", &path, &[]);
    let early = gpg_signs_at(&team, "20260210T000000", "ben", &path, &[]);
    team.sandbox.gpg(".", &["--import", "ben-certified.asc"]).ends(0);
    let ben = fingerprint(&team, "ben");
    let expire = ["--faked-system-time", "20260201T000000", "--quick-set-expire", &ben];
    team.sandbox.gpg(".", &[&expire[..], &["20260215T000000"]].concat()).ends(0);
    write(&team, BEN, team.sandbox.gpg(".", &["--armor", "--export", &ben]).ends(0).stdout);
    differs(&team, &path, late, "expired");
    write(&team, &format!("{path}.sig.ben"), early);
    assert_eq!(verdict(&team.verify(), &format!("{path}.sig.ben")), "good");
}

/// The only self-signature that the pack ever had is younger than the signature.
#[test]
fn refreshed_self_signatures() {
    let team = pack_with(|team| {
        team.sandbox.gpg(".", &["--import", "ben.key", "ben-certified.asc"]).ends(0);
        let ben = fingerprint(team, "ben");
        let expire = ["--faked-system-time", "20260303T000000", "--quick-set-expire", &ben];
        team.sandbox.gpg(".", &[&expire[..], &["20300101T000000"]].concat()).ends(0);
        let options = ["--armor", "--export-options", "export-clean", "--export", &ben];
        team.sandbox.gpg(".", &["--import", "master.asc"]).ends(0);
        let made = team.sandbox.gpg(".", &options).ends(0).stdout.into_bytes();
        without_old_self_signatures(&made)
    });
    let path = team.released();
    let early = gpg_signs_at(&team, "20260210T000000", "ben", &path, &[]);
    differs(&team, &path, &early, "not-yet-valid");
    amend(&team, |policy| policy + "\n[validity]\nrefreshed_self_signatures = \"accept\"\n");
    assert_eq!(verdict(&team.verify().ends(0), &format!("{path}.sig.ben")), "good");
}

/// Leaves out direct-key signatures and keeps the youngest of the others by the key itself.
fn without_old_self_signatures(armored: &[u8]) -> Vec<u8> {
    use secpack_tests::forge::{SIGNATURE, armor, dearmor};
    let time = |body: &[u8]| {
        let at = body.windows(2).position(|w| w == [5, 2] || w == [5, 0x82]).expect("a time") + 2;
        u32::from_be_bytes(body[at..at + 4].try_into().expect("four bytes"))
    };
    let march = 1_772_323_200;
    let is_old = |tag: u8, body: &[u8]| {
        tag == SIGNATURE && (body[1] == 0x1f || body[1] == 0x13 && time(body) < 1_767_400_000)
    };
    let kept: Vec<_> = dearmor(armored).into_iter().filter(|p| !is_old(p.tag, &p.body)).collect();
    assert!(kept.iter().any(|p| p.tag == SIGNATURE && time(&p.body) > march));
    armor(&kept, "PGP PUBLIC KEY BLOCK").into_bytes()
}

#[test]
fn sha_1() {
    let (team, path) = released();
    let options = ["--digest-algo", "SHA1"];
    differs(&team, &path, gpg_signs(&team, "ben", &path, &options), "weak-hash");
}

#[test]
fn armor_that_is_not_canonical() {
    let (team, path) = released();
    let good = String::from_utf8(gpg_signs(&team, "ben", &path, &[])).expect("ASCII");
    for bytes in [
        format!("a note\n\n{good}"),
        format!("{good}a note\n"),
        good.replacen("\n\n", "\nComment: hello\n\n", 1),
        good.replace('\n', "\r\n"),
    ] {
        differs(&team, &path, bytes, "not-canonical");
    }
    differs(&team, &path, good, "good");
}

/// The text that gpg verifies is inside the file, not the document.
#[test]
fn exactly_one_signature() {
    let (team, path) = released();
    write(&team, "other", "another text\n");
    let message = gpg_makes(&team, NOW, "ben", &["--sign"], "other");
    std::fs::remove_file(team.sandbox.path("pack/other")).expect("removed");
    import(&team);
    let place = format!("{path}.sig.ben");
    write(&team, &place, message);
    let file = format!("pack/{place}");
    team.sandbox.gpg(".", &["--faked-system-time", NOW, "--verify", &file]).ends(0);
    assert_eq!(verdict(&team.verify().ends(1), &place), "malformed");
    // Two signatures of which both are good.
    let both = [gpg_signs(&team, "ann", &path, &[]), gpg_signs(&team, "ben", &path, &[])];
    let packets: Vec<_> =
        both.iter().flat_map(|file| secpack_tests::forge::dearmor(file)).collect();
    let both = secpack_tests::forge::armor_signature(&packets);
    differs(&team, &path, both, "malformed");
}

#[test]
fn the_type_of_the_signature() {
    let (team, path) = released();
    let text = gpg_signs(&team, "ben", &path, &["--textmode"]);
    differs(&team, &path, text, "wrong-type");
}

#[test]
fn the_signature_of_another_member() {
    let (team, path) = released();
    let ann = gpg_signs(&team, "ann", &path, &[]);
    differs(&team, &path, ann, "wrong-member");
}

#[test]
fn the_wrong_name_of_a_tag() {
    let (team, _) = released();
    import(&team);
    let anns = format!("ann_sec_{}", &team.head()[..8]);
    let object = team.sandbox.git("pack", &["rev-parse", &anns]).stdout;
    team.sandbox.git("pack", &["update-ref", "refs/tags/v2", object.trim()]);
    team.sandbox.git("pack", &["verify-tag", "v2"]);
    assert_eq!(tag_verdict(&team.verify().ends(1), "v2"), "name-mismatch");
}

#[test]
fn dates_in_the_future() {
    let team = Team::lasting(super::attacks::PROGRAM);
    let path = team.released();
    let signed = gpg_signs_at(&team, "20990101T000000", "ben", &path, &[]);
    differs(&team, &path, signed, "not-yet-valid");
}

#[test]
fn clearsigned_files() {
    let (team, _) = released();
    amend(&team, |policy| {
        policy
            + "\n[[series]]\nid = \"digest\"\nkind = \"digest\"\nform = \"clearsigned\"\n\
               paths = [\"digests/{name}.txt\"]\n\n[[role]]\nmember = \"ben\"\n\
               signs = [\"digest\"]\n"
    });
    write(&team, "digests/a.txt", "abc *file\n- dash\n");
    let made = gpg_makes(&team, NOW, "ben", &["--clearsign"], "digests/a.txt");
    let made = String::from_utf8(made).expect("text");
    import(&team);
    for (bytes, ours) in [
        (made.clone(), "good"),
        (format!("def *other\n\n{made}"), "malformed"),
        (format!("{made}\ndef *other\n"), "not-canonical"),
    ] {
        write(&team, "digests/a.txt", bytes);
        let file = ["--faked-system-time", NOW, "--verify", "pack/digests/a.txt"];
        team.sandbox.gpg(".", &file).ends(0);
        assert_eq!(verdict(&team.verify(), "digests/a.txt"), ours);
    }
}

#[test]
fn keys_that_nobody_vouches_for() {
    let team = pack_with(|team| team.sandbox.read("ben.asc"));
    let document = "secpack.toml";
    differs(&team, document, gpg_signs(&team, "ben", document, &[]), "uncertified-key");
}
