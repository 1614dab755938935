use super::damage::UNDO;
use super::*;

const ARMOR: &str = "-----BEGIN PGP SIGNATURE-----\n\nAA==\n=twTO\n-----END PGP SIGNATURE-----\n";
const TEXT: &str = "\n  ===[ Note 1 ]===\n\nSome text & more.\n\n";

fn check(announcement: &str, texts: &[&str]) {
    let found = read(announcement.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{announcement}"));
    let whole = found.blocks.iter().filter(|block| block.shape == Shape::Whole);
    let whole: Vec<&str> = whole.map(|block| block.text.as_str()).collect();
    assert_eq!(whole, texts, "{announcement}");
    assert_eq!(found.signatures, [ARMOR], "{announcement}");
}

#[test]
fn code_blocks_are_taken_byte_for_byte() {
    check(&format!("# Post\n\n```\n{TEXT}```\n\n~~~ pgp\n{ARMOR}~~~\n"), &[TEXT]);
    check(&format!("```\n{TEXT}{ARMOR}```\n"), &[TEXT]);
    check(&format!("````\n{TEXT}````\n\n```\n{ARMOR}"), &[TEXT]);
}

#[test]
fn pages_are_read_like_browsers_show_them() {
    let page = |inner: &str| format!("<html><pre>{inner}</pre><p>x</p><PRE class=a>{ARMOR}</PRE>");
    let escaped = TEXT.replace('&', "&amp;");
    check(&page(&format!("\n{escaped}")), &[TEXT]);
    check(&page(&format!("<code>{escaped}</code>")), &[TEXT]);
    check(&page(&escaped.replace("Some", "<b>So</b>&#109;e")), &[&TEXT[1..]]);
}

#[test]
fn signatures_lose_what_stands_around_their_lines() {
    let quoted = ARMOR.lines().map(|line| format!("> {line}\n")).collect::<String>();
    let indented = ARMOR.lines().map(|line| format!("    {line}  \n")).collect::<String>();
    for armor in
        [quoted, indented, ARMOR.replace('\n', "\r\n"), ARMOR.replace("-----B", "- -----B")]
    {
        check(&format!("Hello\n{armor}"), &[]);
    }
}

#[test]
fn mails_give_their_parts() {
    let mail = format!(
        "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nHello.\r\n--b\r\n\
         Content-Type: text/plain\r\nContent-Disposition: attachment; filename=n.txt\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n--b\r\n\
         Content-Type: application/pgp-signature\r\n\
         Content-Disposition: attachment; filename=n.txt.sig\r\n\r\n{ARMOR}\r\n--b--\r\n",
        TEXT.replace('=', "=3D"),
    );
    let found = read(mail.as_bytes()).expect("a mail");
    assert_eq!(found.format, Format::Mail);
    assert_eq!(found.signatures, [ARMOR]);
    assert!(found.blocks.iter().any(|b| b.place == "the attachment n.txt" && b.text == TEXT));
}

#[test]
fn the_signature_of_a_mail_is_not_one_of_the_document() {
    let mail = format!(
        "Subject: x\nContent-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
         {TEXT}\n--b\nContent-Type: application/pgp-signature\n\n{ARMOR}\n--b--\n"
    );
    assert!(matches!(read(mail.as_bytes()), Err(AnnouncementError::NoSignature)));
}

#[test]
fn every_damage_is_undone() {
    let undone = |text: &str| -> Vec<String> {
        let all = UNDO.iter().filter_map(|undo| undo(text));
        all.filter(|(undone, _)| undone == TEXT).map(|(_, damage)| damage.to_string()).collect()
    };
    let by_line = |prefix: &str| TEXT.lines().map(|l| format!("{prefix}{l}\n")).collect::<String>();
    let check = |text: String, name: &str| assert_eq!(undone(&text), [name], "{text:?}");
    check(TEXT.replace('=', "=3D"), "quoted-printable");
    check(TEXT.replace('=', "=3D").replace("text", "te=\nxt"), "quoted-printable");
    check(TEXT.replace('\n', "\r\n"), "CRLF line ends");
    check(TEXT.replace('&', "&amp;"), "HTML entities");
    check(TEXT.replace(' ', "\u{a0}"), "non-breaking spaces");
    check(by_line("> "), "quoting");
    check(format!("{TEXT}-- \nlist@example.org\n"), "a list footer");
    check(format!("{TEXT}{}\nlist\n", "_".repeat(47)), "a list footer");
    let dashed = |text: &str| UNDO.iter().find_map(|undo| undo(text)).map(|(text, _)| text);
    assert_eq!(dashed("- --x\n- y\n").as_deref(), Some("--x\n- y\n"));
    assert_eq!(dashed("    x\n\n      y\n").as_deref(), Some("x\n\n  y\n"));
}

#[test]
fn nothing_in_it_is_said_so() {
    assert!(matches!(read(b"hello\n"), Err(AnnouncementError::NoSignature)));
    assert!(matches!(read(b"\xff\xfe"), Err(AnnouncementError::NotText)));
}
