//! Encrypting a signed letter to everyone whom the policy names.

use crate::{MAX_SEALED, SealError, letter};
use age::armor::{ArmoredWriter, Format};
use secpack_pack::policy::{Recipient, RecipientKey, SealedForm};
use std::io::Write;

/// Seals a payload and its signature to exactly these recipients.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    recipients: &[Recipient],
    payload: &[u8],
    signature: &[u8],
    form: SealedForm,
) -> Result<Vec<u8>, SealError> {
    if recipients.is_empty() {
        return Err(SealError::NoRecipients);
    }
    let keys = recipients.iter().map(|recipient| {
        key(&recipient.key).ok_or_else(|| SealError::Recipient(recipient.name.clone()))
    });
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let inside = letter::join(payload, signature);
    let sealed = encrypt(&keys, &inside, form)?;
    if sealed.len() > MAX_SEALED { Err(SealError::TooLarge) } else { Ok(sealed) }
}

fn key(key: &RecipientKey) -> Option<Box<dyn age::Recipient>> {
    if key.as_str().starts_with("ssh-ed25519 ") {
        let parsed = key.as_str().parse::<age::ssh::Recipient>().ok()?;
        return Some(Box::new(parsed));
    }
    Some(Box::new(key.as_str().parse::<age::x25519::Recipient>().ok()?))
}

fn encrypt(
    keys: &[Box<dyn age::Recipient>],
    inside: &[u8],
    form: SealedForm,
) -> Result<Vec<u8>, SealError> {
    let failed = |error: &dyn std::fmt::Display| SealError::Age(error.to_string());
    let keys = keys.iter().map(|key| key.as_ref() as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(keys).map_err(|e| failed(&e))?;
    let format = match form {
        SealedForm::Armored => Format::AsciiArmor,
        SealedForm::Binary => Format::Binary,
    };
    let write = || -> std::io::Result<Vec<u8>> {
        let output = ArmoredWriter::wrap_output(Vec::new(), format)?;
        let mut stream = encryptor.wrap_output(output)?;
        stream.write_all(inside)?;
        stream.finish()?.finish()
    };
    write().map_err(|e| failed(&e))
}
