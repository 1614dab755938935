//! A file that is not exactly one canonical signature over the document, made with gpg's own bytes.

use super::{EARLIER, gpg_makes, gpg_signs, gpg_signs_at, released, signature_in, verdict, write};
use secpack_tests::Team;
use secpack_tests::forge::{self, Packet, armor_signature, dearmor};

/// What ben's place holds, and the verdict that must come back.
struct Case<'a>(&'a str, Vec<u8>, &'a str);

#[track_caller]
fn check(team: &Team, path: &str, cases: Vec<Case<'_>>) {
    let place = format!("{path}.sig.ben");
    for Case(name, bytes, expected) in cases {
        write(team, &place, bytes);
        let run = team.verify();
        assert_eq!(verdict(&run, &place), expected, "{name}");
        run.ends(i32::from(expected != "good"));
    }
}

#[test]
fn one_signature_packet_and_nothing_else() {
    let (team, path) = released();
    let ben = gpg_signs(&team, "ben", &path, &[]);
    let ann = gpg_signs(&team, "ann", &path, &[]);
    let (good, other) = (signature_in(&ben), signature_in(&ann));
    let mut bad = good.clone();
    *bad.body.last_mut().expect("bytes") ^= 1;
    let signed = |packets: &[&Packet]| {
        let packets: Vec<Packet> = packets.iter().copied().cloned().collect();
        armor_signature(&packets).into_bytes()
    };
    // Compressed, as gpg makes it without being asked, and plain.
    let compressed = gpg_makes(&team, EARLIER, "ben", &["--sign"], &path);
    let message = gpg_makes(&team, EARLIER, "ben", &["--compress-algo", "none", "--sign"], &path);
    let [one_pass, literal, _] = <[Packet; 3]>::try_from(dearmor(&message)).expect("three packets");
    let relabelled =
        |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("PGP MESSAGE", "PGP SIGNATURE");
    let marker = Packet::new(forge::MARKER, *b"PGP");
    let key = team.sandbox.read("ben-certified.asc");
    check(
        &team,
        &path,
        vec![
            Case("as gpg made it", ben.clone(), "good"),
            Case("armored by us", signed(&[&good]), "good"),
            Case("two people", signed(&[&good, &other]), "malformed"),
            Case("the same twice", signed(&[&good, &good]), "malformed"),
            Case("good and bad", signed(&[&good, &bad]), "malformed"),
            Case("bad and good", signed(&[&bad, &good]), "malformed"),
            Case("bad", signed(&[&bad]), "bad"),
            Case("a message", message.clone(), "malformed"),
            Case("a message under our label", relabelled(&message).into_bytes(), "malformed"),
            Case("a compressed message", compressed.clone(), "malformed"),
            Case("compressed, our label", relabelled(&compressed).into_bytes(), "malformed"),
            Case("one-pass", signed(&[&one_pass, &good]), "malformed"),
            Case("literal", signed(&[&literal, &good]), "malformed"),
            Case("one-pass alone", signed(&[&one_pass]), "malformed"),
            Case("literal alone", signed(&[&literal]), "malformed"),
            Case("marker before", signed(&[&marker, &good]), "malformed"),
            Case("marker after", signed(&[&good, &marker]), "malformed"),
            Case("marker alone", signed(&[&marker]), "malformed"),
            Case("no packet", signed(&[]), "malformed"),
            Case("a certificate", key, "malformed"),
            Case("empty", Vec::new(), "malformed"),
            Case("binary", good.bytes(), "malformed"),
            Case("again", ben, "good"),
        ],
    );
}

#[test]
fn only_type_zero() {
    let (team, path) = released();
    let packet = signature_in(&gpg_signs(&team, "ben", &path, &[]));
    let typed = |kind: u8| {
        let mut packet = packet.clone();
        packet.body[1] = kind;
        armor_signature(&[packet]).into_bytes()
    };
    let text = gpg_signs(&team, "ben", &path, &["--textmode"]);
    assert_eq!(signature_in(&text).body[1], 0x01, "gpg makes a text signature");
    let certificate = dearmor(&team.sandbox.read("ben-certified.asc"));
    let of_a_key = certificate.into_iter().find(|p| p.tag == forge::SIGNATURE).expect("one");
    check(
        &team,
        &path,
        vec![
            Case("text", text, "wrong-type"),
            Case("standalone", typed(0x02), "wrong-type"),
            Case("certification", typed(0x10), "wrong-type"),
            Case("subkey binding", typed(0x18), "wrong-type"),
            Case("revocation", typed(0x20), "wrong-type"),
            Case("timestamp", typed(0x40), "wrong-type"),
            Case("third party", typed(0x50), "wrong-type"),
            Case("of a certificate", armor_signature(&[of_a_key]).into_bytes(), "wrong-type"),
            Case("binary", typed(0x00), "good"),
        ],
    );
}

#[test]
fn armor_in_one_spelling() {
    let (team, path) = released();
    let good = String::from_utf8(gpg_signs(&team, "ben", &path, &[])).expect("ASCII");
    let checksum = good.lines().rev().nth(1).expect("a checksum").to_owned();
    let changed = |from: &str, to: &str| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good);
        changed.into_bytes()
    };
    let first_line = good.lines().nth(2).expect("data").to_owned();
    let (left, right) = first_line.split_at(30);
    let comment = gpg_signs(&team, "ben", &path, &["--comment", "read me"]);
    check(
        &team,
        &path,
        vec![
            Case("text before", format!("Dear reader,\n{good}").into_bytes(), "not-canonical"),
            Case("text after", format!("{good}and more\n").into_bytes(), "not-canonical"),
            Case("a line after", format!("{good}\n").into_bytes(), "not-canonical"),
            Case("twice", good.repeat(2).into_bytes(), "not-canonical"),
            Case("CRLF", good.replace('\n', "\r\n").into_bytes(), "not-canonical"),
            Case("no final newline", good.trim_end().into(), "not-canonical"),
            Case("a comment", comment, "not-canonical"),
            Case("a header", changed("\n\n", "\nHash: SHA512\n\n"), "not-canonical"),
            Case("message", good.replace("SIGNATURE", "MESSAGE").into_bytes(), "not-canonical"),
            Case("wrong checksum", changed(&checksum, "=AAAA"), "not-canonical"),
            Case("glued checksum", changed(&format!("\n{checksum}"), &checksum), "not-canonical"),
            Case(
                "other columns",
                changed(&first_line, &format!("{left}\n{right}")),
                "not-canonical",
            ),
            Case("a blank", changed(&first_line, &format!("{first_line} ")), "not-canonical"),
            Case("no checksum", changed(&format!("{checksum}\n"), ""), "good"),
            Case("as it was", good.clone().into_bytes(), "good"),
        ],
    );
}

/// Bytes of the packet that nothing signs.
#[test]
fn nothing_hides_in_the_unsigned_part() {
    let (team, path) = released();
    let packet = signature_in(&gpg_signs(&team, "ben", &path, &[]));
    let hashed = usize::from(packet.body[4]) << 8 | usize::from(packet.body[5]);
    let area = 6 + hashed;
    let size = usize::from(packet.body[area]) << 8 | usize::from(packet.body[area + 1]);
    assert_eq!(packet.body[area + 2..area + 4], [9, 16], "gpg puts the key id there");
    let with_area = |inside: &[u8]| {
        let length = u16::try_from(inside.len()).expect("short").to_be_bytes();
        let before = &packet.body[..area];
        let after = &packet.body[area + 2 + size..];
        let body = [before, &length, inside, after].concat();
        armor_signature(&[Packet::new(forge::SIGNATURE, body)]).into_bytes()
    };
    let issuer = packet.body[area + 2..area + 2 + size].to_vec();
    let other = signature_in(&gpg_signs(&team, "ann", &path, &[]));
    let lie = &other.body[area + 2..area + 2 + size];
    let mut critical = issuer.clone();
    critical[1] |= 0x80;
    let long_form = [&[0xff, 0, 0, 0, 9], &issuer[1..]].concat();
    let mut prefix = packet.clone();
    prefix.body[area + 2 + size] ^= 1;
    check(
        &team,
        &path,
        vec![
            Case("as it was", with_area(&issuer), "good"),
            // The fingerprint is named in the signed part.
            Case("no key id", with_area(&[]), "good"),
            Case("a lie", with_area(lie), "not-canonical"),
            Case("both", with_area(&[&issuer, lie].concat()), "not-canonical"),
            Case("twice", with_area(&issuer.repeat(2)), "not-canonical"),
            Case("critical", with_area(&critical), "not-canonical"),
            Case("a long length", with_area(&long_form), "not-canonical"),
            Case(
                "a notation",
                with_area(&[&issuer[..], &[5, 26, b'x', b'y', b'z', b'.']].concat()),
                "not-canonical",
            ),
            Case("another digest prefix", armor_signature(&[prefix]).into_bytes(), "not-canonical"),
        ],
    );
}

#[test]
fn notations() {
    let (team, path) = released();
    let noted = |notation: &str| gpg_signs(&team, "ben", &path, &["--set-notation", notation]);
    check(
        &team,
        &path,
        vec![
            Case("understood by nobody, critical", noted("!x@example.org=1"), "malformed"),
            Case("a remark", noted("x@example.org=1"), "good"),
        ],
    );
}

#[test]
fn three_clocks() {
    let team = Team::lasting(super::PROGRAM);
    let path = team.released();
    let at = |time: &str| gpg_signs_at(&team, time, "ben", &path, &["--ignore-time-conflict"]);
    let ending = ["--default-sig-expire", "3d"];
    check(
        &team,
        &path,
        vec![
            Case("future", at("21000101T000000"), "not-yet-valid"),
            Case("in two days", at("20260306T120000"), "not-yet-valid"),
            Case("a clock ahead", at("20260305T080000"), "good"),
            Case("ended", gpg_signs_at(&team, "20260201T000000", "ben", &path, &ending), "expired"),
            Case("not ended", gpg_signs(&team, "ben", &path, &ending), "good"),
        ],
    );
    // gpg refuses to sign with a key that does not exist yet, so the time is altered by hand: then
    // nothing verifies, but the reason that is given is the date.
    let mut packet = signature_in(&gpg_signs(&team, "ben", &path, &[]));
    let at = packet.body.windows(2).position(|w| w == [5, 2]).expect("a time") + 2;
    packet.body[at..at + 4].copy_from_slice(&1_000_000_000_u32.to_be_bytes());
    let early = armor_signature(&[packet]).into_bytes();
    check(&team, &path, vec![Case("before its key", early, "not-yet-valid")]);
}
