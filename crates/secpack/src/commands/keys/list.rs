//! `secpack keys list`: whose keys there are, what they sign, until when.

use crate::arguments::Global;
use crate::session::Session;
use crate::{Exit, Fault, output};
use chrono::{DateTime, NaiveDate, Utc};
use secpack_openpgp::CertInfo;
use secpack_pack::policy::Role;
use secpack_pack::{Fingerprint, Policy};

#[derive(serde::Serialize)]
struct Row {
    fingerprint: String,
    owner: Option<String>,
    /// `good`, `expired` or `revoked`.
    state: &'static str,
    created: String,
    expires: Option<String>,
    revoked: Option<String>,
    certified_by: Option<String>,
    roles: Vec<String>,
    user_ids: Vec<String>,
    files: Vec<String>,
}

pub fn run(global: &Global) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let rows = rows(&session);
    if global.json {
        output::json(&rows)?;
    } else {
        table(&rows);
    }
    Ok(Exit::Good)
}

fn rows(session: &Session) -> Vec<Row> {
    let authority = session.authority();
    let keyring = &session.gathered.keyring;
    let row = |primary: &Fingerprint| {
        let info = keyring.info(primary, &authority.policy)?;
        let certified = authority.certified(primary).ok().flatten();
        Some(Row {
            fingerprint: primary.to_string(),
            owner: owner(&session.pack.policy, primary),
            state: state(&info, session.now),
            created: info.created.date_naive().to_string(),
            expires: info.expires.map(|t| t.date_naive().to_string()),
            revoked: info.revoked,
            certified_by: certified.map(|c| c.root.to_string()),
            roles: roles(&session.pack.policy, primary),
            user_ids: info.user_ids,
            files: keyring.sources(primary).map(secpack_pack::escape).collect(),
        })
    };
    let mut rows: Vec<Row> = keyring.fingerprints().filter_map(row).collect();
    // People of the policy first, in its order; then everybody else.
    let rank = |row: &Row| owner_rank(&session.pack.policy, row);
    rows.sort_by_key(|row| (rank(row), row.fingerprint.clone()));
    rows
}

fn owner(policy: &Policy, primary: &Fingerprint) -> Option<String> {
    let root = policy.roots().iter().find(|root| &root.fingerprint == primary);
    let member = policy.roster().owner_of(primary).map(|member| member.id.to_string());
    member.or(root.map(|root| format!("root {}", root.id)))
}

fn owner_rank(policy: &Policy, row: &Row) -> usize {
    let roots = policy.roots().iter().map(|root| root.fingerprint.as_str());
    let members = policy.roster().members().iter().flat_map(|member| &member.fingerprints);
    let mut all = roots.chain(members.map(Fingerprint::as_str));
    all.position(|known| known == row.fingerprint).unwrap_or(usize::MAX)
}

fn state(info: &CertInfo, now: DateTime<Utc>) -> &'static str {
    match (&info.revoked, info.expires) {
        (Some(_), _) => "revoked",
        (None, Some(expires)) if expires <= now => "expired",
        (None, _) => "good",
    }
}

/// What the owner signs, each role in a few words.
fn roles(policy: &Policy, primary: &Fingerprint) -> Vec<String> {
    let Some(member) = policy.roster().owner_of(primary) else { return Vec::new() };
    let theirs = policy.roster().roles().iter().filter(|role| role.member == member.id);
    theirs.map(in_words).collect()
}

fn in_words(role: &Role) -> String {
    let signs: Vec<&str> = role.signs.iter().map(|series| series.as_str()).collect();
    let day = |word: &str, day: Option<NaiveDate>| day.map(|day| format!(" {word} {day}"));
    let limits = [
        role.numbers.as_ref().map(|numbers| format!(" {numbers}")),
        day("from", role.from),
        day("until", role.until),
    ];
    let limits: String = limits.into_iter().flatten().collect();
    format!("{}{limits}", signs.join(", "))
}

/// One line per key; the user id comes last, because its width is anybody's.
fn table(rows: &[Row]) {
    let head = ["fingerprint", "owner", "from", "to", "state", "signs", "user id"];
    let lines: Vec<[String; 7]> = rows.iter().map(cells).collect();
    let all = || std::iter::once(head.map(str::to_owned)).chain(lines.iter().cloned());
    let width = |at: usize| all().map(|cells| cells[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len() - 1).map(width).collect();
    for cells in all() {
        let mut text = String::new();
        for (cell, width) in cells.iter().zip(&widths) {
            text.push_str(&format!("{cell:<width$}  "));
        }
        output::line(text + &cells[widths.len()]);
    }
}

fn cells(row: &Row) -> [String; 7] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let state = row.revoked.clone().unwrap_or_else(|| row.state.to_owned());
    let signs = Some(row.roles.join("; ")).filter(|signs| !signs.is_empty());
    [
        row.fingerprint.clone(),
        or_dash(row.owner.clone()),
        row.created.clone(),
        row.expires.clone().unwrap_or_else(|| "never".to_owned()),
        state,
        or_dash(signs),
        row.user_ids.join(", "),
    ]
}
