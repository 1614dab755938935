//! What is about to be signed, shown to the person who is asked: what changed since somebody
//! signed last, or the whole text, then its kind, name and digest. All of it goes to stderr, with
//! every hidden character made visible.

use crate::session::Session;
use crate::{Fault, lint, output};
use secpack_audit::{last_signed, tips};
use secpack_git::Stamp;
use secpack_openpgp::Authority;
use secpack_pack::plaintext::{DiffLine, diff};
use secpack_pack::policy::SeriesKind;
use secpack_pack::{Document, MemberId, escape};
use secpack_signing::{Request, judge_signature, spoken};
use secpack_tag::TagRequest;

/// Lines of a text or difference that are shown; more than anybody reads on a terminal.
const MAX_LINES: usize = 2000;

/// Shows a document that this member is about to sign.
///
/// # Errors
/// When the history cannot be read.
pub fn document(
    session: &Session,
    authority: &Authority<'_>,
    document: &Document,
    member: &MemberId,
) -> Result<(), Fault> {
    let bytes = document.bytes.as_deref().unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    let repository = &session.repository;
    let tips = tips(repository.head()?, &repository.tags()?);
    match last_signed(repository, authority, &session.pack, document, &tips)? {
        Some(before) => {
            let who: Vec<&str> = before.members.iter().map(MemberId::as_str).collect();
            let then = format!("signed by {}, commit {}", who.join(", "), before.commit.short(12));
            difference(
                &String::from_utf8_lossy(&before.bytes),
                &text,
                document.path.as_str(),
                &then,
            );
        }
        None => whole(&text),
    }
    if bytes != text.as_bytes() {
        output::warning("the text is not UTF-8; what cannot be read is shown as \u{fffd}");
    }
    hidden(&text);
    facts(session, document, member, bytes);
    let others = signed_by(session, authority, document);
    if !others.is_empty() {
        output::note(&format!("  signed:  by {} already", others.join(", ")));
    }
    digest(&secpack_signing::digest(bytes));
    Ok(())
}

/// The kind, name and place of a document.
fn facts(session: &Session, document: &Document, member: &MemberId, bytes: &[u8]) {
    let policy = &session.pack.policy;
    let id = &document.id;
    output::note(&format!("{member} signs {}", policy.label_of(id)));
    let kind = policy.find_series(&id.series).map(|series| kind(series.kind));
    let number = id.number.map(|number| format!(" {number}")).unwrap_or_default();
    let year = id.year.map(|year| format!(" of {year}")).unwrap_or_default();
    output::note(&format!("  kind:    {}{number}{year}", kind.unwrap_or("document")));
    output::note(&format!("  file:    {} ({} bytes)", document.path, bytes.len()));
    if let Some(title) = lint::title(session, document) {
        output::note(&format!("  title:   {title}"));
    }
}

/// What a request asks for.
pub fn request(request: &Request) {
    output::note(&format!("{} is asked to sign {}", request.member, escape(&request.label)));
    output::note(&format!("  pack:    {}", escape(&request.pack)));
    output::note(&format!("  file:    {} ({} bytes)", request.document, request.text.len()));
    output::note(&format!("  key:     {}", request.key.spaced()));
    hidden(&String::from_utf8_lossy(&request.text));
    digest(&secpack_signing::digest(&request.text));
}

/// What a request for a tag asks for.
pub fn tag_request(request: &TagRequest, tagger: &Stamp, message: &str) {
    whole(&String::from_utf8_lossy(&request.payload));
    output::note(&format!("{} is asked to sign the tag {}", request.member, escape(&request.name)));
    output::note(&format!("  pack:    {}", escape(&request.pack)));
    output::note(&format!("  commit:  {}", request.commit));
    let (name, email) = (escape(&tagger.name), escape(&tagger.email));
    let made = tagger.time.format("%Y-%m-%d %H:%M:%S UTC");
    output::note(&format!("  tagger:  {name} <{email}>, {made}"));
    output::note(&format!("  message: {}", escape(message.lines().next().unwrap_or_default())));
    output::note(&format!("  key:     {}", request.key.spaced()));
    hidden(message);
    digest(&secpack_signing::digest(&request.payload));
}

fn kind(kind: SeriesKind) -> &'static str {
    match kind {
        SeriesKind::Bulletin => "bulletin",
        SeriesKind::Canary => "canary",
        SeriesKind::Policy => "policy",
        SeriesKind::Digest => "digests",
        SeriesKind::Statement => "statement",
    }
}

/// The SHA-256, as two people compare it.
fn digest(digest: &str) {
    let [first, second] = spoken(digest);
    output::note(&format!("  sha-256: {first}"));
    output::note(&format!("           {second}"));
}

fn signed_by(session: &Session, authority: &Authority<'_>, document: &Document) -> Vec<String> {
    let files = session.pack.signatures_of(&document.path);
    let judged = files.map(|file| judge_signature(authority, document, file));
    let good = judged.filter(|judged| judged.judged.verdict.is_good());
    good.filter_map(|judged| judged.member).map(|member| member.to_string()).collect()
}

/// Every line of a text, behind a mark that no line of a document can take for its own.
pub fn whole(text: &str) {
    lines(text.lines().map(|line| format!("| {}", escape(line))));
    if !text.is_empty() && !text.ends_with('\n') {
        output::note("\\ no line break at the end");
    }
}

fn difference(old: &str, new: &str, path: &str, then: &str) {
    output::note(&format!("--- {path}  ({then})"));
    output::note(&format!("+++ {path}  (now)"));
    let places = diff(old, new);
    let shown = places.iter().flat_map(|place| {
        let first = place.first().map_or(0, |line| line.number);
        let head = format!("@@ line {first} @@");
        std::iter::once(head).chain(place.iter().map(DiffLine::shown))
    });
    lines(shown);
}

fn lines(lines: impl Iterator<Item = String>) {
    let mut more = 0_usize;
    for (index, line) in lines.enumerate() {
        if index < MAX_LINES {
            output::note(&line);
        } else {
            more += 1;
        }
    }
    if more > 0 {
        output::note(&format!("... and {more} more lines: read the file"));
    }
}

/// Characters that an editor may not show are shown above as `\u{..}`; here they are counted.
fn hidden(text: &str) {
    let odd: Vec<String> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| escape(line) != **line)
        .map(|(index, _)| (index + 1).to_string())
        .collect();
    if !odd.is_empty() {
        output::warning(&format!(
            "hidden characters, shown as \\u{{..}}, in line {}",
            odd.join(", ")
        ));
    }
}
