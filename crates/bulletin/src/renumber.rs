//! A draft under another number, when two people took the same one.

use secpack_pack::plaintext::Layout;

/// The text with another number in its heading, as wide as the old one; every other byte stays.
/// `None` when the heading does not say the old number.
pub fn renumber(text: &str, old: u32, new: u32) -> Option<String> {
    let heading = Layout::of(text).heading()?;
    let line = text[heading.start..].lines().next()?;
    let (start, end) = last_run(line, old)?;
    let width = end - start;
    let (start, end) = (heading.start + start, heading.start + end);
    Some(format!("{}{new:0width$}{}", &text[..start], &text[end..]))
}

/// Where the last run of digits stands that is this number.
fn last_run(line: &str, number: u32) -> Option<(usize, usize)> {
    let mut end = line.len();
    while let Some(last) = line[..end].rfind(|c: char| c.is_ascii_digit()) {
        let start = line[..last].rfind(|c: char| !c.is_ascii_digit());
        let start = start.map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8));
        if line[start..=last].parse() == Ok(number) {
            return Some((start, last + 1));
        }
        end = start;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_number_in_the_heading_changes() {
        let check = |text: &str, wanted: Option<&str>| {
            assert_eq!(renumber(text, 7, 12).as_deref(), wanted, "{text:?}");
        };
        check("\n  ---=== SB-007 ===---\n\n007\n", Some("\n  ---=== SB-012 ===---\n\n007\n"));
        check("SB 7 (2026)\r\nx 7", Some("SB 12 (2026)\r\nx 7"));
        check("Bulletin é007é", Some("Bulletin é012é"));
        check("7", Some("12"));
        check("SB-0007 of 7", Some("SB-0007 of 12"));
        check("SB-107 (2026)\n\n7\n", None);
        check("SB-99999999999999999999", None);
        check("\n\n", None);
    }
}
