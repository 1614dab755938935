//! A request to sign on a machine without a network: one text file with the document, what it is,
//! who is asked, and the commands to type there. It has one form only: what is read is written
//! again and compared, so no field and no command in it is anybody's but ours.

use crate::{GuardError, refuse_git_payload};
use chrono::{DateTime, Utc};
use secpack_openpgp::{
    Keyring, Opened, Order, Sheet, SheetError, SignatureKind, Signer, sheet_keyring, sheet_word,
    sign_sheet,
};
use secpack_pack::policy::HashUse;
use secpack_pack::{Fingerprint, MemberId, PackPath, escape};

/// Largest request that is read, in bytes: a document, a certificate and a page of words.
pub const MAX_REQUEST: u64 = 24 * 1024 * 1024;

const HEAD: &str = "secpack signing request 1";

/// What is asked of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The pack's name, for people.
    pub pack: String,
    /// The document, as people call it.
    pub label: String,
    /// Its path.
    pub document: PackPath,
    /// Who is asked.
    pub member: MemberId,
    /// The primary key that is asked for.
    pub key: Fingerprint,
    /// Where the signature belongs in the pack.
    pub signature: PackPath,
    /// The public half of the key, armored.
    pub certificate: String,
    /// The exact bytes to sign.
    pub text: Vec<u8>,
}

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// It is no request, or somebody wrote into it.
    #[error("it is not a signing request as secpack writes it{0}")]
    Malformed(&'static str),
    /// Its text must never be signed.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// It was not signed, or not well.
    #[error(transparent)]
    Sheet(#[from] SheetError),
}

impl Request {
    /// The file that it is written to.
    pub fn file_name(&self) -> String {
        format!("{}.{}.request", self.document.file_name(), self.member)
    }

    /// The one form of it.
    pub fn write(&self) -> Vec<u8> {
        let fields = [
            ("pack", &*escape(&self.pack)),
            ("label", &*escape(&self.label)),
            ("document", self.document.as_str()),
            ("member", self.member.as_str()),
            ("key", self.key.as_str()),
            ("signature", self.signature.as_str()),
        ];
        let (words, certificate) = (&*self.words(), &*self.certificate);
        Sheet { head: HEAD, fields: &fields, words, certificate, text: &self.text }.write()
    }

    /// What the person types who has the key.
    fn words(&self) -> String {
        let (file, key, size) = (sheet_word(&self.file_name()), &self.key, self.text.len());
        let answer = sheet_word(self.signature.file_name());
        format!(
            "The text is the last {size} bytes of this file. Where the key is, read it, compare the\n\
             digest, and sign it with stock gpg:\n\
             \x20 tail -c {size} {file} | less\n\
             \x20 tail -c {size} {file} | sha256sum\n\
             \x20 tail -c {size} {file} | gpg --armor --local-user {key} --output {answer} --detach-sign\n\
             or with this program, which shows it, asks, and checks what it made:\n\
             \x20 secpack sign request {file} --with agent\n\
             Bring {answer} back; then, in the pack:\n\
             \x20 secpack collect {answer}\n"
        )
    }

    /// Reads a request.
    ///
    /// # Errors
    /// [`RequestError::Malformed`] when it is not byte for byte what [`Request::write`] gives, and
    /// [`RequestError::Guard`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        let request = take_apart(bytes).ok_or(RequestError::Malformed(""))?;
        if request.write() != bytes {
            return Err(RequestError::Malformed(": something in it was changed"));
        }
        refuse_git_payload(&request.text)?;
        Ok(request)
    }

    /// The signature that is asked for, judged by the strictest policy and by the certificate in
    /// the request. The pack judges it again when it is taken in.
    ///
    /// # Errors
    /// [`RequestError`]; nothing is stored here.
    pub fn sign(&self, signer: &mut Signer, made: DateTime<Utc>) -> Result<Vec<u8>, RequestError> {
        let [one, two] = crate::spoken(&crate::digest(&self.text));
        let purpose = format!("Sign {} as {}\nsha-256 {one}\n{two}", self.label, self.member);
        let kind = SignatureKind::Binary;
        let order = Order { bytes: &self.text, kind, made, purpose: &purpose };
        let asked = (&self.key, &*self.certificate);
        Ok(sign_sheet(signer, &order, HashUse::Documents, asked)?)
    }

    /// The certificate that came along.
    pub fn keyring(&self) -> Keyring {
        sheet_keyring(&self.certificate)
    }
}

fn take_apart(bytes: &[u8]) -> Option<Request> {
    let opened = Opened::read(bytes, HEAD)?;
    Some(Request {
        pack: opened.field("pack")?.to_owned(),
        label: opened.field("label")?.to_owned(),
        document: opened.field("document")?.parse().ok()?,
        member: opened.field("member")?.parse().ok()?,
        key: opened.field("key")?.parse().ok()?,
        signature: opened.field("signature")?.parse().ok()?,
        certificate: opened.certificate.to_owned(),
        text: opened.text.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: &str = "-----END PGP PUBLIC KEY BLOCK-----\n";

    fn request(text: &[u8]) -> Request {
        Request {
            pack: "Example".to_owned(),
            label: "SB-001".to_owned(),
            document: "bulletins/it's 1.txt".parse().expect("a path"),
            member: "ann".parse().expect("a member"),
            key: "427F11FD0FAA4B080123F01CDDFA1A3E36879494".parse().expect("a fingerprint"),
            signature: "bulletins/it's 1.txt.sig.ann".parse().expect("a path"),
            certificate: format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAA==\n{END}"),
            text: text.to_vec(),
        }
    }

    #[test]
    fn it_comes_back_as_it_was() {
        for text in [&b"one\n"[..], b"\xff\0", b"\ntext:\n", END.as_bytes(), HEAD.as_bytes()] {
            let made = request(text);
            assert_eq!(Request::parse(&made.write()).expect("a request"), made);
        }
    }

    #[test]
    fn a_changed_byte_is_noticed_wherever_it_is() {
        let written = request(b"some text\n").write();
        for at in 0..written.len() {
            let mut changed = written.clone();
            changed[at] ^= 1;
            let parsed = Request::parse(&changed);
            // Names and the certificate are their own witness; the text and commands are not.
            if let Ok(parsed) = parsed {
                assert_eq!(parsed.write(), changed, "byte {at}");
                assert_eq!(parsed.text, b"some text\n", "byte {at}");
            }
        }
        let text = String::from_utf8(written).expect("text");
        assert!(Request::parse(text.replace("sha256sum", "sh").as_bytes()).is_err());
        assert!(Request::parse(text.replace("some text", "same text").as_bytes()).is_err());
        assert!(Request::parse(b"").is_err());
    }

    #[test]
    fn a_git_object_is_no_document() {
        let tag = format!("object {}\ntype commit\n", "0".repeat(40));
        let parsed = Request::parse(&request(tag.as_bytes()).write());
        assert!(matches!(parsed, Err(RequestError::Guard(_))), "{parsed:?}");
    }
}
