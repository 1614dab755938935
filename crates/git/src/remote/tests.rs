use super::*;
use crate::fixture::Fixture;

/// A repository with a bare upstream `origin` that has its first commit.
fn with_upstream() -> (Fixture, ObjectId) {
    let fixture = Fixture::new();
    let first = fixture.commit("a.txt", "a\n");
    fixture.git(&["clone", "-q", "--bare", ".", "../upstream.git"]);
    fixture.git(&["remote", "add", "origin", "../upstream.git"]);
    (fixture, first)
}

fn update(name: &str, local: ObjectId, expected: Option<ObjectId>) -> PushRef {
    PushRef { local, remote: name.parse().expect("valid"), expected }
}

fn upstream(fixture: &Fixture) -> Vec<(String, ObjectId)> {
    fixture.open().remote_refs("origin").expect("listed")
}

#[test]
fn a_push_sets_all_refs_and_can_be_repeated() {
    let (fixture, first) = with_upstream();
    let second = fixture.commit("b.txt", "b\n");
    fixture.git(&["tag", "-a", "-m", "m", "v1"]);
    let tag = fixture.id(&["rev-parse", "v1"]);
    let updates =
        [update("refs/heads/main", second, Some(first)), update("refs/tags/v1", tag, None)];
    for _ in 0..2 {
        fixture.open().push("origin", &updates).expect("pushed");
        let expected = [("refs/heads/main".to_owned(), second), ("refs/tags/v1".to_owned(), tag)];
        assert_eq!(upstream(&fixture), expected);
    }
    fixture.open().push("origin", &[]).expect("nothing to do");
}

#[test]
fn a_push_sets_all_refs_or_none() {
    let (fixture, first) = with_upstream();
    let second = fixture.commit("b.txt", "b\n");
    fixture.git(&["-C", "../upstream.git", "tag", "v1", "main"]);
    let before = upstream(&fixture);
    let updates =
        [update("refs/heads/main", second, Some(first)), update("refs/tags/v1", second, None)];
    let error = fixture.open().push("origin", &updates).expect_err("the tag exists");
    let Error::PushRejected { rejected, .. } = &error else { panic!("{error:?}") };
    assert!(rejected.iter().any(|line| line.contains("refs/tags/v1")), "{rejected:?}");
    assert_eq!(upstream(&fixture), before);
}

#[test]
fn a_branch_moves_forward_only_and_from_where_it_was_seen() {
    let (fixture, first) = with_upstream();
    let second = fixture.commit("b.txt", "b\n");
    let forward = [update("refs/heads/main", second, Some(first))];
    fixture.open().push("origin", &forward).expect("pushed");
    let back = fixture.open().push("origin", &[update("refs/heads/main", first, Some(second))]);
    assert!(matches!(back, Err(Error::NotFastForward { .. })), "{back:?}");
    let third = fixture.commit("c.txt", "c\n");
    let stale = fixture.open().push("origin", &[update("refs/heads/main", third, Some(first))]);
    assert!(matches!(stale, Err(Error::PushRejected { .. })), "{stale:?}");
    let new = fixture.open().push("origin", &[update("refs/heads/main", third, None)]);
    assert!(matches!(new, Err(Error::PushRejected { .. })), "{new:?}");
    assert_eq!(upstream(&fixture), [("refs/heads/main".to_owned(), second)]);
}

#[test]
fn only_one_of_two_clones_wins() {
    let (fixture, first) = with_upstream();
    fixture.git(&["clone", "-q", "../upstream.git", "other"]);
    let ours = fixture.commit("b.txt", "b\n");
    fixture.git(&["-C", "other", "commit", "-q", "--allow-empty", "-m", "theirs"]);
    fixture.git(&["-C", "other", "push", "-q"]);
    let late = fixture.open().push("origin", &[update("refs/heads/main", ours, Some(first))]);
    assert!(matches!(late, Err(Error::PushRejected { .. })), "{late:?}");
    assert!(late.expect_err("rejected").hint().is_some_and(|hint| hint.contains("git fetch")));
}

#[test]
fn fetches_what_was_asked_for_and_nothing_else() {
    let (fixture, _) = with_upstream();
    fixture.git(&["clone", "-q", "../upstream.git", "other"]);
    fixture.git(&["-C", "other", "commit", "-q", "--allow-empty", "-m", "theirs"]);
    fixture.git(&["-C", "other", "tag", "v1"]);
    fixture.git(&["-C", "other", "push", "-q", "--tags", "origin", "main"]);
    let specs = ["refs/heads/main:refs/remotes/origin/main"];
    fixture.open().fetch("origin", &specs).expect("fetched");
    let theirs = fixture.id(&["-C", "other", "rev-parse", "HEAD"]);
    assert_eq!(fixture.open().resolve("origin/main").expect("there"), theirs);
    assert_eq!(fixture.git(&["tag"]), "");
    let missing = fixture.open().fetch("origin", &["refs/heads/none"]);
    let Err(Error::Program { stderr, command: "fetch", .. }) = &missing else {
        panic!("{missing:?}");
    };
    assert!(stderr.contains("refs/heads/none"), "{stderr}");
}

#[test]
fn nothing_becomes_an_option_or_an_address() {
    let (fixture, first) = with_upstream();
    let repository = fixture.open();
    for bad in ["", "-u", "--upload-pack=touch x", "nowhere", "../upstream.git", "ext::sh -c true"]
    {
        let no_remote = |result: Result<()>| matches!(result, Err(Error::NoRemote { .. }));
        assert!(no_remote(repository.fetch(bad, &[])), "{bad:?}");
        assert!(no_remote(repository.remote_refs(bad).map(drop)), "{bad:?}");
        let updates = [update("refs/heads/main", first, None)];
        assert!(no_remote(repository.push(bad, &updates)), "{bad:?}");
    }
    for bad in ["", "--prune", "-f", "a b", "a\nb"] {
        let fetched = repository.fetch("origin", &[bad]);
        assert!(matches!(fetched, Err(Error::BadName { .. })), "{bad:?}");
    }
    let reading = fixture.open_for_reading().remote_refs("origin");
    assert!(matches!(reading, Err(Error::ReadingOnly { .. })), "{reading:?}");
}

#[cfg(unix)]
#[test]
fn hooks_run_for_a_push_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (fixture, first) = with_upstream();
    let marker = fixture.path().join(".git/ran");
    for hook in ["pre-push", "reference-transaction", "post-checkout", "post-index-change"] {
        let name = format!(".git/hooks/{hook}");
        fixture.write(&name, format!("#!/bin/sh\necho {hook} >>{}\n", marker.display()).as_bytes());
        let mode = std::fs::Permissions::from_mode(0o755);
        #[expect(clippy::disallowed_methods, reason = "a test fixture")]
        std::fs::set_permissions(fixture.path().join(name), mode).expect("executable");
    }
    let repository = fixture.open();
    repository.remote_refs("origin").expect("listed");
    repository.fetch("origin", &["refs/heads/main:refs/remotes/origin/main"]).expect("fetched");
    repository.work_tree().expect("readable");
    assert!(!marker.exists(), "a hook ran: {:?}", std::fs::read_to_string(&marker));
    let second = fixture.commit("b.txt", "b\n");
    repository.push("origin", &[update("refs/heads/main", second, Some(first))]).expect("pushed");
    assert!(std::fs::read_to_string(&marker).expect("it ran").contains("pre-push"));
}

#[test]
fn remotes_are_named_and_shown_without_password() {
    let (fixture, _) = with_upstream();
    fixture.git(&["remote", "add", "backup", "https://ann:secret@example.org/pack.git"]);
    let repository = fixture.open();
    assert_eq!(repository.remotes().expect("readable"), ["backup", "origin"]);
    assert_eq!(repository.remote_url("backup").expect("there"), "https://ann@example.org/pack.git");
    assert_eq!(repository.remote_url("origin").expect("there"), "../upstream.git");
    assert!(matches!(repository.remote_url("none"), Err(Error::NoRemote { .. })));
    for plain in ["ssh://git@example.org/a", "git@example.org:a", "https://example.org/a:b@c", ""] {
        assert_eq!(without_password(plain), plain);
    }
}
