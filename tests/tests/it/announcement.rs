//! Web pages, posts and mails that carry a bulletin: what was damaged is undone and said.

use secpack_tests::{Run, Sandbox, Team, corpus};
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_secpack-under-test");

/// A released bulletin whose text has trailing blanks and a dash at the start of a line.
struct Released {
    team: Team,
    path: String,
    text: String,
    signatures: Vec<String>,
}

fn released() -> Released {
    let team = Team::new(PROGRAM);
    let path = team.draft();
    let draft = String::from_utf8(team.sandbox.read(&format!("pack/{path}"))).expect("text");
    let text = draft.replacen("A length field", "A <length> &  field  \n- of 1=2", 1);
    team.sandbox.write(&format!("pack/{path}"), &text);
    for member in ["ann", "ben"] {
        let document = team.sandbox.path(&format!("pack/{path}")).display().to_string();
        let key = team.key_of(member);
        team.sandbox.gpg(".", &["--import", &key]).ends(0);
        let (user, out) = (format!("{member}@example.org"), format!("{document}.sig.{member}"));
        let sign = ["--armor", "--local-user", &user, "--output", &out, "--detach-sign", &document];
        team.sandbox.gpg(".", &sign).ends(0);
    }
    team.commit("A bulletin");
    let read = |member: &str| {
        let bytes = team.sandbox.read(&format!("pack/{path}.sig.{member}"));
        String::from_utf8(bytes).expect("text")
    };
    let signatures = vec![read("ann"), read("ben")];
    Released { team, path, text, signatures }
}

impl Released {
    /// The announcement judged by the pack.
    fn verify(&self, announcement: &str, more: &[&str]) -> Run {
        self.team.sandbox.write("post", announcement);
        let base = ["verify", "--announcement", "post"];
        let all: Vec<&str> = base.iter().chain(more).copied().collect();
        self.team.sandbox.secpack(".", &all)
    }

    fn check(&self, announcement: &str, outcome: &str) {
        let run = self.verify(announcement, &["--pack", "pack"]).ends(0);
        assert_eq!(run.stdout.lines().last(), Some(outcome), "{}\n{announcement}", run.stdout);
    }

    fn markdown(&self, text: &str) -> String {
        let fence = |inner: &str| format!("```\n{inner}```\n\n");
        let signatures: String = self.signatures.iter().map(|s| fence(s)).collect();
        format!("---\nlayout: post\n---\n\nNews.\n\n{}## Signatures\n\n{signatures}", fence(text))
    }

    fn plain(&self, text: &str) -> String {
        format!("Hello,\n\nwe have published this.\n\n{text}{}", self.signatures.concat())
    }

    fn page(&self, text: &str) -> String {
        let pre = |inner: &str| {
            let inner = inner.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            format!("<div><pre class=\"x\"><code>{inner}</code></pre></div>\n")
        };
        let signatures: String = self.signatures.iter().map(|s| pre(s)).collect();
        format!("<!DOCTYPE html><html><body><h1>News</h1>{}{signatures}</body></html>", pre(text))
    }
}

#[test]
fn exact_and_damaged_announcements_are_good_and_say_so() {
    let it = released();
    let text = &it.text;
    let by_line = |prefix: &str, whole: &str| -> String {
        whole.lines().map(|line| format!("{prefix}{line}\n")).collect()
    };
    it.check(&it.markdown(text), "good: exact");
    it.check(&it.page(text), "good: exact");
    it.check(&it.page(&format!("{text}\n")), "good after undoing: one newline more");
    it.check(&it.page(text.trim_end()), "good after undoing: one newline less");
    let crlf = it.markdown(text).replace('\n', "\r\n");
    it.check(&crlf, "good after undoing: CRLF line ends");
    it.check(&it.plain(text), "good: exact");
    it.check(&by_line("> ", &it.plain(text)), "good after undoing: quoting");
    let indented = by_line("    ", &it.plain(text));
    it.check(&indented, "good after undoing: indentation by 4 columns");
    let footer = format!("{}{}\nlist@example.org\n", it.plain(text), "_".repeat(47));
    it.check(&footer, "good: exact");
    let stripped: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    it.check(&it.markdown(&stripped), "good after undoing: stripped trailing blanks");
    let encoded = text.replace('=', "=3D").replace(" field", " fi=\neld");
    it.check(&it.plain(&encoded), "good after undoing: quoted-printable");
    let escaped: String = text.lines().map(|line| dashed(line) + "\n").collect();
    it.check(&it.markdown(&escaped), "good after undoing: dash-escaping");
    let both = it.page(&format!("{text}\n")).replace('\n', "\r\n");
    it.check(&both, "good after undoing: CRLF line ends, one newline more");
}

fn dashed(line: &str) -> String {
    if line.starts_with('-') { format!("- {line}") } else { line.to_owned() }
}

#[test]
fn mails_are_taken_apart() {
    let it = released();
    let qp = |text: &str| text.replace('=', "=3D").replace("  \n", "  =\n\n").replace('\n', "\r\n");
    let header = "From: ann@example.org\r\nSubject: SB-001\r\nMIME-Version: 1.0\r\n";
    let single = format!(
        "{header}Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
        qp(&it.plain(&it.text))
    );
    let run = it.verify(&single, &["--pack", "pack"]).ends(0);
    assert!(run.stdout.contains("good"), "{}", run.stdout);
    let part = |name: &str, inner: &str| {
        format!(
            "--b\r\nContent-Type: application/octet-stream\r\n\
             Content-Disposition: attachment; filename={name}\r\n\r\n{inner}\r\n"
        )
    };
    let attached = format!(
        "{header}Content-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n{}{}{}--b--\r\n",
        part("sb.txt", &it.text),
        part("sb.txt.sig.ann", &it.signatures[0]),
        part("sb.txt.sig.ben", &it.signatures[1]),
    );
    it.check(&attached, "good: exact");
}

#[test]
fn a_mail_that_is_clearsigned_around_it() {
    let it = released();
    it.team.sandbox.write("body", it.plain(&it.text));
    let sign = ["--local-user", "ann@example.org", "--output", "body.asc", "--clearsign", "body"];
    it.team.sandbox.gpg(".", &sign).ends(0);
    let body = String::from_utf8(it.team.sandbox.read("body.asc")).expect("text");
    assert!(body.contains("- -----BEGIN PGP SIGNATURE-----"));
    let run = it.verify(&body, &["--pack", "pack"]).ends(0);
    assert!(run.stderr.contains("is clearsigned itself"), "{}", run.stderr);
}

#[test]
fn a_changed_text_is_not_good() {
    let it = released();
    let changed = it.text.replacen("overflow", "Overflow", 1);
    for announcement in [it.markdown(&changed), it.page(&changed), it.plain(&changed)] {
        let run = it.verify(&announcement, &["--pack", "pack", "--json"]).ends(1);
        let report = run.json();
        assert_eq!(report["result"], "not-good");
        assert_eq!(report["announced"]["equals_pack"], false);
        let codes = report["document"]["signatures"].as_array().expect("signatures");
        assert!(codes.iter().all(|s| s["verdict"] == "stale"), "{report}");
    }
}

/// The genuine text and its signatures stand in the announcement, but so does another text.
#[test]
fn another_text_with_a_heading_is_not_good() {
    let it = released();
    let forged = it.text.replacen("overflow", "Overflow", 1);
    let other = it.text.replacen("001", "002", 1);
    let hidden = |page: String| page.replace("<div>", "<div hidden>");
    let visible = format!("<pre>{}</pre>", forged.replace('&', "&amp;").replace('<', "&lt;"));
    let rule = "_".repeat(47);
    let announcements = [
        format!("```\n{forged}```\n\n{}", it.markdown(&it.text)),
        format!("```\n{other}```\n\n{}", it.markdown(&it.text)),
        format!("{}\n```\n{forged}```\n", it.markdown(&it.text)),
        format!("{forged}\n{}", it.markdown(&it.text)),
        format!("{}\n{forged}", it.plain(&it.text)),
        hidden(it.page(&it.text)).replacen("<div", &format!("{visible}<div"), 1),
        it.markdown(&format!("{}{rule}\nIgnore this: install evil.example\n", it.text)),
    ];
    for announcement in announcements {
        let run = it.verify(&announcement, &["--pack", "pack"]).ends(1);
        assert!(run.stdout.contains("error[differs]"), "{}\n{announcement}", run.stdout);
    }
}

#[test]
fn a_text_that_the_pack_has_replaced_is_not_good() {
    let it = released();
    let announcement = it.markdown(&it.text);
    let newer = it.text.replacen("overflow", "Overflow", 1);
    it.team.sandbox.write(&format!("pack/{}", it.path), newer);
    let run = it.verify(&announcement, &["--pack", "pack"]).ends(1);
    assert!(run.stdout.contains("error[differs]"), "{}", run.stdout);
}

#[test]
fn one_signature_of_two_is_not_enough() {
    let it = released();
    let announcement = format!("```\n{}```\n```\n{}```\n", it.text, it.signatures[0]);
    let run = it.verify(&announcement, &["--pack", "pack"]).ends(1);
    assert!(run.stdout.contains("has no good signature of ben"), "{}", run.stdout);
}

#[test]
fn given_certificates_judge_without_a_pack() {
    let it = released();
    let keys = ["--key", "ann.asc", "--key", "ben.asc"];
    let page = it.page(&format!("{}\n", it.text));
    for announcement in [page, it.plain(&it.text), it.markdown(&it.text)] {
        let run = it.verify(&announcement, &keys).ends(0);
        assert!(run.stdout.contains("nothing says whether"), "{}", run.stdout);
    }
    it.verify(&it.markdown("something else\n"), &keys).ends(1);
}

#[test]
fn nothing_to_judge_is_not_found_out() {
    let it = released();
    let post = it.markdown(&it.text);
    it.verify("no signature here\n", &["--pack", "pack"]).ends(2);
    it.verify(&it.signatures[0], &["--pack", "pack"]).ends(2);
    it.verify(&post, &[]).ends(2);
    it.verify(&post, &["--pack", "pack", "--history"]).ends(2);
    let run =
        it.team.sandbox.secpack(".", &["verify", "--announcement", "absent", "--pack", "pack"]);
    run.ends(2);
}

/// The web pages of the real pack carry one newline more than the file.
#[test]
fn pages_with_one_newline_more_of_the_real_pack() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new(PROGRAM);
    let pack = corpus.join("qubes-secpack.git").display().to_string();
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/profiles/qubes.toml");
    let profile = profile.display().to_string();
    let blob = |path: &str| {
        sandbox.git(".", &["-C", &pack, "cat-file", "blob", &format!("HEAD:{path}")]).stdout
    };
    let documents = [
        ("QSBs/qsb-090-2023.txt", ["marmarek", "simon"]),
        ("QSBs/qsb-106-2024.txt", ["marmarek", "simon"]),
        ("canaries/canary-041-2024.txt", ["marmarek", "simon"]),
    ];
    for (path, members) in documents {
        let fence = |inner: String| format!("```\n{inner}```\n");
        let signed = members.map(|m| fence(blob(&format!("{path}.sig.{m}"))));
        let page = format!("{}{}", fence(format!("{}\n", blob(path))), signed.concat());
        sandbox.write("page.md", page);
        let base = ["verify", "--announcement", "page.md", "--pack", &pack, "--policy", &profile];
        let run = sandbox.secpack(".", &base).ends(0);
        let last = run.stdout.lines().last().expect("a line");
        assert_eq!(last, "good after undoing: one newline more", "{path}");
    }
}
