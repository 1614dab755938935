//! Documents and signature files, and the one type that makes or parses a document's path.

use crate::{MemberId, PackPath, SeriesId};
use std::fmt;
use std::sync::Arc;

/// Which document: its series and what its path says of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId {
    /// The series it belongs to.
    pub series: SeriesId,
    /// The number, in numbered series.
    pub number: Option<u32>,
    /// The year in the path.
    pub year: Option<u16>,
    /// The quarter in the path, 1 to 4.
    pub quarter: Option<u8>,
    /// The free part of the path, in series without numbers.
    pub name: Option<String>,
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.series)?;
        if let Some(number) = self.number {
            write!(f, " {number:03}")?;
        }
        if let Some(name) = &self.name {
            write!(f, " {}", crate::escape(name))?;
        }
        Ok(())
    }
}

/// A document: its id, its path and its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Which one.
    pub id: DocumentId,
    /// Where it lies.
    pub path: PackPath,
    /// Its exact bytes; `None` when the object is missing in the repository.
    pub bytes: Option<Arc<[u8]>>,
}

/// A file that claims to be a member's signature over a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureFile {
    /// The document it stands beside; itself for a clearsigned document.
    pub document: PackPath,
    /// The member its name claims; `None` where the name claims none.
    pub member: Option<MemberId>,
    /// Where it lies.
    pub path: PackPath,
    /// Its exact bytes; `None` when the object is missing in the repository.
    pub bytes: Option<Arc<[u8]>>,
}
