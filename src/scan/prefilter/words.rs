//! All keywords in one string: what they are compared with lies together.

use std::ops::Range;

/// Keywords, by their numbers.
pub struct Words {
    text: String,
    /// Where each begins, and where the last one ends.
    starts: Vec<u32>,
}

impl Words {
    /// Takes them in their order.
    pub fn new(keywords: &[String]) -> Self {
        let ends = keywords.iter().scan(0, |end, keyword| {
            *end += u32::try_from(keyword.len()).expect("keywords are short");
            Some(*end)
        });
        Self { text: keywords.concat(), starts: std::iter::once(0).chain(ends).collect() }
    }

    /// Its bytes.
    pub fn get(&self, keyword: u32) -> &[u8] {
        &self.text.as_bytes()[self.range(keyword as usize)]
    }

    /// All, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (1..self.starts.len()).map(|next| &self.text[self.range(next - 1)])
    }

    fn range(&self, keyword: usize) -> Range<usize> {
        self.starts[keyword] as usize..self.starts[keyword + 1] as usize
    }
}
