//! Facts put into a template in a pack's own style.

use super::Context;
use crate::Error;
use secpack_pack::plaintext::{Form, SectionView, TODO, fill};

pub(super) fn draft(template: &str, context: &Context<'_>, width: usize) -> Result<String, Error> {
    let prose = |text: &str| fill(text, width).trim_end_matches('\n').to_owned();
    let mut form = Form::parse(template);
    form.fill_heading(&context.heading);
    if let Some(section) = form.section(&["statement"]) {
        let mut values = Statements::of(context);
        section.fill_inline(|before, after| values.next(before, after));
    }
    if let Some(section) = form.section(&["announcement"])
        && let Some(text) = &context.announced
    {
        section.overwrite(&prose(text));
    }
    if let Some(section) = form.section(&["proof"])
        && let Some(proof) = &context.proof
    {
        section.fill(&prose(&proof.text));
    }
    if let Some(text) = context.footnotes {
        let order = context.sections.iter().map(SectionView::title).collect::<Vec<_>>();
        form.section_or_new("Footnotes", &order).fill(&prose(text));
    }
    Ok(form.to_text())
}

/// What the statements have places for, in their order: date of issue, number of bulletins,
/// fingerprint where the statement speaks of one, window of the next canary.
struct Statements<'a> {
    context: &'a Context<'a>,
    placed: usize,
    /// Pieces of the window that a second place waits for.
    rest: Option<String>,
}

impl<'a> Statements<'a> {
    fn of(context: &'a Context<'a>) -> Self {
        Self { context, placed: 0, rest: None }
    }

    fn next(&mut self, before: &str, after: &str) -> Option<String> {
        if let Some(rest) = self.rest.take() {
            return Some(rest);
        }
        if statement(before).to_lowercase().contains("fingerprint") {
            return self.context.fingerprint.clone();
        }
        self.placed += 1;
        match self.placed {
            1 => self.context.date.clone(),
            2 => self.context.bulletins.map(|count| count.to_string()),
            _ => self.window(before, after),
        }
    }

    /// `the TODO` takes all of it, `fourteen days of TODO` what comes after "of", and `of TODO
    /// TODO` month and year one by one.
    fn window(&mut self, before: &str, after: &str) -> Option<String> {
        let window = self.context.window.clone()?;
        if before.split_whitespace().next_back() != Some("of") {
            return Some(window);
        }
        let (_, month) = window.rsplit_once(" of ")?;
        match month.split_once(' ').filter(|_| after.trim_start().starts_with(TODO)) {
            Some((month, year)) => {
                self.rest = Some(year.to_owned());
                Some(month.to_owned())
            }
            None => Some(month.to_owned()),
        }
    }
}

/// The text since the last line that starts with a number.
fn statement(before: &str) -> &str {
    let numbered =
        |line: &str| line.split_once(". ").is_some_and(|(n, _)| n.parse::<u32>().is_ok());
    let mut starts = before.rmatch_indices('\n').map(|(at, _)| at + 1);
    let last = starts.find(|at| numbered(&before[*at..]));
    &before[last.unwrap_or(0)..]
}
