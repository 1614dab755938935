//! The people of a story: each has a key, and most have a clone to work in.

use super::Scene;
use crate::failure::{Failure, Outcome};
use crate::process;
use std::path::PathBuf;

/// The folder with everybody's keys. In a story they may lie side by side.
const KEYS: &str = "keys";

/// The bare repository that everybody clones.
pub(super) const UPSTREAM: &str = "upstream.git";

/// Somebody with a key.
pub struct Person {
    /// The member's short name.
    pub name: &'static str,
    /// The secret key, without a passphrase.
    pub secret: PathBuf,
    /// The certificate.
    pub certificate: PathBuf,
    /// The primary fingerprint, as `secpack keys generate` prints it.
    pub fingerprint: String,
    /// Where this person works.
    pub folder: PathBuf,
}

/// Makes a key and says whose it is.
pub fn make_key(scene: &Scene, name: &'static str) -> Result<Person, Failure> {
    let keys = scene.make_folder(KEYS)?;
    let (secret, certificate) = (format!("{name}.key"), format!("{name}.asc"));
    let user_id = format!("{name} <{}>", address(name));
    let mut generate = scene.secpack(&keys, &["keys", "generate", &user_id, "--no-passphrase"]);
    generate.args(["--secret", &secret, "--certificate", &certificate]);
    let printed = process::output(&mut generate)?;
    let fingerprint = printed.lines().next().unwrap_or_default().trim().to_owned();
    Ok(Person {
        name,
        secret: keys.join(secret),
        certificate: keys.join(certificate),
        fingerprint,
        folder: scene.path(name),
    })
}

/// The person with a certificate that `root` certified.
pub fn certify(scene: &Scene, root: &Person, person: Person) -> Result<Person, Failure> {
    let certified = scene.path(KEYS).join(format!("{}-certified.asc", person.name));
    let mut certify = scene.secpack(&scene.path(KEYS), &["keys", "certify"]);
    certify.arg(&person.certificate).arg("--key").arg(&root.secret).arg("--out").arg(&certified);
    process::output(&mut certify)?;
    Ok(Person { certificate: certified, ..person })
}

/// Makes the bare repository that everybody clones: of `from` with all its tags, or empty.
pub fn make_upstream(scene: &Scene, from: Option<&str>) -> Outcome {
    let mut make = match from {
        Some(from) => scene.git(scene.root(), &["clone", "--quiet", "--bare", from, UPSTREAM]),
        None => scene.git(scene.root(), &["init", "--quiet", "--bare", "-b", "main", UPSTREAM]),
    };
    process::output(&mut make).map(drop)
}

/// Clones the upstream for a person, who is known to git by name from then on.
pub fn join(scene: &Scene, person: &Person) -> Outcome {
    clone(scene, UPSTREAM, person.name)?;
    introduce(scene, person)
}

/// Clones within the story's folder.
pub fn clone(scene: &Scene, from: &str, to: &str) -> Result<PathBuf, Failure> {
    process::output(&mut scene.git(scene.root(), &["clone", "--quiet", from, to]))?;
    Ok(scene.path(to))
}

/// Tells git who works in the person's folder.
pub fn introduce(scene: &Scene, person: &Person) -> Outcome {
    git(scene, person, &["config", "user.name", person.name])?;
    git(scene, person, &["config", "user.email", &address(person.name)])
}

/// Runs git where the person works.
pub fn git(scene: &Scene, person: &Person, arguments: &[&str]) -> Outcome {
    process::output(&mut scene.git(&person.folder, arguments)).map(drop)
}

/// Commits everything that lies in the person's folder.
pub fn commit_all(scene: &Scene, person: &Person, message: &str) -> Outcome {
    git(scene, person, &["add", "--all"])?;
    git(scene, person, &["commit", "--quiet", "--message", message])
}

fn address(name: &str) -> String {
    format!("{name}@example.org")
}
