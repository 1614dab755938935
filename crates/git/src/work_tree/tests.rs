use super::*;
use crate::fixture::Fixture;

fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn an_untouched_checkout_equals_its_commit() {
    let fixture = Fixture::new();
    fixture.commit("sub/a.txt", "a\n");
    let commit = fixture.commit("b.txt", "b\n");
    for repository in [fixture.open(), fixture.open_for_reading()] {
        let (disk, stored) = (repository.work_tree(), repository.snapshot(commit));
        let (disk, stored) = (disk.expect("readable"), stored.expect("whole"));
        assert_eq!(disk.files, stored.files);
        assert_eq!((disk.commit, disk.problems), (None, Vec::new()));
    }
}

#[test]
fn works_before_the_first_commit_and_not_without_files() {
    let fixture = Fixture::new();
    fixture.write("a.txt", b"a\n");
    assert_eq!(names(&fixture.open().work_tree().expect("readable")), ["a.txt"]);
    fixture.git(&["clone", "-q", "--bare", ".", "bare"]);
    let bare = Repository::open(&fixture.path().join("bare")).expect("opens");
    assert!(matches!(bare.work_tree(), Err(Error::NoWorkTree { .. })));
}

#[test]
fn ignored_files_are_left_out_and_tracked_ones_never() {
    let fixture = Fixture::new();
    fixture.write("kept.log", b"1\n");
    fixture.write("out/kept.txt", b"1\n");
    fixture.git(&["add", "."]);
    fixture.commit(".gitignore", "*.log\nout/\n!seen.log\n");
    for name in ["a.log", "seen.log", "out/b.txt", "sub/c.log", "sub/d.txt", "gone/e.log"] {
        fixture.write(name, b"2\n");
    }
    let expected = [".gitignore", "kept.log", "out/kept.txt", "seen.log", "sub/d.txt"];
    assert_eq!(names(&fixture.open().work_tree().expect("readable")), expected);
    assert_eq!(names(&fixture.open_for_reading().work_tree().expect("readable")), expected);
    fixture.git(&["rm", "-q", "--cached", "kept.log"]);
    assert_eq!(names(&fixture.open().work_tree().expect("readable")), expected);
}

#[test]
fn bytes_are_raw_and_no_filter_runs() {
    let fixture = Fixture::new();
    let marker = fixture.path().join(".git/ran");
    let program = format!("touch {}; cat", marker.display());
    for key in ["clean", "smudge", "process"] {
        fixture.git(&["config", &format!("filter.evil.{key}"), &program]);
    }
    for key in ["diff.evil.textconv", "diff.evil.command", "diff.external", "core.fsmonitor"] {
        fixture.git(&["config", key, &program]);
    }
    fixture.git(&["config", "core.autocrlf", "true"]);
    fixture.write(".gitattributes", b"*.txt text filter=evil diff=evil ident\n");
    fixture.write("a.txt", b"one\r\ntwo\r\n$Id$\n");
    let snapshot = fixture.open().work_tree().expect("readable");
    let file = &snapshot.files[1];
    assert_eq!(file.content, Content::Bytes((*b"one\r\ntwo\r\n$Id$\n").into()));
    assert_eq!(file.id, fixture.id(&["hash-object", "--no-filters", "a.txt"]));
    assert!(!marker.exists(), "a planted program ran");
    fixture.git(&["-c", "core.fsmonitor=", "add", "a.txt"]);
    assert!(marker.exists(), "the planted program would have run");
}

#[cfg(unix)]
#[test]
fn links_and_special_files_are_not_followed() {
    let fixture = Fixture::new();
    fixture.commit("a.txt", "a\n");
    std::os::unix::fs::symlink("/etc", fixture.path().join("etc")).expect("linked");
    std::os::unix::fs::symlink("a.txt", fixture.path().join("link")).expect("linked");
    let _socket = std::os::unix::net::UnixListener::bind(fixture.path().join("s")).expect("bound");
    let snapshot = fixture.open().work_tree().expect("readable");
    assert_eq!(names(&snapshot), ["a.txt", "etc", "link"]);
    assert_eq!(snapshot.files[1].content, Content::Bytes((*b"/etc").into()));
    assert_eq!(snapshot.files[2].kind, FileKind::Link);
    assert_eq!(snapshot.files[2].id, fixture.blob(b"a.txt"));
    assert_eq!(snapshot.problems.len(), 1);
}

#[test]
fn harmful_names_and_nested_repositories_are_problems() {
    let fixture = Fixture::new();
    fixture.commit("QSBs/a.txt", "a\n");
    for name in ["QSBs/.git/HEAD", ".GIT/config", "x/README", "x/readme", "a\\b"] {
        fixture.write(name, b"ref: refs/heads/main\n");
    }
    let snapshot = fixture.open().work_tree().expect("readable");
    assert_eq!(names(&snapshot), ["QSBs/a.txt", "x/README", "x/readme"]);
    let problems: Vec<_> = snapshot.problems.iter().map(|problem| problem.name.as_str()).collect();
    assert_eq!(problems, [".GIT", "QSBs/.git", "a\\b", "x/readme"]);
}

#[test]
fn a_large_file_has_its_id_but_no_bytes() {
    let fixture = Fixture::new();
    fixture.write("big", &vec![b'x'; MAX_OBJECT as usize + 1]);
    let snapshot = fixture.open().work_tree().expect("readable");
    assert_eq!(snapshot.files[0].content, Content::TooLarge(MAX_OBJECT + 1));
    assert_eq!(snapshot.files[0].id, fixture.id(&["hash-object", "big"]));
}

#[cfg(unix)]
#[test]
fn a_file_swapped_while_it_is_read_is_an_error() {
    let fixture = Fixture::new();
    fixture.write("a.txt", b"a\n");
    fixture.write("b.txt", b"b\n");
    let (one, two) = (fixture.path().join("a.txt"), fixture.path().join("b.txt"));
    let meta = std::fs::symlink_metadata(&one).expect("there");
    assert!(read_file(&one, &meta).is_ok());
    assert!(matches!(read_file(&two, &meta), Err(Error::Io { path, .. }) if path == two));
}

#[test]
fn a_linked_work_tree_has_its_own_files() {
    let fixture = Fixture::new();
    fixture.commit("a.txt", "a\n");
    fixture.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    let linked = fixture.path().join("../linked");
    for opened in [Repository::open(&linked), Repository::open_for_reading(&linked)] {
        let repository = opened.expect("opens");
        assert_eq!(repository.head_branch().as_deref(), Some("side"));
        assert_eq!(names(&repository.work_tree().expect("readable")), ["a.txt"]);
    }
}
