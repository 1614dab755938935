//! `secpack keys retire`: the roles of a member end, their key moves aside, history stays good.

use super::next;
use super::places::{self, Copy};
use crate::arguments::{Global, RetireArgs};
use crate::fault::{OrHint, numbered, word};
use crate::session::{POLICY_FILE, Session};
use crate::{Exit, Fault, output, terminal};
use chrono::NaiveDate;
use secpack_openpgp::fingerprints_in;
use secpack_pack::policy::edit::{self, Retirement};
use secpack_pack::policy::{Need, Signers};
use secpack_pack::{Fingerprint, MemberId, PackPath, Policy, SeriesId, shell_word};
use secpack_signing::{Change, Readers, make_changes};
use std::collections::BTreeSet;

/// The folder for keys of members who left, below that of the others.
const RETIRED: &str = "retired";

/// A key file, and where it goes.
type Move = (Copy, PackPath);

pub fn run(global: &Global, arguments: &RetireArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let member = known(&session, &arguments.member)?;
    let until = arguments.until.unwrap_or(session.now.date_naive());
    let last = last(&arguments.last)?;
    let before = next::policy_before(&session)?;
    let need = next::who_signs(&session, &before)?;
    can_still_sign(&session, need.as_ref(), &member, until)?;
    let policy_file = next::policy_file(global, &session);
    let text = next::policy_text(&policy_file)?;
    let retirement = Retirement { member: &member, until, last: &last };
    let mut text = edit::retire(&text, &retirement)
        .map_err(|e| Fault::refused(e.to_string()))
        .or_hint("secpack policy show")?;
    let (moves, mut changes) = moves(&session, &member)?;
    for (_, to) in &moves {
        text = with_path(&session.pack.policy, text, to)?;
    }
    let (text, after) = edit::raise_version(&text)
        .map_err(|e| Fault::refused(e.to_string()))
        .or_hint(numbered(&policy_file))?;
    changes.push(Change::Replace(policy_file.clone(), text.into_bytes()));
    make_changes(&changes)?;
    output::line(format!(
        "retired: {member}, last day {until}; policy version {}",
        after.version()
    ));
    for (from, to) in &moves {
        output::line(format!("moved {} to {to}", from.path));
    }
    still_named(&after, &member);
    let folders: BTreeSet<&str> =
        moves.iter().flat_map(|(from, to)| [from.path.folder(), to.folder()]).collect();
    let add = folders.into_iter().map(shell_word).collect::<Vec<_>>().join(" ");
    next::sign_policy(global, &session, need.as_ref(), &add);
    Ok(Exit::Good)
}

fn known(session: &Session, member: &MemberId) -> Result<MemberId, Fault> {
    let roster = session.pack.policy.roster();
    let found = roster.named(member.as_str()).map(|member| member.id.clone());
    found.ok_or_else(|| {
        let ids: Vec<&str> = roster.members().iter().map(|m| m.id.as_str()).collect();
        let ids = ids.join(", ");
        Fault::refused(format!("the policy has no member \"{member}\"; it has: {ids}"))
            .hint("secpack policy show")
    })
}

fn last(arguments: &[String]) -> Result<Vec<(SeriesId, u32)>, Fault> {
    let wrong = |text: &String| {
        Fault::new(format!("--last {} is not SERIES=NUMBER", secpack_pack::escape(text)))
            .hint("secpack keys retire --help")
    };
    let one = |text: &String| {
        let (series, number) = text.split_once('=')?;
        Some((series.parse().ok()?, number.parse().ok()?))
    };
    arguments.iter().map(|text| one(text).ok_or_else(|| wrong(text))).collect()
}

/// The policy that ends a role is signed as the one before asks, perhaps by the member who leaves:
/// on a day on which they still may.
fn can_still_sign(
    session: &Session,
    need: Option<&Need>,
    member: &MemberId,
    until: NaiveDate,
) -> Result<(), Fault> {
    let is_asked = matches!(need, Some(Need::Each(members)) if members.contains(member));
    let today = session.now.date_naive();
    if !is_asked || until >= today {
        return Ok(());
    }
    Err(Fault::refused(format!(
        "{member} must sign the policy that ends their role, and could not after {until}"
    ))
    .hint(terminal::typed().option("--until", &today.to_string()).to_string()))
}

/// The member's key files with where each goes, and the changes that move them.
fn moves(session: &Session, member: &MemberId) -> Result<(Vec<Move>, Vec<Change>), Fault> {
    let roster = session.pack.policy.roster();
    let theirs: Vec<Fingerprint> =
        roster.named(member.as_str()).map(|m| m.fingerprints.clone()).unwrap_or_default();
    let mut files: Vec<Copy> = Vec::new();
    for key in &theirs {
        // A key of which no file is left is no reason to keep somebody in office.
        for copy in places::copies(session, key).unwrap_or_default() {
            let is_aside = copy.path.folder().rsplit('/').next() == Some(RETIRED);
            if !is_aside && files.iter().all(|file| file.file != copy.file) {
                files.push(copy);
            }
        }
    }
    let (mut moves, mut changes) = (Vec::new(), Vec::new());
    for copy in files {
        let to: PackPath =
            format!("{}/{RETIRED}/{}", copy.path.folder(), copy.path.file_name()).parse()?;
        is_theirs_alone(session, &copy, &theirs)?;
        changes.push(Change::New(session.on_disk(&to), copy.bytes.clone(), Readers::Everybody));
        changes.push(Change::Remove(copy.file.clone()));
        moves.push((copy, to));
    }
    Ok((moves, changes))
}

fn is_theirs_alone(session: &Session, copy: &Copy, theirs: &[Fingerprint]) -> Result<(), Fault> {
    let refused = |text: &str| {
        Fault::refused(format!("{}: {text}", copy.path))
            .adding("it is moved by hand into the folder beside it, and the command typed again:")
            .hint(by_hand(session, &copy.path))
    };
    if session.on_disk(&copy.path).is_symlink() {
        return Err(refused("it is a link, which leads elsewhere when it is moved"));
    }
    if fingerprints_in(&copy.bytes).iter().any(|key| !theirs.contains(key)) {
        return Err(refused("it holds keys of others too"));
    }
    Ok(())
}

/// How a person moves a file of the pack to those of the retired.
fn by_hand(session: &Session, path: &PackPath) -> String {
    let aside = format!("{}/{RETIRED}", path.folder());
    // Unlike git, mkdir is not led to the top of the pack.
    let folder = word(&session.root().join(&aside));
    let aside = shell_word(&aside);
    format!("mkdir -p {folder} && git mv {} {aside}/", shell_word(path.as_str()))
}

/// The policy with the new folder in the key group of the old one, unless it covers it already.
fn with_path(policy: &Policy, text: String, to: &PackPath) -> Result<String, Fault> {
    if policy.key_group(to).is_some() {
        return Ok(text);
    }
    let aside = format!("/{RETIRED}");
    let home = to.folder().strip_suffix(&aside).unwrap_or_default();
    let from: PackPath = format!("{home}/{}", to.file_name()).parse()?;
    let Some(group) = policy.key_group(&from) else { return Ok(text) };
    let ending = to.file_name().rsplit_once('.').map_or("asc", |(_, ending)| ending);
    let pattern = format!("{}/*.{ending}", to.folder());
    edit::add_key_path(&text, &group.group, &pattern)
        .map_err(|e| Fault::refused(format!("{POLICY_FILE}: {e}")))
        .or_hint("secpack policy show")
}

/// Rules that still wait for somebody who has left.
fn still_named(policy: &Policy, member: &MemberId) {
    for (at, requirement) in policy.requirements().iter().enumerate() {
        let named = matches!(&requirement.signers, Signers::Named(all) if all.contains(member));
        if named && requirement.reason.is_none() {
            output::warning(&format!(
                "[[require]] {} of {} still names {member}; give it an end, or new documents wait",
                at + 1,
                requirement.series
            ));
        }
    }
}
