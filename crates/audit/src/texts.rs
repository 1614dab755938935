//! Does the text inside say the same as the path outside? Detached signatures bind no names, so a
//! bulletin could be moved to another number together with its signatures.

use chrono::{Datelike, NaiveDate};
use secpack_bulletin::Bulletin;
use secpack_canary::Canary;
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Document, Finding, Level, Pack, Policy, Reason, escape};
use std::borrow::Cow;

/// What a text says of itself.
struct Said {
    number: Option<u32>,
    date: Option<NaiveDate>,
    heading: String,
}

/// The date a document states, where its kind has one.
pub(crate) fn date_of(policy: &Policy, document: &Document) -> Option<NaiveDate> {
    said(policy, document)?.date
}

/// Findings about the texts of all documents.
pub(crate) fn findings(pack: &Pack) -> Vec<Finding> {
    pack.documents.values().filter_map(|document| name_finding(pack, document)).collect()
}

/// The text that a reader of a document sees: the document itself; inside the block for one that
/// is clearsigned. `None` when there is none that is UTF-8 and well formed.
pub fn text_of<'d>(policy: &Policy, document: &'d Document) -> Option<Cow<'d, str>> {
    let bytes = document.bytes.as_deref()?;
    if !policy.is_clearsigned(document) {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    }
    match secpack_openpgp::cleartext::split(bytes) {
        Ok(inside) => Some(Cow::Owned(inside.text)),
        // Not signed yet: a draft.
        Err(verdict) if verdict.reason == Reason::Missing => {
            std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
        }
        Err(_) => None,
    }
}

fn said(policy: &Policy, document: &Document) -> Option<Said> {
    let inside = text_of(policy, document)?;
    let text = inside.as_ref();
    match policy.find_series(&document.id.series)?.kind {
        SeriesKind::Bulletin => {
            let bulletin = Bulletin::parse(text).ok()?;
            Some(Said {
                number: bulletin.number,
                date: bulletin.date,
                heading: bulletin.heading.to_owned(),
            })
        }
        SeriesKind::Canary => {
            let canary = Canary::parse(text).ok()?;
            let heading = canary.heading.to_owned();
            Some(Said { number: canary.number, date: canary.date, heading })
        }
        SeriesKind::Digest | SeriesKind::Policy | SeriesKind::Statement => None,
    }
}

/// Number, series and year inside must be those of the path.
pub(crate) fn name_finding(pack: &Pack, document: &Document) -> Option<Finding> {
    document.bytes.as_ref()?;
    let text = match kind(&pack.policy, document)? {
        SeriesKind::Bulletin | SeriesKind::Canary => match said(&pack.policy, document) {
            Some(said) => contradiction(&pack.policy, document, &said)?,
            None => "no heading can be read in it".to_owned(),
        },
        SeriesKind::Digest => other_image(document)?,
        SeriesKind::Policy | SeriesKind::Statement => return None,
    };
    let blob = crate::documents::evidence(pack, &document.path);
    let help = "do not trust it: somebody may have moved it here together with its signatures";
    Some(
        Finding::new(
            Reason::NameMismatch.code(),
            Level::Error,
            document.path.as_str(),
            &[&blob],
            text,
        )
        .with_help(help),
    )
}

fn kind(policy: &Policy, document: &Document) -> Option<SeriesKind> {
    policy.find_series(&document.id.series).map(|series| series.kind)
}

/// A list of digests must list the image that its own file name is made of: without the last
/// extension it is the image's name, or that without the image's own extension.
fn other_image(document: &Document) -> Option<String> {
    let text = String::from_utf8_lossy(document.bytes.as_deref()?);
    let stem = |name: &str| name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
    let image = stem(document.path.file_name());
    let is_it = |word: &str| {
        let name = word.trim_start_matches(['*', '(']).trim_end_matches(')');
        name == image || stem(name) == image
    };
    let listed = text.split_whitespace().any(is_it);
    (!listed).then(|| format!("it lists no digest of {}", escape(&image)))
}

/// What the text says otherwise than its path; the heading must be the one that the policy gives
/// for this very path.
fn contradiction(policy: &Policy, document: &Document, said: &Said) -> Option<String> {
    let id = &document.id;
    let pattern = policy.text_rules_for(id).and_then(|rules| rules.heading.as_ref());
    let fits = match pattern {
        Some(pattern) => pattern.render(&id.values()).as_deref() == Some(said.heading.trim()),
        None => said.number == id.number,
    };
    if !fits {
        return Some(format!("the heading inside is \"{}\"", escape(&said.heading)));
    }
    let (year, date) = (id.year?, said.date?);
    (date.year() != i32::from(year)).then(|| format!("the date inside is {date}"))
}
