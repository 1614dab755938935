//! The rules, each a named function over one change.

use super::{Change, GateError, Line};
use secpack_audit::tally_of;
use secpack_git::blob_id;
use secpack_openpgp::holds_secret_key;
use secpack_pack::{Content, Document, Finding, Level, ObjectId, PackPath, Reason, shell_word};
use secpack_signing::Tally;
use std::collections::BTreeSet;
use std::path::PathBuf;

type Rule = fn(&Change<'_>) -> Result<Vec<Finding>, GateError>;

/// Every rule. The guard of drafts under embargo is none of them: it does not look at a change, but
/// at everything in the repository, and needs the readers' identities (`secpack hook run`).
pub(super) const RULES: [Rule; 4] =
    [no_secret_key, signatures_fit, signed_bytes_stay, published_is_complete];

fn tally(change: &Change<'_>, document: &Document) -> Result<Tally, GateError> {
    let Change { repository, authority, pack, tips, .. } = change;
    Ok(tally_of(repository, authority, pack, document, tips)?)
}

/// No signature beside a text that it is not good over.
fn signatures_fit(change: &Change<'_>) -> Result<Vec<Finding>, GateError> {
    let mut found = Vec::new();
    for document in change.pack.documents.values() {
        for broken in tally(change, document)?.broken() {
            let (code, path) = (broken.judged.verdict.reason.code(), broken.path.as_str());
            let help = match (change.place.is_staged, change.place.line) {
                (true, Line::Other) => format!("git rm -q --cached -- {}", shell_word(path)),
                (true, Line::Published) if is_as_before(change, document) => {
                    format!("git restore --staged -- {}", shell_word(path))
                }
                (true, Line::Published) => to_its_event(change, document),
                (false, Line::Published) => made_anew(change),
                (false, Line::Other) if !change.place.is_here => {
                    format!("secpack event list {}", shell_word(document.path.as_str()))
                }
                (false, Line::Other) => {
                    let path = shell_word(path);
                    let commit = "git commit -q -m \"Take back a signature over another text\"";
                    format!("git rm -q --cached -- {path} && {commit}")
                }
            };
            let detail = broken.judged.verdict.detail.clone();
            found.push(Finding::new(code, Level::Error, path, &[], detail).with_help(help));
        }
    }
    Ok(found)
}

/// No text that somebody signed differs in nothing but blanks and line ends, unless that is meant:
/// somebody signed it anew, and no signature over the old text is left.
fn signed_bytes_stay(change: &Change<'_>) -> Result<Vec<Finding>, GateError> {
    let mut found = Vec::new();
    for document in change.pack.documents.values() {
        let path = &document.path;
        let Some(old) = change.old.documents.get(path) else { continue };
        let is_signed_still = change.pack.signatures_of(path).next().is_some();
        let matters = is_signed_still || change.place.line == Line::Published;
        if !matters || old.bytes == document.bytes || !is_reformatted(old, document) {
            continue;
        }
        let anew = tally(change, document)?;
        if !anew.signed.is_empty() && anew.broken().next().is_none() {
            continue;
        }
        let Change { repository, authority, old: pack, tips, .. } = change;
        let was_signed = !tally_of(repository, authority, pack, old, tips)?.signed.is_empty();
        if was_signed {
            let text = "only blanks or line ends changed, and that voids every signature over it";
            let help = match (change.place.is_staged, change.place.line) {
                (false, Line::Published) => made_anew(change),
                (_, _) => without_blanks(change, path),
            };
            let finding = Finding::new("reformatted", Level::Error, path.as_str(), &[], text);
            found.push(finding.with_help(help));
        }
    }
    Ok(found)
}

/// Whether the text is the one that was there before.
fn is_as_before(change: &Change<'_>, document: &Document) -> bool {
    change.old.documents.get(&document.path).is_some_and(|old| old.bytes == document.bytes)
}

/// Brings back a text and every signature beside it. Where one of them was worked on, only the
/// index gets them: what is on disk is nowhere else.
fn with_signatures(change: &Change<'_>, path: &PackPath) -> String {
    bring_back(change, path, &|path| is_worked_on(change, path))
}

/// The same where nothing but blanks of the text is lost.
fn without_blanks(change: &Change<'_>, path: &PackPath) -> String {
    let is_staged = |path: &PackPath| on_disk(change, path).as_ref() == change.after.get(path);
    bring_back(change, path, &|one| is_worked_on(change, one) && !(one == path && is_staged(one)))
}

fn bring_back(
    change: &Change<'_>,
    path: &PackPath,
    is_worked_on: &dyn Fn(&PackPath) -> bool,
) -> String {
    let beside = change.old.signatures_of(path).chain(change.pack.signatures_of(path));
    let all: BTreeSet<&PackPath> =
        beside.map(|file| &file.path).chain(std::iter::once(path)).collect();
    let base = &change.place.base;
    if change.place.is_staged && all.iter().any(|path| is_worked_on(path)) {
        return format!("git restore --staged --source {base} -- {}", words(all));
    }
    let old = all.into_iter().filter(|path| change.before.contains_key(*path));
    format!("git checkout {base} -- {}", words(old))
}

/// Whether a file on disk is another than before the change. A folder is somebody's work as well.
fn is_worked_on(change: &Change<'_>, path: &PackPath) -> bool {
    let is_there = in_work_tree(change, path).symlink_metadata().is_ok();
    is_there && on_disk(change, path).as_ref() != change.before.get(path)
}

fn in_work_tree(change: &Change<'_>, path: &PackPath) -> PathBuf {
    let root = change.repository.workdir().unwrap_or(change.repository.git_dir());
    root.join(path.as_str())
}

fn on_disk(change: &Change<'_>, path: &PackPath) -> Option<ObjectId> {
    blob_id(&std::fs::read(in_work_tree(change, path)).ok()?).ok()
}

/// The text goes where it is signed, and stays out of this commit; on disk nothing changes.
fn to_its_event(change: &Change<'_>, document: &Document) -> String {
    let path = &document.path;
    let beside = change.pack.signatures_of(path).chain(change.old.signatures_of(path));
    let all: BTreeSet<&PackPath> =
        beside.map(|file| &file.path).chain(std::iter::once(path)).collect();
    let unstage = format!("git restore --staged -- {}", words(all));
    // An event takes what lies on disk, which is another text than the one that is judged here.
    if on_disk(change, path).as_ref() != change.after.get(path) {
        return format!("git diff -- {}", shell_word(path.as_str()));
    }
    match change.authority.policy.pack().event_branch(&document.id) {
        Some(_) => format!("secpack event open {} && {unstage}", shell_word(path.as_str())),
        None => unstage,
    }
}

/// Readers may look at every commit of a published branch, so one that is not good is made anew;
/// nothing of it is lost.
fn made_anew(change: &Change<'_>) -> String {
    change.place.anew.clone()
}

fn words<'p>(paths: impl IntoIterator<Item = &'p PackPath>) -> String {
    let words: Vec<String> = paths.into_iter().map(|path| shell_word(path.as_str())).collect();
    words.join(" ")
}

fn is_reformatted(old: &Document, new: &Document) -> bool {
    let words = |document: &Document| -> Option<Vec<Vec<u8>>> {
        let bytes = document.bytes.as_deref()?;
        let words = bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        Some(words.map(<[u8]>::to_vec).collect())
    };
    words(old).is_some_and(|old| Some(old) == words(new))
}

/// Nothing that somebody still has to sign gets onto a published branch.
fn published_is_complete(change: &Change<'_>) -> Result<Vec<Finding>, GateError> {
    let mut found = Vec::new();
    if change.place.line == Line::Other {
        return Ok(found);
    }
    for document in change.pack.documents.values() {
        let tally = tally(change, document)?;
        if tally.is_met() || tally.broken().next().is_some() {
            continue;
        }
        // To take back a signature that is not good mends a text that was not complete before.
        let before =
            change.old.documents.get(&document.path).filter(|_| is_as_before(change, document));
        let Change { repository, authority, old, tips, .. } = change;
        let was =
            before.map(|text| tally_of(repository, authority, old, text, tips)).transpose()?;
        let keeps = |was: &Tally| was.signed.iter().all(|member| tally.signed.contains(member));
        if was.is_some_and(|was| !was.is_met() && keeps(&was)) {
            continue;
        }
        let names: Vec<&str> = tally.short_of.iter().map(|member| member.as_str()).collect();
        let text = match names.as_slice() {
            [] => "not signed as the policy asks".to_owned(),
            names => format!("not signed by {}", names.join(", ")),
        };
        let path = &document.path;
        let help = match (change.place.is_staged, is_as_before(change, document)) {
            (false, _) => made_anew(change),
            (true, true) => with_signatures(change, &document.path),
            (true, false) => match moved_from(change, document) {
                Some(old) => rename_back(change, path, old),
                None => to_its_event(change, document),
            },
        };
        let code = Reason::Missing.code();
        found.push(Finding::new(code, Level::Error, path.as_str(), &[], text).with_help(help));
    }
    Ok(found)
}

/// What stands under the old name by now stays; only the index goes back.
fn rename_back(change: &Change<'_>, new: &PackPath, old: &PackPath) -> String {
    match in_work_tree(change, old).symlink_metadata() {
        Ok(_) => format!("git restore --staged -- {}", words([new, old])),
        Err(_) => format!("git mv -- {}", words([new, old])),
    }
}

/// No secret key goes along with a key file: whoever clones the pack would have it for ever.
fn no_secret_key(change: &Change<'_>) -> Result<Vec<Finding>, GateError> {
    let mut found = Vec::new();
    for (path, id) in &change.after {
        let is_key_file = change.authority.policy.pack().key_group(path).is_some();
        if !is_key_file || change.before.get(path) == Some(id) {
            continue;
        }
        let Content::Bytes(bytes) = change.repository.read_blob(*id)? else { continue };
        if !holds_secret_key(&bytes) {
            continue;
        }
        let word = shell_word(path.as_str());
        let help = match (change.place.is_staged, change.before.contains_key(path)) {
            (false, _) => made_anew(change),
            (true, true) => format!("git restore --staged -- {word}"),
            (true, false) => format!("git rm -q --cached -- {word}"),
        };
        let text = "it holds a secret key, and whoever clones the pack would have it";
        let finding = Finding::new("secret-key", Level::Error, path.as_str(), &[], text);
        found.push(finding.with_help(help));
    }
    Ok(found)
}

/// The name that a published text had before it was renamed without its signatures.
fn moved_from<'c>(change: &'c Change<'_>, document: &Document) -> Option<&'c PackPath> {
    let blob = change.after.get(&document.path);
    let mut old = change.old.documents.keys();
    old.find(|path| !change.after.contains_key(*path) && change.before.get(*path) == blob)
}

/// The name that a published text has now, where that is new.
fn moved_to<'c>(change: &'c Change<'_>, path: &PackPath) -> Option<&'c PackPath> {
    let blob = change.before.get(path);
    let mut new = change.after.iter().filter(|(_, id)| Some(*id) == blob).map(|(path, _)| path);
    new.find(|path| !change.before.contains_key(*path))
}

/// No document goes from a published branch; moved with the same bytes to where the policy knows a
/// document, it stays.
pub(super) fn published_stays(change: &Change<'_>) -> Result<Vec<Finding>, GateError> {
    if change.place.line == Line::Other {
        return Ok(Vec::new());
    }
    let gone = change.old.documents.keys().filter(|path| {
        let blob = change.before.get(*path);
        let stays = |new: &PackPath| change.after.get(new) == blob;
        !change.after.contains_key(*path) && !change.pack.documents.keys().any(stays)
    });
    let finding = |path: &PackPath| {
        let text = "readers have it, and this takes it away";
        let help = match (change.place.is_staged, moved_to(change, path)) {
            (false, _) => made_anew(change),
            (true, Some(new)) => rename_back(change, new, path),
            (true, None) => with_signatures(change, path),
        };
        Finding::new("vanished", Level::Error, path.as_str(), &[], text).with_help(help)
    };
    Ok(gone.map(finding).collect())
}
