//! Whether a rendered canary reads back as it was meant.

use crate::{Canary, Error, Facts, Freshness, Style};

/// The same facts with announcements and headlines that cannot be taken for anything else.
pub(super) fn harmless(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    facts.announcements = facts.announcements.map(|_| "Words.".to_owned());
    facts.footnotes = facts.footnotes.map(|_| "Words.".to_owned());
    for source in facts.freshness.iter_mut().flat_map(|freshness| &mut freshness.sources) {
        "Name".clone_into(&mut source.name);
        "https://example.org/".clone_into(&mut source.url);
        source.titles = source.titles.iter().map(|_| "Words".to_owned()).collect();
    }
    facts
}

/// Both texts have the same sections, statements, sources and footer.
pub(super) fn same(text: &str, twin: &str) -> Result<(), Error> {
    let (text, twin) = (Canary::parse(text)?, Canary::parse(twin)?);
    let sections = |canary: &Canary<'_>| -> Vec<String> {
        canary.sections.iter().map(|section| section.title.to_owned()).collect()
    };
    let headlines = |canary: &Canary<'_>| -> Vec<usize> {
        canary.proof.sources.iter().map(|source| source.titles.len()).collect()
    };
    equal("sections", &sections(&text), &sections(&twin))?;
    equal("statements", &text.statements.len(), &twin.statements.len())?;
    equal("headlines per source", &headlines(&text), &headlines(&twin))?;
    equal("time of the proof", &text.proof.date, &twin.proof.date)?;
    equal("block", &hash(&text), &hash(&twin))?;
    equal("announcements", &text.announces(), &twin.announces())?;
    equal("footer", &text.footer_lines(), &twin.footer_lines())
}

/// What the text states is what the facts say, as far as the template states it at all.
pub(super) fn says(text: &str, facts: &Facts, style: &Style<'_>) -> Result<(), Error> {
    let canary = Canary::parse(text)?;
    stated("date of issue", canary.date, facts.date)?;
    stated("count of bulletins", canary.count, facts.bulletins)?;
    stated("fingerprint", canary.fingerprint.clone(), facts.fingerprint.clone())?;
    stated("window", canary.window, facts.next)?;
    equal("whether it is the last", &canary.last, &facts.last)?;
    if let Some(label) = &facts.replaces {
        let meant = crate::canary::replaced(&format!("replaces {label}"));
        equal("what it replaces", &canary.replaces, &meant)?;
    }
    let proof = facts.freshness.as_ref();
    stated("block", hash(&canary), proof.and_then(|f| Some(f.block.as_ref()?.hash.clone())))?;
    headlines(&canary, proof)?;
    match style.rules.statements {
        Some(expected) => equal("statements", &canary.statements.len(), &(expected as usize)),
        None => Ok(()),
    }
}

fn headlines(canary: &Canary<'_>, proof: Option<&Freshness>) -> Result<(), Error> {
    let written: Vec<&str> =
        canary.proof.sources.iter().flat_map(|source| source.titles.iter().copied()).collect();
    let given = proof.iter().flat_map(|f| &f.sources).flat_map(|source| &source.titles);
    let given: Vec<&str> = given.map(String::as_str).collect();
    if written.is_empty() { Ok(()) } else { equal("headlines", &written, &given) }
}

fn hash(canary: &Canary<'_>) -> Option<String> {
    canary.proof.block.map(|block| block.hash.to_owned())
}

fn stated<T: PartialEq + std::fmt::Debug>(
    what: &str,
    written: Option<T>,
    given: Option<T>,
) -> Result<(), Error> {
    match (&written, &given) {
        (Some(_), Some(_)) => equal(what, &written, &given),
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, meant: &T) -> Result<(), Error> {
    if found == meant {
        return Ok(());
    }
    let text = format!("{what}: {found:?} instead of {meant:?}");
    Err(Error::Structure(secpack_pack::escape(&text)))
}
