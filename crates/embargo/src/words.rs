//! Texts as words, so that case, white space, line breaks, quoting and punctuation hide nothing.

use std::hash::{DefaultHasher, Hash, Hasher};

/// The words of a text: runs of letters and runs of digits, lower case, numbers without leading
/// zeros. `SB-007`, `sb 7` and `Sb007` are the same two words.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut last = Class::Other;
    for c in text.chars().filter(|c| !is_hidden(*c)) {
        let class = Class::of(c);
        match class {
            Class::Other => {}
            Class::Letter | Class::Digit => {
                if class != last {
                    found.push(String::new());
                }
                if let Some(word) = found.last_mut() {
                    word.extend(c.to_lowercase());
                }
            }
        }
        last = class;
    }
    for word in &mut found {
        let plain = word.trim_start_matches('0');
        if plain.len() < word.len() && word.bytes().all(|b| b.is_ascii_digit()) {
            *word = if plain.is_empty() { "0".to_owned() } else { plain.to_owned() };
        }
    }
    found
}

/// Whether two texts have the same words.
pub fn same_words(one: &str, two: &str) -> bool {
    words(one) == words(two)
}

/// A word as a number, for comparing fast. Equal words give equal numbers within one run.
pub(crate) fn mark(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Other,
}

impl Class {
    fn of(c: char) -> Self {
        if c.is_numeric() {
            Class::Digit
        } else if c.is_alphabetic() {
            Class::Letter
        } else {
            Class::Other
        }
    }
}

/// Characters that nobody sees must not part a word.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_hides_nothing() {
        let check = |one: &str, two: &str| assert_eq!(words(one), words(two), "{one} {two}");
        check("SB-007", "sb  7");
        check("SB-007", "Sb\n007");
        check("Integer overflow", "> INTEGER\n> overflow.");
        check("inte\u{ad}ger", "integer");
        check("XSA507", "xsa-507");
        assert_ne!(words("sb-7"), words("sb-70"));
        assert_eq!(words("000"), ["0"]);
        assert!(words(" -- \n").is_empty());
    }
}
