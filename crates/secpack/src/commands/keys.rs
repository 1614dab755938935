//! `secpack keys`: list, make, certify, export.

use crate::arguments::{CertifyArgs, GenerateArgs, Global, KeyAlgorithm, KeysCommand, RepairArgs};
use crate::commands::reading::of_pack;
use crate::commands::verify::place;
use crate::fault::OrHint;
use crate::session::Session;
use crate::{Exit, Fault, keys, output, passphrase, terminal};
use secpack_openpgp::{Algorithm, GenerateError, Repaired, certify, generate, repair};
use std::io::Write;
use std::path::Path;

pub fn run(global: &Global, command: &KeysCommand) -> Result<Exit, Fault> {
    match command {
        KeysCommand::List => list(global),
        KeysCommand::Generate(arguments) => make(global, arguments),
        KeysCommand::Certify(arguments) => certify_one(global, arguments),
        KeysCommand::Repair(arguments) => repair_one(global, arguments),
        KeysCommand::Export => export(global),
    }
}

#[derive(serde::Serialize)]
struct Row {
    fingerprint: String,
    owner: Option<String>,
    created: String,
    expires: Option<String>,
    revoked: Option<String>,
    user_ids: Vec<String>,
    files: Vec<String>,
}

fn list(global: &Global) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let authority = session.authority();
    let keyring = &session.gathered.keyring;
    let roster = session.pack.policy.roster();
    let rows: Vec<Row> = keyring
        .fingerprints()
        .filter_map(|primary| {
            let info = keyring.info(primary, &authority.policy)?;
            let root = session.pack.policy.roots().iter().find(|r| &r.fingerprint == primary);
            let member = roster.owner_of(primary).map(|member| member.id.to_string());
            Some(Row {
                fingerprint: primary.to_string(),
                owner: member.or(root.map(|root| format!("root {}", root.id))),
                created: info.created.date_naive().to_string(),
                expires: info.expires.map(|t| t.date_naive().to_string()),
                revoked: info.revoked,
                user_ids: info.user_ids,
                files: keyring.sources(primary).map(secpack_pack::escape).collect(),
            })
        })
        .collect();
    if global.json {
        output::json(&rows)?;
        return Ok(Exit::Good);
    }
    for row in rows {
        let owner = row.owner.unwrap_or_else(|| "-".to_owned());
        let expires = row.expires.unwrap_or_else(|| "never".to_owned());
        let user = row.user_ids.first().cloned().unwrap_or_default();
        let revoked = row.revoked.map(|why| format!("  {why}")).unwrap_or_default();
        output::line(format!(
            "{}  {owner:<14} {} to {expires}  {user}{revoked}",
            row.fingerprint, row.created
        ));
    }
    Ok(Exit::Good)
}

fn make(global: &Global, arguments: &GenerateArgs) -> Result<Exit, Fault> {
    for path in [&arguments.secret, &arguments.certificate] {
        if path.exists() {
            return Err(Fault::refused(format!(
                "{} is there already; a key is never replaced",
                path.display()
            ))
            .hint("choose another name"));
        }
    }
    let algorithm = match arguments.algorithm {
        KeyAlgorithm::Ed25519 => Algorithm::Ed25519,
        KeyAlgorithm::Rsa4096 => Algorithm::Rsa4096,
    };
    let secret = if arguments.no_passphrase { None } else { passphrase::ask_new()? };
    let key = generate(&arguments.user_id, algorithm, terminal::now(global.now), None, secret)?;
    write_secret(&arguments.secret, key.secret.as_bytes())?;
    secpack_signing::write_new(&arguments.certificate, key.certificate.as_bytes())?;
    output::line(format!("{}", key.fingerprint));
    output::note(&format!("  {}", key.fingerprint.spaced()));
    output::note(&format!("  secret key:  {} (keep it to yourself)", arguments.secret.display()));
    output::note(&format!("  certificate: {}", arguments.certificate.display()));
    Ok(Exit::Good)
}

/// Made with mode 0600 from the first byte on.
#[expect(clippy::disallowed_methods, reason = "a secret key must never be readable by others")]
fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    use std::os::unix::fs::OpenOptionsExt;
    let named = |e: std::io::Error| Fault::new(format!("{}: {e}", path.display()));
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path).map_err(named)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(named)
}

/// Either kind of failure while certifying.
enum Failure {
    Generate(GenerateError),
    Asked(Fault),
}

impl From<GenerateError> for Failure {
    fn from(error: GenerateError) -> Self {
        Failure::Generate(error)
    }
}

fn certify_one(global: &Global, arguments: &CertifyArgs) -> Result<Exit, Fault> {
    let certificate = keys::read(&arguments.certificate)?;
    let root = keys::read(&arguments.key)?;
    let ask = |key: &secpack_pack::Fingerprint| passphrase::ask(key).map_err(Failure::Asked);
    let certified = certify::<Failure>(&certificate, &root, terminal::now(global.now), ask);
    let certified = certified.map_err(|failure| match failure {
        Failure::Generate(error) => {
            Fault::new(format!("{}: {error}", arguments.certificate.display()))
        }
        Failure::Asked(fault) => fault,
    })?;
    secpack_signing::write_new(&arguments.out, certified.as_bytes())?;
    output::line(format!("certified: {}", arguments.out.display()));
    Ok(Exit::Good)
}

#[derive(serde::Serialize)]
struct RepairRow {
    fingerprint: String,
    repairs: Vec<&'static str>,
    written: Option<String>,
}

/// Shows what is damaged; writes only when the key is the one that was expected.
fn repair_one(global: &Global, arguments: &RepairArgs) -> Result<Exit, Fault> {
    let shown = arguments.file.display();
    let repaired = repair(&keys::read(&arguments.file)?)
        .map_err(|error| Fault::refused(format!("{shown}: {error}")))
        .or_hint("ask its owner to export it again: gpg --armor --export FINGERPRINT")?;
    let expected = arguments.fingerprint.as_ref();
    let out = arguments.out.as_ref().filter(|_| expected == Some(&repaired.fingerprint));
    if let Some(out) = out {
        secpack_signing::write_new(out, repaired.armored.as_bytes())?;
    }
    if global.json {
        output::json(&RepairRow {
            fingerprint: repaired.fingerprint.to_string(),
            repairs: repaired.repairs.iter().map(|r| r.name()).collect(),
            written: out.map(|out| out.display().to_string()),
        })?;
    } else {
        print_repairs(&repaired);
    }
    match (expected, out) {
        (Some(_), Some(out)) => {
            output::note(&format!("written: {}", out.display()));
            Ok(Exit::Good)
        }
        (Some(expected), None) => Err(Fault::refused(format!("{shown} is not the key {expected}; nothing was written"))
            .hint("compare the fingerprint with the one you got from elsewhere; do not use this key")),
        (None, _) => Err(Fault::refused("nothing was written: no fingerprint was given to compare with")
            .hint(format!("compare it with one from elsewhere, then: secpack keys repair {shown} --fingerprint FPR --out FILE"))),
    }
}

fn print_repairs(repaired: &Repaired) {
    output::line(repaired.fingerprint.spaced());
    for repair in &repaired.repairs {
        output::line(format!("  {:<20} {}", repair.name(), repair.explanation()));
    }
    if repaired.repairs.is_empty() {
        output::line("  nothing is damaged");
    }
}

/// One armored keyring with everything that history knows.
fn export(global: &Global) -> Result<Exit, Fault> {
    let reading = of_pack(global, &place(global, None)?, None)?;
    output::raw(&reading.keyring().export_all());
    Ok(Exit::Good)
}
