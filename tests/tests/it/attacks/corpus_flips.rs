//! Single bits of real signatures, flipped: none may still count. Every bit of a fresh signature
//! is flipped beside the code; these are samples of what fourteen years of gpg wrote.

use secpack_openpgp::{DatedPolicy, Keyring, Over, SignatureKind, judge, parse};
use secpack_pack::Policy;
use secpack_pack::policy::HashUse;
use secpack_tests::corpus;
use std::path::Path;
use std::process::Command;

/// Documents of several years, with the member who signed; the first is signed with SHA-1.
const SAMPLES: [&str; 3] = [
    "QSBs/qsb-020-2015.txt.sig.joanna",
    "QSBs/qsb-044-2018.txt.sig.simon",
    "QSBs/qsb-105-2024.txt.sig.marmarek",
];

/// One bit in so many; a prime, so that all positions within a byte are met.
const STEP: usize = 11;

fn show(repository: &Path, what: &str) -> Vec<u8> {
    let mut git = Command::new("git");
    let output = git.current_dir(repository).args(["cat-file", "blob", what]).output();
    let output = output.expect("git starts");
    assert!(output.status.success(), "{what}");
    output.stdout
}

fn keys(repository: &Path) -> Vec<Vec<u8>> {
    let mut git = Command::new("git");
    let list = ["ls-tree", "-r", "--name-only", "HEAD", "keys/security-team/"];
    let output = git.current_dir(repository).args(list).output().expect("git starts").stdout;
    let names = String::from_utf8(output).expect("plain names");
    names.lines().map(|name| show(repository, &format!("HEAD:{name}"))).collect()
}

#[test]
fn no_flipped_bit_is_accepted() {
    let Some(corpus) = corpus() else { return };
    let repository = corpus.join("qubes-secpack.git");
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/profiles/qubes.toml");
    let profile = std::fs::read_to_string(profile).expect("the profile");
    let policy = Policy::parse(&profile).expect("a policy");
    let files = keys(&repository);
    let keyring = Keyring::gather(files.iter().map(|bytes| ("keys", &**bytes)));
    let now = "2025-01-01T00:00:00Z".parse().expect("a time");
    for sample in SAMPLES {
        let signature = show(&repository, &format!("HEAD:{sample}"));
        let document = sample.rsplit_once(".sig.").expect("a document").0;
        let text = show(&repository, &format!("HEAD:{document}"));
        let is_good = |file: &[u8]| {
            let dated = DatedPolicy::new(&policy, now);
            let over = Over { bytes: &text, used: HashUse::Documents };
            let parsed = parse(file, SignatureKind::Binary);
            parsed.is_ok_and(|parsed| judge(&keyring, &dated, &parsed, over).verdict.is_good())
        };
        assert!(is_good(&signature), "{sample}");
        let accepted: Vec<usize> = (0..signature.len() * 8)
            .step_by(STEP)
            .filter(|bit| {
                let mut flipped = signature.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                is_good(&flipped)
            })
            .collect();
        assert!(accepted.is_empty(), "{sample}: {accepted:?}");
    }
}
