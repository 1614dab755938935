//! A part of any month, in words: "first fourteen days", "last half".

use crate::Error;
use std::fmt;
use std::str::FromStr;

/// Numbers as canaries write them.
const WORDS: [&str; 31] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "twenty-one",
    "twenty-two",
    "twenty-three",
    "twenty-four",
    "twenty-five",
    "twenty-six",
    "twenty-seven",
    "twenty-eight",
    "twenty-nine",
    "thirty",
    "thirty-one",
];

/// Which end of the month a span lies at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// From the first day on.
    First,
    /// Up to the last day.
    Last,
}

/// How long a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// 1 to 31 days.
    Days(u32),
    /// 1 to 4 weeks of seven days.
    Weeks(u32),
    /// Half a month: up to the 15th, or from the 16th on.
    Half,
}

/// A part of any month, for example `first fourteen days`; made by reading its words only, so it
/// is never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub(super) edge: Edge,
    pub(super) length: Length,
}

/// Lower-case words without the punctuation around them.
pub(crate) fn words(text: &str) -> Vec<String> {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    text.split_whitespace().map(bare).collect()
}

/// A span at the start of `words` and how many of them it takes.
pub(super) fn leading(words: &[String]) -> Option<(Span, usize)> {
    let words: Vec<&str> = words.iter().take(3).map(String::as_str).collect();
    let edge = match *words.first()? {
        "first" => Edge::First,
        "last" | "second" => Edge::Last,
        _ => return None,
    };
    let (amount, unit, taken) = match *words.get(1)? {
        unit @ ("day" | "week" | "half") => (1, unit, 2),
        amount => (number(amount)?, *words.get(2)?, 3),
    };
    let length = match (unit, amount) {
        ("day" | "days", 1..=31) => Length::Days(amount),
        ("week" | "weeks", 1..=4) => Length::Weeks(amount),
        ("half", 1) if taken == 2 => Length::Half,
        _ => return None,
    };
    let halved = words[0] != "second" || length == Length::Half;
    halved.then_some((Span { edge, length }, taken))
}

fn number(text: &str) -> Option<u32> {
    let word = WORDS.iter().position(|word| *word == text);
    word.and_then(|at| u32::try_from(at + 1).ok()).or_else(|| text.parse().ok())
}

impl FromStr for Span {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let words = words(text);
        match leading(&words) {
            Some((span, taken)) if taken == words.len() => Ok(span),
            Some(_) | None => Err(Error::Window(secpack_pack::escape(text))),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edge = match self.edge {
            Edge::First => "first",
            Edge::Last => "last",
        };
        let amount = |n: u32, unit: &str| match WORDS.get(n as usize - 1) {
            Some(_) if n == 1 => unit.to_owned(),
            Some(word) => format!("{word} {unit}s"),
            None => format!("{n} {unit}s"),
        };
        match self.length {
            Length::Days(days) => write!(f, "{edge} {}", amount(days, "day")),
            Length::Weeks(weeks) => write!(f, "{edge} {}", amount(weeks, "week")),
            Length::Half => write!(f, "{edge} half"),
        }
    }
}
