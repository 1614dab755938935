//! What makes a repository show other objects or another history than it holds: refused at the
//! door, before libgit2 sees it.

use crate::place::common_dir;
use crate::{Error, Result};
use std::path::Path;

/// A file whose mere presence is the reason.
struct Reason {
    file: &'static str,
    why: &'static str,
    hint: &'static str,
}

const REASONS: [Reason; 4] = [
    Reason {
        file: "info/grafts",
        why: "it gives commits other parents than they have",
        hint: "rm {file}",
    },
    Reason {
        file: "shallow",
        why: "the clone is shallow: its history is cut off",
        hint: "{git} fetch --unshallow",
    },
    Reason {
        file: "objects/info/alternates",
        why: "it takes objects from another repository",
        hint: "{git} repack -a -d && rm {file}",
    },
    Reason {
        file: "objects/info/http-alternates",
        why: "it takes objects from another repository",
        hint: "rm {file}",
    },
];

/// Extensions of the repository format under which files mean what we take them to mean.
const UNDERSTOOD: [&str; 4] = ["noop", "preciousobjects", "relativeworktrees", "worktreeconfig"];

/// Refuses grafts, shallow clones, alternates and formats other than SHA-1 with plain refs.
///
/// # Errors
/// [`Error::Refused`] names the file.
pub(crate) fn check(git_dir: &Path) -> Result<()> {
    let common = common_dir(git_dir)?;
    for reason in &REASONS {
        for folder in [git_dir, &common] {
            let path = folder.join(reason.file);
            if std::fs::symlink_metadata(&path).is_ok() {
                return Err(Error::Refused { path, why: reason.why, hint: reason.hint });
            }
        }
    }
    check_format(&common)
}

const PARTIAL: &str = "the clone is partial: it lacks objects";
const ANEW: &str = "git clone URL FOLDER";

fn check_format(common: &Path) -> Result<()> {
    let path = common.join("config");
    // Whoever cloned with a filter has that here alone; git sets no extension any more.
    if !settings(&path, "^remote\\..*\\.partialclonefilter$")?.is_empty() {
        return Err(Error::Refused { path, why: PARTIAL, hint: ANEW });
    }
    for (name, value) in settings(&path, "^extensions\\.")? {
        let (why, hint) = match (name.as_str(), value.as_str()) {
            ("objectformat", "sha1") | ("refstorage", "files") => continue,
            ("objectformat", _) => {
                let why = "its objects are named by SHA-256, which is not supported";
                (why, "{git} rev-parse --show-object-format")
            }
            ("refstorage", _) => {
                ("its refs are not kept as files", "git clone --ref-format=files URL FOLDER")
            }
            ("partialclone", _) => (PARTIAL, ANEW),
            (name, _) if UNDERSTOOD.contains(&name) => continue,
            _ => ("it has a format extension that is not known", "cat -n {file}"),
        };
        return Err(Error::Refused { path, why, hint });
    }
    Ok(())
}

/// Names and values of the settings that a pattern finds, lower case as git reads them; those of
/// `extensions.*` without that.
fn settings(path: &Path, pattern: &str) -> Result<Vec<(String, String)>> {
    let refused = |_: git2::Error| Error::Refused {
        path: path.to_owned(),
        why: "git cannot read it",
        hint: "cat -n {file}",
    };
    let broken = || refused;
    let config = git2::Config::open(path).map_err(broken())?;
    let mut found = Vec::new();
    let entries = config.entries(Some(pattern)).map_err(broken())?;
    entries
        .for_each(|entry| {
            let name = String::from_utf8_lossy(entry.name_bytes()).to_ascii_lowercase();
            let value = if entry.has_value() { entry.value_bytes() } else { b"" };
            let value = String::from_utf8_lossy(value).to_ascii_lowercase();
            found.push((name.trim_start_matches("extensions.").to_owned(), value));
        })
        .map_err(broken())?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Repository;
    use crate::fixture::Fixture;

    fn check(plant: impl FnOnce(&Fixture), expected: &str) {
        let fixture = Fixture::new();
        fixture.commit("a.txt", "a\n");
        fixture.open();
        plant(&fixture);
        for opened in [
            Repository::open(fixture.path()),
            Repository::open_for_reading(fixture.path()),
            Repository::discover(fixture.path()),
        ] {
            let error = opened.err().unwrap_or_else(|| panic!("accepted: {expected}"));
            assert!(matches!(error, Error::Refused { .. }), "{error:?}");
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn refuses_what_changes_history() {
        check(|f| f.write(".git/info/grafts", b""), "info/grafts");
        check(|f| f.write(".git/info/grafts", b"junk\n"), "other parents");
        check(|f| f.write(".git/shallow", b""), "cut off");
        check(|f| f.write(".git/objects/info/alternates", b"/elsewhere\n"), "another repository");
        check(|f| f.write(".git/objects/info/http-alternates", b"http://x\n"), "http-alternates");
    }

    #[test]
    fn refuses_formats_it_does_not_know() {
        let set = |key: &'static str, value: &'static str| {
            move |f: &Fixture| {
                f.git(&["config", "core.repositoryformatversion", "1"]);
                f.git(&["config", key, value]);
            }
        };
        check(set("extensions.objectFormat", "sha256"), "SHA-256");
        check(set("extensions.refStorage", "reftable"), "not kept as files");
        check(set("extensions.partialClone", "origin"), "partial");
        check(set("extensions.newThing", "true"), "not known");
        check(set("remote.origin.partialclonefilter", "blob:none"), "partial");
    }

    #[test]
    fn what_is_missing_is_never_fetched() {
        let fixture = Fixture::new();
        let commit = fixture.commit("a.txt", "a\n");
        fixture.remove_loose(fixture.id(&["rev-parse", "HEAD:a.txt"]));
        let marker = fixture.path().join(".git/ran");
        let program = format!("ext::touch {}", marker.display());
        for (key, value) in [
            ("remote.origin.promisor", "true"),
            ("remote.origin.url", &program),
            ("protocol.ext.allow", "always"),
        ] {
            fixture.git(&["config", key, value]);
        }
        let snapshot = fixture.open_for_reading().snapshot(commit).expect("no error");
        assert_eq!(snapshot.files[0].content, secpack_pack::Content::Absent);
        assert!(!marker.exists(), "it tried to fetch");
    }

    #[test]
    fn a_real_shallow_clone_and_sha256_are_refused() {
        let fixture = Fixture::new();
        fixture.commit("a.txt", "a\n");
        fixture.commit("a.txt", "b\n");
        let url = format!("file://{}", fixture.path().display());
        fixture.git(&["clone", "-q", "--depth=1", &url, "shallow"]);
        fixture.git(&["init", "-q", "--object-format=sha256", "wide"]);
        for name in ["shallow", "wide"] {
            let opened = Repository::open(&fixture.path().join(name));
            assert!(matches!(opened, Err(Error::Refused { .. })), "{name}");
        }
    }
}
