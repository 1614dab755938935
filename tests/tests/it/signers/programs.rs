//! Programs with the options of gpg: which one is started, and with what.

use super::{Keys, PROGRAM, home, script};

/// A program that leaves a mark and signs by stock gpg.
fn marking(keys: &Keys, name: &str) -> String {
    let mark = keys.sandbox.path(&format!("{name}.ran")).display().to_string();
    // By its whole path, because the search path of some tests leads into the pack.
    let gpg = keys.sandbox.run("sh".as_ref(), ".", &["-c", "command -v gpg"], &[]).ends(0).stdout;
    script(&keys.sandbox, name, &format!("touch {mark}\nexec {} \"$@\"", gpg.trim()))
}

fn ran(keys: &Keys, name: &str) -> bool {
    keys.sandbox.path(&format!("{name}.ran")).exists()
}

#[test]
fn stock_gpg_signs_and_tags() {
    let keys = Keys::new();
    let path = keys.draft();
    for (member, with) in [("ann", ["--program", "gpg"]), ("ben", ["--with", "program"])] {
        keys.signs(&path, member, &with).ends(0);
        keys.gpg_accepts(&path, member);
    }
    keys.commit("A bulletin");
    let head = keys.head();
    keys.run(&["tag", "--as", "ann", "--program", "gpg", "--yes", &head]).ends(0);
    keys.sandbox.git("pack", &["tag", "-v", &format!("ann_sec_{}", &head[..8])]);
}

#[test]
fn a_text_that_changes_while_its_signer_is_busy_is_not_signed() {
    let keys = Keys::new();
    let path = keys.draft();
    let text = keys.sandbox.read(&format!("pack/{path}"));
    for (change, code) in [("sed -i s/overflow/Overflow/", 1), ("rm", 2)] {
        let place = keys.sandbox.path(&format!("pack/{path}")).display().to_string();
        let body = format!("{change} {place}\nexec gpg \"$@\"");
        let busy = script(&keys.sandbox, "busy", &body);
        let run = keys.signs(&path, "ann", &["--program", &busy]).ends(code);
        assert!(run.stderr.contains(&path) && run.stderr.contains("\nhint: "), "{}", run.stderr);
        assert!(!keys.sandbox.path(&format!("pack/{path}.sig.ann")).exists(), "{change}");
        keys.sandbox.write(&format!("pack/{path}"), &text);
    }
    keys.signs(&path, "ann", &["--program", "gpg"]).ends(0);
}

#[test]
fn the_members_own_configuration_names_the_program_and_the_packs_does_not() {
    let keys = Keys::new();
    let path = keys.draft();
    let (own, planted) = (marking(&keys, "own"), marking(&keys, "planted"));
    for key in ["gpg.program", "gpg.openpgp.program"] {
        keys.sandbox.git("pack", &["config", key, &planted]);
    }
    script(&keys.sandbox, "pack/gpg", &format!("exec {planted} \"$@\""));
    keys.signs(&path, "ann", &["--with", "program"]).ends(0);
    assert!(!ran(&keys, "planted"), "the pack named a program and it ran");
    keys.sandbox.git(".", &["config", "--global", "gpg.program", &own]);
    keys.signs(&path, "ben", &["--with", "program"]).ends(0);
    assert!(ran(&keys, "own") && !ran(&keys, "planted"));
}

#[test]
fn the_environment_names_the_program_but_no_folder_of_the_pack() {
    let keys = Keys::new();
    let path = keys.draft();
    let (own, planted) = (marking(&keys, "own"), marking(&keys, "planted"));
    script(&keys.sandbox, "pack/gpg", &format!("exec {planted} \"$@\""));
    let digest = keys.digest(&path, "ann");
    let sign = ["sign", &path, "--as", "ann", "--with", "program", "--yes", &digest];
    let sign = [&sign[..], &["--now", super::NOW]].concat();
    let start = |more: &[(&str, &str)]| keys.sandbox.run(PROGRAM.as_ref(), "pack", &sign, more);
    let relative = start(&[("GNUPG", "./gpg")]).ends(2);
    assert!(relative.stderr.contains("./gpg is a relative path"), "{}", relative.stderr);
    let search = format!(".:{}", std::env::var("PATH").unwrap_or_default());
    start(&[("PATH", &search), ("GNUPG", &own)]).ends(0);
    assert!(ran(&keys, "own") && !ran(&keys, "planted"));
    let bens = ["sign", &path, "--as", "ben", "--with", "program", "--yes", &digest];
    let bens = [&bens[..], &["--now", super::NOW]].concat();
    keys.sandbox.run(PROGRAM.as_ref(), "pack", &bens, &[("PATH", &search)]).ends(0);
    assert!(!ran(&keys, "planted"));
}

/// What Split GPG lets through, and nothing else; the key lies in another home.
pub fn split_gpg(keys: &Keys) -> String {
    home(&keys.sandbox, "vault");
    let vault = keys.sandbox.path("vault").display().to_string();
    for member in ["ann", "ben"] {
        let user = format!("<{member}@example.org>");
        let secret = keys.sandbox.gpg(".", &["--armor", "--export-secret-keys", &user]).ends(0);
        keys.sandbox.write("secret", secret.stdout);
        keys.sandbox.gpg(".", &["--homedir", &vault, "--import", "secret"]).ends(0);
        std::fs::remove_file(keys.sandbox.path("secret")).expect("removed");
        let fingerprint = keys.fingerprint(member);
        keys.sandbox.gpg(".", &["--yes", "--delete-secret-keys", &fingerprint]).ends(0);
    }
    let body = format!(
        "total=0; user=; seen=\n\
         for word in \"$@\"; do total=$((total + ${{#word}} + 1)); done\n\
         [ $total -lt 1024 ] || {{ echo 'too many arguments' >&2; exit 91; }}\n\
         while [ $# -gt 0 ]; do\n\
           case $1 in\n\
             --batch|--armor|--detach-sign) seen=\"$seen$1\"; shift;;\n\
             --local-user) user=$2; shift 2;;\n\
             --output) [ \"$2\" = - ] || exit 92; shift 2;;\n\
             *) echo \"not allowed: $1\" >&2; exit 93;;\n\
           esac\n\
         done\n\
         [ \"$seen\" = --batch--armor--detach-sign ] || exit 94\n\
         [ -z \"$SPLIT_GPG_ASKS\" ] || {{ printf 'vault asks: ' > /dev/tty; read -r x < /dev/tty; }}\n\
         exec gpg --homedir {vault} --batch --quiet --armor --detach-sign --local-user \"$user\" \
           --output - -"
    );
    script(&keys.sandbox, "split-gpg", &body)
}

#[test]
fn split_gpg_signs_and_tags() {
    let keys = Keys::new();
    let path = keys.draft();
    let program = split_gpg(&keys);
    for member in ["ann", "ben"] {
        keys.signs(&path, member, &["--program", &program]).ends(0);
        keys.gpg_accepts(&path, member);
    }
    keys.commit("A bulletin");
    let head = keys.head();
    keys.run(&["tag", "--as", "ben", "--program", &program, "--yes", &head]).ends(0);
    // A key that is not there: the other machine says so, and nothing is written.
    let before = keys.sandbox.contents("pack");
    let run = keys.signs(&path, "carol", &["--program", &program]).ends(2);
    assert!(run.stderr.contains("failed (exit status: 2): gpg: "), "{}", run.stderr);
    assert_eq!(before, keys.sandbox.contents("pack"));
}
