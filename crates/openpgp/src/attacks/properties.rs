//! Parsers take any bytes without a panic, and what they accept is written as it was read.

use crate::{Keyring, SignatureKind, armor, cleartext, parse};
use proptest::prelude::*;

const LABEL: &str = "PGP SIGNATURE";

/// Texts that look like armor more often than random ones do.
fn like_armor() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("-----BEGIN PGP SIGNATURE-----\n".to_owned()),
        Just("-----END PGP SIGNATURE-----\n".to_owned()),
        Just("-----BEGIN PGP SIGNED MESSAGE-----\n".to_owned()),
        Just("Hash: SHA512\n".to_owned()),
        Just("\n".to_owned()),
        Just("=njUN\n".to_owned()),
        Just("- ".to_owned()),
        "[A-Za-z0-9+/]{0,64}={0,2}\n?",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = parse(&bytes, SignatureKind::Binary);
        let _ = cleartext::split(&bytes);
        let _ = Keyring::gather([("keys/a.asc", &*bytes)]);
        let _ = parse(armor::encode(&bytes, LABEL).as_bytes(), SignatureKind::Text);
    }

    #[test]
    fn nothing_panics_on_texts(text in like_armor()) {
        let _ = parse(text.as_bytes(), SignatureKind::Binary);
        let _ = cleartext::split(text.as_bytes());
        let _ = Keyring::gather([("keys/a.asc", text.as_bytes())]);
        let _ = armor::blocks(text.as_bytes());
    }

    #[test]
    fn armor_is_written_as_it_was_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = armor::encode(&bytes, LABEL);
        prop_assert_eq!(armor::decode(text.as_bytes(), LABEL), Ok((bytes, None)));
    }

    /// Whatever is accepted as canonical is the one text for its bytes, with or without checksum.
    #[test]
    fn one_text_for_each_signature(text in like_armor()) {
        if let Ok((bytes, None)) = armor::decode(text.as_bytes(), LABEL) {
            let with = armor::encode(&bytes, LABEL);
            let without: String =
                with.lines().filter(|line| !line.starts_with('=')).map(|l| format!("{l}\n")).collect();
            let plain: String =
                text.lines().filter(|line| !line.starts_with("Version: ")).map(|l| format!("{l}\n")).collect();
            prop_assert!(plain == with || plain == without, "{:?}", text);
        }
    }

    /// The text of a clearsigned document, escaped and taken apart again, is the same.
    #[test]
    fn cleartext_is_read_as_it_was_written(lines in proptest::collection::vec("[ -~]{0,30}", 0..6)) {
        let escaped: Vec<String> = lines
            .iter()
            .map(|line| if line.starts_with('-') { format!("- {line}") } else { line.clone() })
            .collect();
        let text = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n{}",
            escaped.join("\n"),
            armor::encode(b"x", LABEL)
        );
        let parts = cleartext::split(text.as_bytes()).expect("well formed");
        prop_assert_eq!(parts.text, lines.join("\n") + "\n");
        let trimmed: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
        prop_assert_eq!(parts.signed, trimmed.join("\r\n").into_bytes());
        prop_assert_eq!(parts.signature, armor::encode(b"x", LABEL).into_bytes());
    }
}
