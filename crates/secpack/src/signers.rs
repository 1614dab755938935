//! Opening the signer that a member names on the command line, and asking before it signs.

use crate::arguments::{SignerArgs, With};
use crate::commands::look_at_key;
use crate::fault::{OrHint, is_secret, look_at};
use crate::plugins::SEARCHED;
use crate::session::Session;
use crate::terminal::{self, Surroundings};
use crate::{Fault, dead_keys, keys, passphrase};
use chrono::{DateTime, Utc};
use secpack_openpgp::program::{self, ProgramError};
use secpack_openpgp::{Agent, Asks, External, KeyFile, Keyring, SignError, Signer, agent_socket};
use secpack_pack::{Fingerprint, MemberId};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the key is: as said, else as the other options let conclude.
///
/// # Errors
/// When nothing says it.
pub fn with(arguments: &SignerArgs) -> Result<With, Fault> {
    match (arguments.with, &arguments.key, &arguments.program) {
        (Some(With::Agent | With::Program | With::Request), Some(_), _) => Err(two("--with")),
        (_, Some(_), Some(_)) => Err(two("--program")),
        (Some(with), _, _) => Ok(with),
        (None, Some(_), _) => Ok(With::KeyFile),
        (None, None, Some(_)) => Ok(With::Program),
        (None, None, None) => Err(Fault::new("it is not said where the key is: --key FILE, or")
            .hint(terminal::typed().with(&["--with", "agent"]).to_string())),
    }
}

/// A key file that would not be looked at.
fn two(other: &str) -> Fault {
    Fault::new(format!("--key names a key file, and {other} says that the key is elsewhere"))
        .hint(terminal::typed().without(other).to_string())
}

/// The member who acts, as the command line names them.
///
/// # Errors
/// When it names nobody, or nobody that the policy knows.
pub fn member<'a>(session: &Session, arguments: &'a SignerArgs) -> Result<&'a MemberId, Fault> {
    let members = session.pack.policy.roster().members();
    let names: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
    let names = names.join(", ");
    match &arguments.member {
        Some(member) if members.iter().any(|known| &known.id == member) => Ok(member),
        Some(member) => Err(Fault::refused(format!(
            "the policy has no member \"{member}\"; --as takes one of: {names}"
        ))
        .hint("secpack policy show")),
        None => Err(Fault::new(format!("it is not said who acts: --as takes one of: {names}"))
            .hint("secpack policy show")),
    }
}

/// Opens the signer and makes sure that its key is this member's.
///
/// # Errors
/// When no key is named, it cannot be reached, it may not sign, or it is somebody else's.
pub fn open(session: &Session, arguments: &SignerArgs, member: &MemberId) -> Result<Signer, Fault> {
    let keyring = &session.gathered.keyring;
    let primaries = match with(arguments)? {
        With::KeyFile => Vec::new(),
        With::Agent => candidates(session, arguments, member)?,
        With::Program | With::Request => vec![only_candidate(session, arguments, member)?],
    };
    let signer = open_among(keyring, &primaries, arguments, session.now).map_err(|fault| {
        match dead_keys::of_member(session, arguments, member) {
            Some(dead) => fault.hint(dead.hint),
            None => fault,
        }
    })?;
    let owner = session.pack.policy.roster().owner_of(signer.primary());
    let key = signer.primary();
    let not_theirs = || Fault::refused(format!("the key {key} is not one of {member}'s"));
    match owner {
        Some(owner) if &owner.id == member => {
            match dead_keys::of(session, arguments, member, key) {
                Some(dead) => Err(Fault::refused(dead.why).hint(dead.hint)),
                None => Ok(signer),
            }
        }
        Some(owner) => Err(not_theirs().hint(as_other(&owner.id))),
        None => Err(not_theirs().hint("secpack keys list")),
    }
}

fn as_other(owner: &MemberId) -> String {
    terminal::typed().without("--as").with(&["--as", owner.as_str()]).to_string()
}

/// Opens the signer; an agent or a program is asked for one of these keys.
///
/// # Errors
/// When no key is named, it cannot be reached, or it may not sign.
pub fn open_among(
    keyring: &Keyring,
    primaries: &[Fingerprint],
    arguments: &SignerArgs,
    now: DateTime<Utc>,
) -> Result<Signer, Fault> {
    Ok(match with(arguments)? {
        With::KeyFile => Signer::KeyFile(key_file(arguments, now)?),
        With::Agent => Signer::Agent(agent(keyring, primaries, now)?),
        With::Program => Signer::Program(program(keyring, primaries, arguments, now)?),
        With::Request => {
            return Err(Fault::new("a machine without a network cannot sign while this one waits")
                .hint(by_agent()));
        }
    })
}

/// The same with a key that gpg's agent has.
pub fn by_agent() -> String {
    let typed = terminal::typed().without("--with").without("--key");
    typed.with(&["--with", "agent"]).to_string()
}

fn key_file(arguments: &SignerArgs, now: DateTime<Utc>) -> Result<KeyFile, Fault> {
    let path = arguments
        .key
        .as_deref()
        .ok_or_else(|| Fault::new("no key file is named: add --key FILE, or").hint(by_agent()))?;
    let bytes = keys::read(path)?;
    KeyFile::open(&bytes, now).map_err(|error| {
        let hint = match &error {
            SignError::Expired(_) => dead_keys::extend_file(path),
            SignError::Ahead(..) => dead_keys::CLOCK.to_owned(),
            SignError::NotAKey(_) if is_secret(&bytes) => look_at_key(path),
            _ => by_agent(),
        };
        Fault::new(format!("{}: {error}", path.display())).hint(hint)
    })
}

fn agent(keyring: &Keyring, primaries: &[Fingerprint], now: DateTime<Utc>) -> Result<Agent, Fault> {
    let around = terminal::surroundings();
    let socket = agent_socket(&around.path).map_err(|error| {
        let is_there = program::find(Path::new("gpgconf"), &around.path).is_ok();
        let hint = if is_there { "gpgconf --check-programs" } else { "apt install gpgconf" };
        Fault::from(error).hint(hint)
    })?;
    Agent::open(keyring, primaries, socket, now).map_err(|error| {
        let hint = match &error {
            SignError::NoSigningKey(_, _) if terminal::is_in_repository() => "secpack keys list",
            _ => "gpg --list-secret-keys --with-keygrip",
        };
        Fault::new(error.to_string()).hint(hint)
    })
}

fn program(
    keyring: &Keyring,
    primaries: &[Fingerprint],
    arguments: &SignerArgs,
    now: DateTime<Utc>,
) -> Result<External, Fault> {
    let around = terminal::surroundings();
    let none = || Fault::new("no key is named").hint("secpack keys list");
    let key = primaries.first().cloned().ok_or_else(none)?;
    let agent = agent_socket(&around.path)
        .ok()
        .and_then(|socket| Agent::open(keyring, primaries, socket, now).ok());
    Ok(External {
        program: program_file(arguments, &around)?,
        key,
        timeout: Duration::from_secs(arguments.timeout),
        agent,
        terminal: around.terminal,
    })
}

/// The one key of a member that may sign now, for signers that are told which.
///
/// # Errors
/// When there are several and none is named.
pub fn only_candidate(
    session: &Session,
    arguments: &SignerArgs,
    member: &MemberId,
) -> Result<Fingerprint, Fault> {
    let several = match candidates(session, arguments, member)?.as_slice() {
        [only] => return Ok(only.clone()),
        several => several.to_vec(),
    };
    let names: Vec<&str> = several.iter().map(Fingerprint::as_str).collect();
    let first = names.first().copied().unwrap_or_default();
    let typed = terminal::typed().with(&["--local-user", first]);
    Err(Fault::new(format!("{member} has more than one key that may sign: {}", names.join(", ")))
        .hint(typed.to_string()))
}

/// The program as typed, as the user's own git knows it, as the environment says, or gpg. Never
/// what a pack's repository says.
fn program_file(arguments: &SignerArgs, around: &Surroundings) -> Result<PathBuf, Fault> {
    if let Some(typed) = &arguments.program {
        let is_name = typed.components().count() == 1;
        let found = match is_name {
            true => program::find(typed, &around.path),
            false => {
                std::path::absolute(typed).map_err(|error| ProgramError::Io(typed.clone(), error))
            }
        };
        return found.or_hint(SEARCHED);
    }
    let own = || secpack_git::own_path("gpg.openpgp.program");
    let own = own().or_else(|| secpack_git::own_path("gpg.program"));
    let name = own.or_else(|| around.gnupg.clone().map(PathBuf::from));
    let name = name.unwrap_or_else(|| PathBuf::from("gpg"));
    let typed = terminal::typed().with(&["--program", "/usr/bin/gpg"]);
    program::find(&name, &around.path).or_hint(typed.to_string())
}

/// The member's pinned keys that may sign now, or the one that is named.
fn candidates(
    session: &Session,
    arguments: &SignerArgs,
    member: &MemberId,
) -> Result<Vec<Fingerprint>, Fault> {
    let roster = session.pack.policy.roster();
    let pinned = roster.members().iter().find(|m| &m.id == member);
    let pinned = pinned.map(|m| m.fingerprints.clone()).unwrap_or_default();
    if let Some(named) = &arguments.local_user {
        if pinned.contains(named) {
            return Ok(vec![named.clone()]);
        }
        return Err(Fault::refused(format!("the key {named} is not one of {member}'s"))
            .hint("secpack keys list"));
    }
    let live: Vec<Fingerprint> =
        pinned.iter().filter(|key| is_live(session, key)).cloned().collect();
    // A dead key has its reason told by whoever is asked to sign with it.
    Ok(if live.is_empty() { pinned } else { live })
}

fn is_live(session: &Session, primary: &Fingerprint) -> bool {
    let authority = session.authority();
    session.gathered.keyring.info(primary, &authority.policy).is_some_and(|info| {
        info.revoked.is_none() && info.expires.is_none_or(|at| at > session.now)
    })
}

/// Whether a person still has to say yes here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// They said which text they read: `--yes`.
    Given,
    /// They are to be asked.
    Wanted,
}

/// Asks a person, exactly once for each signature: for the passphrase where one is needed, nothing
/// where the signer asks by itself, else for `yes`. `instead` is what to type where nobody sits.
///
/// # Errors
/// When nobody can be asked, or they do not approve.
pub fn approve(
    signer: &mut Signer,
    arguments: &SignerArgs,
    approval: Approval,
    question: &str,
    instead: &str,
) -> Result<(), Fault> {
    if approval == Approval::Wanted {
        terminal::must_be_attended(instead)?;
    }
    match (signer.asks(), approval) {
        (Asks::Passphrase, _) => unlock(signer, question),
        (Asks::Signer, Approval::Wanted) => {
            crate::output::note(&format!("{question} The signer asks you."));
            Ok(())
        }
        (Asks::Nobody, Approval::Wanted) if !arguments.signer_asks => {
            if terminal::confirm(question)? { Ok(()) } else { Err(nothing_signed()) }
        }
        (Asks::Nobody, Approval::Wanted) => {
            crate::output::note(&format!("{question} The signer asks you."));
            Ok(())
        }
        (Asks::Signer | Asks::Nobody, Approval::Given) => Ok(()),
    }
}

fn nothing_signed() -> Fault {
    Fault::refused("nothing was signed").hint(terminal::typed().to_string())
}

/// Asks for the passphrase of a locked key file; typing it is saying yes.
///
/// # Errors
/// When nobody can be asked, nothing is typed, or it is wrong.
pub fn unlock(signer: &mut Signer, question: &str) -> Result<(), Fault> {
    if signer.asks() != Asks::Passphrase {
        return Ok(());
    }
    let typed = passphrase::ask_to(question, signer.primary())?;
    if typed.is_empty() {
        return Err(nothing_signed());
    }
    signer.unlock(&typed).or_hint(terminal::typed().to_string())
}

/// What went wrong while signing, with what to type next.
pub fn failed(error: &SignError) -> Option<String> {
    match error {
        SignError::Program(ProgramError::TimedOut(_, after)) => {
            let longer = (after.as_secs().max(1) * 4).to_string();
            let typed = terminal::typed().without("--timeout").with(&["--timeout", &longer]);
            Some(typed.to_string())
        }
        SignError::Program(ProgramError::Failed { program, errors, .. }) => {
            let name = program.file_name().unwrap_or_default().to_string_lossy();
            Some(if name.contains("gpg") { after(errors) } else { look_at(program) })
        }
        SignError::Ahead(..) => Some(dead_keys::CLOCK.to_owned()),
        SignError::Failed(_, why) => Some(after(why)),
        // It shows how many tries are left.
        SignError::Card(_, _, _) => Some("gpg --card-status".to_owned()),
        // With the card in the reader.
        SignError::NoCard(_, _) => Some(terminal::typed().to_string()),
        SignError::TextByProgram(_) => {
            let typed = terminal::typed().without("--program").without("--with");
            Some(typed.with(&["--with", "agent"]).to_string())
        }
        SignError::Program(ProgramError::NotFound(_) | ProgramError::Relative(_)) => {
            Some(SEARCHED.to_owned())
        }
        SignError::Program(
            ProgramError::Arguments(program, _)
            | ProgramError::Io(program, _)
            | ProgramError::TooLong(program),
        ) => Some(look_at(program)),
        SignError::Passphrase(_) | SignError::Locked(_) => Some(terminal::typed().to_string()),
        SignError::NoAgent(_, _) | SignError::NotInAgent(_) => {
            Some("gpg --list-secret-keys --with-keygrip".to_owned())
        }
        SignError::NotAKey(_) | SignError::NoSigningKey(_, _) | SignError::Expired(_) => {
            Some("secpack keys list".to_owned())
        }
    }
}

/// What helps by what a signer said: whoever declined or mistyped tries again.
fn after(said: &str) -> String {
    let said = said.to_lowercase();
    let has = |word: &str| said.contains(word);
    // What the environment says of the terminal reaches the agent and its pinentry as it is.
    if has("ipc syntax") {
        return "export GPG_TTY=$(tty) && unset DISPLAY".to_owned();
    }
    if has("no such file") && has("pinentry") {
        return "export GPG_TTY=$(tty)".to_owned();
    }
    match (has("no pinentry"), ["cancel", "bad passphrase", "timeout"].iter().any(|why| has(why))) {
        (true, _) => "gpgconf --list-options gpg-agent | grep pinentry".to_owned(),
        (false, true) => terminal::typed().to_string(),
        (false, false) => "gpg --list-secret-keys".to_owned(),
    }
}

/// Where a path of the command line lies, for people.
pub fn shown(path: &Path) -> String {
    crate::typed::quoted(&path.display().to_string())
}
