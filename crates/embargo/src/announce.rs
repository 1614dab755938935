//! What may be said before the date: a text without details, as the policy's track allows.

use crate::{Guard, Kind};
use chrono::{DateTime, Days, NaiveDate, Utc};
use secpack_pack::plaintext::{TemplateError, render};
use secpack_pack::policy::{Said, Track};
use secpack_pack::{TrackId, escape};
use serde::Serialize;

/// The built-in wording.
const TEMPLATE: &str = include_str!("../../../templates/announcement.txt.j2");
/// Columns of a mail.
const WIDTH: usize = 72;
/// The longest word for a severity.
const MAX_SEVERITY: usize = 24;

/// What there is to announce.
#[derive(Debug, Clone, Copy)]
pub struct Announcement<'a> {
    /// The name of the pack, for people.
    pub pack: &'a str,
    /// When the embargo ends.
    pub until: DateTime<Utc>,
    /// How grave it is, in one word.
    pub severity: Option<&'a str>,
}

/// Why nothing is announced.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// The track is silent.
    #[error("nothing is said before the date on the track \"{0}\"")]
    Silent(TrackId),
    /// It is not yet, or no longer, time.
    #[error("on the track \"{track}\" it is announced from {from} to {to}")]
    Day {
        /// The track.
        track: TrackId,
        /// The first day.
        from: NaiveDate,
        /// The last day.
        to: NaiveDate,
    },
    /// The track does not let anybody tell it.
    #[error("the track \"{0}\" does not tell the severity")]
    Severity(TrackId),
    /// One plain word is wanted.
    #[error("the severity is one word of letters, not \"{0}\"")]
    Word(String),
    /// It would give something away.
    #[error("the text gives away {0} of the draft")]
    Reveals(&'static str),
    /// The template is wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// The text of an announcement that gives nothing away of what this guard knows.
///
/// # Errors
/// [`AnnounceError`].
pub fn announce(
    track: &Track,
    announcement: Announcement<'_>,
    guard: &Guard<'_>,
    today: NaiveDate,
) -> Result<String, AnnounceError> {
    is_time(track, announcement.until.date_naive(), today)?;
    let severity = announcement.severity.map(|word| severity(track, word)).transpose()?;
    let date = track.says.contains(&Said::Date).then(|| announcement.until.date_naive());
    #[derive(Serialize)]
    struct Context<'a> {
        pack: &'a str,
        date: Option<String>,
        severity: Option<&'a str>,
    }
    let pack = escape(announcement.pack);
    let context = Context { pack: &pack, date: date.map(|d| d.to_string()), severity };
    let text = render(TEMPLATE, context, WIDTH)?;
    match guard.look(&text).first().map(|hit| hit.kind) {
        Some(kind) => Err(AnnounceError::Reveals(Kind::words(kind))),
        None => Ok(text),
    }
}

fn is_time(track: &Track, until: NaiveDate, today: NaiveDate) -> Result<(), AnnounceError> {
    let silent = || AnnounceError::Silent(track.id.clone());
    let before = |days: u32| until.checked_sub_days(Days::new(days.into()));
    let from = before(track.announce_from.ok_or_else(silent)?).ok_or_else(silent)?;
    let to = before(track.announce_until).ok_or_else(silent)?;
    if (from..=to).contains(&today) {
        return Ok(());
    }
    Err(AnnounceError::Day { track: track.id.clone(), from, to })
}

fn severity<'s>(track: &Track, word: &'s str) -> Result<&'s str, AnnounceError> {
    if !track.says.contains(&Said::Severity) {
        return Err(AnnounceError::Severity(track.id.clone()));
    }
    let plain = !word.is_empty() && word.chars().all(char::is_alphabetic);
    if plain && word.len() <= MAX_SEVERITY {
        return Ok(word);
    }
    Err(AnnounceError::Word(escape(&word.chars().take(40).collect::<String>())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secrets;

    fn track(says: &[Said]) -> Track {
        Track {
            id: "private".parse().expect("a name"),
            announce_from: Some(7),
            announce_until: 3,
            says: says.to_vec(),
        }
    }

    fn check(
        track: &Track,
        severity: Option<&str>,
        today: &str,
        expected: impl Fn(Result<String, AnnounceError>) -> bool,
    ) {
        let mut secrets = Secrets::new("0123456789abcdef".parse().expect("an id"));
        secrets.title("severity zanzibar");
        let until = "2026-03-10T12:00:00Z".parse().expect("a time");
        let announcement = Announcement { pack: "Acme", until, severity };
        let today = today.parse().expect("a day");
        let found = announce(track, announcement, &Guard::of([&secrets]), today);
        assert!(expected(found), "{severity:?} {today}");
    }

    #[test]
    fn the_track_says_what_is_told_and_when() {
        let all = track(&[Said::Date, Said::Severity]);
        check(&all, Some("high"), "2026-03-03", |found| {
            found.is_ok_and(|text| text.contains("on 2026-03-10") && text.contains("high"))
        });
        check(&track(&[]), None, "2026-03-07", |found| {
            found.is_ok_and(|text| !text.contains("2026"))
        });
        check(&track(&[]), Some("high"), "2026-03-07", |found| {
            matches!(found, Err(AnnounceError::Severity(_)))
        });
        for day in ["2026-03-02", "2026-03-08"] {
            check(&all, None, day, |found| matches!(found, Err(AnnounceError::Day { .. })));
        }
        let silent = Track { announce_from: None, ..track(&[]) };
        check(&silent, None, "2026-03-07", |found| matches!(found, Err(AnnounceError::Silent(_))));
    }

    #[test]
    fn an_announcement_gives_nothing_away() {
        let all = track(&[Said::Severity]);
        check(&all, Some("zanzibar"), "2026-03-05", |found| {
            matches!(found, Err(AnnounceError::Reveals("the title")))
        });
        check(&all, Some("very bad"), "2026-03-05", |found| {
            matches!(found, Err(AnnounceError::Word(_)))
        });
    }
}
