//! Does the text inside say the same as the path outside? Detached signatures bind no names, so a
//! bulletin could be moved to another number together with its signatures.

use chrono::NaiveDate;
use secpack_bulletin::Bulletin;
use secpack_canary::Canary;
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Document, Finding, Level, Pack, Policy, Reason, escape};

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

fn said(policy: &Policy, document: &Document) -> Option<Said> {
    let text = std::str::from_utf8(document.bytes.as_deref()?).ok()?;
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

/// The heading must be the one that the policy gives for this very path: series and number.
fn name_finding(pack: &Pack, document: &Document) -> Option<Finding> {
    let said = said(&pack.policy, document)?;
    let pattern = pack.policy.text_rules_for(&document.id).and_then(|rules| rules.heading.as_ref());
    let fits = match pattern {
        Some(pattern) => {
            pattern.render(&document.id.values()).as_deref() == Some(said.heading.trim())
        }
        None => said.number == document.id.number,
    };
    if fits {
        return None;
    }
    let blob = crate::documents::evidence(pack, &document.path);
    let text = format!("the heading inside is \"{}\"", escape(&said.heading));
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
