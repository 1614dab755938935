//! The one escaper for untrusted text on its way to a terminal or a one-line message, and the one
//! rule for words of commands that a person copies.

/// Makes control characters, line breaks, bidirectional overrides and other invisible
/// characters visible as `\u{..}`; everything else stays as it is.
pub fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_plain(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

/// A word of a command that somebody may paste into a shell: a hostile name must not become a
/// command.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+@".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", escape(word).replace('\'', "'\\''"))
}

fn is_plain(c: char) -> bool {
    let hidden = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !c.is_control() && !hidden
}

#[cfg(test)]
mod tests {
    use super::{escape, shell_word};

    #[test]
    fn only_visible_text_passes() {
        assert_eq!(escape("Zoë, 東京 #1"), "Zoë, 東京 #1");
        assert_eq!(escape("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\u{a}");
        assert_eq!(escape("\u{202e}txt\u{200b}"), "\\u{202e}txt\\u{200b}");
    }

    #[test]
    fn words_are_safe_to_paste() {
        for plain in ["origin", "sign/note-001", "a+b@c.d_e"] {
            assert_eq!(shell_word(plain), plain);
        }
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("-x"), "'-x'");
        assert_eq!(shell_word("a;b"), "'a;b'");
        assert_eq!(shell_word("a'$(b)\n"), "'a'\\''$(b)\\u{a}'");
    }
}
