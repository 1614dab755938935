//! A request to sign a tag on a machine without a network: one text file with the tag as it will
//! be, who is asked, and the commands to type there.
//!
//! The answer is the whole tag object, so whoever takes it in needs nothing else. What is signed
//! is a tag that this program would make, byte for byte; a document never looks like one.

use crate::TagPlan;
use chrono::{DateTime, Utc};
use secpack_git::raw_tag::{self, RawTag, Tagger};
use secpack_git::{Identity, RefName};
use secpack_openpgp::{
    Keyring, Opened, Order, Sheet, SheetError, SignatureKind, Signer, sheet_keyring, sheet_word,
    sign_sheet,
};
use secpack_pack::policy::HashUse;
use secpack_pack::{Fingerprint, MemberId, ObjectId, escape};

/// Largest tag without its signature that is asked for, in bytes: what is taken in stays below the
/// size of a signature file.
pub const MAX_TAG: usize = 32 * 1024;

/// The first line of a request for a tag.
const HEAD: &str = "secpack tag request 1";

/// A tag that a member is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRequest {
    /// The pack's name, for people.
    pub pack: String,
    /// The name of the tag, without `refs/tags/`.
    pub name: String,
    /// The commit it is about.
    pub commit: ObjectId,
    /// Who is asked.
    pub member: MemberId,
    /// The primary key that is asked for.
    pub key: Fingerprint,
    /// The public half of the key, armored.
    pub certificate: String,
    /// The exact tag object without its signature.
    pub payload: Vec<u8>,
}

/// Why a request for a tag is refused.
#[derive(Debug, thiserror::Error)]
pub enum TagRequestError {
    /// It is no request, or somebody wrote into it.
    #[error("it is not a request for a tag as secpack writes it{0}")]
    Malformed(&'static str),
    /// It was not signed, or not well.
    #[error(transparent)]
    Sheet(#[from] SheetError),
}

impl TagRequest {
    /// Asks for a tag as planned. `asked` is the key with its certificate.
    ///
    /// # Errors
    /// [`TagRequestError::Malformed`] for a tag that is too large, or that no answer could hold.
    pub fn new(
        plan: &TagPlan,
        pack: &str,
        (tagger, made): (&Identity, DateTime<Utc>),
        (key, certificate): (Fingerprint, String),
    ) -> Result<Self, TagRequestError> {
        let request = Self {
            pack: pack.to_owned(),
            name: plan.name.clone(),
            commit: plan.commit,
            member: plan.member.clone(),
            key,
            certificate,
            payload: raw_tag::build(&plan.commit, &plan.name, tagger, made, &plan.message),
        };
        request.inside().map(|_| ())?;
        Ok(request)
    }

    /// Whether a file begins as a request for a tag does.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.strip_prefix(HEAD.as_bytes()).is_some_and(|rest| rest.starts_with(b"\n"))
    }

    /// The file that it is written to.
    pub fn file_name(&self) -> String {
        format!("{}.request", self.answer_name())
    }

    /// The file of its answer.
    pub fn answer_name(&self) -> String {
        format!("{}.tag", self.name.replace('/', "-"))
    }

    /// The one form of it.
    pub fn write(&self) -> Vec<u8> {
        let commit = self.commit.to_string();
        let fields = [
            ("pack", &*escape(&self.pack)),
            ("tag", &*self.name),
            ("commit", &*commit),
            ("member", self.member.as_str()),
            ("key", self.key.as_str()),
        ];
        let (words, certificate) = (&*self.words(), &*self.certificate);
        Sheet { head: HEAD, fields: &fields, words, certificate, text: &self.payload }.write()
    }

    /// What the person types who has the key.
    fn words(&self) -> String {
        let (file, key, size) = (sheet_word(&self.file_name()), &self.key, self.payload.len());
        let answer = sheet_word(&self.answer_name());
        format!(
            "The tag without its signature is the last {size} bytes of this file. Where the key is,\n\
             read it, compare the commit, and sign it with stock gpg:\n\
             \x20 tail -c {size} {file} | cat -v\n\
             \x20 tail -c {size} {file} | sha256sum\n\
             \x20 (tail -c {size} {file}; tail -c {size} {file} | gpg --armor --local-user {key} --detach-sign) > {answer}\n\
             or with this program, which shows it, asks, and checks what it made:\n\
             \x20 secpack sign request {file} --with agent\n\
             Bring {answer} back; then, in the pack:\n\
             \x20 secpack collect {answer}\n"
        )
    }

    /// Reads a request.
    ///
    /// # Errors
    /// [`TagRequestError::Malformed`] when it is not byte for byte what [`TagRequest::write`]
    /// gives, or asks for anything but the tag that it names.
    pub fn parse(bytes: &[u8]) -> Result<Self, TagRequestError> {
        let request = take_apart(bytes).ok_or(TagRequestError::Malformed(""))?;
        if request.write() != bytes {
            return Err(TagRequestError::Malformed(": something in it was changed"));
        }
        request.inside().map(|_| ())?;
        Ok(request)
    }

    /// Who makes the tag and when, and its message.
    ///
    /// # Errors
    /// [`TagRequestError::Malformed`] when the bytes are not the tag that this program writes for
    /// the name and the commit of the request.
    pub fn inside(&self) -> Result<(Tagger, String), TagRequestError> {
        if self.payload.len() > MAX_TAG {
            return Err(TagRequestError::Malformed(": the tag is larger than 32 KiB"));
        }
        if RefName::tag(&self.name).is_err() {
            return Err(TagRequestError::Malformed(": git would not take the name of the tag"));
        }
        let inside = raw_tag::parse(&self.payload)
            .map_err(|_| TagRequestError::Malformed(": what it would have signed is no tag"))?;
        if inside.signature.is_some() {
            return Err(TagRequestError::Malformed(": the tag is signed already"));
        }
        if inside.object != self.commit || inside.name != self.name {
            return Err(TagRequestError::Malformed(": the tag is another one than it names"));
        }
        as_built(&inside).ok_or(TagRequestError::Malformed(": the tag is not one as secpack makes"))
    }

    /// The whole tag object with the signature that is asked for, judged by the strictest policy
    /// and by the certificate in the request. The pack judges it again when it is taken in.
    ///
    /// # Errors
    /// [`TagRequestError`]; nothing is stored here.
    pub fn sign(
        &self,
        signer: &mut Signer,
        made: DateTime<Utc>,
    ) -> Result<Vec<u8>, TagRequestError> {
        self.inside()?;
        let purpose = format!("Tag commit {} as {}\n{}", self.commit, self.member, self.name);
        let kind = SignatureKind::Binary;
        let order = Order { bytes: &self.payload, kind, made, purpose: &purpose };
        let armor = sign_sheet(signer, &order, HashUse::Tags, (&self.key, &self.certificate))?;
        Ok([self.payload.as_slice(), &armor].concat())
    }

    /// The certificate that came along.
    pub fn keyring(&self) -> Keyring {
        sheet_keyring(&self.certificate)
    }
}

/// Tagger and message of a tag, when building it from them gives the very same bytes.
pub(crate) fn as_built(inside: &RawTag<'_>) -> Option<(Tagger, String)> {
    let tagger = inside.tagger.clone()?;
    let message = std::str::from_utf8(inside.message).ok()?.to_owned();
    let identity = Identity::new(&tagger.name, &tagger.email).ok()?;
    let built = raw_tag::build(&inside.object, inside.name, &identity, tagger.time, &message);
    (built == inside.payload).then_some((tagger, message))
}

fn take_apart(bytes: &[u8]) -> Option<TagRequest> {
    let opened = Opened::read(bytes, HEAD)?;
    Some(TagRequest {
        pack: opened.field("pack")?.to_owned(),
        name: opened.field("tag")?.to_owned(),
        commit: opened.field("commit")?.parse().ok()?,
        member: opened.field("member")?.parse().ok()?,
        key: opened.field("key")?.parse().ok()?,
        certificate: opened.certificate.to_owned(),
        payload: opened.text.to_vec(),
    })
}

#[cfg(test)]
mod tests;
