//! The command line as it was typed: what most hints want typed again, with one change.

use std::fmt;

/// Words of a command line that begins with `secpack`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed(Vec<String>);

impl Typed {
    /// From the arguments behind the program's name.
    pub fn new(arguments: impl IntoIterator<Item = String>) -> Self {
        Self(arguments.into_iter().collect())
    }

    /// The same without an option and its value, however it was written.
    pub fn without(self, option: &str) -> Self {
        let joined = format!("{option}=");
        let mut kept = Vec::new();
        let mut words = self.0.into_iter();
        while let Some(word) = words.next() {
            if word == option {
                words.next();
            } else if !word.starts_with(&joined) {
                kept.push(word);
            }
        }
        Self(kept)
    }

    /// The same with another word in the place of one.
    pub fn instead(mut self, word: &str, other: &str) -> Self {
        let joined = format!("={word}");
        for own in &mut self.0 {
            match own.strip_suffix(&joined) {
                Some(option) => *own = format!("{option}={other}"),
                None if own == word => other.clone_into(own),
                None => {}
            }
        }
        self
    }

    /// The same with more words at its end.
    pub fn with(mut self, words: &[&str]) -> Self {
        self.0.extend(words.iter().map(|word| (*word).to_owned()));
        self
    }
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("secpack")?;
        self.0.iter().try_for_each(|word| write!(f, " {}", quoted(word)))
    }
}

/// A word as a shell takes it for one word.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_typed_again_with_a_change() {
        let typed = |line: &str| Typed::new(line.split(' ').map(str::to_owned));
        let check = |line, wanted: &str| {
            assert_eq!(typed(line).without("--yes").with(&["--yes", "b"]).to_string(), wanted);
        };
        check("sign SB-001 --as ann", "secpack sign SB-001 --as ann --yes b");
        check("sign SB-001 --yes a --as ann", "secpack sign SB-001 --as ann --yes b");
        check("sign --yes=a SB-001", "secpack sign SB-001 --yes b");
        check("sign SB-001 --yes", "secpack sign SB-001 --yes b");
    }

    #[test]
    fn words_stay_words() {
        for (word, wanted) in
            [("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("~x", "'~x'"), ("a/b", "a/b")]
        {
            assert_eq!(quoted(word), wanted);
        }
    }
}
