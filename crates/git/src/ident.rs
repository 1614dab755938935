//! Who made an object and when: `name <email> seconds zone`, as commits and tags write it.

use crate::RawError;
use chrono::{DateTime, Utc};

/// Who commits or tags. Nothing in it can end the line it is written on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    name: String,
    email: String,
}

/// Why a name and an email are not an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Nothing is left after taking away blanks and punctuation around it.
    #[error("it is empty")]
    Empty,
    /// It would break the line it is written on.
    #[error("it holds <, >, or a control character")]
    Character,
}

impl Identity {
    /// Blanks and punctuation around either part are taken away, as git does.
    ///
    /// # Errors
    /// [`IdentityError`], when a part is empty or holds `<`, `>` or control characters.
    pub fn new(name: &str, email: &str) -> Result<Self, IdentityError> {
        Ok(Self { name: part(name)?, email: part(email)? })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The email address.
    pub fn email(&self) -> &str {
        &self.email
    }
}

/// One part of an identity without what git calls crud around it.
pub(crate) fn part(text: &str) -> Result<String, IdentityError> {
    let crud = |c: char| c <= ' ' || ".,:;<>\"\\'".contains(c);
    let plain = text.trim_matches(crud);
    if plain.is_empty() {
        return Err(IdentityError::Empty);
    }
    if plain.contains(|c: char| c.is_control() || matches!(c, '<' | '>')) {
        return Err(IdentityError::Character);
    }
    Ok(plain.to_owned())
}

/// Who made an existing object, and when. Text is untrusted; what is not UTF-8 is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The name; may be empty.
    pub name: String,
    /// What stands between `<` and `>`; may be empty.
    pub email: String,
    /// The time.
    pub time: DateTime<Utc>,
    /// The writer's zone, in minutes east of UTC.
    pub offset: i32,
}

impl Stamp {
    /// Reads `name <email> seconds zone`, the value of an `author`, `committer` or `tagger` line.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, RawError> {
        Self::take_apart(line).ok_or(RawError::Stamp)
    }

    fn take_apart(line: &[u8]) -> Option<Self> {
        let open = line.iter().position(|byte| *byte == b'<')?;
        let close = line.iter().rposition(|byte| *byte == b'>')?;
        let email = line.get(open + 1..close)?;
        let rest = std::str::from_utf8(line.get(close + 1..)?).ok()?;
        let (seconds, zone) = rest.strip_prefix(' ')?.split_once(' ')?;
        Some(Self {
            name: String::from_utf8_lossy(&line[..open]).trim_end_matches(' ').to_owned(),
            email: String::from_utf8_lossy(email).into_owned(),
            time: DateTime::from_timestamp(digits(seconds)?, 0)?,
            offset: offset(zone)?,
        })
    }
}

/// A number of at most twelve digits: enough for thirty thousand years, too few to overflow.
fn digits(text: &str) -> Option<i64> {
    let plain = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// `+hhmm` in minutes. Old programs wrote more than four digits, so these are read too.
fn offset(zone: &str) -> Option<i32> {
    let number = zone.strip_prefix(['+', '-']).filter(|number| number.len() <= 8)?;
    let number = i32::try_from(digits(number)?).ok()?;
    let minutes = number / 100 * 60 + number % 100;
    Some(if zone.starts_with('-') { -minutes } else { minutes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stamps() {
        let read = |line: &str| Stamp::parse(line.as_bytes()).map(|s| (s.name, s.email, s.offset));
        let plain =
            |name: &str, email: &str, offset| Ok((name.to_owned(), email.to_owned(), offset));
        assert_eq!(read("Ann B <a@b> 1700000000 +0130"), plain("Ann B", "a@b", 90));
        assert_eq!(read("<> 0 -0100"), plain("", "", -60));
        assert_eq!(read("a <b> c <d> 1 +0000"), plain("a", "b> c <d", 0));
        for bad in [
            "",
            "Ann",
            "Ann <a@b>",
            "Ann <a@b> 1",
            "Ann <a@b> x +0000",
            "Ann <a@b> 1 0000",
            "Ann <a@b>1 +0000",
            "Ann <a@b> -1 +0000",
            "Ann >a@b< 1 +0000",
            "Ann <a@b> 1 +0000 ",
            "Ann <a@b> 9999999999999 +0000",
            "Ann <a@b> 1 +",
            "Ann <a@b> 1 +999999999",
        ] {
            assert_eq!(read(bad), Err(RawError::Stamp), "{bad}");
        }
    }

    #[test]
    fn identities_stay_on_their_line() {
        let name = |text| Identity::new(text, "a@b").map(|identity| identity.name().to_owned());
        assert_eq!(name(" Ann B., "), Ok("Ann B".to_owned()));
        assert_eq!(name("Zoë"), Ok("Zoë".to_owned()));
        assert_eq!(name(" .;"), Err(IdentityError::Empty));
        assert_eq!(name("a\nb"), Err(IdentityError::Character));
        assert_eq!(name("a <b> c"), Err(IdentityError::Character));
        assert_eq!(Identity::new("a", "<>"), Err(IdentityError::Empty));
    }
}
