use super::*;

const COMMIT: &str = "0123456789012345678901234567890123456789";

fn payload() -> String {
    format!(
        "object {COMMIT}\ntype commit\ntag ann_sec_01234567\n\
         tagger Ann <ann@example.org> 1772618400 +0000\n\nTag for commit {COMMIT}\n"
    )
}

fn request(payload: &str) -> TagRequest {
    let block =
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAA==\n-----END PGP PUBLIC KEY BLOCK-----\n";
    TagRequest {
        pack: "Example".to_owned(),
        name: "ann_sec_01234567".to_owned(),
        commit: COMMIT.parse().expect("an id"),
        member: "ann".parse().expect("a member"),
        key: "427F11FD0FAA4B080123F01CDDFA1A3E36879494".parse().expect("a fingerprint"),
        certificate: block.to_owned(),
        payload: payload.as_bytes().to_vec(),
    }
}

/// Why a request with these bytes to sign is refused, whoever wrote it.
fn why(payload: &str) -> String {
    let parsed = TagRequest::parse(&request(payload).write());
    parsed.err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn it_comes_back_as_it_was() {
    let made = request(&payload());
    assert_eq!(TagRequest::parse(&made.write()).expect("a request"), made);
    let (tagger, message) = made.inside().expect("a tag");
    assert_eq!((&*tagger.name, &*tagger.email), ("Ann", "ann@example.org"));
    assert_eq!(tagger.time.to_rfc3339(), "2026-03-04T10:00:00+00:00");
    assert_eq!(message, format!("Tag for commit {COMMIT}\n"));
    assert!(TagRequest::is_one(&made.write()) && !TagRequest::is_one(b"secpack tag request 12\n"));
}

#[test]
fn nothing_but_the_tag_that_it_names_is_asked_for() {
    let good = payload();
    let other = "9".repeat(40);
    for (text, says) in [
        ("A document\n".to_owned(), "is no tag"),
        (format!("tree {COMMIT}\nparent {COMMIT}\n\nA commit\n"), "is no tag"),
        (good.replacen(COMMIT, &other, 1), "another one than it names"),
        (good.replacen("ann_sec", "ben_sec", 1), "another one than it names"),
        (good.replacen("type commit", "type tree", 1), "not one as secpack makes"),
        (good.replacen("+0000", "+0100", 1), "not one as secpack makes"),
        (good.replacen("tagger Ann <ann@example.org> 1772618400 +0000\n", "", 1), "not one as"),
        (good.replacen("Ann <", "Ann  <", 1), "not one as secpack makes"),
        (format!("{good}\n\n"), "not one as secpack makes"),
        (format!("{good}\u{7}\n").replace('\u{7}', "\t"), "not one as secpack makes"),
        (format!("{good}{}", "x\n".repeat(MAX_TAG / 2)), "larger than 32 KiB"),
        (
            format!("{good}-----BEGIN PGP SIGNATURE-----\n\nAA==\n-----END PGP SIGNATURE-----\n"),
            "signed already",
        ),
        (String::new(), "is no tag"),
    ] {
        let said = why(&text);
        assert!(said.contains(says), "{says:?} wanted, {said:?} said for\n{text}");
    }
    let name = TagRequest { name: "../x".to_owned(), ..request(&good) };
    assert!(TagRequest::parse(&name.write()).is_err());
}

#[test]
fn a_changed_byte_is_noticed_wherever_it_is() {
    let written = request(&payload()).write();
    for at in 0..written.len() {
        let mut changed = written.clone();
        changed[at] ^= 1;
        // Who is asked and by which key is their own witness; what is signed is not.
        if let Ok(parsed) = TagRequest::parse(&changed) {
            assert_eq!(parsed.write(), changed, "byte {at}");
            assert_eq!(parsed.payload, payload().as_bytes(), "byte {at}");
        }
    }
}
