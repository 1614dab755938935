//! Tags that come back from a machine without a network: whole tag objects, judged as any tag.

use super::{RefusedRow, Report, TakenRow};
use crate::session::Session;
use crate::{Fault, terminal};
use secpack_openpgp::Authority;
use secpack_pack::{Reason, Verdict, escape, shell_word};
use secpack_signing::Candidate;
use secpack_tag::{TagAnswer, judge_answer};

/// Takes one answer in, or puts down why not, with what to type then.
///
/// # Errors
/// When the repository cannot be read or written.
pub fn take(
    session: &Session,
    authority: &Authority<'_>,
    report: &mut Report,
    answer: &Candidate,
) -> Result<Option<String>, Fault> {
    let repository = &session.repository;
    let planned = match judge_answer(authority, &repository.tags()?, &answer.bytes) {
        Ok(TagAnswer::Known(planned)) => {
            report.known.push(format!("refs/tags/{}", planned.name));
            return Ok(None);
        }
        Ok(TagAnswer::Take(planned)) => planned,
        Err(verdict) => {
            let code = verdict.reason.code();
            refuse(report, answer, &verdict);
            return Ok(Some(format!("secpack explain {code}")));
        }
    };
    if repository.commit(planned.commit).is_err() {
        let text = format!("the commit {} is not here", planned.commit);
        refuse(report, answer, &Verdict::new(Reason::Unreadable, text));
        let remote = repository.remotes()?.into_iter().next();
        let remote = remote.unwrap_or_else(|| "REMOTE".to_owned());
        return Ok(Some(format!("git fetch {}", shell_word(&remote))));
    }
    if let Err(error) = repository.write_tag(&planned.name, &answer.bytes) {
        // What was taken before is there and is listed; the same command takes the rest.
        refuse(report, answer, &Verdict::new(Reason::Unreadable, error.to_string()));
        return Ok(Some(terminal::typed().to_string()));
    }
    report.taken.push(TakenRow {
        path: format!("refs/tags/{}", planned.name),
        member: Some(planned.member.to_string()),
        source: answer.source.clone(),
        instead_of: None,
        new_line_ends: false,
    });
    Ok(None)
}

fn refuse(report: &mut Report, answer: &Candidate, verdict: &Verdict) {
    report.refused.push(RefusedRow {
        source: answer.source.clone(),
        path: None,
        verdict: verdict.reason.code().to_owned(),
        detail: escape(&verdict.detail),
    });
}
