//! Ids of advisories and of CVEs in running text: `XSA-464`, `INTEL-SA-00950`, `CVE-2024-45819`.

/// What stands before a number in names of encodings, algorithms and standards.
const NOT_ADVISORIES: [&str; 12] =
    ["AES", "BSD", "CRC", "DES", "ISO", "MD", "PCR", "RFC", "RSA", "SHA", "USB", "UTF"];

/// One id in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identifier<'t> {
    /// An advisory or another bulletin.
    Advisory(&'t str),
    /// A CVE id: a year and at least four digits.
    Cve(&'t str),
    /// What was meant as a CVE id and is none.
    MalformedCve(&'t str),
}

impl<'t> Identifier<'t> {
    pub fn advisory(&self) -> Option<&'t str> {
        match self {
            Identifier::Advisory(id) => Some(id),
            Identifier::Cve(_) | Identifier::MalformedCve(_) => None,
        }
    }

    pub fn cve(&self) -> Option<&'t str> {
        match self {
            Identifier::Cve(id) => Some(id),
            Identifier::Advisory(_) | Identifier::MalformedCve(_) => None,
        }
    }
}

/// Every id in a line, from left to right. What stands in a URL counts only as a CVE.
pub(crate) fn identifiers(line: &str) -> Vec<Identifier<'_>> {
    let mut found = Vec::new();
    for word in line.split_whitespace() {
        let is_url = word.contains("://");
        for token in word.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')) {
            let token = token.trim_matches(['-', '_']);
            found.extend(identifier(token).filter(|id| !is_url || id.cve().is_some()));
        }
    }
    found
}

fn identifier(token: &str) -> Option<Identifier<'_>> {
    let (prefix, number) = token.split_once('-')?;
    if prefix.eq_ignore_ascii_case("CVE") {
        return cve(token, number);
    }
    let letters = |part: &str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_uppercase());
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = token.split('-').skip_while(|part| letters(part)).peekable();
    let numbered = parts.peek().is_some() && parts.all(digits);
    let known = letters(prefix) && !NOT_ADVISORIES.contains(&prefix);
    (numbered && known).then_some(Identifier::Advisory(token))
}

/// `CVE-programs` is a word; `CVE-20-1` is a mistake.
fn cve<'t>(token: &'t str, number: &str) -> Option<Identifier<'t>> {
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let good = number.split_once('-').is_some_and(|(year, serial)| {
        year.len() == 4 && digits(year) && serial.len() >= 4 && digits(serial)
    });
    let good = good && token.starts_with("CVE-");
    Some(if good { Identifier::Cve(token) } else { Identifier::MalformedCve(token) })
}

#[cfg(test)]
mod tests {
    use super::Identifier::{Advisory, Cve, MalformedCve};
    use super::*;

    #[test]
    fn finds_ids_and_nothing_else() {
        let check = |line: &str, expected: &[Identifier<'_>]| {
            assert_eq!(identifiers(line), expected, "{line}");
        };
        check("XSA-464, (DSA-3733-1)", &[Advisory("XSA-464"), Advisory("DSA-3733-1")]);
        check(
            "INTEL-SA-00950/CVE-2023-38575",
            &[Advisory("INTEL-SA-00950"), Cve("CVE-2023-38575")],
        );
        check("CVE-2024-45819[1] CVE-2024-1", &[Cve("CVE-2024-45819"), MalformedCve("CVE-2024-1")]);
        check("UTF-8 SHA-256 4.17.5-4 X-1 CVE-ids a-1 XSA- A-B-1 XSA-4a", &[]);
        check("https://example.org/XSA-1/CVE-2024-1234", &[Cve("CVE-2024-1234")]);
    }
}
