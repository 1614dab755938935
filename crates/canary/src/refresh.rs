//! A new proof of freshness in a draft that is there already; everything else stays as it is.

use crate::{Canary, Error};
use secpack_pack::plaintext::{Section, lines};

/// `text` with the section of its proof taken from `fresh`, which is the same canary drafted anew.
///
/// # Errors
/// [`Error::Structure`] when either has no such section, or the outcome does not read back with
/// the old text and the new proof.
pub fn refresh(text: &str, fresh: &str) -> Result<String, Error> {
    let (old, new) = (Canary::parse(text)?, Canary::parse(fresh)?);
    let (Some(from), Some(to)) = (section(&old), section(&new)) else {
        return Err(Error::Structure("there is no section with the proof of freshness".to_owned()));
    };
    let first = lines(text).into_iter().find(|line| line.number == from.lines.start);
    let start = first.map_or(text.len(), |line| line.start);
    // The blank lines before what follows stay as they are.
    let end = start + from.body.trim_end_matches('\n').len();
    let outcome = [&text[..start], to.body.trim_end_matches('\n'), &text[end..]].concat();
    same_but_for_the_proof(&old, &new, &outcome)?;
    Ok(outcome)
}

fn same_but_for_the_proof(old: &Canary<'_>, new: &Canary<'_>, outcome: &str) -> Result<(), Error> {
    let read = Canary::parse(outcome)?;
    let titles = |canary: &Canary<'_>| -> Vec<String> {
        canary.sections.iter().map(|section| section.title.to_owned()).collect()
    };
    let statements = |canary: &Canary<'_>| -> Vec<String> {
        canary.statements.iter().map(|statement| statement.text.to_owned()).collect()
    };
    let same = titles(&read) == titles(old)
        && statements(&read) == statements(old)
        && read.footer_lines() == old.footer_lines()
        && (read.proof.date, read.proof.block.map(|b| b.hash))
            == (new.proof.date, new.proof.block.map(|b| b.hash));
    if same { Ok(()) } else { Err(Error::Structure("more than the proof changed".to_owned())) }
}

fn section<'c, 't>(canary: &'c Canary<'t>) -> Option<&'c Section<'t>> {
    canary.layout.section_about(&["freshness"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{CANARY, HASH};

    #[test]
    fn only_the_proof_changes() {
        let hash = HASH.replace('d', "e");
        let fresh = CANARY.replace(HASH, &hash).replace("Sun\n", "Wind\n");
        let edited = CANARY.replace("None.", "We moved.");
        let outcome = refresh(&edited, &fresh).expect("a canary");
        assert_eq!(outcome, fresh.replace("None.", "We moved."));
        assert_eq!(refresh(CANARY, CANARY).expect("a canary"), CANARY);
    }

    #[test]
    fn a_draft_without_a_proof_gets_one() {
        let (head, proof) = CANARY.split_once("Tue, 03 Dec").expect("the sample");
        let (_, foot) = proof.split_once("\n--\n").expect("the sample");
        let open = format!("{head}TODO\n\n--\n{foot}");
        assert_eq!(refresh(&open, CANARY).expect("a canary"), CANARY);
    }

    #[test]
    fn what_cannot_be_refreshed() {
        let without = CANARY.replace("freshness", "something");
        assert!(matches!(refresh(&without, CANARY), Err(Error::Structure(_))));
        assert!(matches!(refresh(CANARY, &without), Err(Error::Structure(_))));
    }
}
