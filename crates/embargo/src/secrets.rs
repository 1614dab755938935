//! What a sealed draft keeps secret: its title, number and ids, and every stretch of its text.

use crate::SealedId;
use crate::words::{mark, words};
use std::collections::{BTreeSet, HashSet};

/// So many words of the text in a row are no coincidence.
const STRETCH: usize = 8;
/// A line of the draft that stands alone counts from so many words on.
const LINE: usize = 5;
/// So many words of the title in a row are the title.
const TITLE: usize = 5;

/// Which kind of secret. The numbers stand in lists of digests.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The title, or a good part of it.
    Title = 0,
    /// The number of the document, as people call it.
    Number = 1,
    /// The id of an advisory or CVE.
    Advisory = 2,
    /// A stretch of text or facts.
    Text = 3,
}

impl Kind {
    pub(crate) const ALL: [Kind; 4] = [Kind::Title, Kind::Number, Kind::Advisory, Kind::Text];

    /// The rule that a finding of this kind bears.
    pub fn rule(self) -> &'static str {
        match self {
            Kind::Title => "embargo-title",
            Kind::Number => "embargo-number",
            Kind::Advisory => "embargo-advisory",
            Kind::Text => "embargo-text",
        }
    }

    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Title => "the title",
            Kind::Number => "the number",
            Kind::Advisory => "the id of an advisory",
            Kind::Text => "text",
        }
    }
}

/// A secret: words in a row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Secret {
    pub kind: Kind,
    pub words: Vec<String>,
}

/// Everything that one draft keeps secret.
#[derive(Clone)]
pub struct Secrets {
    pub(crate) id: SealedId,
    pub(crate) found: BTreeSet<Secret>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({}, {})", self.id, self.found.len())
    }
}

impl Secrets {
    /// None yet, of this draft.
    pub fn new(id: SealedId) -> Self {
        Self { id, found: BTreeSet::new() }
    }

    /// A title: whole, and every five words of it in a row. A title of one word is no secret,
    /// because every text has it.
    pub fn title(&mut self, title: &str) {
        let title = words(title);
        if title.len() >= 2 {
            self.windows(Kind::Title, &title, TITLE.min(title.len()));
        }
    }

    /// What people call the document, such as `SB-007` or its heading. It needs a number in it.
    pub fn number(&mut self, name: &str) {
        let name = words(name);
        if name.len() >= 2 && name.iter().any(|word| word.starts_with(|c: char| c.is_numeric())) {
            self.found.insert(Secret { kind: Kind::Number, words: name });
        }
    }

    /// The id of an advisory or CVE.
    pub fn advisory(&mut self, id: &str) {
        let id = words(id);
        if id.len() >= 2 {
            self.found.insert(Secret { kind: Kind::Advisory, words: id });
        }
    }

    /// A text: every eight words in a row, and lines of five words or more.
    pub fn text(&mut self, text: &str) {
        self.windows(Kind::Text, &words(text), STRETCH);
        for line in text.lines().map(words) {
            if (LINE..STRETCH).contains(&line.len()) {
                self.found.insert(Secret { kind: Kind::Text, words: line });
            }
        }
    }

    /// Takes back what these texts say already: wording of the template, old documents. Title and
    /// number stay secret whoever else has them.
    pub fn except(&mut self, texts: &[&str]) {
        let guard = crate::Guard::of([&*self]);
        let known: HashSet<_> = texts.iter().flat_map(|text| guard.secrets_in(text)).collect();
        self.found.retain(|secret| match secret.kind {
            Kind::Title | Kind::Number => true,
            Kind::Advisory | Kind::Text => !known.contains(&marks(&secret.words)),
        });
    }

    /// Takes back everything that lies within these words, of any kind.
    pub fn public(&mut self, text: &str) {
        let guard = crate::Guard::of([&*self]);
        let known = guard.secrets_in(text);
        self.found.retain(|secret| !known.contains(&marks(&secret.words)));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing is secret.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    fn windows(&mut self, kind: Kind, words: &[String], size: usize) {
        let windows = words.windows(size);
        self.found.extend(windows.map(|window| Secret { kind, words: window.to_vec() }));
    }
}

/// Words as numbers.
pub(crate) fn marks(words: &[String]) -> Vec<u64> {
    words.iter().map(|word| mark(word)).collect()
}
