//! Two things that a canary may announce in words: that it is the last, and that it replaces
//! another one.

use crate::window::words;

/// How a canary says that none will follow. Punctuation and letter case play no part.
const ENDINGS: [&str; 9] = [
    "this is the last canary",
    "this is the final canary",
    "this is our last canary",
    "this is our final canary",
    "this canary is the last",
    "this canary is our last",
    "no further canary",
    "no further canaries",
    "no more canaries",
];

/// How many words after "replaces" are looked at.
const NEAR: usize = 4;

/// Whether the text says that no canary follows. Only a canary without a next window may mean it:
/// "the last canary that Ann signs" is no end while the next one is planned.
pub(super) fn ends(text: &str) -> bool {
    let said = words(text).join(" ");
    ENDINGS.iter().any(|ending| said.contains(ending))
}

/// The number after "replaces": `This canary replaces Canary 007`.
pub(crate) fn replaced(text: &str) -> Option<u32> {
    let words = words(text);
    let at = words.iter().position(|word| word == "replaces")?;
    words[at + 1..].iter().take(NEAR).find_map(|word| trailing_number(word))
}

fn trailing_number(word: &str) -> Option<u32> {
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    word[stem.len()..].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_said_in_words() {
        for text in [
            "This is the last canary of this series.",
            "... closed. This is our\n   FINAL canary; thank you.",
            "No further canaries are planned.",
        ] {
            assert!(ends(text), "{text}");
        }
        for text in ["", "The last canary was on time.", "This canary is the latest."] {
            assert!(!ends(text), "{text}");
        }
    }

    #[test]
    fn what_is_replaced_has_a_number() {
        let check = |text: &str, expected| assert_eq!(replaced(text), expected, "{text}");
        check("This canary replaces Canary-007, which stays.", Some(7));
        check("It replaces the canary 12.", Some(12));
        check("It replaces Example Canary #3", Some(3));
        check("It replaces what we said on some long past day in 2021.", None);
        check("Ann replaces Ben as a signer.", None);
        check("replaces", None);
    }
}
