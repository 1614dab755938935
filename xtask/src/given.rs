//! Reads the options of a subcommand that takes nothing but options.

use crate::failure::Failure;
use crate::prerequisites::Missing;
use std::ffi::OsString;
use std::path::PathBuf;

/// The options that a subcommand knows.
pub struct Known {
    /// Those that stand alone.
    pub flags: &'static [&'static str],
    /// Those that are followed by a path or a number.
    pub paths: &'static [&'static str],
    /// What follows `cargo xtask` to read more.
    pub help: &'static str,
}

/// The options that were given, in their order.
#[derive(Debug)]
pub struct Given(Vec<(&'static str, Option<OsString>)>);

impl Given {
    /// Sorts the arguments; what is not known, or comes twice, is a usage error.
    pub fn read(arguments: &[OsString], known: &Known) -> Result<Self, Failure> {
        let mut given: Vec<(&'static str, Option<OsString>)> = Vec::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let option = read_one(argument, known)?;
            if given.iter().any(|(name, _)| *name == option) {
                return Err(Failure::usage(format!("{option} is given twice"), known.help));
            }
            let value = if known.paths.contains(&option) {
                let missing = || Failure::usage(format!("{option} wants a value"), known.help);
                Some(rest.next().filter(|value| !value.is_empty()).ok_or_else(missing)?.clone())
            } else {
                None
            };
            given.push((option, value));
        }
        Ok(Self(given))
    }

    /// Whether the option was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, _)| *given == name)
    }

    /// The path that followed the option, made absolute: commands run in other folders.
    pub fn path(&self, name: &str) -> Result<Option<PathBuf>, Failure> {
        let Some((_, Some(path))) = self.0.iter().find(|(given, _)| *given == name) else {
            return Ok(None);
        };
        let path = PathBuf::from(path);
        Ok(Some(std::path::absolute(&path).map_err(Failure::file(&path))?))
    }

    /// The number that followed the option.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        let Some((_, Some(text))) = self.0.iter().find(|(given, _)| *given == name) else {
            return Ok(None);
        };
        let number = text.to_str().and_then(|text| text.parse().ok());
        let problem = || Failure::usage(format!("{name} wants a number"), "--help");
        number.map(Some).ok_or_else(problem)
    }

    /// What `--install` says about missing tools.
    pub fn missing(&self) -> Missing {
        if self.has("--install") { Missing::Install } else { Missing::Report }
    }
}

fn read_one(argument: &OsString, known: &Known) -> Result<&'static str, Failure> {
    let mut all = known.flags.iter().chain(known.paths);
    all.find(|name| *argument == ***name).copied().ok_or_else(|| {
        Failure::usage(format!("`{}` is not an argument here", argument.display()), known.help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Known =
        Known { flags: &["--install", "--keep"], paths: &["--out"], help: "demo --help" };

    fn read(words: &[&str]) -> Result<Given, Failure> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        Given::read(&words, &KNOWN)
    }

    #[test]
    fn options_come_in_any_order() {
        let given = read(&["--keep", "--out", "/there", "--install"]).unwrap();
        assert!(given.has("--keep"));
        assert_eq!(given.path("--out").unwrap(), Some(PathBuf::from("/there")));
        assert_eq!(given.missing(), Missing::Install);
        let none = read(&[]).unwrap();
        assert_eq!(none.path("--out").unwrap(), None);
        assert_eq!(none.missing(), Missing::Report);
    }

    #[test]
    fn what_is_not_known_is_a_usage_error() {
        let check = |words: &[&str], text: &str| {
            assert_eq!(read(words).unwrap_err().to_string(), text);
        };
        check(&["--quick"], "`--quick` is not an argument here");
        check(&["somewhere"], "`somewhere` is not an argument here");
        check(&["--out"], "--out wants a value");
        check(&["--keep", "--keep"], "--keep is given twice");
    }
}
