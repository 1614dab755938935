//! `cargo xtask demo`: the whole life of a bulletin and a canary in a throw-away pack.

use crate::Subcommand;
use crate::failure::{Failure, Outcome};
use crate::given::{Given, Known};
use crate::process;
use crate::story::{self, Package, Person, Scene, Source, tell};
use std::ffi::OsString;
use std::process::Command;

/// The entry of the table in `main`.
pub const COMMAND: Subcommand = Subcommand {
    name: "demo",
    summary: "make a throw-away pack and release a bulletin and a canary in it",
    help: "usage: cargo xtask demo [--out DIR] [--keep] [--install]

Builds secpack and plays a security team with it in a temporary folder: a master key, the members
alice and bob, carol who signs canaries only, their clones and a bare upstream. One bulletin and
one canary go through all stages; then a fresh clone is verified as a reader does it, and gpg and
git are asked for a second opinion. No network, no key or configuration of yours is touched. What
fails is shown, and the folder stays.

  --out DIR   play in DIR, which must be empty or not there, and keep everything: upstream.git,
              the members' folders, their keys, and the fresh clone `reader`
  --keep      keep the temporary folder
  --install   first install what the build lacks

example: cargo xtask demo --out /tmp/demo",
    run,
};

const KNOWN: Known =
    Known { flags: &["--keep", "--install"], paths: &["--out"], help: "demo --help" };

/// The documents, as the profile for new packs names them.
const POLICY: &str = "secpack.toml";
const BULLETIN: &str = "SB-001";
const CANARY: &str = "Canary-001";

fn run(arguments: &[OsString]) -> Outcome {
    let given = Given::read(arguments, &KNOWN)?;
    story::play(&given, |scene| {
        tell("demo", &format!("a throw-away pack in {}", scene.root().display()));
        let team = gather(scene)?;
        begin(scene, &team)?;
        release_bulletin(scene, &team)?;
        release_canary(scene, &team)?;
        read(scene, &team)
    })
}

struct Team {
    master: Person,
    alice: Person,
    bob: Person,
    carol: Person,
}

fn gather(scene: &Scene) -> Result<Team, Failure> {
    let master = story::make_key(scene, "master")?;
    tell("master", &format!("has the key {}", master.fingerprint));
    let member = |name| {
        let person = story::certify(scene, &master, story::make_key(scene, name)?)?;
        tell(name, &format!("has the key {}, certified by master", person.fingerprint));
        Ok(person)
    };
    let (alice, bob, carol) = (member("alice")?, member("bob")?, member("carol")?);
    Ok(Team { master, alice, bob, carol })
}

/// The policy is a document like any other: it is signed, released and tagged before it counts.
fn begin(scene: &Scene, team: &Team) -> Outcome {
    let Team { alice, bob, .. } = team;
    story::make_upstream(scene, None)?;
    story::join(scene, alice)?;
    story::join(scene, bob)?;
    process::output(&mut init(scene, team))?;
    story::commit_all(scene, alice, "Begin the pack")?;
    tell("alice", "makes the pack: policy, keys, first commit");
    sign_and_send(scene, alice, POLICY, "signing/policy")?;
    answer(scene, team, POLICY, "signing/policy")?;
    publish(scene, team, POLICY)
}

fn init(scene: &Scene, team: &Team) -> Command {
    let Team { master, alice, bob, carol } = team;
    let mut init = scene.secpack(scene.root(), &["init", "alice", "--name", "Demo"]);
    init.args(["--root", &named(master, "")]);
    init.args(["--member", &named(alice, ""), "--member", &named(bob, "")]);
    init.args(["--member", &named(carol, ":canary")]);
    init
}

/// `ID=CERTIFICATE` or `ID=CERTIFICATE:SERIES`.
fn named(person: &Person, series: &str) -> String {
    format!("{}={}{series}", person.name, person.certificate.display())
}

fn release_bulletin(scene: &Scene, team: &Team) -> Outcome {
    let alice = &team.alice;
    let package = Package { release: "Demo 1".to_owned(), place: "all systems".to_owned() };
    let facts = story::write_facts(scene, &[package])?;
    let drafted = story::draft(scene, alice, "bulletin", "--facts", &facts)?;
    tell("alice", &format!("drafts {drafted} from facts.toml"));
    story::lint(scene, alice, "bulletin", BULLETIN)?;
    sign_and_send(scene, alice, BULLETIN, "signing/sb-001")?;
    story::status(scene, alice, BULLETIN)?;
    answer(scene, team, BULLETIN, "signing/sb-001")?;
    publish(scene, team, BULLETIN)
}

fn release_canary(scene: &Scene, team: &Team) -> Outcome {
    let Team { alice, carol, .. } = team;
    let source =
        Source { name: "Daily Demo".to_owned(), url: "https://example.org/news".to_owned() };
    let freshness = story::write_freshness(scene, &[source])?;
    let drafted = story::draft(scene, alice, "canary", "--freshness", &freshness)?;
    tell("alice", &format!("drafts {drafted} with the proof of freshness in freshness.json"));
    story::lint(scene, alice, "canary", CANARY)?;
    sign_and_send(scene, alice, CANARY, "signing/canary-001")?;
    answer(scene, team, CANARY, "signing/canary-001")?;
    story::status(scene, alice, CANARY)?;
    story::copy_folder(scene, alice, carol)?;
    story::sign(scene, carol, CANARY)?;
    tell("carol", "signs it in a copied folder, which has no remote");
    story::collect(scene, alice, "../carol")?;
    publish(scene, team, CANARY)
}

/// What a reader does: clone, and verify with the master fingerprint and nothing else.
fn read(scene: &Scene, team: &Team) -> Outcome {
    let reader = story::fresh_clone(scene)?;
    let master = &team.master.fingerprint;
    let report = story::verify(scene, &reader, &["--anchor", master])?;
    tell("reader", &format!("clones upstream.git: secpack verify reader --anchor {master}"));
    story::show(&report, &["documents", "signatures", "tags", "keys", "HEAD"]);
    tell("gpg", &story::second_opinion(scene, &reader)?);
    Ok(())
}

fn sign_and_send(scene: &Scene, person: &Person, document: &str, branch: &str) -> Outcome {
    let digest = story::sign(scene, person, document)?;
    story::send_branch(scene, person, branch, &format!("{document}: Draft"))?;
    story::back_to_draft(scene, person, branch)?;
    let digest = digest.get(..16).unwrap_or(&digest);
    tell(person.name, &format!("signs {document} ({digest}...) and pushes the branch {branch}"));
    Ok(())
}

/// Bob signs on the branch, alice takes his signature in.
fn answer(scene: &Scene, team: &Team, document: &str, branch: &str) -> Outcome {
    story::sign_on_branch(scene, &team.bob, branch, &[document])?;
    tell("bob", &format!("signs it in his clone and pushes {branch} back"));
    story::collect(scene, &team.alice, &format!("origin/{branch}"))
}

fn publish(scene: &Scene, team: &Team, document: &str) -> Outcome {
    story::release(scene, &team.alice, &[document])?;
    story::second_tag(scene, &team.bob)
}
