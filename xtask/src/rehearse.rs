//! `cargo xtask rehearse`: the next release of a real pack, on a copy of its whole history.
//!
//! The real members' keys are not here, so the copy gets a policy under which two throw-away
//! members sign what comes next. Everything before that must stay as good as it was.

mod adoption;
mod findings;
mod profile;

use crate::Subcommand;
use crate::failure::{Failure, Outcome};
use crate::given::{Given, Known};
use crate::story::{self, Person, Scene, tell};
use crate::{process, workspace};
use adoption::Next;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The entry of the table in `main`.
pub const COMMAND: Subcommand = Subcommand {
    name: "rehearse",
    summary: "release the next bulletin and canary on a copy of the real pack",
    help: "usage: cargo xtask rehearse [--out DIR] [--corpus DIR] [--seed N] [--keep] [--install]

Builds secpack, checks the real pack out into a temporary folder, adopts it with its profile and
two throw-away members, ann and ben, and releases bulletin 107 and canary 042 on top of it; that
release is killed three times, at moments that a seed decides, and gone on with each time. The
whole history is verified before, and in a fresh clone afterwards; a finding that was not there
before is a failure. Nothing outside the folder is written. What fails is shown, and the folder
stays.

  --out DIR      work in DIR, which must be empty or not there, and keep everything
  --corpus DIR   the corpus; else SECPACK_CORPUS, else ../shared/corpus beside this checkout
  --seed N       interrupt at the moments of an earlier rehearsal, which printed its seed
  --keep         keep the temporary folder
  --install      first install what the build lacks

example: cargo xtask rehearse --out /tmp/rehearsal",
    run,
};

const KNOWN: Known = Known {
    flags: &["--keep", "--install"],
    paths: &["--out", "--corpus", "--seed"],
    help: "rehearse --help",
};

/// The profile that the corpus is adopted with, and the fingerprint that its readers know.
const PROFILE: &str = "templates/profiles/qubes.toml";
const ANCHOR: &str = "427F11FD0FAA4B080123F01CDDFA1A3E36879494";

/// What the corpus does not have yet, and how `secpack` may be told of it.
const NEXT: [Next; 2] =
    [Next { series: "bulletin", number: 107 }, Next { series: "canary", number: 42 }];
const DOCUMENTS: [&str; 2] = ["bulletin-107", "canary-042"];

const BRANCH: &str = "signing/rehearsal";

fn run(arguments: &[OsString]) -> Outcome {
    let given = Given::read(arguments, &KNOWN)?;
    let checkout = checkout(given.path("--corpus")?)?;
    let seed = given.number("--seed")?.unwrap_or_else(|| u64::from(std::process::id()));
    story::play(&given, |scene| {
        tell("rehearse", &format!("on a copy of the real pack in {}", scene.root().display()));
        let (ann, ben) = adopt(scene, &checkout)?;
        let policy = scene.path("policy.toml");
        let before = verify(scene, &ann.folder, &policy, "the adopted pack, tagged by ann")?;
        draft(scene, &ann)?;
        gather_signatures(scene, &ann, &ben)?;
        story::release_interrupted(scene, &ann, &DOCUMENTS, seed)?;
        story::second_tag(scene, &ben)?;
        let reader = story::fresh_clone(scene)?;
        let after = verify(scene, &reader, &policy, "a fresh clone of the upstream")?;
        compare(&before, &after)
    })
}

/// The corpus brings the program that makes a writable copy of it.
fn checkout(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let corpus = given.unwrap_or_else(workspace::corpus);
    let checkout = corpus.join("checkout");
    if checkout.is_file() {
        return Ok(checkout);
    }
    Err(Failure::Absent {
        what: format!("no corpus at {}: it has no program `checkout`", corpus.display()),
        hint: "cargo xtask rehearse --corpus DIR".to_owned(),
    })
}

/// Gives the copy a policy and two members, all in one commit that ann tags and publishes.
fn adopt(scene: &Scene, checkout: &Path) -> Result<(Person, Person), Failure> {
    process::output(scene.command(checkout.as_os_str(), scene.root(), &[]).arg("base"))?;
    story::make_upstream(scene, Some("base"))?;
    let (ann, ben) = (story::make_key(scene, "ann")?, story::make_key(scene, "ben")?);
    story::join(scene, &ann)?;
    tell("ann", "clones the pack with its 14 years and all its tags");
    let mut init = scene.secpack(&ann.folder, &["init", ".", "--profile"]);
    process::output(init.arg(workspace::root().join(PROFILE)))?;
    let text = adoption::policy(&read_profile()?, &[&ann, &ben], &NEXT)?;
    scene.write("policy.toml", &text)?;
    scene.write("ann/secpack.toml", &text)?;
    scene.make_folder(&format!("ann/{}", adoption::KEYS))?;
    for member in [&ann, &ben] {
        scene.copy(&member.certificate, format!("ann/{}/{}.asc", adoption::KEYS, member.name))?;
    }
    process::output(&mut scene.secpack(&ann.folder, &["policy", "check"]))?;
    story::commit_all(scene, &ann, "Adopt the pack")?;
    let tag = story::tag(scene, &ann)?;
    story::git(scene, &ann, &["push", "--quiet", "--atomic", "origin", "main", &tag])?;
    tell("ann", &format!("adopts it with {PROFILE} plus ann and ben: {tag}"));
    story::join(scene, &ben)?;
    Ok((ann, ben))
}

fn read_profile() -> Result<String, Failure> {
    let path = workspace::root().join(PROFILE);
    std::fs::read_to_string(&path).map_err(Failure::file(&path))
}

fn draft(scene: &Scene, ann: &Person) -> Outcome {
    let profile = read_profile()?;
    let facts = story::write_facts(scene, &profile::packages(&profile))?;
    let bulletin = story::draft(scene, ann, "bulletin", "--facts", &facts)?;
    let freshness = story::write_freshness(scene, &profile::sources(&profile))?;
    let canary = story::draft(scene, ann, "canary", "--freshness", &freshness)?;
    tell("ann", &format!("drafts {bulletin} and {canary}"));
    for (kind, document) in ["bulletin", "canary"].into_iter().zip(DOCUMENTS) {
        story::lint(scene, ann, kind, document)?;
    }
    Ok(())
}

fn gather_signatures(scene: &Scene, ann: &Person, ben: &Person) -> Outcome {
    for document in DOCUMENTS {
        story::sign(scene, ann, document)?;
    }
    story::send_branch(scene, ann, BRANCH, "Drafts")?;
    story::back_to_draft(scene, ann, BRANCH)?;
    tell("ann", &format!("signs both and pushes the branch {BRANCH}"));
    story::status(scene, ann, DOCUMENTS[0])?;
    story::sign_on_branch(scene, ben, BRANCH, &DOCUMENTS)?;
    tell("ben", "signs both in his clone and pushes the branch back");
    story::collect(scene, ann, &format!("origin/{BRANCH}"))
}

/// Verifies a pack with its whole history and returns the ids of all findings.
fn verify(
    scene: &Scene,
    pack: &Path,
    policy: &Path,
    what: &str,
) -> Result<BTreeSet<String>, Failure> {
    let policy = policy.to_string_lossy();
    let arguments = ["--anchor", ANCHOR, "--policy", &policy];
    let report = story::verify(scene, pack, &arguments)?;
    tell("verify", &format!("{what}, with --policy and --anchor:"));
    story::show(&report, &["documents", "signatures", "tags", "HEAD"]);
    let json = story::verify(scene, pack, &[&arguments[..], &["--history", "--json"]].concat())?;
    Ok(findings::ids(&json))
}

fn compare(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Outcome {
    let new: Vec<&str> = after.difference(before).map(String::as_str).collect();
    match new.first() {
        None => {
            tell("compare", &format!("{} findings before, none new", before.len()));
            Ok(())
        }
        Some(first) => Err(Failure::Unexpected {
            what: format!("{} new findings:\n{}", new.len(), new.join("\n")),
            hint: format!("secpack explain {first}"),
        }),
    }
}
