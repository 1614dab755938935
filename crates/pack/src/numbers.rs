//! Sets of document numbers as a policy writes them: `1-38,40,44-`.

use std::fmt;
use std::str::FromStr;

/// A set of numbers made of closed ranges, at most one of them open to the right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumberSet(Vec<(u32, u32)>);

/// Why a text is not a set of numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{}\" is not a set of numbers such as \"1-38,40,44-\": {why}", crate::escape(text))]
pub struct NumberSetError {
    text: String,
    why: &'static str,
}

impl NumberSet {
    /// Every number from 0 on.
    pub fn all() -> Self {
        Self(vec![(0, u32::MAX)])
    }

    /// From ascending, possibly adjoining numbers; runs are folded.
    pub fn of(numbers: impl IntoIterator<Item = u32>) -> Self {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some((_, until)) if until.checked_add(1) == Some(number) => *until = number,
                _ => ranges.push((number, number)),
            }
        }
        Self(ranges)
    }

    /// Every number from 1 on, as documents are counted.
    pub fn from_one() -> Self {
        Self(vec![(1, u32::MAX)])
    }

    /// The numbers of this set up to `last`; `None` when there is none.
    pub fn up_to(&self, last: u32) -> Option<Self> {
        let below = self.0.iter().filter(|(from, _)| *from <= last);
        let ranges: Vec<_> = below.map(|(from, until)| (*from, (*until).min(last))).collect();
        (!ranges.is_empty()).then_some(Self(ranges))
    }

    /// Whether `number` is in the set.
    pub fn contains(&self, number: u32) -> bool {
        self.0.iter().any(|(from, until)| (*from..=*until).contains(&number))
    }

    /// Whether the two sets share a number.
    pub fn overlaps(&self, other: &NumberSet) -> bool {
        self.0.iter().any(|(a, b)| other.0.iter().any(|(c, d)| a <= d && c <= b))
    }
}

fn range(part: &str) -> Result<(u32, u32), &'static str> {
    let number = |text: &str| text.parse::<u32>().map_err(|_| "a part is no number");
    let part = part.trim();
    match part.split_once('-') {
        None => number(part).map(|n| (n, n)),
        Some((from, "")) => Ok((number(from)?, u32::MAX)),
        Some((from, until)) => Ok((number(from)?, number(until)?)),
    }
}

impl FromStr for NumberSet {
    type Err = NumberSetError;

    fn from_str(text: &str) -> Result<Self, NumberSetError> {
        let fail = |why| NumberSetError { text: text.to_owned(), why };
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for part in text.split(',') {
            let (from, until) = range(part).map_err(fail)?;
            if from > until || ranges.last().is_some_and(|(_, last)| *last >= from) {
                return Err(fail("ranges must rise and not overlap"));
            }
            ranges.push((from, until));
        }
        Ok(Self(ranges))
    }
}

impl fmt::Display for NumberSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (from, until)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            match (from, until) {
                (from, &u32::MAX) => write!(f, "{comma}{from}-")?,
                (from, until) if from == until => write!(f, "{comma}{from}")?,
                (from, until) => write!(f, "{comma}{from}-{until}")?,
            }
        }
        Ok(())
    }
}

impl<'de> serde::Deserialize<'de> for NumberSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_contains_and_prints() {
        let set: NumberSet = "1-38,40,44-".parse().expect("valid");
        assert!([1, 38, 40, 44, 4000].iter().all(|n| set.contains(*n)));
        assert!([0, 39, 41, 43].iter().all(|n| !set.contains(*n)));
        assert_eq!(set.to_string(), "1-38,40,44-");
        assert_eq!(NumberSet::of([1, 2, 3, 7]).to_string(), "1-3,7");
    }

    #[test]
    fn refuses_disorder() {
        for bad in ["", "a", "3-1", "1-5,5", "7,3", "1-,9", "-4", "1--2"] {
            assert!(bad.parse::<NumberSet>().is_err(), "{bad}");
        }
    }

    #[test]
    fn overlap_is_symmetric() {
        let set = |text: &str| text.parse::<NumberSet>().expect("valid");
        assert!(set("1-9").overlaps(&set("9-")));
        assert!(!set("1-8,10").overlaps(&set("9,11-")));
    }
}
