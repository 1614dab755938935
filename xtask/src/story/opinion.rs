//! A second opinion: what `secpack` made must satisfy the stock tools of a reader, who has nothing
//! but the keys in the pack.

use super::Scene;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::temporary::TemporaryFolder;
use crate::workspace::on_path;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// What stands between a document's name and its signer's.
const SIGNED_BY: &str = ".sig.";

/// Has `gpg` check every detached signature and `git` every tag; says what they found. A machine
/// without gpg is no reason to fail: the signatures were verified before.
pub fn second_opinion(scene: &Scene, pack: &Path) -> Result<String, Failure> {
    if on_path("gpg").is_none() {
        return Ok("is not here, so nobody asked for its opinion".to_owned());
    }
    let home = TemporaryFolder::short("gpg")?;
    let files = lines(&mut scene.git(pack, &["ls-files"]))?;
    let keys = files.iter().filter(|file| file.starts_with("keys/") && file.ends_with(".asc"));
    process::output(gpg(scene, pack, &home, &["--import"]).args(keys))?;
    let signatures: Vec<_> =
        files.iter().filter_map(|file| Some((file, document(file)?))).collect();
    for (signature, document) in &signatures {
        process::output(&mut gpg(scene, pack, &home, &["--verify", signature, document]))?;
    }
    let tags = lines(&mut scene.git(pack, &["tag", "--list"]))?;
    tags.iter().try_for_each(|tag| judge_tag(scene, pack, &home, tag))?;
    Ok(format!("accepts all {} detached signatures, git all {} tags", signatures.len(), tags.len()))
}

fn judge_tag(scene: &Scene, pack: &Path, home: &TemporaryFolder, tag: &str) -> Outcome {
    let mut verify = scene.git(pack, &["tag", "-v", tag]);
    process::output(verify.env("GNUPGHOME", home.path())).map(drop)
}

fn gpg(scene: &Scene, pack: &Path, home: &TemporaryFolder, arguments: &[&str]) -> Command {
    let mut gpg = scene.command(OsStr::new("gpg"), pack, &["--batch", "--no-autostart"]);
    gpg.args(arguments).env("GNUPGHOME", home.path());
    gpg
}

/// The document of a signature file; `None` for any other file.
fn document(file: &str) -> Option<&str> {
    file.rsplit_once(SIGNED_BY).map(|(document, _)| document)
}

fn lines(command: &mut Command) -> Result<Vec<String>, Failure> {
    Ok(process::output(command)?.lines().map(str::to_owned).collect())
}
