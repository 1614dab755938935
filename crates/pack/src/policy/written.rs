//! Values that the policy writes in a form of its own: dates, sections, signers.

use super::{Section, Signers};
use crate::{GroupId, MemberId};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

/// TOML's own dates, and the same written as a string.
pub(super) fn required_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<NaiveDate, D::Error> {
    let date = toml::value::Datetime::deserialize(deserializer)?;
    let text = date.to_string();
    text.parse().map_err(|_| serde::de::Error::custom(format!("{text} is no date YYYY-MM-DD")))
}

pub(super) fn date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveDate>, D::Error> {
    required_date(deserializer).map(Some)
}

pub(super) fn sections<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Section>, D::Error> {
    let titles = Vec::<String>::deserialize(deserializer)?;
    let section = |title: String| match title.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        Some(inner) => Section { title: inner.to_owned(), optional: true },
        None => Section { title, optional: false },
    };
    Ok(titles.into_iter().map(section).collect())
}

pub(super) fn signers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Signers, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "signers is \"all\", \"none\", a count of 1 or more, a list of members, or { group = \"...\" }"
    )]
    enum Written {
        Word(String),
        Count(u32),
        Named(Vec<MemberId>),
        Group(GroupTable),
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct GroupTable {
        group: GroupId,
    }
    match Written::deserialize(deserializer)? {
        Written::Word(word) if word == "all" => Ok(Signers::All),
        Written::Word(word) if word == "none" => Ok(Signers::Nobody),
        Written::Word(word) => Err(serde::de::Error::custom(format!(
            "signers = \"{}\" is neither \"all\" nor \"none\"; name members in a list",
            crate::escape(&word)
        ))),
        Written::Count(0) => Err(serde::de::Error::custom("signers = 0 would accept anything")),
        Written::Count(count) => Ok(Signers::Count(count)),
        Written::Named(members) => Ok(Signers::Named(members)),
        Written::Group(table) => Ok(Signers::Group(table.group)),
    }
}
