//! Every object and every ref of a repository, reachable or not: for whoever must know that
//! something is nowhere.

use crate::objects::{object_id, oid};
use crate::raw_tree::Tree;
use crate::{Error, Repository, Result};
use git2::ObjectType;
use secpack_pack::ObjectId;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A commit: its whole raw text.
    Commit,
    /// An annotated tag: its whole raw text.
    Tag,
    /// A folder: the names in it, one per line.
    Tree,
    /// The content of a file.
    Blob,
}

impl ObjectKind {
    /// The word in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            ObjectKind::Commit => "commit",
            ObjectKind::Tag => "tag",
            ObjectKind::Tree => "tree",
            ObjectKind::Blob => "blob",
        }
    }
}

impl Repository {
    /// Shows every object of the object database to `visit`, sorted by id, also those that no ref
    /// leads to. Returns the ids of those that were not shown: larger than 16 MiB, or damaged.
    ///
    /// # Errors
    /// [`Error::Git`] when the object database cannot be listed.
    pub fn every_object(
        &self,
        mut visit: impl FnMut(ObjectId, ObjectKind, &[u8]),
    ) -> Result<Vec<ObjectId>> {
        let odb = self.odb()?;
        let mut ids = Vec::new();
        odb.foreach(|id| {
            ids.push(object_id(*id));
            true
        })
        .map_err(Error::git("its object database"))?;
        ids.sort();
        ids.dedup();
        let mut not_shown = Vec::new();
        for id in ids {
            match self.shown(id) {
                Some((kind, bytes)) => visit(id, kind, &bytes),
                None => not_shown.push(id),
            }
        }
        Ok(not_shown)
    }

    fn shown(&self, id: ObjectId) -> Option<(ObjectKind, Vec<u8>)> {
        let kind = match self.kind_of(id).ok()? {
            ObjectType::Commit => ObjectKind::Commit,
            ObjectType::Tag => ObjectKind::Tag,
            ObjectType::Tree => ObjectKind::Tree,
            ObjectType::Blob | ObjectType::Any => ObjectKind::Blob,
        };
        let bytes = self.odb().ok()?.read(oid(id)).ok()?.data().to_vec();
        match kind {
            ObjectKind::Tree => Some((kind, names(bytes))),
            ObjectKind::Commit | ObjectKind::Tag | ObjectKind::Blob => Some((kind, bytes)),
        }
    }

    /// The whole name of every ref, and what symbolic ones and `HEAD` point to, sorted.
    ///
    /// # Errors
    /// [`Error::Git`] for an unreadable ref.
    pub fn every_ref(&self) -> Result<Vec<String>> {
        let unreadable = || Error::git("its refs");
        let mut names = Vec::new();
        if let Ok(head) = self.inner.find_reference("HEAD") {
            names.extend(head.symbolic_target_bytes().map(lossy));
        }
        for reference in self.inner.references().map_err(unreadable())? {
            let reference = reference.map_err(unreadable())?;
            names.push(lossy(reference.name_bytes()));
            names.extend(reference.symbolic_target_bytes().map(lossy));
        }
        names.sort();
        names.dedup();
        Ok(names)
    }
}

/// The names in a folder; a damaged one is shown as it is.
fn names(raw: Vec<u8>) -> Vec<u8> {
    match Tree::parse(raw.clone()) {
        Ok(tree) => tree.entries().flat_map(|entry| [entry.name, b"\n"].concat()).collect(),
        Err(_) => raw,
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn unreachable_objects_and_every_ref_are_shown() {
        let fixture = Fixture::new();
        fixture.commit("a.txt", "a\n");
        let lost = fixture.blob(b"lost\n");
        fixture.git(&["tag", "-a", "-m", "a message", "v1"]);
        fixture.git(&["branch", "side"]);
        fixture.git(&["symbolic-ref", "refs/heads/link", "refs/heads/nowhere"]);
        let repository = fixture.open();
        let mut seen = Vec::new();
        let missed = repository
            .every_object(|id, kind, bytes| seen.push((id, kind, lossy(bytes))))
            .expect("listed");
        assert!(missed.is_empty());
        let kinds = |kind| seen.iter().filter(move |(_, k, _)| *k == kind).map(|(_, _, t)| t);
        assert!(seen.iter().any(|(id, _, text)| *id == lost && text == "lost\n"));
        assert_eq!(kinds(ObjectKind::Tree).collect::<Vec<_>>(), ["a.txt\n"]);
        assert!(kinds(ObjectKind::Tag).all(|text| text.contains("a message")));
        assert_eq!(kinds(ObjectKind::Commit).count(), 1);
        let refs = repository.every_ref().expect("listed");
        for name in ["refs/heads/side", "refs/tags/v1", "refs/heads/link", "refs/heads/nowhere"] {
            assert!(refs.iter().any(|found| found == name), "{name} in {refs:?}");
        }
    }
}
