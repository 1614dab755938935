//! `secpack init`: a new pack, or a policy for an existing one.

use crate::arguments::{Global, InitArgs};
use crate::fault::{look_at, look_into, word};
use crate::session::POLICY_FILE;
use crate::{Exit, Fault, keys, output, terminal};
use secpack_git::Repository;
use secpack_openpgp::{DatedPolicy, Keyring};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Fingerprint, MemberId, Policy, RootId, SeriesId};
use secpack_signing::write_new;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The profile for new packs.
const STANDARD: &str = include_str!("../../../../templates/profiles/standard.toml");

/// Signed bytes must reach every clone as they are.
pub const ATTRIBUTES: &str = "# Signed bytes are never rewritten: no line end conversion, no white space repair.\n* -text -whitespace\n";

/// A certificate that becomes part of the pack.
struct Certificate {
    fingerprint: Fingerprint,
    armored: Vec<u8>,
}

pub fn run(global: &Global, arguments: &InitArgs) -> Result<Exit, Fault> {
    let folder = &arguments.folder;
    if let Some(file) = folder.ancestors().find(|above| above.is_file()) {
        return Err(Fault::at(file, "it is a file; a pack is a folder"));
    }
    if folder.join("HEAD").is_file() && folder.join("objects").is_dir() {
        return Err(Fault::refused(format!("{} is a bare repository", folder.display()))
            .hint(format!("git clone {} PACK", word(folder))));
    }
    let place = folder.join(POLICY_FILE);
    if place.exists() {
        output::line(format!("{} is there already; nothing was changed", place.display()));
        output::hint(&if folder == Path::new(".") {
            "secpack policy check".to_owned()
        } else {
            let word = secpack_pack::shell_word(&folder.to_string_lossy());
            format!("secpack policy check --pack {word}")
        });
        return Ok(Exit::Good);
    }
    let roots = parse_all(&arguments.root, |name| Ok(name.parse::<RootId>()?))?;
    let members = parse_all(&arguments.member, |name| Ok(name.parse::<MemberId>()?))?;
    let text = policy_text(arguments, &roots, &members)?;
    let policy = Policy::parse(&text).map_err(|error| {
        Fault::new(format!("the profile and these members do not make a policy:\n{error}"))
            .adding("it takes at least --name, --root master=FILE and one --member ID=FILE")
            .hint("secpack init --help")
    })?;
    let files = key_files(&policy, &roots, &members)?;
    must_be_certified(global, &policy, &roots, &members)?;
    // All that can fail was tried; only now something is written.
    let begun = folder.join(".git").exists();
    if begun {
        Repository::open(folder)?;
    }
    for (path, bytes) in &files {
        may_be_written(&folder.join(path), bytes)?;
    }
    if !begun {
        Repository::init(folder, "main")?;
        output::line(format!("made a repository in {}", folder.display()));
    }
    for (path, bytes) in &files {
        write_new(&folder.join(path), bytes)?;
        output::line(format!("wrote {}", path.display()));
    }
    if !folder.join(".gitattributes").exists() {
        write_new(&folder.join(".gitattributes"), ATTRIBUTES.as_bytes())?;
        output::line("wrote .gitattributes");
    }
    write_new(&place, text.as_bytes())?;
    output::line(format!("wrote {POLICY_FILE}"));
    next_steps(folder, &policy, files.iter().map(|(path, _)| path));
    Ok(Exit::Good)
}

/// What stands there with other bytes is somebody's, and stays.
fn may_be_written(place: &Path, bytes: &[u8]) -> Result<(), Fault> {
    if let Some(file) = place.ancestors().skip(1).find(|above| above.is_file()) {
        return Err(Fault::at(file, "it is a file, and a folder of that name is wanted"));
    }
    match std::fs::read(place) {
        Ok(there) if there != bytes => Err(Fault::refused(format!(
            "{} is there already, with something else in it; nothing was changed",
            place.display()
        ))
        .hint(look_at(place))),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Readers refuse a member whom the root does not certify, so such a pack is not even begun.
fn must_be_certified(
    global: &Global,
    policy: &Policy,
    roots: &[Named<RootId>],
    members: &[Named<MemberId>],
) -> Result<(), Fault> {
    let members_group = policy.key_groups().iter().find(|group| group.group.as_str() == "members");
    let Some(wanted) = members_group.and_then(|group| group.certified_by.as_ref()) else {
        return Ok(());
    };
    let Some(root) = roots.iter().find(|root| &root.name == wanted) else { return Ok(()) };
    let all = roots.iter().map(|root| &root.certificate);
    let all = all.chain(members.iter().map(|member| &member.certificate));
    let keyring = Keyring::gather(all.map(|c| (c.fingerprint.as_str(), c.armored.as_slice())));
    let dated = DatedPolicy::new(policy, crate::terminal::now(global.now));
    for member in members {
        let primary = &member.certificate.fingerprint;
        if let Err(verdict) = keyring.certification(primary, &root.certificate.fingerprint, &dated)
        {
            let name = &member.name;
            let fault = Fault::refused(format!("{name}: {}", verdict.detail));
            return Err(fault.hint(format!(
                "secpack keys certify {} --key FILE --out {}",
                word(&member.file),
                word(&free_beside(&member.file))
            )));
        }
    }
    Ok(())
}

fn next_steps<'p>(folder: &Path, policy: &Policy, keys: impl Iterator<Item = &'p PathBuf>) {
    let option = match folder == Path::new(".") {
        true => String::new(),
        false => format!(" --pack {}", word(folder)),
    };
    output::note("who must sign what, as secpack.toml says it:");
    output::hint(&format!("secpack policy show{option}"));
    let own = policy.series().iter().any(|series| series.kind == SeriesKind::Policy);
    if own {
        output::note("each member signs it:");
        output::hint(&format!("secpack sign secpack.toml --as MEMBER --key FILE{option}"));
    }
    output::note("then:");
    // Whatever else lies in the folder, secret keys for instance, is nothing for a pack.
    let mut parts: Vec<String> = keys.map(|path| word(path)).collect();
    parts.extend([".gitattributes".to_owned(), format!("{POLICY_FILE}*")]);
    let parts = parts.join(" ");
    let (add, commit) = (format!("git add {parts}"), "git commit -m \"Begin the pack\"");
    output::hint(&match folder == Path::new(".") {
        true => format!("{add} && {commit}"),
        false => format!("cd {} && {add} && {commit}", word(folder)),
    });
}

/// One `NAME=FILE[:SERIES,...]` argument.
struct Named<N> {
    name: N,
    file: PathBuf,
    certificate: Certificate,
    series: Vec<SeriesId>,
}

fn parse_all<N>(
    arguments: &[String],
    name: impl Fn(&str) -> Result<N, Fault>,
) -> Result<Vec<Named<N>>, Fault> {
    arguments.iter().map(|argument| parse_one(argument, &name)).collect()
}

fn parse_one<N>(
    argument: &str,
    parse: impl Fn(&str) -> Result<N, Fault>,
) -> Result<Named<N>, Fault> {
    let (name, rest) = argument.split_once('=').ok_or_else(|| {
        let id = Path::new(argument).file_stem().unwrap_or_default().to_string_lossy();
        let is_there = Path::new(argument).is_file();
        let whole = if is_there { format!("{id}={argument}") } else { format!("{argument}=FILE") };
        Fault::new(format!("{} is not ID=FILE", secpack_pack::escape(argument)))
            .hint(terminal::typed().instead(argument, &whole).to_string())
    })?;
    let (file, series) = match rest.rsplit_once(':') {
        Some((file, series)) if !Path::new(rest).exists() => (file, series),
        Some(_) | None => (rest, ""),
    };
    let series = series
        .split(',')
        .filter(|s| !s.is_empty())
        .map(|s| Ok(s.parse::<SeriesId>()?))
        .collect::<Result<_, Fault>>()?;
    let file = PathBuf::from(file);
    Ok(Named { name: parse(name)?, certificate: certificate(&file)?, file, series })
}

/// A free name for the certified copy of a certificate.
fn free_beside(file: &Path) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let numbered = (2..).map(|n| format!("{stem}-certified-{n}.asc"));
    let mut names = std::iter::once(format!("{stem}-certified.asc")).chain(numbered);
    let name = names.find(|name| file.with_file_name(name).symlink_metadata().is_err());
    file.with_file_name(name.unwrap_or_default())
}

fn certificate(path: &Path) -> Result<Certificate, Fault> {
    let armored = keys::read(path)?;
    if armored.windows(11).any(|w| w == b"PRIVATE KEY") {
        return Err(Fault::refused(format!(
            "{} is a secret key; it must never be in a pack",
            path.display()
        ))
        .adding("its certificate is what a pack has:")
        .hint(format!("gpg --show-keys {}", word(path))));
    }
    match secpack_openpgp::fingerprints_in(&armored).as_slice() {
        [one] => Ok(Certificate { fingerprint: one.clone(), armored }),
        [] => {
            Err(Fault::new(format!("{} holds no certificate", path.display()))
                .hint(look_into(path)))
        }
        _ => Err(Fault::new(format!("{} holds more than one certificate", path.display()))
            .hint(format!("gpg --show-keys {}", word(path)))),
    }
}

fn policy_text(
    arguments: &InitArgs,
    roots: &[Named<RootId>],
    members: &[Named<MemberId>],
) -> Result<String, Fault> {
    let mut text = if arguments.profile == "standard" {
        STANDARD.to_owned()
    } else {
        std::fs::read_to_string(&arguments.profile).map_err(|e| {
            Fault::new(format!("{}: {e}", secpack_pack::escape(&arguments.profile)))
                .hint(look_at(Path::new(&arguments.profile)))
        })?
    };
    if text.contains("@NAME@") {
        let name = arguments
            .name
            .as_deref()
            .ok_or_else(|| Fault::new("the pack has no name").hint(with_name()))?;
        check_name(name)?;
        text = text.replace("@NAME@", name);
    }
    let series = series_of(&text);
    for root in roots {
        write!(
            text,
            "\n[[root]]\nid = \"{}\"\nfingerprint = \"{}\"\n",
            root.name, root.certificate.fingerprint
        )?;
    }
    for member in members {
        let signs = if member.series.is_empty() { series.clone() } else { member.series.clone() };
        let mut signs: Vec<String> = signs.iter().map(|s| format!("\"{s}\"")).collect();
        // Somebody who signs some series only, such as an emeritus, makes no tags.
        if member.series.is_empty() {
            signs.push("\"tag\"".to_owned());
        }
        write!(
            text,
            "\n[[member]]\nid = \"{}\"\nfingerprints = [\"{}\"]\n",
            member.name, member.certificate.fingerprint
        )?;
        write!(text, "\n[[role]]\nmember = \"{}\"\nsigns = [{}]\n", member.name, signs.join(", "))?;
    }
    Ok(text)
}

/// The name stands in headings, whose placeholders are written with braces, and in TOML strings.
fn check_name(name: &str) -> Result<(), Fault> {
    let plain = |c: char| !matches!(c, '{' | '}' | '*' | '"' | '\\');
    let visible = secpack_pack::escape(name) == name && !name.trim().is_empty();
    if visible && name.chars().all(plain) && name.chars().count() <= 40 {
        return Ok(());
    }
    Err(Fault::new(format!("\"{}\" cannot be the name of a pack", secpack_pack::escape(name)))
        .adding("it has up to 40 visible characters, none of them { } * \" or \\")
        .hint(with_name()))
}

fn with_name() -> String {
    terminal::typed().option("--name", "NAME").to_string()
}

/// The ids of the profile's series, in their order.
fn series_of(text: &str) -> Vec<SeriesId> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.trim() == "[[series]]";
        } else if inside
            && let Some(id) = line.strip_prefix("id = \"").and_then(|l| l.split('"').next())
        {
            found.extend(id.parse().ok());
        }
    }
    found
}

/// Where each certificate goes: a root into the group of its name, a member into the group that
/// the policy keeps for members.
fn key_files(
    policy: &Policy,
    roots: &[Named<RootId>],
    members: &[Named<MemberId>],
) -> Result<Vec<(PathBuf, Vec<u8>)>, Fault> {
    let folder = |group: &str| {
        let group = policy.key_groups().iter().find(|g| g.group.as_str() == group);
        group.and_then(|g| g.paths.first()).map(|pattern| pattern.folder().to_owned())
    };
    let mut files = Vec::new();
    for root in roots {
        let place = folder(root.name.as_str()).ok_or_else(|| no_group(root.name.as_str()))?;
        files.push((
            Path::new(&place).join(format!("{}.asc", root.name)),
            root.certificate.armored.clone(),
        ));
    }
    for member in members {
        let place = folder("members").ok_or_else(|| no_group("members"))?;
        files.push((
            Path::new(&place).join(format!("{}.asc", member.name)),
            member.certificate.armored.clone(),
        ));
    }
    Ok(files)
}

fn no_group(group: &str) -> Fault {
    Fault::new(format!("the profile has no key group \"{group}\" to put the certificate into"))
        .adding(&format!("it wants a [[keys]] with group = \"{group}\" and paths"))
        .hint(terminal::typed().without("--profile").to_string())
}
