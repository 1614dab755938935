use super::*;
use crate::fixture::Fixture;
use proptest::prelude::*;

const ID: &str = "0123456789abcdef0123456789abcdef01234567";
const ARMOR: &str = "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n=AAAA\n-----END PGP SIGNATURE-----\n";

fn tag(message: &str) -> String {
    format!("object {ID}\ntype commit\ntag v1\ntagger Ann <a@b> 1700000000 +0100\n\n{message}")
}

fn check(raw: &str, expected: Result<(), RawTagError>) {
    assert_eq!(parse(raw.as_bytes()).map(drop), expected, "{raw:?}");
}

#[test]
fn takes_a_signed_tag_apart() {
    let raw = format!("{}{ARMOR}", tag("Tag for it\n"));
    let parsed = parse(raw.as_bytes()).expect("well-formed");
    assert_eq!(parsed.object.to_string(), ID);
    assert_eq!((parsed.target_kind, parsed.name), ("commit", "v1"));
    assert_eq!(parsed.message, b"Tag for it\n");
    assert_eq!(parsed.payload, tag("Tag for it\n").as_bytes());
    assert_eq!(parsed.signature, Some(ARMOR.as_bytes()));
    let tagger = parsed.tagger.expect("there is one");
    assert_eq!((tagger.name.as_str(), tagger.email.as_str(), tagger.offset), ("Ann", "a@b", 60));
    assert_eq!(tagger.time.timestamp(), 1_700_000_000);
}

#[test]
fn the_last_signature_counts_and_ends_the_object() {
    check(&tag(""), Ok(()));
    check(&tag("no newline"), Ok(()));
    check(&tag(&format!("m\n{ARMOR}{ARMOR}")), Ok(()));
    check(&tag(&format!("m\n{ARMOR}more")), Err(RawTagError::AfterSignature));
    check(&tag(&format!("m\n{ARMOR}\n")), Err(RawTagError::AfterSignature));
    check(
        &tag(&format!("m\n{ARMOR}-----END PGP SIGNATURE-----\n")),
        Err(RawTagError::AfterSignature),
    );
    check(&tag(&format!("m\n{}", ARMOR.trim_end())), Err(RawTagError::SignatureEnd));
    check(&tag("m\n-----BEGIN PGP SIGNATURE-----\n"), Err(RawTagError::SignatureEnd));
    check(&tag("m\n-----BEGIN SSH SIGNATURE-----\n"), Err(RawTagError::OtherSignature));
    check(&tag("m\n-----BEGIN PGP MESSAGE-----\n"), Err(RawTagError::OtherSignature));
    let quoted = tag("m -----BEGIN PGP SIGNATURE-----\n");
    assert_eq!(parse(quoted.as_bytes()).map(|tag| tag.signature), Ok(None));
    let twice = tag(&format!("m\n{ARMOR}{ARMOR}"));
    let payload = parse(twice.as_bytes()).map(|tag| tag.payload.len());
    assert_eq!(payload, Ok(twice.len() - ARMOR.len()));
}

#[test]
fn refuses_what_git_does_not_write() {
    let good = tag("m\n");
    check(&good, Ok(()));
    check(&good.replace("tagger Ann <a@b> 1700000000 +0100\n", ""), Ok(()));
    for (from, to, error) in [
        ("object 0", "object x", RawTagError::Id),
        ("object 0", "object A", RawTagError::Id),
        ("object 0", "object  0", RawTagError::Id),
        ("object ", "Object ", RawTagError::Header),
        ("type commit\n", "", RawTagError::Header),
        ("type commit", "type note", RawTagError::Kind),
        ("type commit\n", "type commit\ntype commit\n", RawTagError::Header),
        ("tag v1\n", "tag \n", RawTagError::Name),
        ("tag v1\n", "tag v\x1b1\n", RawTagError::Name),
        ("tag v1\n", "tag v\x001\n", RawTagError::Unterminated),
        ("tag v1\n", "tag v1\ntag v2\n", RawTagError::Header),
        ("tagger Ann", "tagger Ann <x> 1 +0000\ntagger Ann", RawTagError::Header),
        ("tagger Ann", "note x\ntagger Ann", RawTagError::Header),
        ("1700000000", "soon", RawTagError::Stamp),
        ("+0100\n", "+0100\nnote x\n", RawTagError::Header),
        ("\n\nm\n", "\n", RawTagError::Unterminated),
        ("\n\nm\n", "", RawTagError::Header),
    ] {
        assert!(good.contains(from), "{from:?}");
        check(&good.replacen(from, to, 1), Err(error));
    }
    assert_eq!(parse(b""), Err(RawTagError::Header));
    let mut latin1 = good.into_bytes();
    let at = latin1.windows(3).position(|three| three == b" v1").expect("is there");
    latin1[at + 1] = 0xe9;
    assert_eq!(parse(&latin1), Err(RawTagError::Name));
}

#[test]
fn builds_what_git_tag_writes() {
    let fixture = Fixture::new();
    let commit = fixture.commit("a.txt", "a\n");
    for message in ["Tag for it", "one\n\n\n\ntwo  \n\n", "\n\n lead", "Zoë.\n\n---\n"] {
        fixture.git(&["tag", "-f", "-a", "-m", message, "v1", &commit.to_string()]);
        let stock = fixture.git_bytes(&["cat-file", "tag", "v1"]);
        let ours = build(&commit, "v1", &fixture.identity(), fixture.time(), message);
        assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&stock));
    }
}

#[test]
fn a_name_never_adds_a_line() {
    let ann = Identity::new("Ann", "a@b").expect("valid");
    let id = ID.parse().expect("valid");
    let raw = build(&id, "v1\ntagger Eve <e@e> 1 +0000", &ann, DateTime::UNIX_EPOCH, "m");
    let parsed = parse(&raw).expect("well-formed");
    assert_eq!(parsed.tagger.map(|tagger| tagger.name), Some("Ann".to_owned()));
}

proptest! {
    #[test]
    fn never_panics(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&raw);
    }

    #[test]
    fn a_flipped_byte_is_refused_or_shows(at in 0..170_usize, to in any::<u8>()) {
        let good = format!("{}{ARMOR}", tag("m\n")).into_bytes();
        let mut other = good.clone();
        other[at] = to;
        if let (Ok(one), Ok(two)) = (parse(&good), parse(&other)) {
            prop_assert_eq!(other == good, one.payload == two.payload && one.signature == two.signature);
        }
    }

    #[test]
    fn parse_then_print_gives_the_same_bytes(
        name in "[a-z][a-zA-Z0-9_/.-]{0,20}",
        who in "[A-Z][a-zé ]{0,10}[a-z]",
        seconds in 0..4_000_000_000_i64,
        message in "([ -,.-~\n]|é){0,80}",
    ) {
        let time = DateTime::from_timestamp(seconds, 0).expect("in range");
        let who = Identity::new(&who, "a@b").expect("valid");
        let id = ID.parse().expect("valid");
        let mut raw = build(&id, &name, &who, time, &message);
        raw.extend_from_slice(ARMOR.as_bytes());
        let parsed = parse(&raw).expect("we wrote it");
        let tagger = parsed.tagger.expect("we wrote it");
        let again = Identity::new(&tagger.name, &tagger.email).expect("valid");
        let text = String::from_utf8_lossy(parsed.message).into_owned();
        let mut printed = build(&parsed.object, parsed.name, &again, tagger.time, &text);
        printed.extend_from_slice(parsed.signature.expect("we appended it"));
        prop_assert_eq!(printed, raw);
    }
}
