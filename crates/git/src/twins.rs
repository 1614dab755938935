//! Names that differ here but are one name on some file system.

use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// Finds names in one folder that differ only in case, in the spelling of accents, or in invisible
/// characters.
#[derive(Debug, Default)]
pub(crate) struct Twins {
    seen: HashMap<String, String>,
}

impl Twins {
    /// The earlier name that `name` cannot be told from, if there is one.
    pub fn meet(&mut self, name: &str) -> Option<&str> {
        use std::collections::hash_map::Entry;
        match self.seen.entry(folded(name)) {
            Entry::Occupied(earlier) => Some(earlier.into_mut()),
            Entry::Vacant(place) => {
                place.insert(name.to_owned());
                None
            }
        }
    }
}

/// One spelling for all twins. Lower case may need composing again, so that comes last.
fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let visible = |c: &char| secpack_pack::escape(c.encode_utf8(&mut [0; 4])).starts_with(*c);
    name.nfd()
        .filter(visible)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, two: &str, expected: bool) {
        let mut twins = Twins::default();
        assert_eq!(twins.meet(one), None);
        assert_eq!(twins.meet(two).is_some(), expected, "{one:?} {two:?}");
    }

    #[test]
    fn knows_twins() {
        check("README", "readme", true);
        check("\u{e9}.txt", "e\u{301}.txt", true);
        check("\u{c9}.txt", "e\u{301}.txt", true);
        check("stra\u{df}e", "STRASSE", true);
        check("a\u{200b}b", "ab", true);
        check("\u{212a}", "k", true);
        check("a", "a", true);
        check("a", "b", false);
        check("e", "\u{e9}", false);
    }
}
