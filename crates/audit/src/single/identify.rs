//! Which document of a policy a bare file name stands for. Whoever may add a file to a pack may also
//! give it the name of another series' document, so a name that fits several decides nothing.

use super::{Reading, SingleError, beside};
use secpack_pack::{DocumentId, PackPath};
use std::collections::BTreeMap;

/// Why the name of a file names no document.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// It cannot be a path inside a pack.
    #[error(transparent)]
    Path(#[from] secpack_pack::PathError),
    /// Several documents have it or could have it.
    #[error(
        "the name \"{}\" fits several documents: {paths}; it does not tell which path inside the \
         pack is meant",
        secpack_pack::escape(.name)
    )]
    Several {
        /// The name.
        name: String,
        /// The places that it fits, for people.
        paths: String,
    },
}

/// Documents by their places.
type Places = BTreeMap<PackPath, DocumentId>;

impl Reading {
    /// The document that a file name stands for in the policy, and its place in a pack.
    ///
    /// # Errors
    /// [`SingleError::UnknownName`] when it fits none, `NameError::Several` when it fits more
    /// than one.
    pub fn identify(&self, file_name: &str) -> Result<(DocumentId, PackPath), SingleError> {
        let mut places = self.places(file_name);
        match (places.pop_first(), places.is_empty()) {
            (None, _) => Err(SingleError::UnknownName(file_name.to_owned())),
            (Some((path, id)), true) => Ok((id, path)),
            (Some((first, _)), false) => Err(several(file_name, &first, &places).into()),
        }
    }

    /// The pack's documents of that name, and those that the path patterns know by it.
    fn places(&self, file_name: &str) -> Places {
        let known = self.pack.documents.values().filter(|d| d.path.file_name() == file_name);
        let mut places: Places = known.map(|d| (d.path.clone(), d.id.clone())).collect();
        let (free, exact) = self.possible(file_name);
        places.extend(exact);
        // A pattern such as `fund/{name}.txt` fits the name of every bulletin. Counted always, it
        // would leave no bulletin of that pack that can be verified.
        if places.is_empty() { free } else { places }
    }

    /// What the patterns make of a name: as any name at all, and as something narrower.
    fn possible(&self, file_name: &str) -> (Places, Places) {
        let policy = &self.pack.policy;
        let patterns = policy.series().iter().flat_map(|series| &series.paths);
        let paths = patterns.filter_map(|pattern| beside(pattern.folder(), file_name));
        let found = paths.filter_map(|path| Some((policy.identify(&path)?, path)));
        let places = found.map(|(id, path)| (path, id));
        places.partition(|(_, id)| id.name.is_some() && id.number.is_none())
    }
}

fn several(name: &str, first: &PackPath, rest: &Places) -> NameError {
    let paths: Vec<String> = std::iter::once(first).chain(rest.keys()).map(shown).collect();
    NameError::Several { name: name.to_owned(), paths: paths.join(", ") }
}

fn shown(path: &PackPath) -> String {
    secpack_pack::escape(path.as_str())
}
