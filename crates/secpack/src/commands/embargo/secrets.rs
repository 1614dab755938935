//! What a draft keeps secret: read out of its text and facts, without what is public already.

use crate::session::Session;
use crate::{Fault, templates};
use secpack_bulletin::{Bulletin, Facts};
use secpack_embargo::{Letter, SealedId, Secrets};
use secpack_pack::{DocumentId, PackPath};
use secpack_release::{Places, Stage};

/// A draft in the clear.
pub struct Source<'a> {
    pub id: &'a SealedId,
    pub document: &'a PackPath,
    pub text: &'a str,
    pub facts: Option<&'a str>,
    pub public: &'a [String],
}

impl<'a> Source<'a> {
    /// That of an opened letter.
    pub fn of(letter: &'a Letter) -> Self {
        Self {
            id: &letter.id,
            document: &letter.document,
            text: &letter.text,
            facts: letter.facts.as_deref(),
            public: &letter.public,
        }
    }
}

/// Texts that the pack has published: whatever they say is no secret.
///
/// # Errors
/// When the repository cannot be read.
pub fn known(session: &Session) -> Result<Vec<(PackPath, String)>, Fault> {
    let authority = session.authority();
    let places = Places::new(&session.repository, &authority, &session.pack)?;
    let mut known = Vec::new();
    for document in session.pack.documents.values() {
        let Some(bytes) = &document.bytes else { continue };
        match places.of(document)?.stage {
            Stage::Committed | Stage::Tagged => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                known.push((document.path.clone(), text));
            }
            Stage::Draft | Stage::Signing | Stage::Broken | Stage::Signed => {}
        }
    }
    Ok(known)
}

/// The secrets of a draft.
pub fn of(session: &Session, source: &Source<'_>, known: &[(PackPath, String)]) -> Secrets {
    let policy = &session.pack.policy;
    let mut secrets = Secrets::new(source.id.clone());
    let id = policy.identify(source.document);
    if let Some(id) = &id {
        secrets.number(&policy.label_of(id));
        secrets.number(source.document.file_name());
    }
    if let Ok(bulletin) = Bulletin::parse(source.text) {
        secrets.title(&bulletin.title.join(" "));
        if bulletin.number.is_some() {
            secrets.number(bulletin.heading);
        }
        bulletin.advisories.iter().chain(&bulletin.cves).for_each(|id| secrets.advisory(id));
    }
    secrets.text(source.text);
    source.facts.iter().for_each(|facts| add_facts(&mut secrets, facts));
    let blank = id.and_then(|id| blank(session, &id));
    let others = known.iter().filter(|(path, _)| path != source.document);
    let texts = others.map(|(_, text)| text.as_str()).chain(blank.as_deref());
    secrets.except(&texts.collect::<Vec<_>>());
    source.public.iter().for_each(|words| secrets.public(words));
    secrets
}

/// The wording that every draft of the series has.
fn blank(session: &Session, id: &DocumentId) -> Option<String> {
    let rules = session.pack.policy.text_rules_for(id)?;
    let series = session.pack.policy.find_series(&id.series)?;
    let template = templates::of(session, series, secpack_bulletin::TEMPLATE).ok()?;
    secpack_bulletin::draft(&template, rules, id, &Facts::default()).ok()
}

fn add_facts(secrets: &mut Secrets, text: &str) {
    secrets.text(text);
    let Ok(facts) = toml::from_str::<Facts>(text) else { return };
    facts.title.iter().for_each(|title| secrets.title(title));
    for advisory in &facts.advisories {
        secrets.advisory(&advisory.id);
        advisory.title.iter().for_each(|title| secrets.title(title));
        advisory.cve.iter().for_each(|cve| secrets.advisory(cve));
    }
}
