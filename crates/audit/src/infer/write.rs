//! The policy as text: each table with a comment that says what it rests on.

use super::groups::{GroupFound, RootFound};
use super::people::{Person, Use};
use super::quoting::{comment, list, quote};
use super::roles::RoleFound;
use super::series::SeriesFound;
use super::survey::Survey;
use super::{naming, roles, write_rules};
use secpack_pack::Fingerprint;
use secpack_pack::policy::{Form, SeriesKind};
use std::collections::BTreeSet;

pub(super) fn policy(name: &str, survey: &Survey) -> String {
    let mut text = head(name, survey);
    text.push_str(&title("Who certifies whom"));
    survey.roots.iter().for_each(|found| text.push_str(&root(found)));
    survey.groups.iter().for_each(|found| text.push_str(&group(survey, found)));
    text.push_str(&title("Members"));
    text.push_str(&former(survey));
    for person in &survey.people.members {
        text.push_str(&member(person));
        let theirs = survey.roles.iter().filter(|role| role.member == person.id);
        theirs.for_each(|found| text.push_str(&role(found)));
    }
    text.push_str(&title("Documents"));
    survey.series.iter().for_each(|found| text.push_str(&series(survey, found)));
    text.push_str(&partly(survey));
    text.push_str(&requirements(survey));
    text.push_str(&write_rules::rules(survey));
    text
}

pub(super) fn title(words: &str) -> String {
    let line = format!("# ---- {words} ");
    format!("\n{line:-<96}\n")
}

fn head(name: &str, survey: &Survey) -> String {
    let commit = survey.commit.map_or("no commit".to_owned(), |c| format!("commit {c}"));
    let schema = quote(secpack_pack::policy::SCHEMA);
    let none = if survey.series.is_empty() { "series = []\n" } else { "" };
    format!(
        "# A first policy, inferred by `secpack policy infer` from {commit}.\n\
         # Nobody has reviewed it. Compare every fingerprint with a copy from elsewhere, read each\n\
         # table, and change what is not meant so. Every key is described in docs/pack-format.md.\n\n\
         schema = {schema}\nversion = 1\nname = {}\n{none}",
        quote(name)
    )
}

fn root(root: &RootFound) -> String {
    let mut seen = format!("certifies {} other certificates", root.certifies);
    if root.stated > 0 {
        seen.push_str(&format!("; stated in {} canaries", root.stated));
    }
    format!(
        "\n{}[[root]]\nid = {}\nfingerprint = {}\n",
        comment(&seen),
        quote(&root.id),
        quote(root.key.as_str())
    )
}

fn group(survey: &Survey, group: &GroupFound) -> String {
    let files = group.files;
    let certificates = group.keys.len();
    let mut seen = format!("{certificates} certificates in {files} files");
    if group.certified_by.is_none() && certificates > 1 {
        seen.push_str("; no root certifies all of them, so none is asked for");
    }
    let by = group.certified_by.as_ref();
    let by = by.map(|id| format!("certified_by = {}\n", quote(id))).unwrap_or_default();
    format!(
        "\n{}[[keys]]\ngroup = {}\npaths = {}\n{by}{}",
        comment(&seen),
        quote(&group.id),
        list(&group.patterns),
        pins(survey, group)
    )
}

/// A group that signs documents is pinned to the keys that did: whoever can write to the repository
/// can put another certificate into one of its files.
fn pins(survey: &Survey, group: &GroupFound) -> String {
    let theirs = |series: &&SeriesFound| survey.by_group.get(&series.id) == Some(&group.id);
    let documents = survey.series.iter().filter(theirs).flat_map(|series| &series.documents);
    let evidence = documents.flat_map(|d| &d.signatures).filter_map(|s| s.evidence.as_ref());
    let keys: BTreeSet<&str> = evidence.map(|evidence| evidence.key.as_str()).collect();
    if keys.is_empty() {
        return String::new();
    }
    let lines: String = keys.iter().map(|key| format!("    {},\n", quote(key))).collect();
    format!(
        "# Only these count where the group signs documents; each of them did.\nfingerprints = [\n{lines}]\n"
    )
}

/// Names on old tags that are no member's: their tags are among the old findings.
fn former(survey: &Survey) -> String {
    let names = survey.people.former.iter();
    let lines = names.map(|(name, tags)| {
        comment(&format!("\"{name}\" is on {tags} old tags and on no document: no member"))
    });
    lines.collect()
}

fn member(person: &Person) -> String {
    let mut text = String::from("\n");
    for (key, used) in &person.keys {
        text.push_str(&comment(&usage(key, used)));
    }
    for (key, used) in &person.left_out {
        let seen = usage(key, used);
        text.push_str(&comment(&format!("not pinned, only old tags: {seen}")));
    }
    text.push_str(&format!("[[member]]\nid = {}\n", quote(&person.id)));
    if !person.aliases.is_empty() {
        text.push_str(&format!("aliases = {}\n", list(&person.aliases)));
    }
    let keys = person.keys.keys().map(Fingerprint::as_str);
    text.push_str(&format!("fingerprints = {}\n", list(keys)));
    text
}

fn usage(key: &Fingerprint, used: &Use) -> String {
    let last = used.last_tag.map(|last| format!(", the last of {}", last.date_naive()));
    let last = last.unwrap_or_default();
    format!("{key}: {} documents, {} tags{last}", used.documents, used.tags)
}

fn role(role: &RoleFound) -> String {
    let numbers = role.numbers.as_ref().map(|n| format!("numbers = {}\n", quote(n)));
    let from = role.from.map(|day| format!("from = {day}\n"));
    let until = role.until.map(|day| format!("until = {day}\n"));
    let limits: String = [numbers, from, until].into_iter().flatten().collect();
    format!(
        "\n{}[[role]]\nmember = {}\nsigns = {}\n{limits}",
        comment(&format!("{} good signatures", role.seen)),
        quote(&role.member),
        list(&role.signs)
    )
}

fn series(survey: &Survey, series: &SeriesFound) -> String {
    let mut text = String::from("\n");
    text.push_str(&comment(&format!("{} documents", series.documents.len())));
    if let (Some(first), Some(last)) = (series.documents.first(), series.documents.last()) {
        text.push_str(&comment(&format!("from {} to {}", first.path, last.path)));
    }
    text.push_str(&unsigned_documents(survey, series));
    text.push_str(&twins(survey, series));
    let (kind, form) = (kind(series.kind), form(series.form));
    text.push_str(&format!("[[series]]\nid = {}\nkind = \"{kind}\"\n", quote(&series.id)));
    if let Some(label) = naming::label(series).filter(|_| series.is_numbered()) {
        text.push_str(&format!("label = {}\n", quote(&label)));
    }
    text.push_str(&format!("paths = {}\n", list(&series.paths)));
    text.push_str(&format!("signatures = {}\n", list(signatures(series))));
    if series.form != Form::Detached {
        text.push_str(&format!("form = \"{form}\"\n"));
    }
    let plain = |path: &&str| !path.contains(['{', '*']);
    let unsigned: Vec<&str> = series.unsigned.iter().map(|p| p.as_str()).filter(plain).collect();
    if !unsigned.is_empty() {
        text.push_str(&format!("unsigned = {}\n", list(unsigned)));
    }
    text
}

fn signatures(series: &SeriesFound) -> Vec<String> {
    if series.signatures.is_empty() && series.form == Form::Detached {
        return vec!["{document}.sig.{member}".to_owned()];
    }
    series.signatures.clone()
}

/// Documents that nobody signed stay documents: each is an old finding that is bound to its bytes.
fn unsigned_documents(survey: &Survey, series: &SeriesFound) -> String {
    const SHOWN: usize = 5;
    let nobody = |d: &&super::series::DocumentFound| match survey.by_group.get(&series.id) {
        Some(_) => d.signatures.iter().all(|seen| seen.evidence.is_none()),
        None => roles::signers(&survey.people, d).is_empty(),
    };
    let found: Vec<_> = series.documents.iter().filter(nobody).collect();
    let mut text: String = found
        .iter()
        .take(SHOWN)
        .map(|d| comment(&format!("without a good signature, see the old findings: {}", d.path)))
        .collect();
    if found.len() > SHOWN {
        text.push_str(&comment(&format!("and {} more without", found.len() - SHOWN)));
    }
    text
}

/// Unsigned texts beside clearsigned copies: a reader may take one for the signed text.
fn twins(survey: &Survey, series: &SeriesFound) -> String {
    let documents = || survey.series.iter().flat_map(|series| &series.documents);
    let is_twin = |path: &&secpack_pack::PackPath| {
        let copy = format!("{path}.");
        documents().any(|document| document.path.as_str().starts_with(&copy))
    };
    let twins = series.unsigned.iter().filter(is_twin);
    twins
        .map(|path| {
            comment(&format!("{path} is not signed; only the copies inside its .sig files are"))
        })
        .collect()
}

fn kind(kind: SeriesKind) -> &'static str {
    match kind {
        SeriesKind::Bulletin => "bulletin",
        SeriesKind::Canary => "canary",
        SeriesKind::Digest => "digest",
        SeriesKind::Policy => "policy",
        SeriesKind::Statement => "statement",
    }
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Detached => "detached",
        Form::Clearsigned => "clearsigned",
        Form::Either => "either",
    }
}

fn partly(survey: &Survey) -> String {
    let lines = survey.partly.iter().map(|path| {
        comment(&format!("{path} holds a signed block inside other text; no rule can judge that"))
    });
    lines.collect()
}

fn requirements(survey: &Survey) -> String {
    let mut text = title("Who must sign");
    text.push_str("# Without a table here, everybody whose role covers a document must sign it.\n");
    for require in &survey.requirements {
        text.push_str(&format!(
            "\n[[require]]\nseries = {}\nnames = {}\nsigners = {}\n",
            quote(&require.series),
            list(&require.names),
            list(&require.signers)
        ));
    }
    for (series, group) in &survey.by_group {
        text.push_str(&format!(
            "\n[[require]]\nseries = {}\nsigners = {{ group = {} }}\n",
            quote(series),
            quote(group)
        ));
    }
    text
}
