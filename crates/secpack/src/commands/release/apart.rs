//! A release whose tag is signed on a machine without a network: it cannot wait for that, but takes
//! a commit and a tag that are there already as they are.

use super::{Fault, Plan, Ready, Request, Session, Step, signers};
use secpack_pack::policy::CommitSignatures;
use secpack_release::commit_by_git;

/// Refuses, with what makes the commit and asks for its tag.
pub fn refused(session: &Session, request: &Request<'_>, planned: &Plan) -> Fault {
    let fault = Fault::new("a machine without a network cannot sign while a release waits");
    if session.pack.policy.tags().commit_signatures == CommitSignatures::Required {
        return fault.adding("the policy wants the commit signed too").hint(signers::by_agent());
    }
    let tag = format!("secpack tag --as {} --with request", request.member);
    fault
        .adding("once the tag is taken in with secpack collect, a release goes on from there")
        .hint(match commit(planned) {
            Some(commit) => format!("{commit} && {tag}"),
            None => tag,
        })
}

/// The commit that the release would make, by stock git.
fn commit(planned: &Plan) -> Option<String> {
    let to_do = planned.steps.iter().filter(|planned| planned.ready == Ready::Ready);
    to_do.into_iter().find_map(|planned| {
        let Step::Commit { files, message, .. } = &planned.step else { return None };
        commit_by_git(files.iter().map(|file| &file.path), message)
    })
}
