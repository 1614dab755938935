//! What lies inside a sealed file: one line of JSON, the author's OpenPGP signature over it, and
//! line feeds up to a round size, so that the size of a file tells next to nothing.

use crate::SealedId;
use age::secrecy::zeroize::{Zeroize, Zeroizing};
use chrono::{DateTime, Utc};
use secpack_pack::policy::RecipientKey;
use secpack_pack::{MemberId, PackPath, TrackId};
use serde::{Deserialize, Serialize};

/// The schema that this version reads and writes.
pub const SCHEMA: &str = "secpack/embargo/1";

/// The smallest size of what is encrypted, in bytes; larger ones are the next power of two.
const BUCKET: usize = 16 * 1024;

const BEGIN: &str = "-----BEGIN PGP SIGNATURE-----\n";
const END: &str = "-----END PGP SIGNATURE-----\n";

/// A draft with everything that its readers must know. Its text is wiped from memory at the end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The id that its file bears.
    pub id: SealedId,
    /// Where the document will lie in the pack.
    pub document: PackPath,
    /// Who sealed it.
    pub author: MemberId,
    /// When it was sealed.
    pub sealed: DateTime<Utc>,
    /// When the embargo ends.
    pub until: DateTime<Utc>,
    /// Everyone it was sealed to, sorted.
    pub recipients: Vec<RecipientKey>,
    /// What may be said before.
    pub track: Option<TrackId>,
    /// Words that are public already, although the draft has them.
    pub public: Vec<String>,
    /// The draft.
    pub text: String,
    /// Its facts, as TOML.
    pub facts: Option<String>,
}

/// Why bytes are no letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// Nobody signed it.
    #[error("what is inside is not signed, so nobody vouches for it")]
    Unsigned,
    /// Something stands around the signature.
    #[error("something was added around the signature inside")]
    Padding,
    /// Not the JSON of a letter. Says no more, because it may hold the text.
    #[error("what is inside is no draft sealed by this program, or by another version of it")]
    Form,
    /// Its file bears another id.
    #[error("its file was renamed: inside it is called {0}")]
    OtherName(SealedId),
    /// The signature is another member's.
    #[error("it names {0} as its author and was signed by {1}")]
    Author(MemberId, MemberId),
}

/// A letter whose author is not verified yet. Its text stays inside.
pub struct Unverified {
    payload: Zeroizing<Vec<u8>>,
    signature: Vec<u8>,
    letter: Letter,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({})", self.id)
    }
}

impl std::fmt::Debug for Unverified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unverified({})", self.letter.id)
    }
}

impl Drop for Letter {
    fn drop(&mut self) {
        self.text.zeroize();
        self.facts.zeroize();
    }
}

impl Letter {
    /// The bytes that its author signs.
    ///
    /// # Errors
    /// [`LetterError::Form`], which would be a defect of ours.
    pub fn payload(&self) -> Result<Zeroizing<Vec<u8>>, LetterError> {
        let mut payload = Zeroizing::new(Vec::with_capacity(2 * self.text.len() + BUCKET));
        serde_json::to_writer(&mut *payload, self).map_err(|_| LetterError::Form)?;
        payload.push(b'\n');
        Ok(payload)
    }
}

/// Payload, signature and padding.
pub(crate) fn join(payload: &[u8], signature: &[u8]) -> Zeroizing<Vec<u8>> {
    let size = (payload.len() + signature.len()).next_power_of_two().max(BUCKET);
    let mut whole = Zeroizing::new(Vec::with_capacity(size));
    whole.extend_from_slice(payload);
    whole.extend_from_slice(signature);
    whole.resize(size, b'\n');
    whole
}

impl Unverified {
    /// Takes the inside of the file with this id apart.
    ///
    /// # Errors
    /// [`LetterError`].
    pub(crate) fn parse(inside: &[u8], id: &SealedId) -> Result<Self, LetterError> {
        let end = inside.iter().position(|byte| *byte == b'\n').ok_or(LetterError::Unsigned)? + 1;
        let (payload, rest) = inside.split_at(end);
        let signature = signature(rest)?;
        let letter: Letter = serde_json::from_slice(payload).map_err(|_| LetterError::Form)?;
        if letter.schema != SCHEMA {
            return Err(LetterError::Form);
        }
        if &letter.id != id {
            return Err(LetterError::OtherName(letter.id.clone()));
        }
        Ok(Self { payload: Zeroizing::new(payload.to_vec()), signature, letter })
    }

    /// Who is said to have sealed it.
    pub fn author(&self) -> &MemberId {
        &self.letter.author
    }

    /// Where the document is said to belong.
    pub fn document(&self) -> &PackPath {
        &self.letter.document
    }

    /// To whom it is said to be sealed.
    pub fn recipients(&self) -> &[RecipientKey] {
        &self.letter.recipients
    }

    /// The bytes that the signature is over.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The armored signature.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The letter, once the caller knows whose good signature it bears.
    ///
    /// # Errors
    /// [`LetterError::Author`].
    pub fn verified_by(self, member: &MemberId) -> Result<Letter, LetterError> {
        if &self.letter.author == member {
            return Ok(self.letter);
        }
        Err(LetterError::Author(self.letter.author.clone(), member.clone()))
    }
}

/// The armored signature with nothing but line feeds behind it.
fn signature(rest: &[u8]) -> Result<Vec<u8>, LetterError> {
    let rest = std::str::from_utf8(rest).map_err(|_| LetterError::Unsigned)?;
    if !rest.starts_with(BEGIN) {
        return Err(LetterError::Unsigned);
    }
    let end = rest.find(END).ok_or(LetterError::Unsigned)? + END.len();
    let (signature, padding) = rest.split_at(end);
    let clean = padding.bytes().all(|byte| byte == b'\n');
    if clean { Ok(signature.as_bytes().to_vec()) } else { Err(LetterError::Padding) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARMOR: &str = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n";

    pub(crate) fn letter() -> Letter {
        Letter {
            schema: SCHEMA.to_owned(),
            id: "0123456789abcdef".parse().expect("an id"),
            document: "bulletins/sb-002-2026.txt".parse().expect("a path"),
            author: "ann".parse().expect("a name"),
            sealed: DateTime::UNIX_EPOCH,
            until: DateTime::UNIX_EPOCH,
            recipients: Vec::new(),
            track: None,
            public: Vec::new(),
            text: "two\nlines\n".to_owned(),
            facts: None,
        }
    }

    fn check(change: impl Fn(String) -> String, expected: Result<(), LetterError>) {
        let payload = letter().payload().expect("JSON");
        let whole = join(&payload, ARMOR.as_bytes()).to_vec();
        let changed = change(String::from_utf8(whole).expect("UTF-8"));
        let id = "0123456789abcdef".parse().expect("an id");
        assert_eq!(Unverified::parse(changed.as_bytes(), &id).map(|_| ()), expected);
    }

    #[test]
    fn a_letter_comes_back_and_nothing_may_stand_around_it() {
        check(|whole| whole, Ok(()));
        check(|whole| whole.trim_end().to_owned() + "\n", Ok(()));
        check(|whole| format!("{whole}x"), Err(LetterError::Padding));
        check(|whole| format!("\n{whole}"), Err(LetterError::Unsigned));
        check(|whole| whole.replace(ARMOR, ""), Err(LetterError::Unsigned));
        check(|whole| whole.replace("embargo/1", "embargo/2"), Err(LetterError::Form));
        check(|whole| whole.replacen('{', "{\"more\":1,", 1), Err(LetterError::Form));
        let other: SealedId = "fedcba9876543210".parse().expect("an id");
        check(
            |whole| whole.replace("0123456789abcdef", "fedcba9876543210"),
            Err(LetterError::OtherName(other)),
        );
    }

    #[test]
    fn sizes_are_round_and_the_text_shows_nowhere() {
        let payload = letter().payload().expect("JSON");
        assert_eq!(join(&payload, ARMOR.as_bytes()).len(), BUCKET);
        let large = join(&vec![b'x'; BUCKET], ARMOR.as_bytes());
        assert_eq!(large.len(), 2 * BUCKET);
        assert!(!format!("{:?}", letter()).contains("lines"));
    }

    #[test]
    fn only_its_author_opens_it() {
        let id = "0123456789abcdef".parse().expect("an id");
        let whole = join(&letter().payload().expect("JSON"), ARMOR.as_bytes());
        let parse = || Unverified::parse(&whole, &id).expect("a letter");
        assert!(parse().verified_by(&"ann".parse().expect("a name")).is_ok());
        assert!(parse().verified_by(&"ben".parse().expect("a name")).is_err());
    }
}
