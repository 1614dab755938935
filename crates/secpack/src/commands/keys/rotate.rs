//! `secpack keys rotate`: a member's new key beside the old one.

use super::next;
use crate::arguments::{Global, RotateArgs};
use crate::fault::numbered;
use crate::session::Session;
use crate::{Exit, Fault, keys, output};
use secpack_openpgp::{DatedPolicy, Keyring, fingerprints_in};
use secpack_pack::policy::Member;
use secpack_pack::policy::edit::{self, EditError};
use secpack_pack::{Fingerprint, PackPath};
use secpack_signing::{Change, Readers, make_changes};

pub fn run(global: &Global, arguments: &RotateArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let roster = session.pack.policy.roster();
    let member = roster.named(arguments.member.as_str()).ok_or_else(|| {
        let ids: Vec<&str> = roster.members().iter().map(|m| m.id.as_str()).collect();
        let (member, ids) = (&arguments.member, ids.join(", "));
        Fault::refused(format!("the policy has no member \"{member}\"; it has: {ids}"))
            .hint("secpack policy show")
    })?;
    let bytes = keys::read(&arguments.certificate)?;
    let key = new_key(&session, arguments, &bytes)?;
    let place = place(&session, member)?;
    must_be_certified(&session, arguments, &bytes, &key, &place)?;
    let policy_file = next::policy_file(global, &session);
    let text = next::policy_text(&policy_file)?;
    let need = next::who_signs(&session, &next::policy_before(&session)?)?;
    let refused = |e: EditError| Fault::refused(e.to_string()).hint(numbered(&policy_file));
    let text = edit::add_key(&text, &member.id, &key).map_err(refused)?;
    let (text, after) = edit::raise_version(&text).map_err(refused)?;
    make_changes(&[
        Change::New(session.on_disk(&place), bytes, Readers::Everybody),
        Change::Replace(policy_file.clone(), text.into_bytes()),
    ])?;
    let id = &member.id;
    output::line(format!("added: {key} of {id}; policy version {}", after.version()));
    output::line(format!("wrote {place}"));
    next::sign_policy(global, &session, need.as_ref(), place.as_str());
    output::note("From then on both keys count. When the new one is in use, end the old one:");
    output::hint("secpack keys revoke --key FILE --reason superseded");
    Ok(Exit::Good)
}

/// The certificate's key, which must be nobody's yet and no secret.
fn new_key(session: &Session, arguments: &RotateArgs, bytes: &[u8]) -> Result<Fingerprint, Fault> {
    let shown = arguments.certificate.display();
    if bytes.windows(11).any(|w| w == b"PRIVATE KEY") {
        let text = format!("{shown} is a secret key; it must never be in a pack");
        return Err(Fault::refused(text).hint("secpack keys rotate --help"));
    }
    let [key] = fingerprints_in(bytes).try_into().map_err(|_| {
        Fault::new(format!("{shown} is not one certificate"))
            .hint(super::look_at(&arguments.certificate))
    })?;
    let policy = &session.pack.policy;
    let is_root = policy.roots().iter().any(|root| root.fingerprint == key);
    match policy.roster().owner_of(&key) {
        Some(owner) => {
            let named = policy.roster().named(arguments.member.as_str());
            let is_theirs = named.is_some_and(|member| member.id == owner.id);
            let fault = Fault::refused(format!("{key} is a key of {} already", owner.id));
            Err(match is_theirs {
                true => fault.hint(format!(
                    "secpack keys extend --from {}",
                    super::word(&arguments.certificate)
                )),
                false => fault.hint("secpack keys list"),
            })
        }
        None if is_root => Err(Fault::refused(format!("{key} is a root of the policy"))
            .hint("secpack keys generate --help")),
        None => Ok(key),
    }
}

/// A new file beside the member's newest one: `ann.asc`, `ann-2.asc`, `ann-3.asc`.
fn place(session: &Session, member: &Member) -> Result<PackPath, Fault> {
    let files = session.pack.keys.values().filter(|file| {
        let bytes = file.bytes.as_deref().unwrap_or_default();
        fingerprints_in(bytes).iter().any(|key| member.fingerprints.contains(key))
    });
    let known: Vec<&PackPath> = files.map(|file| &file.path).collect();
    let home = known.first().map(|path| path.folder()).ok_or_else(|| {
        Fault::refused(format!("no key file of {} is left in the pack", member.id))
            .adding("put the certificate into a key group, and its fingerprint into secpack.toml")
            .hint("secpack policy show")
    })?;
    let mut names = (2..=999).map(|n| format!("{home}/{}-{n}.asc", member.id));
    let free = names.find(|name| !session.root().join(name).exists());
    let place: PackPath =
        free.ok_or_else(|| Fault::new("no name is free").hint("secpack keys list"))?.parse()?;
    if session.pack.policy.key_group(&place).is_none() {
        return Err(Fault::refused(format!("no key group of the policy covers {place}"))
            .adding(&format!("\"{home}/*.asc\" belongs into the paths of a [[keys]] entry"))
            .hint("secpack policy show"));
    }
    Ok(place)
}

/// A key that readers would not count does not enter the policy.
fn must_be_certified(
    session: &Session,
    arguments: &RotateArgs,
    bytes: &[u8],
    key: &Fingerprint,
    place: &PackPath,
) -> Result<(), Fault> {
    let policy = &session.pack.policy;
    let wanted = policy.key_group(place).and_then(|group| group.certified_by.as_ref());
    let Some(root) = policy.roots().iter().find(|root| Some(&root.id) == wanted) else {
        return Ok(());
    };
    let root_cert = session.gathered.keyring.export(&root.fingerprint).unwrap_or_default();
    let alone = Keyring::gather([("new", bytes), ("root", root_cert.as_bytes())]);
    let dated = DatedPolicy::new(policy, session.now);
    let shown = arguments.certificate.display();
    alone.certification(key, &root.fingerprint, &dated).map(drop).map_err(|verdict| {
        let top = session.root();
        let beside = top.parent().unwrap_or(&top).join(format!("{}.request", arguments.member));
        let (given, out) = (super::word(&arguments.certificate), super::word(&beside));
        Fault::refused(format!("{shown}: {}", verdict.detail))
            .hint(format!("secpack keys certify {given} --request --root {} --out {out}", root.id))
    })
}
