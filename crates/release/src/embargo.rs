//! Sealed drafts bear a member's OpenPGP signature inside: made before sealing, verified before
//! anything of the text is given to anybody.

use chrono::{DateTime, Utc};
use secpack_embargo::{
    Header, Identities, Letter, LetterError, OpenError, SealError, SealedId, Unverified,
};
use secpack_openpgp::{Authority, Order, Over, SignError, SignatureKind, Signer};
use secpack_pack::policy::{Embargo, HashUse};
use secpack_pack::{MemberId, PackPath, TrackId, Verdict};

/// What a member seals.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The id that the file will bear.
    pub id: SealedId,
    /// Where the document will lie in the pack.
    pub document: PackPath,
    /// When the embargo ends.
    pub until: DateTime<Utc>,
    /// What may be said before.
    pub track: Option<TrackId>,
    /// Words that are public already.
    pub public: Vec<String>,
    /// The draft.
    pub text: String,
    /// Its facts, as TOML.
    pub facts: Option<String>,
}

/// Why a draft was not sealed or opened. Nothing of its text is in here.
#[derive(Debug, thiserror::Error)]
pub enum EmbargoError {
    /// The policy does not speak of it.
    #[error("the policy has no [embargo]")]
    NoEmbargo,
    /// The path is none of a document.
    #[error("{0} is no document by the policy's patterns")]
    NotADocument(PackPath),
    /// The policy gives this member no such role.
    #[error("{0} does not sign documents of this series (by the policy's roles)")]
    Role(MemberId),
    /// The key belongs to somebody else.
    #[error("the key is not one of {0}'s")]
    NotTheirKey(MemberId),
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The signature inside is not good.
    #[error("the author's signature inside is not good ({}): {}", .0.reason, .0.detail)]
    Author(Verdict),
    /// It was sealed to others than the policy names.
    #[error("its readers are not those of the policy: {0}")]
    Readers(String),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Opening failed.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What is inside is no letter.
    #[error(transparent)]
    Letter(#[from] LetterError),
}

/// What becomes of a draft that was sealed to others than the policy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// It is refused.
    MustAgree,
    /// It is opened, and the difference is told: to seal it again, or because the date is there.
    MayDiffer,
}

/// Signs and seals a draft as a member, to everyone whom the policy names.
///
/// # Errors
/// [`EmbargoError`]; nothing is stored here.
pub fn seal_draft(
    authority: &Authority<'_>,
    draft: &Draft,
    member: &MemberId,
    signer: &mut Signer,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, EmbargoError> {
    let policy = authority.policy.pack();
    let embargo = kept(authority)?;
    if policy.roster().owner_of(signer.primary()).map(|owner| &owner.id) != Some(member) {
        return Err(EmbargoError::NotTheirKey(member.clone()));
    }
    may_author(authority, &draft.document, member, now)?;
    let mut recipients: Vec<_> = policy.recipients().iter().map(|r| r.key.clone()).collect();
    recipients.sort();
    let letter = Letter {
        schema: secpack_embargo::SCHEMA.to_owned(),
        id: draft.id.clone(),
        document: draft.document.clone(),
        author: member.clone(),
        sealed: now,
        until: draft.until,
        recipients,
        track: draft.track.clone(),
        public: draft.public.clone(),
        text: draft.text.clone(),
        facts: draft.facts.clone(),
    };
    let payload = letter.payload()?;
    let purpose = format!("Seal a draft of {} as {member}", draft.document);
    let order =
        Order { bytes: &payload, kind: SignatureKind::Binary, made: now, purpose: &purpose };
    let signature = signer.sign(&order)?;
    judge(authority, &payload, &signature, member).map_err(EmbargoError::Author)?;
    Ok(secpack_embargo::seal(policy.recipients(), &payload, &signature, embargo.form)?)
}

/// Opens a sealed draft in memory. What it returns beside the letter is how its readers differ
/// from those of the policy.
///
/// # Errors
/// [`EmbargoError`].
pub fn open_sealed(
    authority: &Authority<'_>,
    bytes: &[u8],
    id: &SealedId,
    identities: &Identities,
    lists: Lists,
) -> Result<(Letter, Option<String>), EmbargoError> {
    kept(authority)?;
    let (header, unverified) = secpack_embargo::open(bytes, id, identities)?;
    let made = author(authority, &unverified)?;
    may_author(authority, unverified.document(), unverified.author(), made)?;
    let differs = readers(authority, header, &unverified);
    if let (Some(text), Lists::MustAgree) = (&differs, lists) {
        return Err(EmbargoError::Readers(text.clone()));
    }
    let member = unverified.author().clone();
    Ok((unverified.verified_by(&member)?, differs))
}

fn kept<'a>(authority: &'a Authority<'_>) -> Result<&'a Embargo, EmbargoError> {
    authority.policy.pack().embargo().ok_or(EmbargoError::NoEmbargo)
}

fn readers(authority: &Authority<'_>, header: Header, letter: &Unverified) -> Option<String> {
    let policy = authority.policy.pack().recipients();
    secpack_embargo::difference(letter.recipients(), header, policy)
}

/// When the author made the signature inside, once it is good.
fn author(authority: &Authority<'_>, letter: &Unverified) -> Result<DateTime<Utc>, EmbargoError> {
    let judged = judge(authority, letter.payload(), letter.signature(), letter.author());
    judged.map_err(EmbargoError::Author)
}

fn judge(
    authority: &Authority<'_>,
    payload: &[u8],
    signature: &[u8],
    member: &MemberId,
) -> Result<DateTime<Utc>, Verdict> {
    let parsed = secpack_openpgp::parse(signature, SignatureKind::Binary)?;
    let over = Over { bytes: payload, used: HashUse::Documents };
    let judged = secpack_openpgp::judge(authority.keyring, &authority.policy, &parsed, over);
    authority.attribute(&judged, Some(member))?;
    Ok(judged.made.unwrap_or(authority.policy.now()))
}

/// Only who may sign the document may seal its draft.
fn may_author(
    authority: &Authority<'_>,
    document: &PackPath,
    member: &MemberId,
    made: DateTime<Utc>,
) -> Result<(), EmbargoError> {
    let policy = authority.policy.pack();
    let id =
        policy.identify(document).ok_or_else(|| EmbargoError::NotADocument(document.clone()))?;
    match policy.roster().may_sign(member, &id, Some(made.date_naive())) {
        true => Ok(()),
        false => Err(EmbargoError::Role(member.clone())),
    }
}
