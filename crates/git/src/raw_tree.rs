//! Tree objects, byte by byte: strict about order and doubled names, which tools read differently.

use crate::RawError;
use secpack_pack::ObjectId;
use std::cmp::Ordering;

/// A tree object, kept as its raw bytes with an index by name.
#[derive(Debug)]
pub(crate) struct Tree {
    raw: Vec<u8>,
    slots: Vec<Slot>,
}

/// Where an entry lies in the raw bytes: mode, blank, name, NUL, 20 bytes of id.
#[derive(Debug, Clone, Copy)]
struct Slot {
    name: u32,
    nul: u32,
    mode: Mode,
}

/// One entry of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub name: &'a [u8],
    pub mode: Mode,
    pub id: ObjectId,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Folder,
    Regular,
    Executable,
    Link,
    Gitlink,
    /// A mode git does not write.
    Unknown,
}

impl Tree {
    /// Takes a raw tree apart.
    ///
    /// # Errors
    /// [`RawError::Entry`] and [`RawError::Order`].
    pub fn parse(raw: Vec<u8>) -> Result<Self, RawError> {
        // An entry is hardly ever shorter than 36 bytes, so this is about the right capacity.
        let mut tree = Self { slots: Vec::with_capacity(raw.len() / 36), raw };
        let mut start = 0;
        while start < tree.raw.len() {
            let slot = slot(&tree.raw, start)?;
            start = slot.nul as usize + 21;
            tree.slots.push(slot);
        }
        if !tree.slots.is_sorted_by(|a, b| tree.git_order(a, b) == Ordering::Less) {
            return Err(RawError::Order);
        }
        tree.index()?;
        Ok(tree)
    }

    /// The entries, sorted by the bytes of their names.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        self.slots.iter().map(|slot| self.entry(slot))
    }

    /// The entry of this name.
    pub fn get(&self, name: &[u8]) -> Option<Entry<'_>> {
        let found = self.slots.binary_search_by(|slot| self.name(slot).cmp(name)).ok()?;
        Some(self.entry(&self.slots[found]))
    }

    /// About how much memory it takes, in bytes.
    pub fn weight(&self) -> usize {
        self.raw.len() + self.slots.len() * size_of::<Slot>()
    }

    /// Sorts by plain name for [`Tree::get`]; a file and a folder of one name meet here.
    fn index(&mut self) -> Result<(), RawError> {
        let mut slots = std::mem::take(&mut self.slots);
        slots.sort_by(|a, b| self.name(a).cmp(self.name(b)));
        let twins = slots.windows(2).any(|pair| self.name(&pair[0]) == self.name(&pair[1]));
        self.slots = slots;
        if twins { Err(RawError::Order) } else { Ok(()) }
    }

    fn name(&self, slot: &Slot) -> &[u8] {
        &self.raw[slot.name as usize..slot.nul as usize]
    }

    fn entry(&self, slot: &Slot) -> Entry<'_> {
        let mut id = [0; 20];
        let start = slot.nul as usize + 1;
        id.copy_from_slice(&self.raw[start..start + 20]);
        Entry { name: self.name(slot), mode: slot.mode, id: ObjectId::from_bytes(id) }
    }

    /// Git sorts a folder as if its name ended in a slash.
    fn git_order(&self, a: &Slot, b: &Slot) -> Ordering {
        let (one, two) = (self.name(a), self.name(b));
        let common = one.len().min(two.len());
        let after = |name: &[u8], slot: &Slot| {
            let end = if slot.mode == Mode::Folder { b'/' } else { 0 };
            name.get(common).copied().unwrap_or(end)
        };
        let start = one[..common].cmp(&two[..common]);
        start.then_with(|| after(one, a).cmp(&after(two, b)))
    }
}

fn slot(raw: &[u8], start: usize) -> Result<Slot, RawError> {
    let rest = &raw[start..];
    let blank = rest.iter().take(8).position(|byte| *byte == b' ').ok_or(RawError::Entry)?;
    let name = start + blank + 1;
    let length = raw[name..].iter().position(|byte| *byte == 0).ok_or(RawError::Entry)?;
    let nul = name + length;
    let whole = length > 0 && !raw[name..nul].contains(&b'/') && raw.len() >= nul + 21;
    let mode = mode(&rest[..blank]).filter(|_| whole).ok_or(RawError::Entry)?;
    let at = |position: usize| u32::try_from(position).map_err(|_| RawError::Entry);
    Ok(Slot { name: at(name)?, nul: at(nul)?, mode })
}

fn mode(octal: &[u8]) -> Option<Mode> {
    let octal = std::str::from_utf8(octal).ok().filter(|text| !text.starts_with('+'))?;
    Some(match u32::from_str_radix(octal, 8).ok()? {
        0o40000 => Mode::Folder,
        // Group-writable files are what git wrote before 2005; it reads them as plain ones still.
        0o100_644 | 0o100_664 => Mode::Regular,
        0o100_755 => Mode::Executable,
        0o120_000 => Mode::Link,
        0o160_000 => Mode::Gitlink,
        _ => Mode::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn raw(entries: &[(&str, &str)]) -> Vec<u8> {
        let entry = |(mode, name): &(&str, &str)| {
            [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[7; 20]].concat()
        };
        entries.iter().flat_map(entry).collect()
    }

    fn check(entries: &[(&str, &str)], expected: Result<usize, RawError>) {
        let parsed = Tree::parse(raw(entries)).map(|tree| tree.entries().len());
        assert_eq!(parsed, expected, "{entries:?}");
    }

    #[test]
    fn reads_entries_in_git_order() {
        let entries = [
            ("100644", "a-b"),
            ("40000", "a"),
            ("100755", "a.c"),
            ("120000", "l"),
            ("160000", "m"),
        ];
        let sorted = [entries[0], entries[2], entries[1], entries[3], entries[4]];
        check(&[], Ok(0));
        check(&sorted, Ok(5));
        check(&entries, Err(RawError::Order));
        let tree = Tree::parse(raw(&sorted)).expect("sorted");
        let mode = |name: &[u8]| tree.get(name).map(|entry| entry.mode);
        assert_eq!(mode(b"a"), Some(Mode::Folder));
        assert_eq!(mode(b"a-b"), Some(Mode::Regular));
        assert_eq!(mode(b"a.c"), Some(Mode::Executable));
        assert_eq!(mode(b"l"), Some(Mode::Link));
        assert_eq!(mode(b"m"), Some(Mode::Gitlink));
        assert_eq!(mode(b"b"), None);
    }

    #[test]
    fn refuses_what_tools_read_differently() {
        check(&[("100644", "a"), ("100644", "a")], Err(RawError::Order));
        check(&[("100644", "a"), ("100644", "a-"), ("40000", "a")], Err(RawError::Order));
        check(&[("100644", "")], Err(RawError::Entry));
        check(&[("100644", "a/b")], Err(RawError::Entry));
        check(&[("100849", "a")], Err(RawError::Entry));
        check(&[("+644", "a")], Err(RawError::Entry));
        check(&[("100600", "a")], Ok(1));
        let whole = raw(&[("100644", "a")]);
        for length in 1..whole.len() {
            assert!(Tree::parse(whole[..length].to_vec()).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Tree::parse(raw);
        }
    }
}
