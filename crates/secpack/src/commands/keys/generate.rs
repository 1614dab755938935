//! `secpack keys generate`: three files, all of them or none.

use super::{about, places};
use crate::arguments::{Expires, GenerateArgs, Global, KeyAlgorithm, KeyKind};
use crate::{Exit, Fault, output, passphrase, terminal};
use chrono::{DateTime, Duration, Months, NaiveTime, Utc};
use secpack_openpgp::{Algorithm, KeySpec, Purpose, generate};
use secpack_signing::{Change, Readers, make_changes};
use std::path::{Path, PathBuf};

pub fn run(global: &Global, arguments: &GenerateArgs) -> Result<Exit, Fault> {
    let revocation = revocation_path(arguments);
    places::outside_packs(global, &arguments.secret)?;
    places::outside_packs(global, &revocation)?;
    let files = [&*arguments.secret, &*arguments.certificate, &*revocation];
    must_differ(&files)?;
    must_be_new(&files)?;
    let spec = spec(arguments, terminal::now(global.now))?;
    let secret = if arguments.no_passphrase { None } else { passphrase::ask_new()? };
    let key = generate(&spec, secret).map_err(|e| about(&arguments.secret, &e))?;
    make_changes(&[
        Change::New(arguments.secret.clone(), key.secret.into_bytes(), Readers::Owner),
        Change::New(revocation.clone(), key.revocation.into_bytes(), Readers::Owner),
        Change::New(
            arguments.certificate.clone(),
            key.certificate.into_bytes(),
            Readers::Everybody,
        ),
    ])?;
    output::line(format!("{}", key.fingerprint));
    output::note(&format!("  {}", key.fingerprint.spaced()));
    output::note(&format!("  secret key:  {} (keep it to yourself)", arguments.secret.display()));
    output::note(&format!(
        "  revocation:  {} (keep it elsewhere; whoever has it can end the key)",
        revocation.display()
    ));
    output::note(&format!("  certificate: {}", arguments.certificate.display()));
    let ends = spec.expires.map_or("never".to_owned(), |end| end.date_naive().to_string());
    output::note(&format!("  ends:        {ends}"));
    Ok(Exit::Good)
}

fn revocation_path(arguments: &GenerateArgs) -> PathBuf {
    let beside = || arguments.secret.with_extension("revocation.asc");
    arguments.revocation.clone().unwrap_or_else(beside)
}

/// Three files, and none of them another one.
fn must_differ(files: &[&Path]) -> Result<(), Fault> {
    let twice = files.iter().enumerate().find(|(at, file)| files[..*at].contains(file));
    match twice {
        None => Ok(()),
        Some((_, file)) => Err(Fault::new(format!("{} is named for two files", file.display()))
            .hint("secpack keys generate --help")),
    }
}

fn must_be_new(files: &[&Path]) -> Result<(), Fault> {
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    let Some(old) = files.iter().find(|path| is_there(path)) else { return Ok(()) };
    // One number that is free for all of them, so that they stay together.
    let is_free = |n: &u32| files.iter().all(|file| !is_there(&another(file, *n)));
    let number = (2..).find(is_free).unwrap_or(2);
    let typed = files.iter().fold(terminal::typed(), |typed, file| {
        let new = another(file, number).display().to_string();
        typed.instead(&file.display().to_string(), &new)
    });
    let text = format!("{} is there already; a key is never replaced", old.display());
    Err(Fault::refused(text).hint(typed.to_string()))
}

/// A name like that one with a number.
fn another(path: &Path, number: u32) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{number}{ending}"))
}

fn spec(arguments: &GenerateArgs, created: DateTime<Utc>) -> Result<KeySpec, Fault> {
    let purpose = match (arguments.kind, arguments.signing_subkey) {
        (KeyKind::Master, false) => Purpose::Master,
        (KeyKind::Member, false) => Purpose::Member,
        (KeyKind::Member, true) => Purpose::MemberWithSubkey,
        (KeyKind::TeamMail, false) => Purpose::TeamMail,
        (KeyKind::Release, false) => Purpose::Release,
        (KeyKind::Master | KeyKind::TeamMail | KeyKind::Release, true) => {
            return Err(Fault::new("only a member's key gets a signing subkey")
                .hint(terminal::typed().without_flag("--signing-subkey").to_string()));
        }
    };
    let years = match arguments.kind {
        KeyKind::Master => Expires::Never,
        KeyKind::Member | KeyKind::TeamMail => Expires::Months(24),
        KeyKind::Release => Expires::Months(60),
    };
    Ok(KeySpec {
        user_id: arguments.user_id.clone(),
        purpose,
        algorithm: match arguments.algorithm {
            KeyAlgorithm::Ed25519 => Algorithm::Ed25519,
            KeyAlgorithm::Rsa4096 => Algorithm::Rsa4096,
        },
        created,
        expires: end(arguments.expires.unwrap_or(years), created)?,
    })
}

/// When a key ends that is made or extended now.
///
/// # Errors
/// When the day has passed, or lies beyond the calendar.
pub fn end(expires: Expires, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Fault> {
    let typed = || terminal::typed().without("--expires").with(&["--expires", "2y"]).to_string();
    let far = || Fault::new("that day is too far away").hint(typed());
    let end = match expires {
        Expires::Never => return Ok(None),
        Expires::On(day) => {
            let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
            day.and_time(last).and_utc()
        }
        Expires::Days(days) => {
            now.checked_add_signed(Duration::days(days.into())).ok_or_else(far)?
        }
        Expires::Months(months) => now.checked_add_months(Months::new(months)).ok_or_else(far)?,
    };
    if end <= now {
        let text = format!("{} has passed already", end.date_naive());
        // How long a key lasts is nobody else's to say.
        let typed = terminal::typed().option("--expires", "WHEN");
        return Err(Fault::refused(text).hint(typed.to_string()));
    }
    // A key's span is counted in 32 bits of seconds (RFC 9580, section 5.2.3.13).
    if end - now > Duration::days(49_000) {
        return Err(far());
    }
    Ok(Some(end))
}
