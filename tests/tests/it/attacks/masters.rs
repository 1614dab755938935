//! Under the anchor that a reader brought, a pack that somebody else made is never good, whatever
//! its own policy says.

use super::{PROGRAM, read, released, rules, write};
use secpack_tests::{Run, Team};

/// A pack with the same names, made by strangers, that claims the true master as its root too.
fn false_team() -> (Team, Team) {
    let (team, _) = released();
    let (other, _) = released();
    (team, other)
}

fn under(team: &Team, anchor: &str) -> Run {
    team.run(&["verify", "--anchor", anchor, "--json"])
}

#[test]
fn a_whole_pack_made_anew() {
    let (team, other) = false_team();
    under(&team, &team.anchor).ends(0);
    under(&other, &other.anchor).ends(0);
    let run = under(&other, &team.anchor).ends(1);
    assert!(rules(&run).contains(&"anchor".to_owned()), "{:?}", rules(&run));
    // They add the true master's certificate and name it as a root.
    write(&other, "keys/master/true.asc", team.sandbox.read("master.asc"));
    let policy = read(&other, "secpack.toml");
    let policy = policy.replacen(&other.anchor, &team.anchor, 1);
    write(&other, "secpack.toml", policy);
    resign(&other, &["ann", "ben"]);
    let found = rules(&under(&other, &team.anchor).ends(1));
    assert!(found.contains(&"uncertified-key".to_owned()), "{found:?}");
}

fn resign(team: &Team, members: &[&str]) {
    for member in members {
        let place = team.sandbox.path(&format!("pack/secpack.toml.sig.{member}"));
        let _ = std::fs::remove_file(place);
        team.sign("secpack.toml", member);
    }
    team.commit("Signed");
    let head = team.head();
    team.run(&["tag", "--as", members[0], "--key", &team.key_of(members[0]), "--yes", &head]);
}

/// Eve can push. She writes a policy that suits her, signs everything with her own key, and adds
/// the ids of whatever we complain of to the accepted ones, three times over.
fn usurped(change: impl Fn(&Team, String, &str) -> String) -> Run {
    let team = Team::new(PROGRAM);
    let path = team.released();
    let generate = [
        "keys",
        "generate",
        "eve <eve@example.org>",
        "--secret",
        "eve.key",
        "--certificate",
        "eve.asc",
        "--no-passphrase",
        "--now",
        "2026-01-01T00:00:00Z",
    ];
    let eve = team.sandbox.secpack(".", &generate).ends(0).stdout.trim().to_owned();
    write(&team, "keys/eve/eve.asc", team.sandbox.read("eve.asc"));
    let policy = read(&team, "secpack.toml").replacen("version = 1", "version = 2", 1);
    let mut policy = change(&team, policy, &eve);
    for member in ["ann", "ben"] {
        for place in [format!("{path}.sig.{member}"), format!("secpack.toml.sig.{member}")] {
            let _ = std::fs::remove_file(team.sandbox.path(&format!("pack/{place}")));
        }
    }
    write(&team, &path, read(&team, &path).replacen("overflow", "nothing to see", 1));
    for _ in 0..3 {
        write(&team, "secpack.toml", &policy);
        for document in [path.as_str(), "secpack.toml"] {
            for suffix in ["sig.eve", "asc"] {
                let made = super::gpg_signs(&team, "eve", document, &[]);
                write(&team, &format!("{document}.{suffix}"), made);
            }
        }
        team.commit("Everything is in order");
        let head = team.head();
        team.run(&["tag", "--as", "eve", "--key", &team.key_of("eve"), "--yes", &head]);
        let run = team.verify();
        if run.code == 2 {
            return run;
        }
        let ids: Vec<String> = run.json()["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|finding| finding["id"].to_string())
            .collect();
        let accepted = ids.join(", ");
        policy += &format!("\n[[accepted]]\nids = [{accepted}]\nreason = \"nothing to see\"\n");
    }
    let now = ["verify", "--json", "--anchor", &team.anchor, "--commit", "HEAD"];
    team.run(&now)
}

const EVES: &str = "\n[[keys]]\ngroup = \"eves\"\npaths = [\"keys/eve/*.asc\"]\n";

fn member(eve: &str) -> String {
    format!(
        "\n[[member]]\nid = \"eve\"\nfingerprints = [\"{eve}\"]\n\n[[role]]\nmember = \"eve\"\n\
         signs = [\"bulletin\", \"canary\", \"policy\", \"tag\"]\n"
    )
}

fn require(signers: &str) -> String {
    ["bulletin", "policy"]
        .map(|series| format!("\n[[require]]\nseries = \"{series}\"\nsigners = {signers}\n"))
        .concat()
}

/// Adds herself as a member, drops the certification, asks for her own signature only.
#[test]
fn a_policy_that_names_its_author() {
    let run = usurped(|_, policy, eve| {
        policy.replace("certified_by = \"master\"", "")
            + EVES
            + &member(eve)
            + &require("[\"eve\"]")
    });
    assert!(rules(&run.ends(1)).contains(&"policy-unsigned".to_owned()));
}

/// The same, with ann's place taken.
#[test]
fn a_policy_that_replaces_a_member() {
    let run = usurped(|_, policy, eve| {
        let at = policy.find("id = \"ann\"").expect("ann");
        let start = at + policy[at..].find("fingerprints").expect("keys");
        let end = start + policy[start..].find('\n').expect("a line");
        let policy = format!("{}fingerprints = [\"{eve}\"]{}", &policy[..start], &policy[end..]);
        policy
            .replace("id = \"ann\"", "id = \"eve\"")
            .replace("member = \"ann\"", "member = \"eve\"")
            + EVES
            + &require("[\"eve\"]")
    });
    assert!(rules(&run.ends(1)).contains(&"policy-unsigned".to_owned()));
}

/// A key group needs no member at all.
#[test]
fn a_policy_that_trusts_a_group() {
    let run = usurped(|_, policy, eve| {
        let clear = "signatures = [\"{document}.sig.{member}\", \"{document}.asc\"]";
        policy
            .replace("signatures = [\"{document}.sig.{member}\"]", clear)
            .replace("head = 1", "head = 0")
            + EVES
            + &member(eve)
            + &require("{ group = \"eves\" }")
    });
    assert!(rules(&run.ends(1)).contains(&"policy-unsigned".to_owned()));
}

/// Asks for nothing at all.
#[test]
fn a_policy_that_asks_for_nothing() {
    let run = usurped(|_, policy, _| {
        let nobody = require("\"none\"\nreason = \"we are friends\"");
        policy.replace("head = 1", "head = 0") + &nobody
    });
    assert!(rules(&run.ends(1)).contains(&"policy-unsigned".to_owned()));
}

/// Knows no documents, so that none can be wrong.
#[test]
fn a_policy_without_documents() {
    let run = usurped(|team, _, _| {
        format!(
            "schema = \"secpack/policy/1\"\nversion = 2\nname = \"Example\"\n\
             [[root]]\nid = \"master\"\nfingerprint = \"{}\"\n\
             [[keys]]\ngroup = \"master\"\npaths = [\"keys/master/*.asc\"]\n\
             [[series]]\nid = \"note\"\nkind = \"statement\"\npaths = [\"none/{{name}}.txt\"]\n\
             signatures = [\"{{document}}.sig.{{member}}\"]\n[tags]\nhead = 0\n\
             patterns = [\"{{member}}_sec_{{commit:8}}\"]\n",
            team.anchor
        )
    });
    assert!(rules(&run.ends(1)).contains(&"policy-unsigned".to_owned()));
}
