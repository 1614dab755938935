//! The real pack.

use super::{PROGRAM, infer, numbers, rules, series, tables, verify};
use secpack_tests::{Sandbox, TRUTH_ANCHOR, corpus};
use std::path::Path;

/// A sandbox with the bare real pack as `pack`.
fn bare(corpus: &Path) -> Sandbox {
    let sandbox = Sandbox::new(PROGRAM);
    let from = corpus.join("qubes-secpack.git");
    std::os::unix::fs::symlink(from, sandbox.path("pack")).expect("a link");
    sandbox
}

#[test]
fn the_inferred_policy_says_what_is_known_of_the_real_pack() {
    let Some(corpus) = corpus() else { return };
    let sandbox = bare(&corpus);
    let policy = infer(&sandbox);
    let expected = [
        ("joanna", "bulletin", "1-38,40-41"),
        ("joanna", "canary", "1-28"),
        ("marmarek", "bulletin", "all"),
        ("marmarek", "canary", "all"),
        ("simon", "bulletin", "44-"),
        ("simon", "canary", "18-"),
    ];
    for (member, of, range) in expected {
        assert_eq!(numbers(&policy, member, of).as_deref(), Some(range), "{member} {of}");
    }
    let roots = tables(&policy, "root");
    assert_eq!(roots.len(), 1);
    assert_eq!(roots[0]["fingerprint"].as_str(), Some(TRUTH_ANCHOR));
    let sig = "{document}.sig.{member}";
    let (kind, path, signature, _) = series(&policy, "bulletin");
    assert_eq!(
        (kind.as_str(), path.as_str(), signature.as_str()),
        ("bulletin", "QSBs/qsb-{number:3}-{year}.txt", sig)
    );
    assert_eq!(series(&policy, "letter").1, "canaries/canary-028-2021-letter-{name}.txt");
    assert_eq!(series(&policy, "digest").1, "digests/{name}.DIGESTS");
    for line in [
        "numbers = \"1-55,57-62\"",
        "heading = \"---===[ Qubes Security Bulletin {number:3} ]===---\"",
        "patterns = [\"{member}_sec_{commit:8}\", \"{member}_{commit:8}\"]",
        "window = \"first fourteen days\"",
        "refreshed_self_signatures = \"refuse\"",
    ] {
        assert!(policy.contains(line), "{line} is not in\n{policy}");
    }
    let report = verify(&sandbox).ends(0).json();
    assert_eq!(report["summary"]["signatures"]["good"], 364);
    assert_eq!(report["summary"]["tags"]["good"], 591);
}

#[test]
fn two_runs_give_the_same_bytes_and_nothing_is_accepted_unasked() {
    let Some(corpus) = corpus() else { return };
    let sandbox = bare(&corpus);
    let run = || sandbox.secpack(".", &["policy", "infer", "pack"]).ends(0).stdout;
    let text = run();
    assert_eq!(text, run());
    assert!(tables(&text, "accepted").is_empty());
    sandbox.write("first.toml", &text);
    verify(&sandbox).ends(1);
    // A file that is there stays as it is.
    let out = ["policy", "infer", "pack", "--accept", "--out", "first.toml"];
    sandbox.secpack(".", &out).ends(2);
    assert_eq!(sandbox.read("first.toml"), text.as_bytes());
}

#[test]
fn any_later_tampering_with_the_real_pack_is_found() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new(PROGRAM);
    let clone = sandbox.path("pack").display().to_string();
    sandbox.run(&corpus.join("checkout"), ".", &[&clone], &[]).ends(0);
    infer(&sandbox);
    verify(&sandbox).ends(0);

    let bulletin = "pack/QSBs/qsb-050-2019.txt";
    let text = sandbox.read(bulletin);
    let mut changed = text.clone();
    changed[200] ^= 1;
    sandbox.write(bulletin, changed);
    assert_eq!(rules(&verify(&sandbox).ends(1)), ["stale", "stale"]);
    sandbox.write(bulletin, text);

    let digest = "pack/digests/Qubes-R1-x86_64-DVD.iso.DIGESTS";
    let text = sandbox.read(digest);
    sandbox.write(digest, [&text[..], b"\n"].concat());
    assert!(!rules(&verify(&sandbox).ends(1)).is_empty(), "an unsigned file is bound to its bytes");
    sandbox.write(digest, text);

    let other = sandbox.read("pack/QSBs/qsb-051-2019.txt.sig.simon");
    sandbox.write("pack/QSBs/qsb-010-2014.txt.sig.simon", other);
    assert_eq!(rules(&verify(&sandbox).ends(1)), ["bad"]);
    std::fs::remove_file(sandbox.path("pack/QSBs/qsb-010-2014.txt.sig.simon")).expect("removed");

    let tags = sandbox.git("pack", &["tag", "--list", "simon_sec_*"]).stdout;
    let tag = tags.lines().next().expect("a tag");
    let object = sandbox.git("pack", &["rev-parse", tag]).stdout;
    sandbox.git("pack", &["update-ref", "refs/tags/simon_sec_00000000", object.trim()]);
    assert_eq!(rules(&verify(&sandbox).ends(1)), ["name-mismatch"]);
    sandbox.git("pack", &["tag", "-d", "simon_sec_00000000"]);
    verify(&sandbox).ends(0);
}
