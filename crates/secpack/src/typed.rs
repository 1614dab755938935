//! The command line as it was typed: what most hints want typed again, with one change.

use std::fmt;
use std::path::{Path, PathBuf};

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

    /// The same without an option that has this very value; others of its name stay.
    pub fn without_value(self, option: &str, value: &str) -> Self {
        let joined = format!("{option}={value}");
        let mut kept: Vec<String> = Vec::new();
        for word in self.0 {
            if word == value && kept.last().is_some_and(|last| last == option) {
                kept.pop();
            } else if word != joined {
                kept.push(word);
            }
        }
        Self(kept)
    }

    /// The same without an option that takes no value.
    pub fn without_flag(self, option: &str) -> Self {
        Self(self.0.into_iter().filter(|word| word != option).collect())
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

    /// The same with a value for an option, in the place of the one it may have.
    pub fn option(self, name: &str, value: &str) -> Self {
        self.without(name).with(&[name, value])
    }

    /// The same with more words at its end.
    pub fn with(mut self, words: &[&str]) -> Self {
        // Behind `--` nothing is an option any more.
        let end = self.0.iter().position(|word| word == "--").unwrap_or(self.0.len());
        self.0.splice(end..end, words.iter().map(|word| (*word).to_owned()));
        self
    }
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("secpack")?;
        self.0.iter().try_for_each(|word| write!(f, " {}", quoted(word)))
    }
}

/// Where a command was typed, which decides how the next one is typed there: with the same pack and
/// policy, and from the same folder.
#[derive(Debug, Default)]
pub struct Here {
    /// Options that every command of ours takes, with their values.
    options: Vec<(&'static str, String)>,
    /// The top folder of the pack, where it is not the current one.
    root: Option<PathBuf>,
}

impl Here {
    /// From the words that were typed, and the top folder of the pack where it is another one than
    /// the current folder.
    pub fn new(words: &[String], root: Option<PathBuf>) -> Self {
        let value = |option: &'static str| {
            let joined = format!("{option}=");
            let at = words.iter().position(|word| word == option);
            let apart = at.and_then(|at| words.get(at + 1)).cloned();
            let value = apart.or_else(|| {
                words.iter().find_map(|word| word.strip_prefix(&joined).map(str::to_owned))
            });
            value.map(|value| (option, value))
        };
        Self { options: ["--pack", "--policy"].into_iter().filter_map(value).collect(), root }
    }

    /// The pack that was named.
    pub fn pack(&self) -> Option<PathBuf> {
        let named = self.options.iter().find(|(option, _)| *option == "--pack");
        named.map(|(_, value)| PathBuf::from(value))
    }

    /// A command as it works here. What comes after going elsewhere stays as it is.
    pub fn fit(&self, hint: &str) -> String {
        let mut is_here = true;
        let fit = |(one, then): (&str, &str)| {
            is_here &= !one.starts_with("cd ");
            if is_here { self.fit_one(one) + then } else { format!("{one}{then}") }
        };
        commands(hint).into_iter().map(fit).collect()
    }

    fn fit_one(&self, command: &str) -> String {
        let words: Vec<&str> = command.split(' ').collect();
        match (words.as_slice(), &self.root) {
            // Help is the same everywhere, and `init` begins where there is no pack.
            (["secpack", .., "--help"] | ["secpack", "init", ..], _) => command.to_owned(),
            (["secpack", rest @ ..], _) => {
                let mut fitted = command.to_owned();
                let own = shlex::split(&rest.join(" ")).unwrap_or_default();
                for (option, value) in &self.options {
                    let joined = format!("{option}=");
                    if own.iter().any(|word| word == option || word.starts_with(&joined)) {
                        continue;
                    }
                    let gap = if value.starts_with('-') { "=" } else { " " };
                    let end = fitted.find(" -- ").unwrap_or(fitted.len());
                    fitted.insert_str(end, &format!(" {option}{gap}{}", quoted(value)));
                }
                fitted
            }
            (
                ["git", "-C" | "clone" | "check-ref-format", ..]
                | ["git", "config", "--global", ..],
                _,
            )
            | (_, None) => command.to_owned(),
            (["git", rest @ ..], Some(root)) => {
                format!("git -C {} {}", quoted(&root.display().to_string()), rest.join(" "))
            }
            (words, Some(root)) => {
                let seen = |word: &&str| {
                    let inside = root.join(word);
                    let is_of_pack = !word.is_empty() && !Path::new(word).exists();
                    match is_of_pack && inside.exists() {
                        true => quoted(&inside.display().to_string()),
                        false => (*word).to_owned(),
                    }
                };
                words.iter().map(seen).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// What stands between commands.
const JOINTS: [&str; 2] = [" && ", " || "];

/// The commands of a line, each with what joins it to the next; a quoted text is never taken apart.
fn commands(line: &str) -> Vec<(&str, &str)> {
    let (mut all, mut begin, mut quote) = (Vec::new(), 0, None);
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None => {
                if let Some(joint) = JOINTS.into_iter().find(|joint| line[at..].starts_with(joint))
                {
                    all.push((&line[begin..at], joint));
                    begin = at + joint.len();
                }
            }
        }
    }
    all.push((line.get(begin..).unwrap_or_default(), ""));
    all
}

/// A word as a shell takes it for one word.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.chars().any(char::is_control) {
        // One line, and nothing that the terminal obeys: as bash and zsh write it.
        let escaped = word.chars().map(|c| match c {
            '\'' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        });
        return format!("$'{}'", escaped.collect::<String>());
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
        check("sign --as ann -- SB-001", "secpack sign --as ann --yes b -- SB-001");
    }

    #[test]
    fn a_hint_fits_the_place_where_it_is_typed() {
        let words = ["--pack=my pack", "sign", "--policy", "p.toml"].map(str::to_owned);
        let there = Here::new(&words, Some("/packs/one".into()));
        let check = |hint: &str, wanted: &str| assert_eq!(there.fit(hint), wanted);
        let options = "--pack 'my pack' --policy p.toml";
        check("secpack status", &format!("secpack status {options}"));
        check("secpack sign --help", "secpack sign --help");
        check("secpack status --pack x", "secpack status --pack x --policy p.toml");
        check(
            "git fetch && secpack status",
            &format!("git -C /packs/one fetch && secpack status {options}"),
        );
        check("git a || git b", "git -C /packs/one a || git -C /packs/one b");
        check("git commit -m 'a && git b'", "git -C /packs/one commit -m 'a && git b'");
        for same in ["git -C x status", "git clone URL FOLDER", "cd x && git status", "ls -l x"] {
            check(same, same);
        }
        check("git add a && cd x && git b", "git -C /packs/one add a && cd x && git b");
        let here = Here::new(&["sign".to_owned()], None);
        for same in ["git add x && git commit", "secpack status", "rm x"] {
            assert_eq!(here.fit(same), same);
        }
    }

    #[test]
    fn words_stay_words() {
        for (word, wanted) in [
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("ü'\n\\", "$'ü\\'\\u000a\\\\'"),
            ("", "''"),
            ("~x", "'~x'"),
            ("a/b", "a/b"),
        ] {
            assert_eq!(quoted(word), wanted);
        }
    }
}
