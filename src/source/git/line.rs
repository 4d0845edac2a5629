//! Which lines a change adds.

use gix::diff::blob::{Algorithm, Diff, InternedInput};

use crate::finding::Region;

/// Lines of a text that none of the texts before it had at that place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedLines {
    /// For each line, whether it was added; none where all were.
    added: Option<Vec<bool>>,
}

impl AddedLines {
    /// Everything is new.
    pub fn all() -> Self {
        Self { added: None }
    }

    /// Lines of `new` that are added or changed with regard to every one of `olds`.
    pub fn between(olds: &[Vec<u8>], new: &[u8]) -> Self {
        let mut added: Option<Vec<bool>> = None;
        for old in olds {
            let input = InternedInput::new(old.as_slice(), new);
            let mut lines = vec![false; input.after.len()];
            for hunk in Diff::compute(Algorithm::Histogram, &input).hunks() {
                lines[hunk.after.start as usize..hunk.after.end as usize].fill(true);
            }
            match &mut added {
                None => added = Some(lines),
                Some(added) => added.iter_mut().zip(lines).for_each(|(all, one)| *all &= one),
            }
        }
        Self { added }
    }

    /// Whether the region stands on at least one added line. A finding about a whole text is touched by any added line.
    pub fn touch(&self, region: Option<&Region>) -> bool {
        let Some(added) = &self.added else { return true };
        let Some(region) = region else { return added.contains(&true) };
        let (first, last) = (region.start.line as usize, region.end.line.max(region.start.line) as usize);
        (first..=last).any(|line| added.get(line - 1).copied().unwrap_or(false))
    }
}

/// The share of lines of `new` that `old` has too, from 0 to 1.
pub(super) fn likeness(old: &[u8], new: &[u8]) -> f64 {
    let mut known: std::collections::HashMap<&[u8], usize> = std::collections::HashMap::new();
    for line in old.split(|&byte| byte == b'\n') {
        *known.entry(line).or_default() += 1;
    }
    let (mut total, mut same) = (0usize, 0usize);
    for line in new.split(|&byte| byte == b'\n') {
        total += line.len() + 1;
        if let Some(count) = known.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            same += line.len() + 1;
        }
    }
    same as f64 / total.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Position, Span};

    fn touched(lines: &AddedLines, first: u32, last: u32) -> bool {
        let at = |line| Position { line, column: 1, utf16: 1, utf8: 1 };
        lines.touch(Some(&Region { start: at(first), end: at(last), bytes: Span::default() }))
    }

    #[test]
    fn only_added_and_changed_lines_are_touched() {
        let lines = AddedLines::between(&[b"a\nb\nc\n".to_vec()], b"a\nB\nc\nd\n");
        assert_eq!([1, 2, 3, 4].map(|line| touched(&lines, line, line)), [false, true, false, true]);
        assert!(touched(&lines, 1, 2), "a key over several lines is touched where one of them is");
    }

    #[test]
    fn a_merge_adds_what_no_parent_had() {
        let olds = [b"a\nb\n".to_vec(), b"a\nc\n".to_vec()];
        let lines = AddedLines::between(&olds, b"a\nb\nc\nd\n");
        assert_eq!([1, 2, 3, 4].map(|line| touched(&lines, line, line)), [false, false, false, true]);
    }

    #[test]
    fn a_text_without_a_past_is_all_new() {
        assert!(touched(&AddedLines::between(&[], b"a\n"), 1, 1));
        assert!(!AddedLines::between(&[b"a\n".to_vec()], b"a\n").touch(None));
    }

    #[test]
    fn likeness_counts_bytes_of_common_lines() {
        assert!((likeness(b"one\ntwo\n", b"one\ntwo\n") - 1.0).abs() < 1e-9);
        assert!(likeness(b"one\n", b"other\nlines\n") < 0.2);
    }
}
