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

/// The first word that mixes Latin letters with letters of a script that imitates them.
pub fn confusable(line: &str) -> Option<&str> {
    let words = line.split(|c: char| !c.is_alphanumeric());
    words.into_iter().find(|word| {
        word.chars().any(|c| c.is_ascii_alphabetic()) && word.chars().any(imitates_latin)
    })
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
    }
}
