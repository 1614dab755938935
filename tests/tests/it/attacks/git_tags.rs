//! Tags that are not what they seem; stock git verifies many of them.

use super::{EARLIER, PROGRAM, gpg_makes, released, rules, tag_verdict};
use secpack_tests::Team;

/// Stores bytes as an object, however malformed, and returns its id.
fn store(team: &Team, kind: &str, bytes: &[u8]) -> String {
    team.sandbox.write("object", bytes);
    let path = team.sandbox.path("object").display().to_string();
    let arguments = ["hash-object", "-t", kind, "-w", "--literally", &path];
    team.sandbox.git("pack", &arguments).stdout.trim().to_owned()
}

/// Points a ref at an object that git itself may not want there.
fn point(team: &Team, name: &str, id: &str) {
    super::write(team, &format!(".git/refs/tags/{name}"), format!("{id}\n"));
}

/// The payload of a tag of this object.
fn payload(name: &str, kind: &str, id: &str) -> String {
    format!(
        "object {id}\ntype {kind}\ntag {name}\n\
         tagger Test <test@example.org> 1772611200 +0000\n\nTag for commit {id}\n"
    )
}

/// Signs a payload with gpg, points the ref at it, and says what we think of it.
fn signed(team: &Team, name: &str, payload: &str, options: &[&str]) -> String {
    super::write(team, "payload", payload);
    let options = [options, &["--detach-sign"]].concat();
    let signature = gpg_makes(team, EARLIER, "ann", &options, "payload");
    std::fs::remove_file(team.sandbox.path("pack/payload")).expect("removed");
    let id = store(team, "tag", &[payload.as_bytes(), &signature].concat());
    point(team, name, &id);
    id
}

/// A proper tag of HEAD by gpg with these options; returns its name.
pub fn gpg_tags(team: &Team, member: &str, options: &[&str]) -> String {
    let head = team.head();
    let name = format!("{member}_sec_{}", &head[..8]);
    signed(team, &name, &payload(&name, "commit", &head), options);
    name
}

fn name_of(team: &Team) -> String {
    format!("ben_sec_{}", &team.head()[..8])
}

#[test]
fn a_tag_made_by_gpg_is_good() {
    let (team, _) = released();
    let name = gpg_tags(&team, "ann", &[]);
    assert_eq!(tag_verdict(&team.verify().ends(0), &name), "good");
    let weak = gpg_tags(&team, "ann", &["--digest-algo", "SHA1"]);
    assert_eq!(tag_verdict(&team.verify().ends(1), &weak), "weak-hash");
    let text = gpg_tags(&team, "ann", &["--textmode"]);
    assert_eq!(tag_verdict(&team.verify().ends(1), &text), "wrong-type");
}

#[test]
fn not_an_annotated_tag_of_a_commit() {
    let (team, _) = released();
    let name = name_of(&team);
    let head = team.head();
    let id = |spec: &str| team.sandbox.git("pack", &["rev-parse", spec]).stdout.trim().to_owned();
    let anns = format!("ann_sec_{}", &head[..8]);
    for target in [head.clone(), id("HEAD^{tree}"), id("HEAD:secpack.toml")] {
        point(&team, &name, &target);
        assert_eq!(tag_verdict(&team.verify().ends(1), &name), "malformed");
    }
    for (kind, target) in [
        ("tag", id(&format!("refs/tags/{anns}"))),
        ("tree", id("HEAD^{tree}")),
        ("blob", id("HEAD:secpack.toml")),
    ] {
        signed(&team, &name, &payload(&name, kind, &target), &[]);
        assert_eq!(tag_verdict(&team.verify().ends(1), &name), "malformed", "{kind}");
    }
    // It says commit and means a tree, or nothing that is here.
    for target in [id("HEAD^{tree}"), "0123456789012345678901234567890123456789".to_owned()] {
        signed(&team, &name, &payload(&name, "commit", &target), &[]);
        assert_eq!(tag_verdict(&team.verify().ends(1), &name), "malformed", "{target}");
    }
}

#[test]
fn an_unsigned_tag_is_missing_its_signature() {
    let (team, _) = released();
    let name = name_of(&team);
    team.sandbox.git("pack", &["tag", "-a", "-m", "trust me", &name]);
    assert_eq!(tag_verdict(&team.verify().ends(1), &name), "missing");
    team.sandbox.git("pack", &["tag", "-d", &name]);
    team.verify().ends(0);
}

#[test]
fn the_name_inside_and_outside() {
    let (team, _) = released();
    let head = team.head();
    let anns = format!("ann_sec_{}", &head[..8]);
    let object = team.sandbox.git("pack", &["rev-parse", &anns]).stdout.trim().to_owned();
    for name in ["v1", "ann_sec_00000000", &name_of(&team)] {
        point(&team, name, &object);
        assert_eq!(tag_verdict(&team.verify().ends(1), name), "name-mismatch", "{name}");
        team.sandbox.git("pack", &["update-ref", "-d", &format!("refs/tags/{name}")]);
    }
    // Ann's key under ben's name, the same inside and outside.
    let bens = name_of(&team);
    signed(&team, &bens, &payload(&bens, "commit", &head), &[]);
    assert_eq!(tag_verdict(&team.verify().ends(1), &bens), "wrong-member");
    // Another commit than its digits say.
    let parent = team.sandbox.git("pack", &["rev-parse", "HEAD~1"]).stdout.trim().to_owned();
    signed(&team, &anns, &payload(&anns, "commit", &parent), &[]);
    assert_eq!(tag_verdict(&team.verify().ends(1), &anns), "name-mismatch");
}

#[test]
fn bytes_beside_the_signature() {
    let (team, _) = released();
    let head = team.head();
    let name = format!("ann_sec_{}", &head[..8]);
    let whole = team.sandbox.git("pack", &["cat-file", "tag", &name]).stdout;
    let at = whole.find("-----BEGIN").expect("signed");
    let (text, signature) = whole.split_at(at);
    let check = |bytes: String, expected: &str| {
        point(&team, &name, &store(&team, "tag", bytes.as_bytes()));
        let run = team.verify();
        assert_eq!(tag_verdict(&run, &name), expected, "{bytes}");
        run.ends(i32::from(expected != "good"));
    };
    check(format!("{whole}and this as well\n"), "malformed");
    check(format!("{whole}\n"), "malformed");
    check(format!("{text}{signature}{signature}"), "bad");
    check(format!("{text}more\n{signature}"), "bad");
    check(text.replacen("tagger", "tagged", 1) + signature, "malformed");
    check(text.replacen("type commit\n", "type commit\ntype tree\n", 1) + signature, "malformed");
    check(text.replacen("object ", "object  ", 1) + signature, "malformed");
    check(format!("{text}{}", signature.replacen("\n\n", "\nComment: x\n\n", 1)), "not-canonical");
    check(format!("{text}{}", signature.replace("SIGNATURE", "MESSAGE")), "malformed");
    check(
        format!("{text}-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"),
        "malformed",
    );
    check(whole.clone(), "good");
}

/// A tag by somebody without that role, and by a key that nobody knows.
#[test]
fn tags_by_others() {
    let (team, _) = released();
    let head = team.head();
    let name = format!("carol_sec_{}", &head[..8]);
    let text = payload(&name, "commit", &head);
    super::write(&team, "payload", &text);
    let carols = gpg_makes(&team, EARLIER, "carol", &["--detach-sign"], "payload");
    let other = Team::new(PROGRAM);
    super::write(&other, "payload", &text);
    let strangers = gpg_makes(&other, EARLIER, "carol", &["--detach-sign"], "payload");
    std::fs::remove_file(team.sandbox.path("pack/payload")).expect("removed");
    for (signature, expected) in [(carols, "out-of-role"), (strangers, "unknown-key")] {
        point(&team, &name, &store(&team, "tag", &[text.as_bytes(), &signature].concat()));
        assert_eq!(tag_verdict(&team.verify().ends(1), &name), expected);
    }
    assert_eq!(rules(&team.verify()), ["unknown-key"]);
}
