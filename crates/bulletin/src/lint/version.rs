//! Rules about packages and their versions.

use super::Subject;
use secpack_pack::plaintext::{Hit, RuleOf, is_todo};

pub(super) fn rules<'a>() -> Vec<RuleOf<Subject<'a>>> {
    vec![RuleOf::error(
        "version-unfinished",
        "A version that nobody filled in sends a reader to a package that does not exist.",
        unfinished,
    )]
}

/// A version that is a placeholder, ends in the middle, or is announced and not there.
fn unfinished(subject: &Subject<'_>) -> Vec<Hit> {
    let packages = subject.bulletin.packages.iter();
    packages
        .filter_map(|package| {
            let line = subject.lines.get(package.line as usize - 1)?.text;
            let said = line.rsplit_once("version").map(|(_, said)| said.trim_start_matches('s'));
            if is_todo(line) {
                return None;
            }
            let absent = package.versions.is_empty() && said.is_some_and(|s| s.trim().is_empty());
            let open = package.versions.iter().find(|version| is_unfinished(version));
            let text = match open {
                Some(version) => format!("the version \"{version}\" looks unfinished"),
                None if absent => format!("\"{}\" names no version", line.trim()),
                None => return None,
            };
            Some(Hit::at(package.line, text).help("write the version that was built"))
        })
        .collect()
}

fn is_unfinished(version: &str) -> bool {
    let parts = || version.split(['.', '-']);
    let placeholder = |part: &str| {
        let upper = part.to_ascii_uppercase();
        matches!(upper.as_str(), "X" | "XX" | "XXX" | "TBD" | "N" | "Y" | "?" | "??" | "")
    };
    parts().any(placeholder) || version.contains('?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_finished_from_unfinished() {
        for good in ["4.17.5-4", "2.1-56.qubes1", "050-62.git20200529", "1:2.3~rc1", "43.0-9"] {
            assert!(!is_unfinished(good), "{good}");
        }
        for bad in ["4.17.5-", "4.17.x", "4.17.5-X", "4.TBD", "1.?-2", "4..1", "1.2-XXX"] {
            assert!(is_unfinished(bad), "{bad}");
        }
    }
}
