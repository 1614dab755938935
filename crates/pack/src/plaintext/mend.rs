//! Mends what can be mended without a person: nothing here changes a word.

use super::{Layout, lines};
use crate::policy::TextRules;
use unicode_width::UnicodeWidthStr;

/// The text with line feeds only, no blanks at the end of lines outside quotes, a last line feed,
/// and underlines of the length that the policy asks for.
pub fn mend(text: &str, rules: Option<&TextRules>) -> String {
    let unix = text.replace("\r\n", "\n");
    let trimmed = lines(&unix).into_iter().map(|line| match line.is_quote() {
        true => line.text,
        false => line.text.trim_end_matches([' ', '\t']),
    });
    let text = trimmed.map(|line| format!("{line}\n")).collect::<String>();
    match rules.and_then(|rules| rules.underline_extra) {
        Some(extra) => underlined(&text, extra),
        None => text,
    }
}

fn underlined(text: &str, extra: usize) -> String {
    let mut all: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for section in Layout::of(text).sections {
        let mark = &section.underline[..1];
        all[section.line as usize] = mark.repeat(section.title.width() + extra);
    }
    all.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mends_blanks_line_ends_and_underlines() {
        let rules = "series = \"a\"\nunderline_extra = 1\n";
        let rules: TextRules = toml::from_str(rules).expect("rules");
        let check = |text: &str, expected: &str| {
            assert_eq!(mend(text, Some(&rules)), expected);
            assert_eq!(mend(expected, Some(&rules)), expected, "twice changes nothing");
        };
        check("a \t\r\n| q \nb", "a\n| q \nb\n");
        check("x\n\nAé\n-----\n\nB\n===\n", "x\n\nAé\n---\n\nB\n==\n");
        check("", "");
        assert_eq!(mend("A\n-----\n", None), "A\n-----\n");
    }
}
