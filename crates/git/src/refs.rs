//! Refs: their names, and every tag with the raw object it points to.

use crate::objects::{Budget, object_id};
use crate::{Error, Repository, Result};
use git2::ObjectType;
use secpack_pack::{ObjectId, escape};
use std::fmt;
use std::str::FromStr;

/// More tags than any pack will ever have.
const MAX_TAGS: usize = 1_000_000;

/// A whole ref such as `refs/heads/main`, safe on a command line and in a refspec.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefName(String);

impl RefName {
    /// The ref of a branch.
    ///
    /// # Errors
    /// [`Error::BadName`] when git would not take it as a branch.
    pub fn branch(name: &str) -> Result<Self> {
        format!("refs/heads/{name}").parse()
    }

    /// The ref of a tag.
    ///
    /// # Errors
    /// [`Error::BadName`] when git would not take it as a tag.
    pub fn tag(name: &str) -> Result<Self> {
        format!("refs/tags/{name}").parse()
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is below `refs/heads/`.
    pub fn is_branch(&self) -> bool {
        self.0.starts_with("refs/heads/")
    }
}

impl FromStr for RefName {
    type Err = Error;

    /// Takes what `git check-ref-format` takes below `refs/`, except parts that begin with `-`.
    fn from_str(name: &str) -> Result<Self> {
        let option = name.split('/').any(|part| part.starts_with('-'));
        if option || !name.starts_with("refs/") || !git2::Reference::is_valid_name(name) {
            return Err(Error::BadName { kind: "git ref", name: name.to_owned() });
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&escape(&self.0))
    }
}

/// One ref below `refs/tags/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRef {
    /// The name of the ref without `refs/tags/`: untrusted, and not necessarily the tag's own.
    pub name: String,
    /// The object it points to.
    pub target: ObjectId,
    /// What that is.
    pub object: TagObject,
}

/// What a tag ref points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagObject {
    /// An annotated tag: its raw bytes, for [`crate::raw_tag::parse`].
    Raw(Vec<u8>),
    /// Something else.
    NotATag(NotATag),
}

/// What a tag ref points to when it is not an annotated tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotATag {
    /// A commit: a lightweight tag.
    Commit,
    /// A folder.
    Tree,
    /// The content of a file.
    Blob,
    /// A tag that says it is of a commit, while no commit has that id here.
    NoCommit,
    /// An object that is not in the repository.
    Missing,
    /// An object of more than 16 MiB.
    TooLarge,
}

impl fmt::Display for NotATag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            NotATag::Commit => "a commit",
            NotATag::Tree => "a tree",
            NotATag::Blob => "a blob",
            NotATag::NoCommit => "a tag of a commit that is none",
            NotATag::Missing => "a missing object",
            NotATag::TooLarge => "an object of more than 16 MiB",
        })
    }
}

impl TagRef {
    /// The commit that an annotated tag is about; `None` for anything else.
    pub fn commit(&self) -> Option<ObjectId> {
        let TagObject::Raw(raw) = &self.object else { return None };
        let tag = crate::raw_tag::parse(raw).ok()?;
        (tag.target_kind == "commit").then_some(tag.object)
    }
}

impl Repository {
    /// The commits that branches are at, local ones and those fetched from remotes, each once.
    ///
    /// # Errors
    /// [`Error::Git`] for an unreadable ref.
    pub fn branches(&self) -> Result<Vec<ObjectId>> {
        let mut tips = Vec::new();
        for pattern in ["refs/heads/*", "refs/remotes/*"] {
            for reference in self.inner.references_glob(pattern).map_err(Error::git(pattern))? {
                let reference = reference.map_err(Error::git(pattern))?;
                let commit = reference.peel(ObjectType::Commit);
                tips.extend(commit.ok().map(|commit| object_id(commit.id())));
            }
        }
        tips.sort();
        tips.dedup();
        Ok(tips)
    }

    /// Every ref below `refs/tags/`, sorted by name. A symbolic ref that leads nowhere is no tag.
    ///
    /// # Errors
    /// [`Error::Git`] for an unreadable ref, [`Error::Damaged`] for a damaged tag object.
    pub fn tags(&self) -> Result<Vec<TagRef>> {
        let unreadable = || Error::git("refs/tags");
        let (mut tags, mut budget) = (Vec::new(), Budget::new());
        for reference in self.inner.references_glob("refs/tags/*").map_err(unreadable())? {
            let reference = reference.map_err(unreadable())?;
            let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
            let Some(target) = reference.resolve().ok().and_then(|reference| reference.target())
            else {
                continue;
            };
            let tag = self.tag_ref(&name, object_id(target))?;
            if let TagObject::Raw(raw) = &tag.object {
                budget.spend(raw.len())?;
            }
            tags.push(tag);
            if tags.len() > MAX_TAGS {
                return Err(Error::TooMany { what: "tags", limit: MAX_TAGS });
            }
        }
        tags.sort_by(|one, two| one.name.cmp(&two.name));
        Ok(tags)
    }

    fn tag_ref(&self, name: &str, target: ObjectId) -> Result<TagRef> {
        let name = name.strip_prefix("refs/tags/").unwrap_or(name).to_owned();
        Ok(TagRef { name, target, object: self.tag_object(target)? })
    }

    fn tag_object(&self, id: ObjectId) -> Result<TagObject> {
        let other = match self.kind_of(id) {
            Ok(ObjectType::Tag) => return self.annotated(self.read_object(id, ObjectType::Tag)?),
            Ok(ObjectType::Commit) => NotATag::Commit,
            Ok(ObjectType::Tree) => NotATag::Tree,
            Ok(ObjectType::Blob | ObjectType::Any) => NotATag::Blob,
            Err(Error::Missing { .. }) => NotATag::Missing,
            Err(Error::ObjectTooLarge { .. }) => NotATag::TooLarge,
            Err(error) => return Err(error),
        };
        Ok(TagObject::NotATag(other))
    }

    /// A tag that calls something else a commit would stop every walk through history.
    fn annotated(&self, raw: Vec<u8>) -> Result<TagObject> {
        let commit = crate::raw_tag::parse(&raw).ok().filter(|tag| tag.target_kind == "commit");
        let found = commit.map(|tag| self.kind_of(tag.object)).transpose();
        match found {
            Ok(None | Some(ObjectType::Commit)) => Ok(TagObject::Raw(raw)),
            Ok(Some(_)) | Err(Error::Missing { .. }) => Ok(TagObject::NotATag(NotATag::NoCommit)),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use crate::raw_tag;

    #[test]
    fn names_are_checked() {
        for good in ["refs/heads/main", "refs/tags/ann_sec_01234567", "refs/tags/a/b"] {
            assert!(good.parse::<RefName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "main",
            "HEAD",
            "refs/heads/",
            "refs/heads/-x",
            "refs/heads/a b",
            "refs/heads/a..b",
            "refs/heads/a:b",
            "refs/heads/*",
            "refs/heads/a^",
            "refs/heads/a\n",
            "refs/heads/a.lock",
            "refs/heads/@{x",
            "+refs/heads/a",
            "--all",
        ] {
            assert!(matches!(bad.parse::<RefName>(), Err(Error::BadName { .. })), "{bad:?}");
        }
        assert!(RefName::branch("-f").is_err() && RefName::tag("").is_err());
        assert!(RefName::branch("main").is_ok_and(|name| name.is_branch()));
    }

    #[test]
    fn every_tag_is_listed_as_what_it_is() {
        let fixture = Fixture::new();
        let commit = fixture.commit("a.txt", "a\n");
        fixture.git(&["tag", "light"]);
        fixture.git(&["tag", "-a", "-m", "m", "real"]);
        fixture.git(&["tag", "-a", "-m", "m", "of-tag", "real"]);
        fixture.git(&["tag", "tree", "HEAD^{tree}"]);
        fixture.git(&["tag", "blob", "HEAD:a.txt"]);
        fixture.git(&["update-ref", "refs/tags/sub/alias", "real"]);
        fixture.git(&["symbolic-ref", "refs/tags/symbolic", "refs/tags/real"]);
        fixture.git(&["symbolic-ref", "refs/tags/nowhere", "refs/tags/none"]);
        fixture.write(".git/refs/tags/gone", b"0909090909090909090909090909090909090909\n");
        let tree = fixture.id(&["rev-parse", "HEAD^{tree}"]);
        fixture.git(&["update-ref", "refs/tags/liar", &fixture.tag_of(tree).to_string()]);
        let nothing = "0909090909090909090909090909090909090909".parse().expect("an id");
        fixture.git(&["update-ref", "refs/tags/lost", &fixture.tag_of(nothing).to_string()]);
        fixture.git(&["pack-refs", "--no-all"]);
        let tags = fixture.open().tags().expect("readable");
        let shown: Vec<String> =
            tags.iter().map(|tag| format!("{} {}", tag.name, shown(tag))).collect();
        let expected = [
            "blob a blob",
            "gone a missing object",
            "liar a tag of a commit that is none",
            "light a commit",
            "lost a tag of a commit that is none",
            "of-tag real of a tag",
            "real real of a commit",
            "sub/alias real of a commit",
            "symbolic real of a commit",
            "tree a tree",
        ];
        let expected =
            expected.map(|line| line.replace("of-tag real of a tag", "of-tag of-tag of a tag"));
        assert_eq!(shown, expected);
        assert_eq!(tags[3].target, commit);
    }

    fn shown(tag: &TagRef) -> String {
        match &tag.object {
            TagObject::NotATag(what) => what.to_string(),
            TagObject::Raw(raw) => {
                let inside = raw_tag::parse(raw).expect("well-formed");
                format!("{} of a {}", inside.name, inside.target_kind)
            }
        }
    }
}
