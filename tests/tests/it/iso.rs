//! Images of releases against the signed digests of a pack.

use secpack_tests::{Run, Sandbox, Team, corpus};
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// Two releases with a key each, as a policy of the reader's says.
const RELEASES: &str = r#"
[[keys]]
group = "release-1"
paths = ["keys/release-1.asc"]

[[keys]]
group = "release-2"
paths = ["keys/release-2.asc"]

[[series]]
id = "digest-1"
kind = "digest"
paths = ["digests/Os-R1.{name}.DIGESTS"]
signatures = ["{document}.asc"]
form = "either"

[[series]]
id = "digest-2"
kind = "digest"
paths = ["digests/Os-R2.{name}.DIGESTS"]
signatures = ["{document}.asc"]
form = "either"

[[require]]
series = "digest-1"
signers = { group = "release-1" }

[[require]]
series = "digest-2"
signers = { group = "release-2" }
"#;

const IMAGE: &[u8] = b"an image of a release\n";

/// A pack whose keys `release-1` and `release-2` are carol's and ben's.
fn team() -> Team {
    let team = Team::new(PROGRAM);
    let policy = String::from_utf8(team.sandbox.read("pack/secpack.toml")).expect("text");
    team.sandbox.write("policy.toml", policy + &pinned(&team));
    for (release, member) in [("release-1", "carol"), ("release-2", "ben")] {
        let certificate = team.sandbox.read(&format!("{member}.asc"));
        team.sandbox.write(&format!("pack/keys/{release}.asc"), certificate);
        let key = team.key_of(member);
        team.sandbox.gpg(".", &["--import", &key]).ends(0);
    }
    team.sandbox.write("Os-R2.1.iso", IMAGE);
    team
}

/// The releases' policy with each group's key pinned: a member's key counts for a group only so.
fn pinned(team: &Team) -> String {
    let listed = team.run(&["keys", "list", "--json"]).ends(0).json();
    let fingerprint = |owner: &str| {
        let rows = listed.as_array().expect("rows").iter();
        let mut own = rows.filter(|row| row["owner"] == owner);
        own.next().expect("a key")["fingerprint"].as_str().expect("hex").to_owned()
    };
    let mut policy = RELEASES.to_owned();
    for (release, member) in [("release-1", "carol"), ("release-2", "ben")] {
        let paths = format!("paths = [\"keys/{release}.asc\"]");
        let pin = format!("{paths}\nfingerprints = [\"{}\"]", fingerprint(member));
        policy = policy.replace(&paths, &pin);
    }
    policy
}

/// What coreutils print for a file.
fn digests(team: &Team, programs: &[&str], image: &str) -> String {
    let line = |program: &&str| {
        team.sandbox.run(Path::new(program), ".", &["-b", image], &[]).ends(0).stdout
    };
    programs.iter().map(line).collect()
}

/// Puts a clearsigned digest document into the pack, signed by a member's key.
fn publish(team: &Team, image: &str, text: &str, signer: &str) {
    team.sandbox.write("listed", text);
    let out = team.sandbox.path(&format!("pack/digests/{image}.DIGESTS")).display().to_string();
    team.sandbox.write(&format!("pack/digests/{image}.DIGESTS"), "");
    let user = format!("{signer}@example.org");
    let sign = ["--yes", "--local-user", &user, "--output", &out, "--clearsign", "listed"];
    team.sandbox.gpg(".", &sign).ends(0);
}

fn verify(team: &Team, image: &str) -> Run {
    let arguments = ["verify", "--iso", image, "pack", "--policy", "policy.toml", "--json"];
    team.sandbox.secpack(".", &arguments)
}

const ALL: [&str; 4] = ["md5sum", "sha1sum", "sha256sum", "sha512sum"];

#[test]
fn an_image_as_listed_is_good() {
    let team = team();
    publish(&team, "Os-R2.1.iso", &digests(&team, &ALL, "Os-R2.1.iso"), "ben");
    let report = verify(&team, "Os-R2.1.iso").ends(0).json();
    assert_eq!(report["schema"], "secpack/verify-iso/1");
    assert_eq!(report["matched"], serde_json::json!(["SHA256", "SHA512"]));
    assert_eq!(report["ignored"], serde_json::json!(["MD5", "SHA1"]));
    let human = ["verify", "--iso", "Os-R2.1.iso", "pack", "--policy", "policy.toml"];
    let run = team.sandbox.secpack(".", &human).ends(0);
    assert!(run.stdout.ends_with("good: Os-R2.1.iso\n"), "{}", run.stdout);
    assert!(run.stderr.contains("ignored: MD5, SHA1"), "{}", run.stderr);
}

#[test]
fn a_detached_signature_does_as_well() {
    let team = team();
    let place = "pack/digests/Os-R2.1.iso.DIGESTS";
    team.sandbox.write(place, digests(&team, &["sha256sum"], "Os-R2.1.iso"));
    let document = team.sandbox.path(place).display().to_string();
    let sign = ["--armor", "--local-user", "ben@example.org", "--detach-sign", &document];
    team.sandbox.gpg(".", &sign).ends(0);
    verify(&team, "Os-R2.1.iso").ends(0);
}

fn rules(run: &Run) -> Vec<String> {
    let report = run.json();
    let own = report["findings"].as_array().expect("findings").iter();
    let documents = report["documents"].as_array().expect("documents").iter();
    let inner = documents.flat_map(|d| d["findings"].as_array().expect("findings"));
    own.chain(inner).map(|f| f["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[test]
fn what_is_wrong_with_an_image_has_its_code() {
    let team = team();
    let listed = digests(&team, &ALL, "Os-R2.1.iso");
    let check = |expected: &[&str]| {
        assert_eq!(rules(&verify(&team, "Os-R2.1.iso").ends(1)), expected);
    };
    // The key of another release, good for that one.
    publish(&team, "Os-R2.1.iso", &listed, "carol");
    check(&["out-of-role"]);
    publish(&team, "Os-R2.1.iso", &digests(&team, &ALL[..2], "Os-R2.1.iso"), "ben");
    check(&["weak-hash"]);
    publish(&team, "Os-R2.1.iso", &listed, "ben");
    team.sandbox.write("Os-R2.1.iso", b"another image\n");
    check(&["digest-mismatch", "digest-mismatch"]);
    // One of the two differs: that is enough.
    let half = digests(&team, &["sha256sum"], "Os-R2.1.iso");
    let lines: Vec<&str> = listed.lines().collect();
    publish(&team, "Os-R2.1.iso", &format!("{half}{}\n", lines[3]), "ben");
    check(&["digest-mismatch"]);
}

#[test]
fn an_image_that_nobody_lists_is_not_found_out() {
    let team = team();
    publish(&team, "Os-R2.1.iso", &digests(&team, &ALL, "Os-R2.1.iso"), "ben");
    team.sandbox.write("Os-R2.2.iso", IMAGE);
    assert!(verify(&team, "Os-R2.2.iso").ends(2).stderr.contains("no digest in the pack"));
    verify(&team, "absent.iso").ends(2);
    team.sandbox.secpack(".", &["verify", "--iso", "Os-R2.1.iso", "post.txt"]).ends(2);
}

#[test]
fn the_real_pack_lists_each_release_under_its_own_key() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new(PROGRAM);
    let pack = corpus.join("qubes-secpack.git").display().to_string();
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/profiles/qubes.toml");
    let profile = profile.display().to_string();
    let signers = [
        ("Qubes-R4.2.2-x86_64.iso", "9C884DF3F81064A569A4A9FAE022E58F8E34D89F"),
        ("Qubes-R4.0.4-x86_64.iso", "5817A43B283DE5A9181A522E1848792F9E2795E9"),
        ("Qubes-R2-x86_64-DVD.iso", "3F01DEF49719158EF86266F80C73B9D40A40E458"),
    ];
    for (image, signer) in signers {
        sandbox.write(image, "not the image");
        let arguments = ["verify", "--iso", image, &pack, "--policy", &profile, "--json"];
        let run = sandbox.secpack(".", &arguments).ends(1);
        assert_eq!(rules(&run), ["digest-mismatch", "digest-mismatch"], "{image}");
        let report = run.json();
        assert_eq!(report["documents"][0]["signatures"][0]["signer"], signer, "{image}");
    }
    let unsigned = "Qubes-R1-x86_64-DVD.iso";
    sandbox.write(unsigned, "not the image");
    let arguments = ["verify", "--iso", unsigned, &pack, "--policy", &profile, "--json"];
    assert!(rules(&sandbox.secpack(".", &arguments).ends(1)).contains(&"missing".to_owned()));
}
