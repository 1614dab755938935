//! Reading objects: straight from the object database, hashes checked, sizes capped first.
//!
//! Nothing here looks at replace refs, grafts or a commit-graph, and libgit2 never fetches what is
//! missing, so the bytes are exactly those that the id names.

use crate::raw_tree::Tree;
use crate::{Error, Repository, Result};
use git2::{ErrorCode, ObjectType, Oid};
use secpack_pack::{Content, ObjectId};
use std::rc::Rc;

/// The largest object that is read, in bytes. Documents and keys are thousands of times smaller.
pub(crate) const MAX_OBJECT: u64 = 16 * 1024 * 1024;
/// How much memory kept trees may take, in bytes, before they are dropped.
const MAX_KEPT_TREES: usize = 64 * 1024 * 1024;

/// How many bytes of files or tags one answer may hold. Well packed, a small repository unfolds to
/// far more.
const MAX_ANSWER: usize = 512 * 1024 * 1024;

/// What is left of [`MAX_ANSWER`].
#[derive(Debug)]
pub(crate) struct Budget(usize);

impl Budget {
    pub fn new() -> Self {
        Self(MAX_ANSWER)
    }

    pub fn spend(&mut self, bytes: usize) -> Result<()> {
        let too_many = Error::TooMany { what: "bytes", limit: MAX_ANSWER };
        self.0 = self.0.checked_sub(bytes).ok_or(too_many)?;
        Ok(())
    }

    /// Spends what a file holds in memory.
    pub fn spend_on(&mut self, content: &Content) -> Result<()> {
        match content {
            Content::Bytes(bytes) => self.spend(bytes.len()),
            Content::Absent | Content::TooLarge(_) => Ok(()),
        }
    }
}

/// Trees that were read before.
#[derive(Debug, Default)]
pub(crate) struct KeptTrees {
    trees: std::collections::HashMap<ObjectId, Rc<Tree>>,
    weight: usize,
}

impl Repository {
    /// The bytes of a blob.
    ///
    /// A blob that is not in the repository is [`Content::Absent`]; one of more than 16 MiB is
    /// [`Content::TooLarge`]. Neither is an error here, because only its user knows whether it
    /// matters.
    ///
    /// # Errors
    /// [`Error::WrongKind`] and [`Error::Damaged`].
    pub fn read_blob(&self, id: ObjectId) -> Result<Content> {
        match self.read_object(id, ObjectType::Blob) {
            Ok(bytes) => Ok(Content::Bytes(bytes.into())),
            Err(Error::Missing { .. }) => Ok(Content::Absent),
            Err(Error::ObjectTooLarge { size, .. }) => Ok(Content::TooLarge(size)),
            Err(other) => Err(other),
        }
    }

    /// The raw bytes of an object that must be of this kind.
    pub(crate) fn read_object(&self, id: ObjectId, kind: ObjectType) -> Result<Vec<u8>> {
        let found = self.kind_of(id)?;
        if found != kind {
            return Err(Error::WrongKind { id, wanted: kind.str() });
        }
        let object = self.odb()?.read(oid(id)).map_err(unreadable(id))?.data().to_vec();
        Ok(object)
    }

    /// The kind of an object that is there and not too large.
    pub(crate) fn kind_of(&self, id: ObjectId) -> Result<ObjectType> {
        let (size, kind) = self.odb()?.read_header(oid(id)).map_err(unreadable(id))?;
        let size = size as u64;
        if size > MAX_OBJECT {
            return Err(Error::ObjectTooLarge { id, size, limit: MAX_OBJECT });
        }
        Ok(kind)
    }

    /// A tree, kept for the next time.
    pub(crate) fn tree(&self, id: ObjectId) -> Result<Rc<Tree>> {
        if let Some(tree) = self.trees.borrow().trees.get(&id) {
            return Ok(Rc::clone(tree));
        }
        let raw = self.read_object(id, ObjectType::Tree)?;
        let tree = Tree::parse(raw).map_err(|source| Error::Malformed { id, source })?;
        let tree = Rc::new(tree);
        self.trees.borrow_mut().keep(id, Rc::clone(&tree));
        Ok(tree)
    }

    pub(crate) fn odb(&self) -> Result<git2::Odb<'_>> {
        self.inner.odb().map_err(Error::git("its object database"))
    }
}

impl KeptTrees {
    fn keep(&mut self, id: ObjectId, tree: Rc<Tree>) {
        if self.weight > MAX_KEPT_TREES {
            *self = Self::default();
        }
        self.weight += tree.weight();
        self.trees.insert(id, tree);
    }
}

/// Our id as libgit2's.
pub(crate) fn oid(id: ObjectId) -> Oid {
    Oid::from_bytes(id.as_bytes()).expect("an id has 20 bytes")
}

/// libgit2's id as ours.
pub(crate) fn object_id(oid: Oid) -> ObjectId {
    ObjectId::from_bytes(oid.as_bytes().try_into().expect("a SHA-1 id has 20 bytes"))
}

fn unreadable(id: ObjectId) -> impl FnOnce(git2::Error) -> Error {
    move |source| match source.code() {
        ErrorCode::NotFound => Error::Missing { id },
        _ => Error::Damaged { id, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn a_budget_ends() {
        let mut budget = Budget::new();
        assert!(budget.spend(MAX_ANSWER - 1).is_ok());
        assert!(budget.spend_on(&Content::TooLarge(u64::MAX)).is_ok());
        assert!(budget.spend_on(&Content::Bytes((*b"x").into())).is_ok());
        assert!(matches!(budget.spend(1), Err(Error::TooMany { what: "bytes", .. })));
    }

    #[test]
    fn missing_and_large_blobs_are_told_apart() {
        let fixture = Fixture::new();
        fixture.commit("a.txt", "a\n");
        let repository = fixture.open();
        let blob = fixture.id(&["rev-parse", "HEAD:a.txt"]);
        let commit = fixture.id(&["rev-parse", "HEAD"]);
        assert_eq!(repository.read_blob(blob).expect("there"), Content::Bytes((*b"a\n").into()));
        let nowhere = ObjectId::from_bytes([9; 20]);
        assert_eq!(repository.read_blob(nowhere).expect("no error"), Content::Absent);
        assert!(matches!(repository.read_blob(commit), Err(Error::WrongKind { .. })));
        let size = MAX_OBJECT + 1;
        fixture.write("big", &vec![b'x'; size as usize]);
        let big = fixture.id(&["hash-object", "-w", "big"]);
        assert_eq!(repository.read_blob(big).expect("no error"), Content::TooLarge(size));
    }

    #[test]
    fn a_swapped_loose_object_is_damaged() {
        let fixture = Fixture::new();
        fixture.commit("a.txt", "one\n");
        let one = fixture.id(&["rev-parse", "HEAD:a.txt"]);
        fixture.commit("a.txt", "two\n");
        let two = fixture.id(&["rev-parse", "HEAD:a.txt"]);
        fixture.swap_loose(one, two);
        assert!(
            matches!(fixture.open().read_blob(one), Err(Error::Damaged { id, .. }) if id == one)
        );
    }

    #[test]
    fn replace_refs_change_nothing() {
        let fixture = Fixture::new();
        fixture.commit("a.txt", "one\n");
        let one = fixture.id(&["rev-parse", "HEAD:a.txt"]);
        fixture.commit("a.txt", "two\n");
        let two = fixture.id(&["rev-parse", "HEAD:a.txt"]);
        fixture.git(&["replace", &one.to_string(), &two.to_string()]);
        assert_eq!(fixture.git(&["cat-file", "blob", &one.to_string()]), "two");
        let ours = fixture.open().read_blob(one).expect("there");
        assert_eq!(ours, Content::Bytes((*b"one\n").into()));
    }
}
