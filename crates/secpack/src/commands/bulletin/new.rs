//! `secpack bulletin new`: facts out of a file, of flags and of what upstream published.

use super::{find_series, id_of, read_text};
use crate::arguments::BulletinNewArgs;
use crate::commands::numbers::{Placed, place_at_free};
use crate::session::Session;
use crate::{Exit, Fault, fault::numbered, lint, output, templates};
use chrono::NaiveDate;
use secpack_bulletin::{Advisory, Facts, PackageFact};
use secpack_pack::policy::{Series, SeriesKind};

pub fn run(session: &Session, arguments: &BulletinNewArgs) -> Result<Exit, Fault> {
    let series = find_series(session, SeriesKind::Bulletin, arguments.series.as_deref())?;
    let facts = facts(session, arguments)?;
    let date = facts.date.unwrap_or_else(|| session.now.date_naive());
    let facts = Facts { date: Some(date), ..facts };
    let template = templates::of(session, series, secpack_bulletin::TEMPLATE)?;
    let Placed { id, path, text } = place(session, series, arguments, &template, &facts, date)?;
    output::line(format!("drafted: {path}"));
    lint::report_draft(session, &id, &path, text.as_bytes());
    output::hint(&format!("secpack bulletin edit {path}"));
    Ok(Exit::Good)
}

/// Drafts under the number asked for, or under the first that is free.
fn place(
    session: &Session,
    series: &Series,
    arguments: &BulletinNewArgs,
    template: &str,
    facts: &Facts,
    date: NaiveDate,
) -> Result<Placed, Fault> {
    place_at_free(session, series, &arguments.number, |number| {
        let id = id_of(series, number, date);
        let rules = session.pack.policy.text_rules_for(&id).ok_or_else(|| {
            Fault::new(format!("the policy has no [[text]] rules for {id}"))
                .adding("docs/pack-format.md shows how to add them")
                .hint("secpack policy show")
        })?;
        let text = secpack_bulletin::draft(template, rules, &id, facts).map_err(|error| {
            // What a flag says wins over the file, so the help is right where there is none.
            let is_the_policys = matches!(error, secpack_bulletin::Error::DateForm(_));
            let fault = Fault::from(error);
            match (is_the_policys, &arguments.facts) {
                (true, _) => fault.hint("secpack policy check"),
                (false, Some(file)) => fault.hint(numbered(file)),
                (false, None) => fault,
            }
        })?;
        Ok((id, text))
    })
}

/// The facts file, then what the flags say: one value takes the place of another, lists grow.
fn facts(session: &Session, arguments: &BulletinNewArgs) -> Result<Facts, Fault> {
    let mut facts = file(arguments)?;
    facts.date = arguments.date.or(facts.date);
    facts.credits.extend(arguments.credit.iter().cloned());
    for package in &arguments.package {
        facts.packages.push(PackageFact::from_line(package)?);
    }
    for advisory in imported(arguments)? {
        match facts.advisories.iter_mut().find(|known| known.id == advisory.id) {
            Some(known) => *known = known.clone().or(advisory),
            None => facts.advisories.push(advisory),
        }
    }
    for advisory in &mut facts.advisories {
        let url = || session.pack.policy.advisory_url(&advisory.id);
        advisory.url = advisory.url.take().or_else(url);
    }
    facts.title = arguments.title.clone().or(facts.title.take());
    Ok(facts.titled_by_its_advisory())
}

fn file(arguments: &BulletinNewArgs) -> Result<Facts, Fault> {
    let Some(path) = &arguments.facts else { return Ok(Facts::default()) };
    let text = read_text(path)?;
    toml::from_str(&text).map_err(|error| {
        Fault::new(format!("{} is not a facts file:\n{error}", path.display()))
            .adding("docs/guides/drafter.md lists what it may say")
            .hint(numbered(path))
    })
}

/// What the saved texts and the list say of the advisories that were named.
fn imported(arguments: &BulletinNewArgs) -> Result<Vec<Advisory>, Fault> {
    let named = |path: &std::path::Path, error: secpack_bulletin::Error| Fault::inside(path, error);
    let mut found: Vec<Advisory> = Vec::new();
    for path in &arguments.advisory_text {
        found.push(Advisory::from_text(&read_text(path)?).map_err(|e| named(path, e))?);
    }
    let list = arguments.advisories.as_deref().map(|path| Ok((path, read_text(path)?)));
    let list = list.transpose().map_err(|fault: Fault| fault)?;
    for id in &arguments.advisory {
        let listed = match &list {
            Some((path, json)) => Advisory::from_list(json, id).map_err(|e| named(path, e))?,
            None => Advisory { id: id.clone(), ..Advisory::default() },
        };
        match found.iter_mut().find(|known| known.id == *id) {
            Some(known) => *known = known.clone().or(listed),
            None => found.push(listed),
        }
    }
    Ok(found)
}
