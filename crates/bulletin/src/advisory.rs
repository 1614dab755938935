//! What upstream says about itself: a list of advisories as JSON, or the saved text of one.
//!
//! Nothing is fetched. Both are input of others: they are read into plain values here, and pass
//! the door of the facts like everything else.

use crate::bulletin::{Identifier, identifiers};
use crate::{Advisory, Error};
use secpack_pack::plaintext::{Layout, MAX_BYTES, Section, lines};
use serde::Deserialize;

/// The largest list that is read, in bytes.
const MAX_LIST: usize = 16 << 20;
/// Opens a clearsigned text (RFC 9580, section 7).
const CLEARSIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";

/// One entry of `xsa.json`; what else it says is left alone.
#[derive(Debug, Deserialize)]
struct Entry {
    xsa: u32,
    title: Option<String>,
    #[serde(default)]
    cve: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct List {
    xsas: Vec<Entry>,
}

impl Advisory {
    /// The advisory with this id, for example `XSA-507`, in a list of the form
    /// `[{"xsas": [{"xsa": 507, "title": ..., "cve": [...]}]}]`.
    ///
    /// # Errors
    /// [`Error::AdvisoryList`] when it is not of that form, [`Error::NoAdvisory`] when it does not
    /// have the id.
    pub fn from_list(json: &str, id: &str) -> Result<Self, Error> {
        if json.len() > MAX_LIST {
            return Err(Error::AdvisoryList("more than 16 MiB".to_owned()));
        }
        let lists: Vec<List> = serde_json::from_str(json)
            .map_err(|error| Error::AdvisoryList(secpack_pack::escape(&error.to_string())))?;
        let number = number(id);
        let mut entries = lists.into_iter().flat_map(|list| list.xsas);
        let entry = entries.find(|entry| Some(entry.xsa) == number);
        let entry = entry.ok_or_else(|| Error::NoAdvisory(secpack_pack::escape(id)))?;
        Ok(Self { id: id.to_owned(), title: entry.title, cve: entry.cve, ..Self::default() })
    }

    /// An advisory from its saved text: id, title and CVE ids out of what stands above the first
    /// section, and as its text the section that describes the issue. A clearsigned frame is taken
    /// off without being verified: what is quoted here, people compare with its source.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above 1 MiB, [`Error::AdvisoryText`] when no id or no description is
    /// found.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::TooLarge(text.len()));
        }
        let bare = unframed(text);
        let layout = Layout::of(&bare);
        let ids: Vec<Identifier<'_>> = layout.head.lines().flat_map(identifiers).collect();
        let id = ids.iter().find_map(Identifier::advisory);
        let id =
            id.ok_or(Error::AdvisoryText("no id, such as XSA-464, above its first section"))?;
        let description = layout.section_about(&["description"]);
        let description =
            description.ok_or(Error::AdvisoryText("no section with a description"))?;
        Ok(Self {
            id: id.to_owned(),
            title: title(&layout),
            cve: ids.iter().filter_map(Identifier::cve).map(str::to_owned).collect(),
            url: None,
            text: Some(description_of(description)),
        })
    }

    /// What this one does not say, the other one says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let cve = if self.cve.is_empty() { other.cve } else { self.cve };
        Self {
            id: self.id,
            title: self.title.or(other.title),
            cve,
            url: self.url.or(other.url),
            text: self.text.or(other.text),
        }
    }
}

/// The number at the end of an id.
pub(crate) fn number(id: &str) -> Option<u32> {
    id.rsplit('-').next()?.parse().ok()
}

/// The text inside a clearsigned frame, dashes unescaped; any other text as it is.
fn unframed(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let Some((_, framed)) = text.split_once(CLEARSIGNED) else { return text };
    let Some((_, body)) = framed.split_once("\n\n") else { return text.clone() };
    let body = body.split(SIGNATURE).next().unwrap_or(body);
    body.lines().map(|line| line.strip_prefix("- ").unwrap_or(line).to_owned() + "\n").collect()
}

/// The last paragraph above the first section, in one line.
fn title(layout: &Layout<'_>) -> Option<String> {
    let lines = lines(layout.head);
    let above = lines.iter().rev().skip_while(|line| line.is_blank());
    let mut words: Vec<&str> = above.take_while(|l| !l.is_blank()).map(|l| l.text.trim()).collect();
    words.reverse();
    let title = words.join(" ");
    let is_version = title.starts_with("version ")
        || identifiers(&title).iter().any(|id| id.advisory().is_some());
    (!title.is_empty() && !is_version).then_some(title)
}

fn description_of(section: &Section<'_>) -> String {
    let body = section.body.trim_end().trim_start_matches('\n');
    body.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"[{"xsas": [
        {"xsa": 12, "title": "a", "cve": ["CVE-2024-1234"], "public_time": "2024-11-12 12:00:00"},
        {"xsa": 13, "public_time": "2099-01-01 12:00:00"}]}]"#;

    const TEXT: &str = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n            Upstream Advisory CVE-2024-1234 / UPA-12\n                   version 2\n\n       parser leaks memory\n         of its callers\n\nISSUE DESCRIPTION\n=================\n\nA file is read.  \n\n- - one\n    code();\n\nIMPACT\n======\n\nBad.\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n";

    #[test]
    fn lists_are_read_by_number() {
        let one = Advisory::from_list(LIST, "XSA-12").expect("an advisory");
        assert_eq!((one.title.as_deref(), one.cve), (Some("a"), vec!["CVE-2024-1234".to_owned()]));
        assert!(Advisory::from_list(LIST, "XSA-13").is_ok_and(|a| a.title.is_none()));
        assert!(matches!(Advisory::from_list(LIST, "XSA-14"), Err(Error::NoAdvisory(_))));
        assert!(matches!(Advisory::from_list(LIST, "XSA-x"), Err(Error::NoAdvisory(_))));
        for bad in ["", "{}", "[{\"xsas\": [{\"xsa\": \"12\"}]}]", "[{\"xsas\": 1}]"] {
            assert!(matches!(Advisory::from_list(bad, "XSA-12"), Err(Error::AdvisoryList(_))));
        }
    }

    #[test]
    fn texts_are_read_with_and_without_their_frame() {
        let one = Advisory::from_text(TEXT).expect("an advisory");
        assert_eq!(one.id, "UPA-12");
        assert_eq!(one.title.as_deref(), Some("parser leaks memory of its callers"));
        assert_eq!(one.cve, ["CVE-2024-1234"]);
        assert_eq!(one.text.as_deref(), Some("A file is read.\n\n- one\n    code();\n"));
        let bare = unframed(TEXT);
        assert_eq!(Advisory::from_text(&bare).ok().map(|a| a.id), Some("UPA-12".to_owned()));
        assert_eq!(Advisory::from_text(&TEXT.replace('\n', "\r\n")).ok(), Some(one));
    }

    #[test]
    fn what_is_no_advisory_is_refused() {
        assert!(matches!(Advisory::from_text("hello\n"), Err(Error::AdvisoryText(_))));
        assert!(matches!(
            Advisory::from_text("UPA-12\n\nIMPACT\n===\n"),
            Err(Error::AdvisoryText(_))
        ));
        assert!(matches!(Advisory::from_text(&"a".repeat(2 << 20)), Err(Error::TooLarge(_))));
    }
}
