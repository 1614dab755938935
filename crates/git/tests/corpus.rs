//! The real Qubes pack: what stock git says about it, we say too, and fast.

#![expect(clippy::disallowed_macros, reason = "a skipped test and measured times are said aloud")]

use secpack_git::{Repository, TagObject, raw_tag};
use secpack_pack::{Content, FileKind, ObjectId, PackPath};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The corpus, or `None` at home where it is absent.
fn corpus() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = here.ancestors().map(|folder| folder.join("../shared/corpus"));
    let found = found.into_iter().find(|folder| folder.join("qubes-secpack.git").is_dir());
    #[expect(clippy::disallowed_methods, reason = "a missing corpus fails in CI alone")]
    let in_ci = std::env::var_os("CI").is_some();
    assert!(found.is_some() || !in_ci, "../shared/corpus is absent, and this is CI");
    if found.is_none() {
        println!("skipped: ../shared/corpus is absent");
    }
    found
}

fn open() -> Option<Repository> {
    let place = corpus()?.join("qubes-secpack.git");
    Some(Repository::open_for_reading(&place).expect("opens"))
}

fn head(repository: &Repository) -> ObjectId {
    repository.head().expect("readable").expect("it has commits")
}

fn timed<T>(what: &str, times: &mut String, work: impl FnOnce() -> T) -> T {
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    let start = Instant::now();
    let made = work();
    let took: Duration = start.elapsed();
    writeln!(times, "{what}: {:.1} ms", took.as_secs_f64() * 1e3).expect("memory");
    made
}

#[test]
fn the_whole_pack_reads_fast_and_right() {
    let Some(repository) = open() else { return };
    let mut times = String::new();
    let head = timed("head", &mut times, || head(&repository));
    assert!(head.to_string().starts_with("346d660c"));

    let snapshot = timed("snapshot", &mut times, || repository.snapshot(head)).expect("whole");
    assert_eq!(snapshot.problems, []);
    let absent = snapshot.files.iter().filter(|file| file.content == Content::Absent);
    assert!(absent.clone().count() > 0);
    assert!(absent.clone().all(|file| file.path.as_str().starts_with("utils/")));
    let links = snapshot.files.iter().filter(|file| file.kind == FileKind::Link).count();
    assert!(links >= 6, "{links}");

    let mainline = timed("mainline", &mut times, || repository.mainline(head)).expect("whole");
    assert_eq!(mainline.len(), 966);
    let read = || mainline.iter().map(|id| repository.commit(*id)).collect::<Result<Vec<_>, _>>();
    timed("966 commits", &mut times, read).expect("well-formed");

    let tags = timed("tags", &mut times, || repository.tags()).expect("readable");
    assert_eq!(tags.len(), 679);
    let mut tips = vec![head];
    for tag in &tags {
        let TagObject::Raw(raw) = &tag.object else { panic!("{} is lightweight", tag.name) };
        let parsed = raw_tag::parse(raw).unwrap_or_else(|error| panic!("{}: {error}", tag.name));
        assert_eq!((parsed.target_kind, parsed.signature.is_some()), ("commit", true));
        assert_eq!(tag.name != parsed.name, tag.name == "0v", "{}", tag.name);
        tips.push(parsed.object);
    }
    let fresh = open().expect("as before");
    let keys = |path: &PackPath| path.as_str().starts_with("keys/");
    let versions = timed("blob_versions, cold", &mut times, || fresh.blob_versions(&tips, &keys));
    let versions = versions.expect("whole");
    assert!(versions.len() > 60, "{}", versions.len());
    let again = timed("blob_versions, warm", &mut times, || repository.blob_versions(&tips, &keys));
    assert_eq!(again.expect("whole"), versions);

    let at_all = || {
        let paths = snapshot.files.iter().map(|file| &file.path);
        paths
            .flat_map(|path| mainline.iter().map(move |id| (id, path)))
            .filter(|(id, path)| repository.blob_at(**id, path).expect("whole").is_some())
            .count()
    };
    let found = timed("blob_at, each file at each commit", &mut times, at_all);
    assert!(found > 100_000, "{found}");
    let off =
        || tips.iter().filter(|tip| !repository.is_ancestor(**tip, head).expect("whole")).count();
    assert_eq!(timed("is_ancestor, each tag", &mut times, off), 0);
    println!("{times}");
}

#[test]
fn tags_are_as_the_truth_file_says() {
    let (Some(repository), Some(corpus)) = (open(), corpus()) else { return };
    let truth = std::fs::read_to_string(corpus.join("truth/tags.tsv")).expect("there");
    let tags = repository.tags().expect("readable");
    let tags: BTreeMap<&str, _> = tags.iter().map(|tag| (tag.name.as_str(), tag)).collect();
    assert_eq!(truth.lines().count() - 1, tags.len());
    for row in truth.lines().skip(1) {
        let column: Vec<&str> = row.split('\t').collect();
        let tag = tags[column[0]];
        assert_eq!(tag.target.to_string(), column[1]);
        let TagObject::Raw(raw) = &tag.object else { panic!("{row}") };
        let parsed = raw_tag::parse(raw).expect("well-formed");
        assert_eq!(parsed.object.to_string(), column[3]);
        let on_main = repository.is_ancestor(parsed.object, head(&repository)).expect("whole");
        assert_eq!(on_main, column[4] == "yes", "{row}");
        let made = parsed.tagger.expect("there is one").time.format("%Y-%m-%dT%H:%M:%SZ");
        assert_eq!(made.to_string(), column[10], "{row}");
    }
}
