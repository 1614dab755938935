use super::*;
use crate::fixture::Fixture;

fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn files_come_sorted_with_their_exact_bytes() {
    let fixture = Fixture::new();
    fixture.write("a-b.txt", b"one\r\n\r\n");
    fixture.write("a/x.txt", b"");
    fixture.write("run.sh", b"#!\n");
    fixture.git(&["add", "."]);
    fixture.git(&["update-index", "--chmod=+x", "run.sh"]);
    let commit = fixture.commit("a/y.txt", "y\n");
    let snapshot = fixture.open().snapshot(commit).expect("whole");
    assert_eq!(snapshot.commit, Some(commit));
    assert_eq!(names(&snapshot), ["a-b.txt", "a/x.txt", "a/y.txt", "run.sh"]);
    assert_eq!(snapshot.files[0].content, Content::Bytes((*b"one\r\n\r\n").into()));
    assert_eq!(snapshot.files[0].id, fixture.id(&["rev-parse", "HEAD:a-b.txt"]));
    assert_eq!(snapshot.problems, []);
}

#[test]
fn links_and_gitlinks_are_not_followed() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"../../etc/passwd");
    let first = fixture.commit("a.txt", "a\n");
    let commit = fixture.commit_tree(&[("120000", "link", blob), ("160000", "module", first)]);
    let snapshot = fixture.open().snapshot(commit).expect("whole");
    let kinds: Vec<_> = snapshot.files.iter().map(|file| (file.path.as_str(), file.kind)).collect();
    assert_eq!(kinds, [("link", FileKind::Link), ("module", FileKind::Gitlink)]);
    assert_eq!(snapshot.files[0].content, Content::Bytes((*b"../../etc/passwd").into()));
    assert_eq!(snapshot.files[1].content, Content::Absent);
}

#[test]
fn a_missing_blob_is_absent_and_a_missing_folder_an_error() {
    let fixture = Fixture::new();
    let commit = fixture.commit("sub/a.txt", "a\n");
    fixture.remove_loose(fixture.id(&["rev-parse", "HEAD:sub/a.txt"]));
    let snapshot = fixture.open().snapshot(commit).expect("no error");
    assert_eq!(snapshot.files[0].content, Content::Absent);
    let folder = fixture.id(&["rev-parse", "HEAD:sub"]);
    fixture.remove_loose(folder);
    let found = fixture.open().snapshot(commit);
    assert!(matches!(found, Err(Error::Missing { id }) if id == folder), "{found:?}");
}

#[test]
fn names_no_pack_may_have_are_problems() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"x");
    let check = |entries: &[(&str, &str, ObjectId)], listed: usize, problems: usize| {
        let commit = fixture.commit_tree(entries);
        let snapshot = fixture.open().snapshot(commit).expect("no error");
        let found = (snapshot.files.len(), snapshot.problems.len());
        assert_eq!(found, (listed, problems), "{entries:?} {:?}", snapshot.problems);
    };
    let folder = fixture.tree(&[("100644", "config", blob)]);
    check(&[("100644", "a", blob), ("100644", "b", blob)], 2, 0);
    check(&[("40000", ".GIT", folder)], 0, 1);
    check(&[("40000", ".git", folder)], 0, 1);
    check(&[("40000", "..", folder)], 0, 1);
    check(&[("100644", "git~1", blob)], 0, 1);
    check(&[("100644", "a\\b", blob)], 0, 1);
    check(&[("100644", "a\u{1b}[2J", blob)], 0, 1);
    check(&[("100644", "README", blob), ("100644", "readme", blob)], 2, 1);
    check(&[("100644", "e\u{301}", blob), ("100644", "\u{e9}", blob)], 2, 1);
    check(&[("40000", "A", folder), ("40000", "a", folder)], 2, 1);
    check(&[("100600", "a", blob)], 0, 1);
    let doubled = fixture.commit_tree(&[("100644", "a", blob), ("40000", "a", folder)]);
    let found = fixture.open().snapshot(doubled);
    assert!(matches!(found, Err(Error::Malformed { .. })), "{found:?}");
}

#[test]
fn equal_files_share_their_bytes() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"x");
    let commit = fixture.commit_tree(&[("100644", "a", blob), ("100644", "b", blob)]);
    let snapshot = fixture.open().snapshot(commit).expect("whole");
    let [Content::Bytes(one), Content::Bytes(two)] =
        [&snapshot.files[0].content, &snapshot.files[1].content]
    else {
        panic!("{snapshot:?}");
    };
    assert!(std::sync::Arc::ptr_eq(one, two));
}

#[test]
fn bombs_are_capped() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"x");
    let mut wide = fixture.tree(&[]);
    for _ in 0..10 {
        let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        let entries: Vec<_> = names.iter().map(|name| ("40000", name.as_str(), wide)).collect();
        wide = fixture.tree(&entries);
    }
    let commit = fixture.commit_of(wide);
    let found = fixture.open().snapshot(commit);
    assert!(matches!(found, Err(Error::TooMany { what: "files and folders", .. })), "{found:?}");
    let mut deep = fixture.tree(&[("100644", "a", blob)]);
    for _ in 0..70 {
        deep = fixture.tree(&[("40000", "a", deep)]);
    }
    let found = fixture.open().snapshot(fixture.commit_of(deep));
    assert!(matches!(found, Err(Error::TooMany { what: "levels of folders", .. })), "{found:?}");
}

#[test]
fn a_name_that_is_not_utf8_is_a_problem() {
    let mut found = Found::default();
    assert_eq!(found.accept("sub", b"a\xff", &mut Twins::default()), None);
    assert_eq!(found.problems[0].name, "sub/a\u{fffd}");
}

#[test]
fn paths_are_regular_files_alone() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"x");
    let commit = fixture.commit_tree(&[("100644", "b", blob), ("120000", "a", blob)]);
    let paths = fixture.open().paths(commit).expect("whole");
    assert_eq!(paths, [("b".parse().expect("valid"), blob)]);
}
