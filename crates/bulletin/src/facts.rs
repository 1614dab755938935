//! What a drafter knows: a small typed file, or flags. Everything may be missing; what is missing
//! stands as `TODO` in the draft.

use crate::Error;
use chrono::NaiveDate;
use secpack_pack::plaintext::{Door, ValueError};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The facts of one bulletin. Its number and year come from its `DocumentId`.
///
/// Prose (`summary`, `impact`, ...) may cite a reference as `[@key]`; the draft numbers them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// The day of publication.
    #[serde(deserialize_with = "day")]
    pub date: Option<NaiveDate>,
    /// One line.
    pub title: Option<String>,
    /// Prose: what a reader must do.
    pub user_action: Option<String>,
    /// Prose: what is wrong.
    pub summary: Option<String>,
    /// Prose: what an attacker gains.
    pub impact: Option<String>,
    /// Prose: who is affected.
    pub affected: Option<String>,
    /// Prose, for those who want to know more.
    pub discussion: Option<String>,
    /// Prose that follows the list of packages, for example what must be restarted.
    pub patching: Option<String>,
    /// Upstream advisories that the bulletin passes on.
    pub advisories: Vec<Advisory>,
    /// Packages that mend it.
    pub packages: Vec<PackageFact>,
    /// Who found it, one line each.
    pub credits: Vec<String>,
    /// What `[@key]` stands for.
    pub references: Vec<ReferenceFact>,
    /// What changed since the first version, oldest first.
    pub changelog: Vec<ChangeFact>,
    /// Suggestions of the pack's template to keep, by how they begin.
    pub keep: Vec<String>,
    /// Suggestions of the pack's template to leave out, by how they begin.
    pub drop: Vec<String>,
}

/// An upstream advisory. `[@ID]` cites its `url`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advisory {
    /// Its id, for example `XSA-464`.
    pub id: String,
    /// One line.
    pub title: Option<String>,
    /// CVE ids.
    #[serde(default)]
    pub cve: Vec<String>,
    /// Where it is published.
    pub url: Option<String>,
    /// Its text, which is quoted.
    pub text: Option<String>,
}

/// A package that mends a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PackageFact {
    /// The release, for example `Example OS 4.2`.
    pub release: String,
    /// Where in the release, for example `templates`.
    pub place: Option<String>,
    /// The name of several packages of one version, without the word "packages".
    pub name: Option<String>,
    /// The name of one package, instead of `name`.
    pub package: Option<String>,
    /// The first version that mends it.
    pub version: Option<String>,
    /// What else is to be said of it, for example `all templates`.
    pub note: Option<String>,
}

/// A reference that prose cites as `[@key]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceFact {
    /// Letters, digits and `. _ -`.
    pub key: String,
    /// One line before the URL.
    pub label: Option<String>,
    /// Where it leads.
    pub url: Option<String>,
    /// A note, instead of a label and a URL.
    pub text: Option<String>,
}

/// One entry of the changelog.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeFact {
    /// The day of the change.
    #[serde(deserialize_with = "required_day")]
    pub date: NaiveDate,
    /// One line.
    pub text: String,
}

impl Facts {
    /// The same facts with blanks trimmed and empty values gone.
    ///
    /// # Errors
    /// [`Error::Value`] names the first value with a hidden character, a line break where one
    /// line is asked for, or too many bytes; [`Error::ReferenceKey`], [`Error::ReferenceTwice`].
    pub(crate) fn checked(&self) -> Result<Facts, Error> {
        let facts = Facts {
            date: self.date,
            title: line("title", &self.title)?,
            user_action: prose("user_action", &self.user_action)?,
            summary: prose("summary", &self.summary)?,
            impact: prose("impact", &self.impact)?,
            affected: prose("affected", &self.affected)?,
            discussion: prose("discussion", &self.discussion)?,
            patching: prose("patching", &self.patching)?,
            advisories: each("advisories", &self.advisories, Advisory::checked)?,
            packages: each("packages", &self.packages, PackageFact::checked)?,
            credits: each("credits", &self.credits, |credit, at| required(at, credit))?,
            references: each("references", &self.references, ReferenceFact::checked)?,
            changelog: each("changelog", &self.changelog, ChangeFact::checked)?,
            keep: each("keep", &self.keep, |start, at| required(at, start))?,
            drop: each("drop", &self.drop, |start, at| required(at, start))?,
        };
        facts.keys_are_distinct()?;
        Ok(facts)
    }

    /// Where nobody gave a title and there is one advisory: the title of that, and its id.
    #[must_use]
    pub fn titled_by_its_advisory(mut self) -> Self {
        if let (None, [advisory]) = (&self.title, &self.advisories[..]) {
            let title = advisory.title.as_ref();
            self.title = title.map(|title| format!("{title} ({})", advisory.id));
        }
        self
    }

    fn keys_are_distinct(&self) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        let advisories = self.advisories.iter().map(|advisory| &advisory.id);
        for key in advisories.chain(self.references.iter().map(|reference| &reference.key)) {
            if !crate::cite::is_key(key) {
                return Err(Error::ReferenceKey(secpack_pack::escape(key)));
            }
            if !seen.insert(key) {
                return Err(Error::ReferenceTwice(key.clone()));
            }
        }
        Ok(())
    }
}

impl Advisory {
    fn checked(&self, at: &str) -> Result<Self, ValueError> {
        Ok(Self {
            id: required(&format!("{at}.id"), &self.id)?,
            title: line(&format!("{at}.title"), &self.title)?,
            cve: each(&format!("{at}.cve"), &self.cve, |cve, at| required(at, cve))?,
            url: line(&format!("{at}.url"), &self.url)?,
            text: prose(&format!("{at}.text"), &self.text)?,
        })
    }
}

impl PackageFact {
    /// From `RELEASE/PLACE/NAME/VERSION`; an empty part is not known.
    ///
    /// # Errors
    /// [`Error::PackageLine`] when it has not four parts.
    pub fn from_line(line: &str) -> Result<Self, Error> {
        let parts: Vec<&str> = line.split('/').map(str::trim).collect();
        let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let [release, place, name, version] = parts[..] else {
            return Err(Error::PackageLine(secpack_pack::escape(line)));
        };
        Ok(Self {
            release: release.to_owned(),
            place: part(place),
            package: part(name),
            version: part(version),
            ..Self::default()
        })
    }

    fn checked(&self, at: &str) -> Result<Self, ValueError> {
        Ok(Self {
            release: required(&format!("{at}.release"), &self.release)?,
            place: line(&format!("{at}.place"), &self.place)?,
            name: line(&format!("{at}.name"), &self.name)?,
            package: line(&format!("{at}.package"), &self.package)?,
            version: line(&format!("{at}.version"), &self.version)?,
            note: line(&format!("{at}.note"), &self.note)?,
        })
    }
}

impl ReferenceFact {
    fn checked(&self, at: &str) -> Result<Self, ValueError> {
        Ok(Self {
            key: required(&format!("{at}.key"), &self.key)?,
            label: line(&format!("{at}.label"), &self.label)?,
            url: line(&format!("{at}.url"), &self.url)?,
            text: prose(&format!("{at}.text"), &self.text)?,
        })
    }
}

impl ChangeFact {
    fn checked(&self, at: &str) -> Result<Self, ValueError> {
        Ok(Self { date: self.date, text: required(&format!("{at}.text"), &self.text)? })
    }
}

fn line(field: &str, value: &Option<String>) -> Result<Option<String>, ValueError> {
    value.as_deref().map_or(Ok(None), |value| Door::line(field, value))
}

fn prose(field: &str, value: &Option<String>) -> Result<Option<String>, ValueError> {
    value.as_deref().map_or(Ok(None), |value| Door::prose(field, value))
}

/// An empty value that must be there is a placeholder like any other.
fn required(field: &str, value: &str) -> Result<String, ValueError> {
    Ok(Door::line(field, value)?.unwrap_or_else(|| "TODO".to_owned()))
}

fn each<T, U>(
    field: &str,
    values: &[T],
    check: impl Fn(&T, &str) -> Result<U, ValueError>,
) -> Result<Vec<U>, ValueError> {
    values.iter().enumerate().map(|(at, value)| check(value, &format!("{field}[{at}]"))).collect()
}

/// A day as TOML writes it, bare or as a string.
struct Day;

impl<'de> Visitor<'de> for Day {
    type Value = NaiveDate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a day such as 2024-11-12")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<NaiveDate, E> {
        text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    /// TOML's own dates come as a map of one entry whose value is the text.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NaiveDate, A::Error> {
        let entry: Option<(String, String)> = map.next_entry()?;
        let (_, text) = entry.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        self.visit_str(&text)
    }
}

fn required_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    deserializer.deserialize_any(Day)
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    required_day(deserializer).map(Some)
}
