//! Values and comments in TOML. Everything that comes out of a pack passes through here, so no
//! text of a stranger ever ends a string or a comment line.

use secpack_pack::escape;

/// A basic string; what a terminal would not show is written as `\uXXXX`.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            _ if escape(c.encode_utf8(&mut [0; 4])).chars().eq([c]) => quoted.push(c),
            _ => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

/// An array of strings: on one line when it is short, else one string per line.
pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| quote(item.as_ref())).collect();
    let line = format!("[{}]", items.join(", "));
    if line.len() <= 80 || items.len() < 2 {
        return line;
    }
    let lines: String = items.iter().map(|item| format!("    {item},\n")).collect();
    format!("[\n{lines}]")
}

/// One comment line, cut to a length that a person reads.
pub(super) fn comment(text: &str) -> String {
    const LONGEST: usize = 160;
    let shown: String = escape(text).chars().take(LONGEST).collect();
    format!("# {shown}\n")
}

/// The same lines as comments, for a person to make active.
pub(super) fn commented(block: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".into() } else { format!("# {line}\n") };
    block.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let schema = secpack_pack::policy::SCHEMA;
        let name = quote(text);
        let policy = format!("schema = \"{schema}\"\nversion = 1\nname = {name}\nseries = []\n");
        let read = secpack_pack::Policy::parse(&policy).expect("valid TOML");
        assert_eq!(read.name(), text);
    }

    #[test]
    fn whatever_goes_in_comes_out() {
        check("plain, ä 東");
        check("a\"]\n[[accepted]]\r\0\u{1b}[2J\u{202e}\\");
        check("'''\u{7f}\u{2028}");
    }

    #[test]
    fn a_comment_is_one_line() {
        assert_eq!(comment("a\nids = 1"), "# a\\u{a}ids = 1\n");
        assert_eq!(commented("a\n\nb"), "# a\n\n# b\n");
        assert!(comment(&"x".repeat(900)).len() < 170);
    }

    #[test]
    fn long_lists_break() {
        assert_eq!(list(["a", "b"]), r#"["a", "b"]"#);
        let long = "x".repeat(60);
        assert_eq!(list([&long, &long]).lines().count(), 4);
    }
}
