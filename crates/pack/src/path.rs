//! A path inside a pack: relative, slash-separated, and harmless on every file system.

use std::fmt;
use std::str::FromStr;

/// A relative path inside a pack. It never escapes the pack and never names git's own folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackPath(String);

/// Why a text is not a path inside a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{}\" is not a path inside a pack: {why}", crate::escape(path))]
pub struct PathError {
    path: String,
    why: &'static str,
}

impl PackPath {
    /// The path with `/` between its parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Everything before the last part; empty at the top.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The path that a symbolic link at `self` with this `target` points to, when that is inside
    /// the pack.
    pub fn resolve(&self, target: &str) -> Result<PackPath, PathError> {
        let mut parts: Vec<&str> = self.folder().split('/').filter(|p| !p.is_empty()).collect();
        for part in target.split('/') {
            match part {
                "." => {}
                ".." if parts.pop().is_some() => {}
                other => parts.push(other),
            }
        }
        let resolved = if target.starts_with('/') { target.to_owned() } else { parts.join("/") };
        resolved.parse()
    }
}

fn fault(path: &str) -> Option<&'static str> {
    if path.is_empty() || path.len() > 1024 {
        return Some("it is empty or longer than 1024 bytes");
    }
    if path.chars().any(|c| c.is_control() || c == '\\') {
        return Some("it holds a control character or a backslash");
    }
    path.split('/').find_map(|part| match part {
        "" => Some("it is absolute or has an empty part"),
        "." | ".." => Some("it has a part \".\" or \"..\""),
        _ if is_dot_git(part) => Some("it names git's own folder"),
        _ => None,
    })
}

/// Names that some file system takes for `.git`: other case, ignorable code points (HFS+),
/// trailing dots, spaces and streams, and the short name (NTFS).
fn is_dot_git(part: &str) -> bool {
    let ignorable = |c: char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let plain: String =
        part.chars().filter(|c| !ignorable(*c)).map(|c| c.to_ascii_lowercase()).collect();
    let stem = plain.split(':').next().unwrap_or("").trim_end_matches(['.', ' ']);
    stem == ".git" || stem == "git~1"
}

impl FromStr for PackPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        match fault(text) {
            None => Ok(Self(text.to_owned())),
            Some(why) => Err(PathError { path: text.to_owned(), why }),
        }
    }
}

impl fmt::Display for PackPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::escape(&self.0))
    }
}

impl serde::Serialize for PackPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for PackPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_leaves_the_pack() {
        for good in ["a", "a/b.txt", "keys/x y.asc", ".gitattributes", "ä/東.txt"] {
            assert!(good.parse::<PackPath>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "/a",
            "a//b",
            "a/",
            "../a",
            "a/../b",
            "./a",
            ".git/config",
            "x/.GIT/y",
            ".git./x",
            "git~1/x",
            ".g\u{200c}it/x",
            "a\\b",
            "a\nb",
            "a\0",
            ".git::$INDEX/x",
        ] {
            assert!(bad.parse::<PackPath>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn links_resolve_inside_only() {
        let link: PackPath = "keys/t/a.asc".parse().expect("valid");
        let resolved = |target| link.resolve(target).map(|p| p.0).ok();
        assert_eq!(resolved("../r/b.asc").as_deref(), Some("keys/r/b.asc"));
        assert_eq!(resolved("b.asc").as_deref(), Some("keys/t/b.asc"));
        assert_eq!(resolved("../../../etc/passwd"), None);
        assert_eq!(resolved("/etc/passwd"), None);
    }
}
