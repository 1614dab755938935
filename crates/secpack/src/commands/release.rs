//! `secpack release`: the plan first; with `--execute` the same plan is run, alone in this
//! repository, and with a journal from which it can be taken up again or taken back.

mod apart;
mod embargo;
mod faults;
mod show;
mod unfinished;

use crate::arguments::{Global, ReleaseArgs, SignerArgs, With};
use crate::session::{Session, locate};
use crate::typed::Typed;
use crate::{Exit, Fault, dead_keys, documents, fresh, lint, output, signers, terminal};
use secpack_git::Repository;
use secpack_openpgp::{Authority, Signer};
use secpack_pack::{Document, Fingerprint, shell_word};
use secpack_release::{
    Guard, Journal, Kept, Lock, Mirrored, Plan, PlanError, Ready, Request, Step, Tools, Why,
    back_to_branch, clear, execute,
};
use secpack_signing::StoreError;
use std::path::Path;

pub fn run(global: &Global, arguments: &ReleaseArgs) -> Result<Exit, Fault> {
    if arguments.abort {
        return unfinished::abort(global);
    }
    if arguments.resume {
        let command = unfinished::command(global)?;
        return work(&command.global, &command.arguments, command.words);
    }
    if arguments.execute {
        return work(global, arguments, terminal::words());
    }
    let session = open(global, arguments)?;
    let authority = session.authority();
    let request = request(global, &session, arguments)?;
    let planned = plan(&authority, &request)?;
    show::plan(global, &planned)?;
    write_mail(arguments, &authority, &session, &planned)?;
    unfinished::warn(&session.repository)?;
    Ok(match verdict(&planned, embargo::hint(global, arguments, &request), &arguments.signer) {
        Next::Done => {
            output::note("everything is done already");
            Exit::Good
        }
        Next::Obstacle => Exit::NotGood,
        Next::Run => {
            output::hint(&terminal::typed().with(&["--execute"]).to_string());
            Exit::Good
        }
    })
}

fn plan(authority: &Authority<'_>, request: &Request<'_>) -> Result<Plan, Fault> {
    secpack_release::plan(authority, request).map_err(|error| match error {
        PlanError::NoBranch => match back_to_branch(request) {
            Ok(back) => Fault::new(error.to_string()).hint(back),
            Err(why) => why.into(),
        },
        PlanError::Audit(_) | PlanError::Git(_) => error.into(),
    })
}

/// What a plan leads to.
enum Next {
    Done,
    Obstacle,
    Run,
}

/// The remote that gets the release, where the repository knows it.
fn remote(planned: &Plan) -> Option<&str> {
    planned.steps.iter().find_map(|planned| {
        let Step::Push { remote, .. } = &planned.step else { return None };
        let is_known = !matches!(planned.ready, Ready::Blocked { .. });
        is_known.then_some(remote.as_str())
    })
}

fn verdict(planned: &Plan, embargoed: Option<String>, signer: &SignerArgs) -> Next {
    match planned.obstacle() {
        // What has long been published is not held up by what would stop a release.
        _ if planned.is_done() => Next::Done,
        Some(obstacle) => {
            match embargoed {
                Some(command) => output::hint(&command),
                None => show::hint(show::first(planned, obstacle, signer), remote(planned), signer),
            }
            Next::Obstacle
        }
        None => Next::Run,
    }
}

/// Everything is judged after the lock is there, so nothing that is judged is older than it.
fn work(global: &Global, arguments: &ReleaseArgs, words: Vec<String>) -> Result<Exit, Fault> {
    let (repository, _) = locate(global)?;
    let holder = terminal::holder();
    let folder = secpack_release::folder(&repository)?;
    let lock = Lock::take(&folder, &holder).map_err(faults::lock)?;
    let mut kept = unfinished::read(&repository)?;
    let session = open(global, arguments)?;
    let authority = session.authority();
    let request = request(global, &session, arguments)?;
    unfinished::check_same(&mut kept, &request)?;
    let planned = plan(&authority, &request)?;
    show::plan(global, &planned)?;
    write_mail(arguments, &authority, &session, &planned)?;
    match verdict(&planned, embargo::hint(global, arguments, &request), &arguments.signer) {
        Next::Done if kept.journal.is_none() => {
            output::note("everything is done already");
            return Ok(Exit::Good);
        }
        Next::Obstacle => return Ok(Exit::NotGood),
        Next::Done | Next::Run => {}
    }
    let journal = Journal::new(holder, terminal::current_folder()?, words.clone());
    let guard = Guard { lock: &lock, kept: &mut kept, journal };
    let mirrored = go(global, arguments, &authority, &session, (&request, &planned), guard)?;
    Ok(report(&mirrored, &words))
}

fn go(
    global: &Global,
    arguments: &ReleaseArgs,
    authority: &Authority<'_>,
    session: &Session,
    (request, planned): (&Request<'_>, &Plan),
    guard: Guard<'_>,
) -> Result<Vec<Mirrored>, Fault> {
    let tags =
        planned.steps.iter().any(|s| matches!(s.step, Step::Tag { .. }) && s.ready == Ready::Ready);
    let signer = if tags { Some(opened(session, arguments, (request, planned))?) } else { None };
    let scratch = tempfile::tempdir()?;
    let home = scratch.path().join("home");
    make_folder(&home)?;
    let anchor = arguments.anchor.as_ref();
    let tools = Tools {
        signer,
        now: session.now,
        verify: &|at, commit| fresh::verify(global, anchor, &home, (at, commit)),
        scratch: scratch.path(),
        tell: &|text| output::note(&format!("  {text}")),
    };
    execute(authority, request, planned, tools, guard).map_err(|error| faults::run(request, error))
}

#[expect(clippy::disallowed_methods, reason = "an empty home in a folder that goes again")]
fn make_folder(path: &std::path::Path) -> std::io::Result<()> {
    std::fs::create_dir(path)
}

fn open(global: &Global, arguments: &ReleaseArgs) -> Result<Session, Fault> {
    let session = Session::open(global)?;
    if let Some(anchor) = &arguments.anchor {
        check_anchor(&session, anchor)?;
    }
    Ok(session)
}

fn request<'a>(
    global: &Global,
    session: &'a Session,
    arguments: &'a ReleaseArgs,
) -> Result<Request<'a>, Fault> {
    let member = signers::member(session, &arguments.signer)?;
    let mut chosen: Vec<&Document> = Vec::new();
    let mut findings = Vec::new();
    for name in &arguments.documents {
        let document = documents::find(session, name)?;
        findings.extend(lint::findings(session, document));
        chosen.push(document);
    }
    let mut request = Request {
        repository: &session.repository,
        pack: &session.pack,
        documents: chosen,
        findings,
        member,
        remotes: &arguments.remote,
        message: arguments.message.as_deref(),
        clock: terminal::own_clock(global.now),
        embargoed: Vec::new(),
        keyless: dead_keys::of_member(session, &arguments.signer, member)
            .map(|dead| Why::with(dead.why, dead.hint)),
    };
    request.embargoed = embargo::reasons(session, arguments, &request)?;
    Ok(request)
}

/// `--mail`: a file that is sent by whatever sends mail.
fn write_mail(
    arguments: &ReleaseArgs,
    authority: &Authority<'_>,
    session: &Session,
    planned: &Plan,
) -> Result<(), Fault> {
    let Some(file) = &arguments.mail else { return Ok(()) };
    let from = session.repository.identity()?;
    match secpack_release::mail(authority, planned, &from, session.now)? {
        None => output::note("nobody is missing, so no mail is written"),
        Some(mail) => {
            secpack_signing::write_new(file, &mail).map_err(|error| match error {
                StoreError::Exists(_) => {
                    let numbered = (2..).map(|n| format!("{}-{n}", file.display()));
                    let free = |name: &String| Path::new(name).symlink_metadata().is_err();
                    let other = numbered.into_iter().find(free).unwrap_or_default();
                    let typed = terminal::typed().option("--mail", &other);
                    Fault::from(error).hint(typed.to_string())
                }
                StoreError::Io(..) => error.into(),
            })?;
            let file = secpack_pack::escape(&file.to_string_lossy());
            output::note(&format!("a mail to those who are missing: {file}"));
        }
    }
    Ok(())
}

/// The first remote has it; the others are told one by one. What took up the release again and
/// failed at one of them as well goes on without it.
fn report(mirrored: &[Mirrored], begun: &[String]) -> Exit {
    let mut good = true;
    let mut without = Typed::new(begun.iter().cloned());
    for Mirrored { remote, fault, .. } in mirrored {
        if fault.is_some() {
            without = without.without_value("--remote", remote);
        }
    }
    for Mirrored { remote, refs, fault } in mirrored {
        let remote = secpack_pack::escape(remote);
        match fault {
            None if *refs == 0 => output::note(&format!("  {remote} has everything")),
            None => output::note(&format!("  {remote} got {refs} refs and has everything")),
            Some(fault) => {
                good = false;
                output::warning(&format!("{remote} does not have everything: {fault}"));
            }
        }
    }
    output::note("released; every reader can check it: secpack verify CLONE --anchor FINGERPRINT");
    let apart = mirrored.iter().find_map(|mirrored| match &mirrored.fault {
        Some(secpack_git::Error::NotFastForward { name, .. }) => {
            Some((shell_word(&mirrored.remote), name.strip_prefix("refs/heads/")?.to_owned()))
        }
        Some(_) | None => None,
    });
    let is_first = begun == terminal::words();
    if let Some((remote, branch)) = apart.filter(|_| is_first) {
        output::note(&format!(
            "what {remote} has, which is not here; then: {}",
            unfinished::RESUME
        ));
        let branch = shell_word(&branch);
        output::hint(&format!("git fetch {remote} && git log {branch}..{remote}/{branch}"));
    } else if !good && is_first {
        output::hint(unfinished::RESUME);
    } else if !good {
        output::note("to release without it, and give it everything at a later time:");
        output::hint(&without.to_string());
    }
    Exit::good_if(good)
}

/// The signer, unlocked: `--execute` is the approval, so nothing else is asked.
fn opened(
    session: &Session,
    arguments: &ReleaseArgs,
    (request, planned): (&Request<'_>, &Plan),
) -> Result<Signer, Fault> {
    if signers::with(&arguments.signer)? == With::Request {
        return Err(apart::refused(session, request, planned));
    }
    let mut signer = signers::open(session, &arguments.signer, request.member)?;
    signers::unlock(&mut signer, "Tag this release?")?;
    Ok(signer)
}

/// The verification before the push would fail for a wrong anchor, but only after the commit.
fn check_anchor(session: &Session, anchor: &Fingerprint) -> Result<(), Fault> {
    let roots = session.pack.policy.roots();
    if !roots.iter().any(|root| &root.fingerprint == anchor) {
        let known: Vec<&str> = roots.iter().map(|root| root.fingerprint.as_str()).collect();
        return Err(Fault::refused(format!(
            "the anchor {anchor} is not a root of this pack; compare it with a copy from \
             elsewhere; roots: {}",
            known.join(", ")
        ))
        .hint("secpack keys list"));
    }
    if !session.gathered.keyring.contains(anchor) {
        return Err(Fault::refused(format!("the certificate of the anchor {anchor} is not here"))
            .hint("git status"));
    }
    Ok(())
}
