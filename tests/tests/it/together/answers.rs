//! Answers of three members: by folder, mail, archive or branch, in any order, twice, late, over
//! an older text. What lies there in the end is the same, byte for byte.

use super::{MEMBERS, Trio, hint};
use base64::Engine;

/// A draft in `pack`, and each member's signature over it, taken out of their clones.
struct Signed {
    trio: Trio,
    path: String,
    signatures: Vec<Vec<u8>>,
}

impl Signed {
    fn new() -> Self {
        let trio = Trio::new();
        let path = trio.draft("ann");
        let sandbox = &trio.team.sandbox;
        let text = sandbox.read(&format!("ann/{path}"));
        sandbox.write(&format!("pack/{path}"), &text);
        let sign = |member: &&str| {
            sandbox.write(&format!("{member}/{path}"), &text);
            trio.sign(member, &path).ends(0);
            sandbox.read(&format!("{member}/{path}.sig.{member}"))
        };
        let signatures = MEMBERS.iter().map(sign).collect();
        Self { trio, path, signatures }
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().expect("a name")
    }

    /// Puts a member's signature into something to collect from, and returns what to type.
    fn sent(&self, member: usize, way: usize) -> String {
        let (sandbox, bytes) = (&self.trio.team.sandbox, &self.signatures[member]);
        let file = format!("{}.sig.{}", self.name(), MEMBERS[member]);
        let at = format!("answers/{member}-{way}");
        match way {
            0 => sandbox.write(&format!("{at}/deep/{file}"), bytes),
            1 => sandbox.write(&format!("{at}/answer.eml"), mail(&file, bytes)),
            2 => {
                sandbox.write(&format!("{at}/{file}"), bytes);
                let arguments = ["-C", &at, "-czf", &format!("{at}/answer.tar.gz"), &file];
                sandbox.run(std::path::Path::new("tar"), ".", &arguments, &[]).ends(0);
                return sandbox.path(&format!("{at}/answer.tar.gz")).display().to_string();
            }
            3 => sandbox.write(&format!("{at}/reply.txt"), inline(bytes)),
            _ => {
                let branch = format!("answer/{}", MEMBERS[member]);
                self.on_branch(&branch, MEMBERS[member]);
                return format!("origin/{branch}");
            }
        }
        sandbox.path(&at).display().to_string()
    }

    /// The member commits what they signed in their own clone and pushes it.
    fn on_branch(&self, branch: &str, member: &str) {
        if self.trio.git(member, &["branch", "--list", branch]).is_empty() {
            self.trio.git(member, &["checkout", "-q", "-b", branch]);
            self.trio.git(member, &["add", "-A"]);
            self.trio.git(member, &["commit", "-q", "-m", "Signed"]);
            self.trio.git(member, &["push", "-q", "origin", branch]);
        }
    }

    /// Forgets every signature in `pack`.
    fn forget(&self) {
        for member in MEMBERS {
            let file = self.trio.team.sandbox.path(&format!("pack/{}.sig.{member}", self.path));
            let _ = std::fs::remove_file(file);
        }
    }

    /// The signature files in `pack`, as bytes.
    fn there(&self) -> Vec<Vec<u8>> {
        let read =
            |member| self.trio.team.sandbox.read(&format!("pack/{}.sig.{member}", self.path));
        MEMBERS.into_iter().map(read).collect()
    }
}

/// A mail with the signature attached as base64, under a name that leads elsewhere.
fn mail(file: &str, bytes: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines: Vec<&str> =
        (0..encoded.len()).step_by(76).map(|at| &encoded[at..encoded.len().min(at + 76)]).collect();
    format!(
        "From: A member <m@example.org>\r\nSubject: signed\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\
         \r\nAttached.\r\n--b\r\nContent-Type: application/octet-stream\r\n\
         Content-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"../../../{file}\"\r\n\r\n{}\r\n--b--\r\n",
        lines.join("\r\n")
    )
}

/// A mail whose text has the signature between other lines, quoted-printable and with CRLF.
fn inline(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).expect("ASCII");
    let quoted = text.replace('=', "=3D").replace('\n', "\r\n");
    format!(
        "From: m@example.org\r\nSubject: signed\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\nHere it is:\r\n\r\n{quoted}\r\nGreetings\r\n"
    )
}

/// All orders of three.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[test]
fn any_order_and_any_way_ends_in_the_same_bytes() {
    let signed = Signed::new();
    for (index, order) in ORDERS.iter().enumerate() {
        signed.forget();
        for (step, member) in order.iter().enumerate() {
            // Over the six orders every member's answer comes each of the five ways.
            let from = signed.sent(*member, (index + step + *member) % 5);
            let run = signed.trio.run("pack", &["collect", &from]).ends(0);
            let taken = format!("taken: {}.sig.{}", signed.path, MEMBERS[*member]);
            assert!(run.stdout.contains(&taken), "{from}: {}", run.stdout);
            let before = signed.trio.team.sandbox.contents("pack");
            // Once more at once, by another way, and an earlier one late.
            for (again, way) in [(*member, index), (order[0], index + 1)] {
                let from = signed.sent(again, way % 5);
                let run = signed.trio.run("pack", &["collect", &from]).ends(0);
                assert!(!run.stdout.contains("taken"), "{from}: {}", run.stdout);
            }
            let files = |contents: Vec<(std::path::PathBuf, Vec<u8>)>| {
                contents
                    .into_iter()
                    .filter(|(p, _)| !p.to_string_lossy().contains("/.git/"))
                    .collect::<Vec<_>>()
            };
            assert_eq!(files(before), files(signed.trio.team.sandbox.contents("pack")));
        }
        assert_eq!(signed.there(), signed.signatures, "{order:?}");
    }
    // All at once, by one command.
    signed.forget();
    let from: Vec<String> = (0..3).map(|member| signed.sent(member, member)).collect();
    let from: Vec<&str> = from.iter().map(String::as_str).collect();
    let report = [&["collect", "--json"][..], &from].concat();
    let report = signed.trio.run("pack", &report).ends(0).json();
    assert_eq!(
        (&report["schema"], &report["result"]),
        (&"secpack/collect/1".into(), &"good".into())
    );
    assert_eq!(report["taken"].as_array().map(Vec::len), Some(3), "{report}");
    assert_eq!(signed.there(), signed.signatures);
}

#[test]
fn an_answer_over_an_older_text_is_named_with_its_commit() {
    let signed = Signed::new();
    let Signed { trio, path, signatures } = &signed;
    let sandbox = &trio.team.sandbox;
    trio.git("pack", &["add", "-A"]);
    trio.git("pack", &["commit", "-q", "-m", "Draft"]);
    let draft = trio.git("pack", &["rev-parse", "HEAD"]);
    let text = String::from_utf8(sandbox.read(&format!("pack/{path}"))).expect("text");
    sandbox.write(&format!("pack/{path}"), text.replacen("overflow", "Overflow", 1));
    let before = sandbox.contents("pack");
    for (member, name) in MEMBERS.iter().enumerate() {
        for way in 0..4 {
            let run = trio.run("pack", &["collect", &signed.sent(member, way)]).ends(1);
            assert!(
                run.stdout.contains("(stale)") && run.stdout.contains(&draft),
                "{}",
                run.stdout
            );
            assert!(run.stdout.contains(name), "{}", run.stdout);
            trio.types("pack", &hint(&run)).ends(0);
        }
    }
    assert_eq!(before, sandbox.contents("pack"));
    // The second round ends good, and the first signatures come late once more.
    let again: Vec<Vec<u8>> = MEMBERS
        .iter()
        .map(|member| {
            sandbox.write(&format!("{member}/{path}"), sandbox.read(&format!("pack/{path}")));
            trio.sign(member, path).ends(0);
            sandbox.read(&format!("{member}/{path}.sig.{member}"))
        })
        .collect();
    for (member, bytes) in MEMBERS.iter().zip(&again) {
        let file = format!("second/{}.sig.{member}", signed.name());
        sandbox.write(&file, bytes);
    }
    trio.run("pack", &["collect", "../second"]).ends(0);
    trio.run("pack", &["collect", &signed.sent(1, 1)]).ends(1);
    assert_eq!(signed.there(), again);
    assert_ne!(&again, signatures);
}

#[test]
fn of_two_good_ones_the_first_made_is_taken_whatever_comes_first() {
    let signed = Signed::new();
    let Signed { trio, path, signatures } = &signed;
    let sandbox = &trio.team.sandbox;
    // Ben signs a second time, a day later, in a clone that does not know of the first.
    std::fs::remove_file(sandbox.path(&format!("ben/{path}.sig.ben"))).expect("removed");
    let shown = trio.run("ben", &["sign", path, "--as", "ben", "--dry-run"]);
    let (digest, key) = (shown.stdout[..64].to_owned(), trio.team.key_of("ben"));
    let later = [
        "--now",
        "2026-03-05T10:00:00Z",
        "sign",
        path,
        "--as",
        "ben",
        "--key",
        &key,
        "--yes",
        &digest,
    ];
    sandbox.secpack("ben", &later).ends(0);
    let other = sandbox.read(&format!("ben/{path}.sig.ben"));
    assert_ne!(other, signatures[1]);
    for (first, second) in [("a", "b"), ("b", "a")] {
        signed.forget();
        let file = format!("{}.sig.ben", signed.name());
        sandbox.write(&format!("both/{first}/{file}"), &signatures[1]);
        sandbox.write(&format!("both/{second}/{file}"), &other);
        let run = sandbox.secpack("pack", &["--now", "2026-03-06T10:00:00Z", "collect", "../both"]);
        assert!(run.stdout.contains("(duplicate)"), "{run:?}");
        trio.types("pack", &hint(&run)).ends(0);
        assert_eq!(sandbox.read(&format!("pack/{path}.sig.ben")), signatures[1]);
    }
}

#[test]
fn line_ends_are_mended_and_nothing_else_is() {
    let signed = Signed::new();
    let Signed { trio, signatures, .. } = &signed;
    let sandbox = &trio.team.sandbox;
    let text = String::from_utf8(signatures[1].clone()).expect("ASCII");
    let file = format!("stick/{}.sig.ben", signed.name());
    let before = sandbox.contents("pack");
    for (damaged, code) in [
        (format!("{text}\n"), "not-canonical"),
        (text.replace("\n\n", "\nComment: hi\n\n"), "not-canonical"),
        (text.replace('\n', " \r\n"), "not-canonical"),
        (text.replacen("\n\n", "\n\n\n", 1), "not-canonical"),
        (text[..text.len() / 2].to_owned(), "malformed"),
        (String::new(), "malformed"),
    ] {
        sandbox.write(&file, &damaged);
        let run = trio.run("pack", &["collect", "../stick"]).ends(1);
        assert!(run.stdout.contains(&format!("({code})")), "{damaged:?}: {}", run.stdout);
        trio.types("pack", &hint(&run)).ends(0);
        assert_eq!(before, sandbox.contents("pack"));
    }
    sandbox.write(&file, text.replace('\n', "\r\n"));
    let run = trio.run("pack", &["collect", "../stick"]).ends(0);
    assert!(run.stdout.contains("its line ends were CRLF and are LF now"), "{}", run.stdout);
    assert_eq!(sandbox.read(&format!("pack/{}.sig.ben", signed.path)), signatures[1]);
}

#[test]
fn what_holds_no_answer_is_passed_over_and_what_hides_is_named() {
    let signed = Signed::new();
    let sandbox = &signed.trio.team.sandbox;
    sandbox.write("other/notes.txt", "nothing\n");
    sandbox.write("other/picture.png", [0x89, b'P', 0xff, 0]);
    let none = signed.trio.run("pack", &["collect", "../other"]).ends(0);
    assert!(none.stderr.contains("nothing new was found"), "{}", none.stderr);
    // Who names the file itself is told.
    let named = signed.trio.run("pack", &["collect", "../other/notes.txt"]).ends(1);
    assert!(named.stdout.contains("no signature is in it"), "{}", named.stdout);
    signed.trio.types("pack", &hint(&named)).ends(0);
    let name = format!("{}.sig.ben", signed.name());
    std::os::unix::fs::symlink("/etc/passwd", sandbox.path(&format!("other/{name}")))
        .expect("a link");
    let before = sandbox.contents("pack");
    sandbox.run(std::path::Path::new("tar"), "other", &["-cf", "../links.tar", &name], &[]).ends(0);
    let run = signed.trio.run("pack", &["collect", "../links.tar"]).ends(1);
    assert!(run.stdout.contains("links and devices"), "{}", run.stdout);
    signed.trio.types("pack", &hint(&run)).ends(0);
    // A link in a folder is no file of the sender.
    signed.trio.run("pack", &["collect", "../other"]).ends(0);
    let nowhere = signed.trio.run("pack", &["collect", "nowhere"]).ends(2);
    signed.trio.types("pack", &hint(&nowhere)).ends(0);
    assert_eq!(before, sandbox.contents("pack"));
}
