use super::*;
use crate::fixture::Fixture;

#[test]
fn head_is_found_where_it_is() {
    let fixture = Fixture::new();
    assert_eq!(fixture.open().head().expect("readable"), None);
    assert_eq!(fixture.open().head_branch().as_deref(), Some("main"));
    let commit = fixture.commit("a.txt", "a\n");
    assert_eq!(fixture.open().head().expect("readable"), Some(commit));
    fixture.git(&["checkout", "-q", "--detach"]);
    assert_eq!(fixture.open().head().expect("readable"), Some(commit));
    assert_eq!(fixture.open().head_branch(), None);
}

#[test]
fn a_dangling_head_falls_back_in_bare_repositories_only() {
    let fixture = Fixture::new();
    let commit = fixture.commit("a.txt", "a\n");
    fixture.git(&["clone", "-q", "--bare", ".", "bare"]);
    fixture.git(&["-C", "bare", "symbolic-ref", "HEAD", "refs/heads/nowhere"]);
    let bare = Repository::open(&fixture.path().join("bare")).expect("opens");
    assert!(bare.is_bare() && bare.workdir().is_none());
    assert_eq!(bare.head().expect("readable"), Some(commit));
    fixture.git(&["symbolic-ref", "HEAD", "refs/heads/nowhere"]);
    assert_eq!(fixture.open().head().expect("readable"), None);
}

#[test]
fn resolves_commits_and_nothing_else() {
    let fixture = Fixture::new();
    let first = fixture.commit("a.txt", "a\n");
    let second = fixture.commit("a.txt", "b\n");
    fixture.git(&["tag", "-a", "-m", "m", "v1", "HEAD~1"]);
    fixture.git(&["tag", "-a", "-m", "m", "v1tag", "v1"]);
    for repository in [fixture.open(), fixture.open_for_reading()] {
        for (spec, expected) in [
            ("HEAD", second),
            ("main", second),
            ("HEAD~1", first),
            ("v1", first),
            ("v1tag", first),
            ("refs/tags/v1", first),
            (&second.short(8), second),
            (&first.to_string(), first),
        ] {
            assert_eq!(repository.resolve(spec).expect(spec), expected);
        }
        for bad in ["", "-h", "--all", "nowhere", "HEAD:a.txt", "HEAD^{tree}", "a\nb", "HEAD\0"] {
            let found = repository.resolve(bad);
            assert!(matches!(found, Err(Error::NoSuchCommit { .. })), "{bad:?}: {found:?}");
        }
    }
}

#[test]
fn reading_does_not_write() {
    let fixture = Fixture::new();
    fixture.commit("a.txt", "a\n");
    let repository = fixture.open_for_reading();
    assert_eq!(repository.workdir(), Some(fixture.path()));
    assert!(matches!(repository.writable(), Err(Error::ReadingOnly { .. })));
    assert!(fixture.open().writable().is_ok());
}

#[test]
fn a_work_tree_elsewhere_is_refused() {
    let fixture = Fixture::new();
    fixture.commit("a.txt", "a\n");
    fixture.git(&["init", "-q", "other"]);
    let elsewhere = fixture.path().join("other").display().to_string();
    fixture.git(&["config", "core.worktree", &elsewhere]);
    let opened = Repository::open(fixture.path());
    assert!(matches!(opened, Err(Error::Refused { .. })), "{opened:?}");
    assert_eq!(fixture.open_for_reading().workdir(), Some(fixture.path()));
}

#[cfg(unix)]
#[test]
fn another_owner_is_named() {
    let fixture = Fixture::new();
    fixture.commit("a.txt", "a\n");
    for folder in [fixture.path().to_owned(), fixture.path().join(".git")] {
        if std::os::unix::fs::chown(&folder, Some(12345), None).is_err() {
            return; // Only root can give files away; as another user there is nothing to test.
        }
    }
    let error = Repository::open(fixture.path()).expect_err("foreign");
    assert!(matches!(error, Error::ForeignOwner { .. }), "{error:?}");
    assert!(error.hint().expect("one").contains("safe.directory"));
    assert!(fixture.open_for_reading().head().expect("readable").is_some());
}
