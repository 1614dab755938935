//! How a draft gets from one member to the next: on a branch pushed with plain git, or on a copied
//! folder. Branches and copies only carry; `secpack collect` decides what is taken in.

use super::people::{commit_all, git, introduce};
use super::{Person, Scene, tell};
use crate::failure::{Failure, Outcome};
use crate::process;
use std::ffi::OsStr;
use std::path::Path;

/// Drafts a document with `bulletin new` or `canary new`; the path of the draft.
pub fn draft(
    scene: &Scene,
    person: &Person,
    kind: &str,
    option: &str,
    file: &Path,
) -> Result<String, Failure> {
    let mut new = scene.secpack(&person.folder, &[kind, "new", option]);
    let printed = process::output(new.arg(file))?;
    let path = printed.lines().find_map(|line| line.strip_prefix("drafted: "));
    path.map(str::to_owned).ok_or_else(|| Failure::Unexpected {
        what: format!("`secpack {kind} new` drafted nothing but said: {}", printed.trim()),
        hint: format!("cd {} && git status", person.folder.display()),
    })
}

/// Signs a document. `--yes` wants the digest of the text that was read, so it is asked first.
pub fn sign(scene: &Scene, person: &Person, document: &str) -> Result<String, Failure> {
    let digest = digest(scene, person, document)?;
    let arguments = ["sign", document, "--as", person.name, "--yes", &digest, "--key"];
    process::output(scene.secpack(&person.folder, &arguments).arg(&person.secret))?;
    Ok(digest)
}

/// `sign --dry-run` prints `DIGEST  PATH`.
fn digest(scene: &Scene, person: &Person, document: &str) -> Result<String, Failure> {
    let arguments = ["sign", document, "--as", person.name, "--dry-run"];
    let printed = process::output(&mut scene.secpack(&person.folder, &arguments))?;
    let word = printed.split_whitespace().next().unwrap_or_default();
    let is_digest = word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest {
        return Ok(word.to_owned());
    }
    Err(Failure::Unexpected {
        what: format!("`secpack sign {document} --dry-run` printed no digest: {}", printed.trim()),
        hint: format!("cd {} && secpack status {document}", person.folder.display()),
    })
}

/// Puts the drafts of a person's folder on a new branch and pushes it.
pub fn send_branch(scene: &Scene, person: &Person, branch: &str, message: &str) -> Outcome {
    git(scene, person, &["switch", "--quiet", "--create", branch])?;
    commit_all(scene, person, message)?;
    git(scene, person, &["push", "--quiet", "origin", branch])
}

/// Goes back to main with the drafts of the branch, as files that nobody committed yet.
pub fn back_to_draft(scene: &Scene, person: &Person, branch: &str) -> Outcome {
    git(scene, person, &["switch", "--quiet", "main"])?;
    git(scene, person, &["restore", &format!("--source={branch}"), "--", "."])
}

/// Fetches a branch, signs the documents on it and pushes it back.
pub fn sign_on_branch(scene: &Scene, person: &Person, branch: &str, documents: &[&str]) -> Outcome {
    git(scene, person, &["fetch", "--quiet", "origin"])?;
    git(scene, person, &["switch", "--quiet", branch])?;
    for document in documents {
        sign(scene, person, document)?;
    }
    commit_all(scene, person, &format!("Sign {}", documents.join(", ")))?;
    git(scene, person, &["push", "--quiet", "origin", branch])
}

/// Copies a folder, drafts included, to a place of `person` that has no remote.
pub fn copy_folder(scene: &Scene, from: &Person, person: &Person) -> Outcome {
    let mut copy = scene.command(OsStr::new("cp"), scene.root(), &["-R", "--"]);
    process::output(copy.arg(&from.folder).arg(&person.folder))?;
    git(scene, person, &["remote", "remove", "origin"])?;
    introduce(scene, person)
}

/// Takes in the signatures of a branch or folder.
pub fn collect(scene: &Scene, person: &Person, from: &str) -> Outcome {
    let printed = process::output(&mut scene.secpack(&person.folder, &["collect", from]))?;
    let taken: Vec<&str> =
        printed.lines().filter_map(|line| line.strip_prefix("taken: ")).collect();
    tell(person.name, &format!("collects from {from}: {}", taken.join(", ")));
    Ok(())
}

/// Asks where a document stands.
pub fn status(scene: &Scene, person: &Person, document: &str) -> Outcome {
    let printed = process::output(&mut scene.secpack(&person.folder, &["status", document]))?;
    let mut lines = printed.lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    let missing = lines.find(|line| line.starts_with("missing: ")).unwrap_or("nobody is missing");
    tell(person.name, &format!("asks for the status: {first}; {missing}"));
    Ok(())
}

/// Checks the text of a draft; a text with an error in it ends the story.
pub fn lint(scene: &Scene, person: &Person, kind: &str, document: &str) -> Outcome {
    let printed = process::output(&mut scene.secpack(&person.folder, &[kind, "lint", document]))?;
    let verdict = printed.lines().next_back().unwrap_or_default();
    tell(person.name, &format!("lints it: {verdict}"));
    Ok(())
}
