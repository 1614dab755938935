//! How texts look and what canaries say, as the policy writes it.

use super::written::sections;
use crate::{NumberSet, PackPath, Pattern, RootId, SeriesId};
use serde::Deserialize;

/// One section heading; optional when written in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// Whether a document may lack it.
    pub optional: bool,
}

/// How the text of a range of documents looks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextRules {
    /// The series it speaks of.
    pub series: SeriesId,
    /// Document numbers; all when absent.
    pub numbers: Option<NumberSet>,
    /// The heading line without its indentation.
    pub heading: Option<Pattern>,
    /// The date line, in chrono's `strftime` form.
    pub date: Option<String>,
    /// Sections in their order; `[Title]` is optional.
    #[serde(default, deserialize_with = "sections")]
    pub sections: Vec<Section>,
    /// How many characters longer than its heading an underline is.
    pub underline_extra: Option<usize>,
    /// Greatest line width in columns; URLs are exempt.
    pub width: Option<usize>,
    /// The last lines of the text.
    #[serde(default)]
    pub footer: Vec<String>,
    /// A list of words in the pack; words of a text that it lacks are reported.
    pub words: Option<PackPath>,
    /// Releases that get fixes now; a new bulletin lists packages for each.
    #[serde(default)]
    pub releases: Vec<String>,
}

/// Whose advisories bulletins pass on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// What their ids look like, for example `UPA-{number:1}`.
    pub id: Pattern,
    /// Where an advisory is published.
    pub url: Pattern,
}

/// What a canary of a series must say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanaryRules {
    /// The canary series it speaks of.
    pub series: SeriesId,
    /// Document numbers; all when absent.
    pub numbers: Option<NumberSet>,
    /// How many numbered statements there are.
    pub statements: Option<u32>,
    /// The series whose documents are counted.
    pub counts: Option<SeriesId>,
    /// The root whose fingerprint is stated.
    pub fingerprint: Option<RootId>,
    /// The date of issue, in chrono's `strftime` form.
    #[serde(default = "canary_date")]
    pub date: String,
    /// The window of the next canary inside its month, for example `first fourteen days`.
    pub window: Option<String>,
    /// Months from one canary to the next.
    pub every_months: Option<u32>,
    /// Whether each must have its evidence of freshness beside it.
    #[serde(default)]
    pub evidence: bool,
    /// Sources of the proof of freshness.
    #[serde(default)]
    pub sources: Vec<FreshnessSource>,
}

/// One source of a proof of freshness.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase", tag = "kind")]
pub enum FreshnessSource {
    /// Headlines of a feed.
    Feed {
        /// As the canary names it.
        name: String,
        /// https only.
        url: String,
        /// How many headlines.
        titles: u32,
        /// Whether that host may have a private address.
        #[serde(default)]
        private: bool,
    },
    /// A block of the Bitcoin chain.
    Bitcoin {
        /// As the canary names it.
        name: String,
        /// https only; what the paths of the interface are added to.
        url: String,
        /// How many blocks below the tip.
        depth: u32,
        /// How the explorer is asked.
        #[serde(default)]
        api: BlockApi,
        /// Whether that host may have a private address, as one's own node does.
        #[serde(default)]
        private: bool,
    },
}

/// The interface of a block explorer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockApi {
    /// `/blocks/tip/height`, `/block-height/N`, `/block/HASH/header`, as of Esplora and mempool.
    #[default]
    Esplora,
}

impl FreshnessSource {
    /// As the canary names it.
    pub fn name(&self) -> &str {
        match self {
            Self::Feed { name, .. } | Self::Bitcoin { name, .. } => name,
        }
    }
}

fn canary_date() -> String {
    "%B %d, %Y".to_owned()
}
