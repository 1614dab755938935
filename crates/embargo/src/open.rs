//! Decrypting a sealed file in memory: everything that can be refused is refused first.

use crate::{
    Header, HeaderError, Identities, MAX_SEALED, OpenError, PluginError, SealedId, Unverified,
};
use age::DecryptError;
use age::secrecy::zeroize::Zeroizing;
use secpack_pack::policy::{Recipient, RecipientKey};
use std::collections::BTreeSet;
use std::io::Read;

/// Opens the sealed file with this id. Also says what its header shows.
///
/// # Errors
/// [`OpenError`]; nothing of the content is in it.
pub fn open(
    bytes: &[u8],
    id: &SealedId,
    identities: &Identities,
) -> Result<(Header, Unverified), OpenError> {
    let bytes = without_armor(bytes)?;
    let header = Header::of(&bytes)?;
    let decryptor = age::Decryptor::new_buffered(bytes.as_slice()).map_err(refused)?;
    if decryptor.is_scrypt() {
        return Err(HeaderError::Passphrase.into());
    }
    let mut stream =
        decryptor.decrypt(identities.each()).map_err(|error| by_whom(error, identities))?;
    let mut inside = Zeroizing::new(Vec::with_capacity(bytes.len()));
    stream.read_to_end(&mut inside).map_err(|e| OpenError::Damaged(e.to_string()))?;
    Ok((header, Unverified::parse(&inside, id)?))
}

/// The file without armor, if it has one.
pub(crate) fn without_armor(bytes: &[u8]) -> Result<Vec<u8>, OpenError> {
    if bytes.len() > MAX_SEALED {
        return Err(OpenError::TooLarge(bytes.len()));
    }
    if !bytes.starts_with(b"-----BEGIN AGE ") {
        return Ok(bytes.to_vec());
    }
    let mut plain = Vec::with_capacity(bytes.len());
    age::armor::ArmoredReader::new(bytes)
        .read_to_end(&mut plain)
        .map_err(|error| OpenError::Armor(error.to_string()))?;
    Ok(plain)
}

/// What a plugin did is told as such.
fn by_whom(error: DecryptError, identities: &Identities) -> OpenError {
    match error {
        DecryptError::InvalidMac => identities.blamed().map_or_else(|| refused(error), Into::into),
        // The header lies in memory, so only a plugin can fail like this.
        DecryptError::Io(inside) => match inside.downcast::<PluginError>() {
            Ok(plugin) => plugin.into(),
            Err(other) => refused(DecryptError::Io(other)),
        },
        other => refused(other),
    }
}

fn refused(error: DecryptError) -> OpenError {
    match error {
        DecryptError::NoMatchingKeys => OpenError::NoIdentity,
        DecryptError::InvalidHeader | DecryptError::UnknownFormat => HeaderError::NotAge.into(),
        other => OpenError::Damaged(other.to_string()),
    }
}

/// How the list that a letter was sealed to differs from the policy's, in words.
pub fn difference(sealed: &[RecipientKey], header: Header, policy: &[Recipient]) -> Option<String> {
    let sealed: BTreeSet<&RecipientKey> = sealed.iter().collect();
    let wanted: BTreeSet<&RecipientKey> = policy.iter().map(|recipient| &recipient.key).collect();
    let mut said = Vec::new();
    let claimed = Header::for_keys(sealed.iter().copied());
    if claimed != header {
        said.push(format!(
            "its author sealed it to {} keys and its header has {}",
            claimed.recipients(),
            header.recipients()
        ));
    }
    for recipient in policy.iter().filter(|recipient| !sealed.contains(&recipient.key)) {
        said.push(format!("{} cannot read it", recipient.name));
    }
    let extra = sealed.difference(&wanted).count();
    if extra > 0 {
        said.push(format!("{extra} of its readers are not in the policy"));
    }
    (!said.is_empty()).then(|| said.join("; "))
}
