//! Characters that a reader cannot see, or takes for others.

/// The first control or invisible character in a line. Tabs and carriage returns have rules of
/// their own; everything else that the escaper of `pack` would have to show counts.
pub fn hidden(line: &str) -> Option<char> {
    let mut buffer = [0; 4];
    line.chars().filter(|c| !matches!(c, '\t' | '\r')).find(|c| {
        let alone: &str = c.encode_utf8(&mut buffer);
        crate::escape(alone) != alone
    })
}

/// The first word that mixes Latin letters with letters of a script that imitates them, or that
/// has two letters or more and none but such as look like Latin ones.
pub fn confusable(line: &str) -> Option<&str> {
    let words = line.split(|c: char| !c.is_alphanumeric());
    words.into_iter().find(|word| is_mixed(word) || is_double(word))
}

fn is_mixed(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_alphabetic()) && word.chars().any(imitates_latin)
}

fn is_double(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| !c.is_numeric());
    letters.clone().count() > 1 && letters.all(looks_latin)
}

/// Letters that most fonts draw exactly as a Latin one (Unicode's `confusables.txt`, Cyrillic and
/// Greek), and all full-width and mathematical ones.
fn looks_latin(c: char) -> bool {
    let same = "\u{430}\u{435}\u{43e}\u{440}\u{441}\u{443}\u{445}\u{455}\u{456}\u{458}\u{501}\u{51b}\u{51d}\
                \u{410}\u{412}\u{415}\u{41a}\u{41c}\u{41d}\u{41e}\u{420}\u{421}\u{422}\u{425}\u{405}\u{406}\u{408}\
                \u{391}\u{392}\u{395}\u{396}\u{397}\u{399}\u{39a}\u{39c}\u{39d}\u{39f}\u{3a1}\u{3a4}\u{3a5}\u{3a7}\
                \u{3bf}\u{3bd}";
    same.contains(c) || matches!(c, '\u{ff21}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}')
}

/// Greek, Cyrillic, Armenian, Cherokee, full-width and mathematical letters. The micro sign and
/// the ohm sign are symbols of their own and not among them.
fn imitates_latin(c: char) -> bool {
    let script = matches!(c,
        '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}' | '\u{530}'..='\u{58f}'
        | '\u{13a0}'..='\u{13ff}' | '\u{1f00}'..='\u{1fff}' | '\u{ff21}'..='\u{ff5a}'
        | '\u{1d400}'..='\u{1d7ff}');
    script && c.is_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_ones_are_found() {
        let check = |line: &str, expected| assert_eq!(hidden(line), expected, "{line:?}");
        check("Zoë – “東京” ®\t\u{a0}", None);
        check("a\u{202e}b", Some('\u{202e}'));
        check("a\u{200b}", Some('\u{200b}'));
        check("\u{1b}[2J", Some('\u{1b}'));
        check("a\r", None);
    }

    #[test]
    fn mixed_words_are_found() {
        let check = |line: &str, expected| assert_eq!(confusable(line), expected, "{line:?}");
        check("plain Zoë", None);
        check("Москва and Αθήνα", None);
        check("p\u{430}ypal here", Some("p\u{430}ypal"));
        check("5 \u{b5}s", None);
        // "scope" and "KEM" in Cyrillic letters alone; one letter is a symbol.
        check(
            "a \u{455}\u{441}\u{43e}\u{440}\u{435}.",
            Some("\u{455}\u{441}\u{43e}\u{440}\u{435}"),
        );
        check("\u{41a}\u{415}\u{41c}2", Some("\u{41a}\u{415}\u{41c}2"));
        check("\u{43e} and \u{3bd}", None);
        check("\u{ff41}\u{ff42}", Some("\u{ff41}\u{ff42}"));
    }
}
