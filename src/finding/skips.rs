//! Many skips in little memory: a tree with libraries and pictures has hundreds of thousands of binary files.

use std::cmp::Ordering;
use std::fmt;

use super::{Origin, Skip, SkipReason};

/// What was left out. Binary files, which are most of it, are kept as a folder that they share with those before them, a name
/// and a size: about 60 bytes each in place of 250.
#[derive(Clone, Default)]
pub struct Skips {
    /// All others.
    listed: Vec<Skip>,
    binary: Vec<Binary>,
    /// With the `/` at their end.
    folders: Vec<Box<str>>,
    /// All names, one behind another.
    names: String,
}

/// A binary file.
#[derive(Clone, Copy)]
struct Binary {
    folder: u32,
    /// Where its name stands.
    start: u32,
    length: u32,
    /// Its size.
    bytes: u64,
}

impl Skips {
    /// Whether nothing was left out.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.listed.len() + self.binary.len()
    }

    /// Adds one.
    pub fn push(&mut self, skip: Skip) {
        match (&skip.origin, &skip.reason, skip.bytes) {
            (Origin::File { path }, SkipReason::Binary, Some(bytes)) if self.has_room(path) => {
                self.push_binary(path, bytes);
            }
            _ => self.listed.push(skip),
        }
    }

    /// Whether places among the names can still be told in 32 bits.
    fn has_room(&self, path: &str) -> bool {
        u32::try_from(self.names.len() + path.len()).is_ok()
    }

    fn push_binary(&mut self, path: &str, bytes: u64) {
        let (folder, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
        if self.folders.last().is_none_or(|last| **last != *folder) {
            self.folders.push(folder.into());
        }
        let narrow = |number: usize| u32::try_from(number).expect("it was asked whether there is room");
        let (folder, start) = (narrow(self.folders.len() - 1), narrow(self.names.len()));
        self.names.push_str(name);
        self.binary.push(Binary { folder, start, length: narrow(name.len()), bytes });
    }

    /// Adds all of another list.
    pub fn append(&mut self, mut other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        self.listed.append(&mut other.listed);
        let shift = |number: usize, by: usize| u32::try_from(number + by).ok();
        let (folders, names) = (self.folders.len(), self.names.len());
        if shift(folders, other.folders.len()).is_none() || shift(names, other.names.len()).is_none() {
            return self.listed.extend(&other);
        }
        let moved = other.binary.iter().filter_map(|one| {
            Some(Binary {
                folder: shift(one.folder as usize, folders)?,
                start: shift(one.start as usize, names)?,
                ..*one
            })
        });
        self.binary.extend(moved);
        self.folders.append(&mut other.folders);
        self.names.push_str(&other.names);
    }

    /// Whether it is one of them.
    pub fn contains(&self, skip: &Skip) -> bool {
        self.listed.contains(skip) || skip.reason == SkipReason::Binary && self.iter().any(|one| one == *skip)
    }

    /// Puts them in their order: [`Skips::iter`] then gives them so.
    pub fn sort(&mut self) {
        self.listed.sort_unstable();
        let mut binary = std::mem::take(&mut self.binary);
        binary.sort_unstable_by(|one, other| self.compare(*one, *other));
        self.binary = binary;
    }

    /// Takes out what stands beside its like.
    pub fn dedup(&mut self) {
        self.listed.dedup();
        let mut binary = std::mem::take(&mut self.binary);
        binary.dedup_by(|one, other| self.compare(*one, *other).is_eq());
        self.binary = binary;
    }

    /// All of them.
    pub fn iter(&self) -> Iter<'_> {
        Iter { skips: self, listed: 0, binary: 0 }
    }

    /// Those that make a scan partial.
    pub fn failures(&self) -> impl Iterator<Item = &Skip> {
        self.listed.iter().filter(|skip| skip.reason.is_failure())
    }

    /// Those that make a scan partial, then all others.
    pub fn failures_first(&self) -> impl Iterator<Item = Skip> {
        self.failures().cloned().chain(self.iter().filter(|skip| !skip.reason.is_failure()))
    }

    fn parts(&self, binary: Binary) -> [&str; 2] {
        let start = binary.start as usize;
        [&self.folders[binary.folder as usize], &self.names[start..start + binary.length as usize]]
    }

    fn compare(&self, one: Binary, other: Binary) -> Ordering {
        let paths = if one.folder == other.folder {
            self.parts(one)[1].cmp(self.parts(other)[1])
        } else {
            compare_joined(self.parts(one).map(str::as_bytes), self.parts(other).map(str::as_bytes))
        };
        paths.then(one.bytes.cmp(&other.bytes))
    }

    fn skip(&self, binary: Binary) -> Skip {
        let origin = Origin::File { path: self.parts(binary).concat() };
        Skip { origin, reason: SkipReason::Binary, bytes: Some(binary.bytes) }
    }
}

/// Compares two texts that are in two parts each.
fn compare_joined(one: [&[u8]; 2], other: [&[u8]; 2]) -> Ordering {
    if one[0].len() > other[0].len() {
        return compare_joined(other, one).reverse();
    }
    let (head, rest) = other[0].split_at(one[0].len());
    let (next, last) = one[1].split_at(one[1].len().min(rest.len()));
    one[0].cmp(head).then_with(|| next.cmp(rest)).then_with(|| last.cmp(other[1]))
}

/// What [`Skips::iter`] gives.
pub struct Iter<'s> {
    skips: &'s Skips,
    listed: usize,
    binary: usize,
}

impl Iterator for Iter<'_> {
    type Item = Skip;

    fn next(&mut self) -> Option<Skip> {
        let listed = self.skips.listed.get(self.listed);
        let binary = self.skips.binary.get(self.binary).map(|one| self.skips.skip(*one));
        match (listed, binary) {
            (Some(listed), Some(binary)) if *listed <= binary => self.listed += 1,
            (_, Some(binary)) => {
                self.binary += 1;
                return Some(binary);
            }
            (_, None) => self.listed += 1,
        }
        listed.cloned()
    }
}

impl<'s> IntoIterator for &'s Skips {
    type Item = Skip;
    type IntoIter = Iter<'s>;

    fn into_iter(self) -> Iter<'s> {
        self.iter()
    }
}

impl Extend<Skip> for Skips {
    fn extend<I: IntoIterator<Item = Skip>>(&mut self, skips: I) {
        skips.into_iter().for_each(|skip| self.push(skip));
    }
}

impl FromIterator<Skip> for Skips {
    fn from_iter<I: IntoIterator<Item = Skip>>(skips: I) -> Self {
        let mut all = Self::default();
        all.extend(skips);
        all
    }
}

impl fmt::Debug for Skips {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn skip(path: &str, kind: u8, bytes: Option<u64>) -> Skip {
        let reason = match kind {
            0 => SkipReason::Symlink,
            1 => SkipReason::Unreadable("gone".to_owned()),
            _ => SkipReason::Binary,
        };
        let path = path.to_owned();
        let origin = if kind == 4 { Origin::Stdin { path } } else { Origin::File { path } };
        Skip { origin, reason, bytes }
    }

    fn any_skip() -> impl Strategy<Value = Skip> {
        ("[a/!é-]{0,8}", 0..5_u8, proptest::option::of(0..3_u64))
            .prop_map(|(path, kind, bytes)| skip(&path, kind, bytes))
    }

    proptest! {
        /// Whatever is added in whatever shares: it behaves as a list of skips does.
        #[test]
        fn it_is_a_list(shares in proptest::collection::vec(proptest::collection::vec(any_skip(), 0..20), 0..5)) {
            let mut plain: Vec<Skip> = shares.concat();
            let mut skips = Skips::default();
            for share in shares {
                skips.append(share.into_iter().collect());
            }
            prop_assert_eq!(skips.len(), plain.len());
            prop_assert!(plain.iter().all(|one| skips.contains(one)));
            plain.sort();
            skips.sort();
            prop_assert_eq!(skips.iter().collect::<Vec<_>>(), plain.clone());
            let (failures, others): (Vec<Skip>, Vec<Skip>) = plain.iter().cloned().partition(|one| one.reason.is_failure());
            prop_assert_eq!(skips.failures_first().collect::<Vec<_>>(), [failures, others].concat());
            plain.dedup();
            skips.dedup();
            prop_assert_eq!(skips.iter().collect::<Vec<_>>(), plain);
        }
    }
}
