use super::*;
use crate::fixture::Fixture;
use crate::raw_tag::RawTagError;

const ARMOR: &str = "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n=AAAA\n-----END PGP SIGNATURE-----\n";

fn path(text: &str) -> PackPath {
    text.parse().expect("valid")
}

/// Commits files to `main` on top of `parent`, through our own code.
fn commit(
    fixture: &Fixture,
    parent: Option<ObjectId>,
    files: &[(&str, &str)],
    removed: &[&str],
) -> Result<ObjectId> {
    let files: Vec<_> =
        files.iter().map(|(name, text)| (path(name), text.as_bytes().to_vec())).collect();
    let removed: Vec<_> = removed.iter().map(|name| path(name)).collect();
    fixture.open().commit_files(&CommitRequest {
        branch: "main",
        parent,
        files: &files,
        removed: &removed,
        message: "A message  \n\n\n\nwith Zoë",
        author: &fixture.identity(),
        time: fixture.time(),
    })
}

#[test]
fn a_commit_is_byte_for_byte_gits_own() {
    let fixture = Fixture::new();
    let first = fixture.commit("QSBs/a.txt", "a\n");
    fixture.write("QSBs/b.txt", b"b\n");
    fixture.write("new/deep/c.txt", b"c\n");
    let files = [("QSBs/b.txt", "b\n"), ("new/deep/c.txt", "c\n")];
    let ours = commit(&fixture, Some(first), &files, &[]).expect("committed");
    assert_eq!(fixture.id(&["rev-parse", "HEAD"]), ours);
    assert_eq!(fixture.git(&["status", "--porcelain"]), "");
    fixture.git(&["fsck", "--strict", "--no-dangling"]);
    fixture.git(&["reset", "-q", "--soft", "HEAD~1"]);
    fixture.git(&["commit", "-q", "-m", "A message  \n\n\n\nwith Zoë"]);
    assert_eq!(fixture.id(&["rev-parse", "HEAD"]), ours);
}

#[test]
fn the_first_commit_and_the_checkout() {
    let fixture = Fixture::new();
    let first = commit(&fixture, None, &[("a.txt", "a\n")], &[]).expect("committed");
    assert_eq!(fixture.id(&["rev-parse", "main"]), first);
    assert_eq!(fixture.git(&["status", "--porcelain"]), " D a.txt");
    let again = commit(&fixture, None, &[("b.txt", "b\n")], &[]);
    assert!(matches!(again, Err(Error::RefMoved { .. })), "{again:?}");
}

#[test]
fn what_was_not_asked_for_stays_out() {
    let fixture = Fixture::new();
    fixture.write("run.sh", b"#!\n");
    fixture.git(&["add", "run.sh"]);
    fixture.git(&["update-index", "--chmod=+x", "run.sh"]);
    let first = fixture.commit("a.txt", "a\n");
    fixture.write("staged.txt", b"s\n");
    fixture.git(&["add", "staged.txt"]);
    fixture.write("a.txt", b"edited\n");
    commit(&fixture, Some(first), &[("run.sh", "#!/bin/sh\n")], &[]).expect("committed");
    assert_eq!(fixture.git(&["show", "--name-only", "--format="]), "run.sh");
    assert!(fixture.git(&["ls-tree", "HEAD", "run.sh"]).starts_with("100755"));
    let status = fixture.git(&["-c", "core.fileMode=false", "status", "--porcelain"]);
    assert_eq!(status, " M a.txt\n M run.sh\nA  staged.txt");
}

#[test]
fn files_can_go() {
    let fixture = Fixture::new();
    fixture.commit("keys/old/a.asc", "a\n");
    let second = fixture.commit("keys/b.asc", "b\n");
    let moved = [("keys/retired/a.asc", "a\n")];
    fixture.write("keys/retired/a.asc", b"a\n");
    commit(&fixture, Some(second), &moved, &["keys/old/a.asc"]).expect("committed");
    let listed = fixture.git(&["ls-tree", "-r", "-t", "--name-only", "HEAD"]);
    assert_eq!(listed, "keys\nkeys/b.asc\nkeys/retired\nkeys/retired/a.asc");
    assert_eq!(fixture.git(&["status", "--porcelain"]), "?? keys/old/");
    let third = fixture.commit("c.txt", "c\n");
    fixture.git(&["rm", "-q", "c.txt"]);
    commit(&fixture, Some(third), &[], &["c.txt"]).expect("the index had let go of it before");
}

#[test]
fn a_commit_needs_a_change_and_an_unmoved_branch() {
    let fixture = Fixture::new();
    let first = fixture.commit("sub/a.txt", "a\n");
    let same = commit(&fixture, Some(first), &[("sub/a.txt", "a\n")], &[]);
    assert!(matches!(same, Err(Error::NothingToCommit { .. })), "{same:?}");
    let folder = commit(&fixture, Some(first), &[("sub", "a\n")], &[]);
    assert!(matches!(folder, Err(Error::Git { .. })), "{folder:?}");
    let absent = commit(&fixture, Some(first), &[], &["none.txt"]);
    assert!(matches!(absent, Err(Error::Git { .. })), "{absent:?}");
    let second = fixture.commit("b.txt", "b\n");
    let late = commit(&fixture, Some(first), &[("c.txt", "c\n")], &[]);
    assert!(matches!(late, Err(Error::RefMoved { .. })), "{late:?}");
    assert_eq!(fixture.id(&["rev-parse", "main"]), second);
    assert_eq!(fixture.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_held_index_stops_before_anything_moves() {
    let fixture = Fixture::new();
    let first = fixture.commit("a.txt", "a\n");
    fixture.write(".git/index.lock", b"");
    let held = commit(&fixture, Some(first), &[("b.txt", "b\n")], &[]);
    assert!(matches!(held, Err(Error::Refused { .. })), "{held:?}");
    assert_eq!(fixture.id(&["rev-parse", "main"]), first);
}

#[test]
fn another_branch_leaves_the_index_alone() {
    let fixture = Fixture::new();
    let first = fixture.commit("a.txt", "a\n");
    fixture.git(&["branch", "other"]);
    let files = [(path("b.txt"), b"b\n".to_vec())];
    let request = CommitRequest {
        branch: "other",
        parent: Some(first),
        files: &files,
        removed: &[],
        message: "m",
        author: &fixture.identity(),
        time: fixture.time(),
    };
    let made = fixture.open().commit_files(&request).expect("committed");
    assert_eq!(fixture.id(&["rev-parse", "other"]), made);
    assert_eq!(fixture.git(&["status", "--porcelain"]), "");
    let bad = CommitRequest { branch: "-x", ..request.clone() };
    assert!(matches!(fixture.open().commit_files(&bad), Err(Error::BadName { .. })));
    let reading = fixture.open_for_reading().commit_files(&request);
    assert!(matches!(reading, Err(Error::ReadingOnly { .. })), "{reading:?}");
}

#[test]
fn a_signed_commit_reads_back() {
    let fixture = Fixture::new();
    let first = fixture.commit("a.txt", "a\n");
    let repository = fixture.open();
    let files = [(path("b.txt"), b"b\n".to_vec())];
    let prepared = repository.prepare_commit(&CommitRequest {
        branch: "main",
        parent: Some(first),
        files: &files,
        removed: &[],
        message: "Subject\n\nBody",
        author: &fixture.identity(),
        time: fixture.time(),
    });
    let prepared = prepared.expect("stored");
    let made = repository.finish_commit(&prepared, Some(ARMOR)).expect("made");
    let commit = repository.commit(made).expect("well-formed");
    let signature = commit.signature.expect("signed");
    assert_eq!((signature.payload, signature.armor), (prepared.payload, ARMOR.as_bytes().to_vec()));
    assert_eq!(commit.summary, "Subject");
    fixture.git(&["fsck", "--strict", "--no-dangling"]);
    let raw = fixture.git(&["cat-file", "commit", "HEAD"]);
    assert!(raw.contains("gpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n"), "{raw}");
}

#[test]
fn a_tag_is_written_once() {
    let fixture = Fixture::new();
    let target = fixture.commit("a.txt", "a\n");
    let repository = fixture.open();
    let raw = |name: &str, message: &str| {
        let mut raw = raw_tag::build(&target, name, &fixture.identity(), fixture.time(), message);
        raw.extend_from_slice(ARMOR.as_bytes());
        raw
    };
    let id = repository.write_tag("v1", &raw("v1", "m")).expect("written");
    assert_eq!(repository.write_tag("v1", &raw("v1", "m")).expect("there already"), id);
    let other = repository.write_tag("v1", &raw("v1", "other"));
    assert!(matches!(other, Err(Error::RefExists { found, .. }) if found == id), "{other:?}");
    let name = repository.write_tag("v2", &raw("v1", "m"));
    let expected = RawTagError::OtherName;
    assert!(matches!(name, Err(Error::BadTag { source, .. }) if source == expected), "{name:?}");
    let junk = repository.write_tag("v2", b"junk");
    assert!(matches!(junk, Err(Error::BadTag { .. })), "{junk:?}");
    let option = repository.write_tag("-d", &raw("-d", "m"));
    assert!(matches!(option, Err(Error::BadName { .. })), "{option:?}");
    assert_eq!(fixture.git(&["tag"]), "v1");
    assert_eq!(fixture.git_bytes(&["cat-file", "tag", "v1"]), raw("v1", "m"));
    fixture.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn a_tag_of_nothing_is_not_written() {
    let fixture = Fixture::new();
    fixture.commit("a.txt", "a\n");
    let nowhere = ObjectId::from_bytes([9; 20]);
    let raw = raw_tag::build(&nowhere, "v1", &fixture.identity(), fixture.time(), "m");
    let written = fixture.open().write_tag("v1", &raw);
    assert!(matches!(written, Err(Error::Missing { id }) if id == nowhere), "{written:?}");
}

#[test]
fn a_new_repository_is_empty_and_has_no_hooks() {
    let fixture = Fixture::new();
    let place = fixture.path().join("fresh/pack");
    let fresh = Repository::init(&place, "trunk").expect("made");
    assert_eq!(fresh.head_branch().as_deref(), Some("trunk"));
    assert!(!place.join(".git/hooks").join("pre-push.sample").exists());
    assert!(matches!(Repository::init(&place, "trunk"), Err(Error::Git { .. })));
    assert!(matches!(Repository::init(&place, "a b"), Err(Error::BadName { .. })));
}

#[test]
fn the_identity_comes_from_the_configuration() {
    let fixture = Fixture::new();
    fixture.git(&["config", "user.name", "Bob Example"]);
    fixture.git(&["config", "user.email", "bob@example.org"]);
    let identity = fixture.open().identity().expect("set");
    assert_eq!((identity.name(), identity.email()), ("Bob Example", "bob@example.org"));
    fixture.git(&["config", "user.email", "<>"]);
    let error = fixture.open().identity().expect_err("not usable");
    assert_eq!(error.hint().as_deref(), Some("git config user.email you@example.org"));
    let nothing = git2::Config::new().expect("made");
    assert!(matches!(identity_of(&nothing), Err(Error::NoIdentity { key: "user.name", .. })));
}
