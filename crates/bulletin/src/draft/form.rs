//! Facts put into a template in a pack's own style.

use super::views::{PackageBlock, ReferenceList, advisories, changelog, packages};
use super::{date, heading, order, order_name};
use crate::bulletin::{block_heading, fixed_references};
use crate::cite::{self, Numbered};
use crate::facts::Facts;
use crate::{Error, WIDTH};
use secpack_pack::DocumentId;
use secpack_pack::plaintext::{Choice, Form, FormSection, TODO, fill};
use secpack_pack::policy::TextRules;
use std::ops::Range;

/// How a value looks in the text: as it is while citations are sought, wrapped at the end.
type Shape<'s> = &'s dyn Fn(&str) -> String;

pub(super) fn draft(
    template: &str,
    rules: &TextRules,
    id: &DocumentId,
    facts: &Facts,
) -> Result<String, Error> {
    suggestions_exist(template, facts)?;
    let width = rules.width.unwrap_or(WIDTH);
    let fixed = fixed_references(template);
    let cited = write(template, rules, id, facts, &str::to_owned)?.to_text();
    let references = cite::order(&cited, facts, &fixed);
    let numbered = |value: &str| {
        let value = cite::number(value, &references);
        fill(&value, width).trim_end_matches('\n').to_owned()
    };
    let mut form = write(template, rules, id, facts, &numbered)?;
    let new: Vec<Numbered> =
        references.iter().filter(|r| fixed.iter().all(|f| f.number != r.number)).cloned().collect();
    list(&mut form, &ReferenceList::of(&new, width)?);
    // Citations in a list of packages or in a note.
    let text = cite::number(&form.to_text(), &references);
    Ok(if form.to_text().ends_with('\n') { text } else { text.trim_end_matches('\n').to_owned() })
}

fn write(
    template: &str,
    rules: &TextRules,
    id: &DocumentId,
    facts: &Facts,
    shape: Shape<'_>,
) -> Result<Form, Error> {
    let width = rules.width.unwrap_or(WIDTH);
    let mut form = Form::parse(template);
    form.fill_heading(&heading(rules, id)?);
    let date = date(rules, facts)?;
    form.fill_centred(&[date.as_deref(), facts.title.as_deref()], width);
    let order = order(Some(rules));
    if !facts.changelog.is_empty() {
        let lines: Vec<String> = changelog(facts)?.into_iter().map(|change| change.line).collect();
        form.section_or_new(order_name(&order, "changelog"), &order).overwrite(&lines.join("\n"));
    }
    if facts.discussion.is_some() {
        form.section_or_new(order_name(&order, "discussion"), &order);
    }
    let summary = summary(facts, width)?;
    let prose: [(&str, &Option<String>); 6] = [
        ("user action", &facts.user_action),
        ("summary", &summary),
        ("impact", &facts.impact),
        ("affected", &facts.affected),
        ("discussion", &facts.discussion),
        ("patching", &facts.patching),
    ];
    for (word, text) in prose {
        if let Some(section) = form.section(&[word]) {
            if word == "patching" {
                list_packages(section, rules, facts)?;
            }
            settle(section, text.as_deref().map(shape).as_deref(), facts);
        }
    }
    if let Some(section) = form.section(&["credits"]).filter(|_| !facts.credits.is_empty()) {
        section.fill(&shape(&facts.credits.join("\n\n")));
    }
    Ok(form)
}

/// The summary, and what upstream says.
fn summary(facts: &Facts, width: usize) -> Result<Option<String>, Error> {
    let upstream = advisories(facts, width)?.into_iter().map(|advisory| advisory.paragraph);
    let own = facts.summary.clone().or_else(|| facts.advisories.first().map(|_| TODO.to_owned()));
    let all: Vec<String> = own.into_iter().chain(upstream).collect();
    Ok((!all.is_empty()).then(|| all.join("\n\n")))
}

/// What a drafter writes takes the place of a section's suggestions, but for those kept.
fn settle(section: &mut FormSection, text: Option<&str>, facts: &Facts) {
    let begins = |said: &str, list: &[String]| list.iter().any(|start| said.starts_with(start));
    section.decide(|said| match text {
        _ if begins(said, &facts.keep) => Choice::Keep,
        _ if begins(said, &facts.drop) => Choice::Drop,
        Some(_) => Choice::Drop,
        None => Choice::Leave,
    });
    if let Some(text) = text {
        section.fill(text);
    }
}

/// Each entry of `keep` and `drop` is the beginning of a suggestion.
fn suggestions_exist(template: &str, facts: &Facts) -> Result<(), Error> {
    let mut form = Form::parse(template);
    let all: Vec<String> =
        form.sections_mut().iter().flat_map(|section| section.suggestions()).collect();
    let unknown = |start: &&String| !all.iter().any(|said| said.starts_with(start.as_str()));
    match facts.keep.iter().chain(&facts.drop).find(unknown) {
        Some(start) => {
            Err(Error::NoSuggestion { start: secpack_pack::escape(start), all: shown(&all) })
        }
        None => Ok(()),
    }
}

fn shown(all: &[String]) -> String {
    let start = |said: &String| format!("\"{}\"", said.chars().take(30).collect::<String>());
    match all.is_empty() {
        true => "none".to_owned(),
        false => secpack_pack::escape(&all.iter().map(start).collect::<Vec<_>>().join(", ")),
    }
}

/// Puts the packages in place of the form's own blocks, in their shape.
fn list_packages(section: &mut FormSection, rules: &TextRules, facts: &Facts) -> Result<(), Error> {
    let blocks = blocks(section);
    let release = |range: &Range<usize>| {
        let (release, _) = block_heading(&section.lines()[range.start])?;
        (release != TODO).then(|| release.to_owned())
    };
    let listed: Vec<String> = blocks.iter().filter_map(release).collect();
    let views = packages(rules, facts, &listed)?;
    if views.is_empty() {
        return Ok(());
    }
    let margins = Margins::of(section, blocks.first());
    let text = views.iter().map(|block| margins.write(block)).collect::<Vec<_>>().join("\n\n");
    match (blocks.first(), blocks.last()) {
        (Some(first), Some(last)) => section.replace(first.start..last.end, &text),
        (Some(_) | None, Some(_) | None) => section.fill(&text),
    }
    Ok(())
}

/// The first run of paragraphs that start as a block of packages does.
fn blocks(section: &FormSection) -> Vec<Range<usize>> {
    let is_block = |range: &Range<usize>| block_heading(&section.lines()[range.start]).is_some();
    let paragraphs = section.paragraphs().into_iter().skip_while(|range| !is_block(range));
    paragraphs.take_while(is_block).collect()
}

/// What stands before the first word of a block and of its items.
struct Margins {
    block: String,
    item: String,
}

impl Margins {
    fn of(section: &FormSection, first: Option<&Range<usize>>) -> Self {
        let margin = |at: usize, marks: &[char]| {
            let line = section.lines().get(at)?;
            Some(line[..line.len() - line.trim_start_matches(marks).len()].to_owned())
        };
        let block = first.and_then(|range| margin(range.start, &[' ']));
        let item = first.filter(|range| range.len() > 1);
        let item = item.and_then(|range| margin(range.start + 1, &[' ', '-', '*']));
        Self {
            block: block.unwrap_or_else(|| "  ".to_owned()),
            item: item.unwrap_or_else(|| "  - ".to_owned()),
        }
    }

    fn write(&self, block: &PackageBlock<'_>) -> String {
        let items: Vec<&str> = match block.items.is_empty() {
            true => vec![TODO],
            false => block.items.iter().map(|item| item.line.as_str()).collect(),
        };
        let items = items.into_iter().map(|item| format!("\n{}{item}", self.item));
        format!("{}{}{}", self.block, block.line, items.collect::<String>())
    }
}

/// Adds references where the form has a placeholder for them, or after its own.
fn list(form: &mut Form, list: &ReferenceList) {
    let Some(section) = form.section(&["references"]) else { return };
    if list.spaced {
        spread(section);
    }
    let open = section.lines().iter().position(|line| line.trim() == TODO);
    let last = section.paragraphs().last().map(|range| range.end);
    match (open, last) {
        (Some(at), _) if list.entries.is_empty() => section.remove(at..at + 1),
        (Some(at), _) => section.replace(at..at + 1, &list.text()),
        (None, Some(end)) if !list.entries.is_empty() => section.replace(end..end, &list.text()),
        (None, Some(_)) => {}
        (None, None) => section.append(&list.text()),
    }
}

/// A blank line between entries of the form that have none.
fn spread(section: &mut FormSection) {
    for range in section.paragraphs().into_iter().rev() {
        let spread = section.lines()[range.clone()].join("\n\n");
        section.replace(range, &spread);
    }
}
