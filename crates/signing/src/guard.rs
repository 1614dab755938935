//! Texts that must never be signed, whatever anybody says.

/// Why a text must not be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// One signature would serve as a git tag's or commit's as well.
    #[error("the text could pass for a git {0}; a signature over it could be moved into one")]
    GitPayload(&'static str),
    /// Nothing to sign.
    #[error("the document is empty")]
    Empty,
}

/// Refuses the payload of a git tag or commit: they are signed with the same type of signature.
///
/// # Errors
/// [`GuardError`].
pub fn refuse_git_payload(bytes: &[u8]) -> Result<(), GuardError> {
    if bytes.is_empty() {
        return Err(GuardError::Empty);
    }
    let hex_after = |word: &[u8]| {
        bytes
            .strip_prefix(word)
            .is_some_and(|rest| rest.iter().take_while(|b| b.is_ascii_hexdigit()).count() >= 40)
    };
    if hex_after(b"object ") {
        return Err(GuardError::GitPayload("tag"));
    }
    if hex_after(b"tree ") {
        return Err(GuardError::GitPayload("commit"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_objects_are_refused_and_prose_is_not() {
        let id = "0123456789012345678901234567890123456789";
        let check = |text: String| refuse_git_payload(text.as_bytes());
        assert_eq!(
            check(format!("object {id}\ntype commit\n")),
            Err(GuardError::GitPayload("tag"))
        );
        assert_eq!(check(format!("tree {id}\n")), Err(GuardError::GitPayload("commit")));
        assert_eq!(check("tree houses are nice\n".to_owned()), Ok(()));
        assert_eq!(check(String::new()), Err(GuardError::Empty));
    }
}
