//! Whether a draft reads back as it was meant: a title, a credit or a line of others that makes a
//! section of its own is refused.

use crate::facts::Facts;
use crate::{Bulletin, Error};

/// The same facts with words of others that cannot be taken for anything else.
pub(super) fn harmless(facts: &Facts) -> Facts {
    let words = || Some("Words".to_owned());
    let mut facts = facts.clone();
    facts.title = facts.title.and_then(|_| words());
    facts.credits.iter_mut().for_each(|credit| "Words".clone_into(credit));
    for advisory in &mut facts.advisories {
        advisory.title = advisory.title.take().and_then(|_| words());
        advisory.text = advisory.text.take().and_then(|_| words());
    }
    for reference in &mut facts.references {
        reference.label = reference.label.take().and_then(|_| words());
        reference.text = reference.text.take().and_then(|_| words());
    }
    facts.changelog.iter_mut().for_each(|change| "Words".clone_into(&mut change.text));
    facts
}

/// Both texts have the same heading, date, sections and references.
pub(super) fn same(text: &str, twin: &str) -> Result<(), Error> {
    let (text, twin) = (Bulletin::parse(text)?, Bulletin::parse(twin)?);
    let sections = |bulletin: &Bulletin<'_>| -> Vec<String> {
        bulletin.sections.iter().map(|section| section.title.to_owned()).collect()
    };
    let labels = |bulletin: &Bulletin<'_>| -> Vec<u32> {
        bulletin.references.iter().map(|reference| reference.number).collect()
    };
    equal("heading", &text.heading, &twin.heading)?;
    equal("date", &text.date_line, &twin.date_line)?;
    equal("sections", &sections(&text), &sections(&twin))?;
    equal("references", &labels(&text), &labels(&twin))?;
    equal("packages", &text.packages.len(), &twin.packages.len())
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, meant: &T) -> Result<(), Error> {
    if found == meant {
        return Ok(());
    }
    let text = format!("{what}: {found:?} instead of {meant:?}");
    Err(Error::Structure(secpack_pack::escape(&text)))
}
