//! Values that are to be taken out of a history: the one form in which keyrot writes keys in clear, for `git filter-repo
//! --replace-text`, and reads them back to look for them.

use zeroize::Zeroizing;

use super::Secret;

/// What takes the place of a value.
const REPLACEMENT: &[u8] = b"==>REDACTED";
/// Shorter values stand in texts by chance: replacing them everywhere would do harm.
const SHORTEST: usize = 8;
/// Bytes of a value that are looked for afterwards, at most.
const LONGEST_TELL_TALE: usize = 120;

impl Secret {
    /// The line that takes the value out of every text; none for a value that is too short to be replaced wherever it stands.
    ///
    /// `literal:VALUE==>TEXT`, or `regex:` with every other byte written as `\xNN`, for values over several lines.
    pub fn replacement_line(&self) -> Option<Zeroizing<Vec<u8>>> {
        let value = &*self.0;
        if value.len() < SHORTEST {
            return None;
        }
        let one_line =
            !value.contains(&b'\n') && !value.contains(&b'\r') && !value.windows(3).any(|part| part == b"==>");
        let mut line = Zeroizing::new(Vec::with_capacity(4 * value.len() + 32));
        if one_line {
            line.extend_from_slice(b"literal:");
            line.extend_from_slice(value);
        } else {
            line.extend_from_slice(b"regex:");
            line.extend_from_slice(self.exact_pattern().as_bytes());
        }
        line.extend_from_slice(REPLACEMENT);
        line.push(b'\n');
        Some(line)
    }

    /// Reads such a line back.
    pub fn of_replacement_line(line: &[u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(REPLACEMENT)?;
        if let Some(value) = line.strip_prefix(b"literal:") {
            return Some(Self::new(value));
        }
        let mut pattern = line.strip_prefix(b"regex:")?.iter().copied();
        let mut value = Zeroizing::new(Vec::new());
        while let Some(byte) = pattern.next() {
            if byte == b'\\' {
                let digits = [pattern.nth(1)?, pattern.next()?];
                value.push(data_encoding::HEXUPPER.decode(&digits).ok()?[0]);
            } else {
                value.push(byte);
            }
        }
        Some(Self(value))
    }

    /// A pattern that matches exactly this value, in the syntax of rules and of Python alike.
    pub fn exact_pattern(&self) -> Zeroizing<String> {
        let mut pattern = Zeroizing::new(String::new());
        for &byte in self.0.iter() {
            if byte.is_ascii_alphanumeric() {
                pattern.push(char::from(byte));
            } else {
                pattern.push_str(&format!("\\x{byte:02X}"));
            }
        }
        pattern
    }

    /// The part that tells it from everything else: its longest line, the last of equal ones, because keys in PEM begin alike.
    #[must_use]
    pub fn tell_tale(&self) -> Self {
        let lines = self.0.split(|byte| matches!(byte, b'\n' | b'\r'));
        let longest = lines.max_by_key(|line| line.len()).unwrap_or_default();
        Self::new(&longest[..longest.len().min(LONGEST_TELL_TALE)])
    }

    /// The longest run of printable ASCII in it, which announces it to a search.
    pub fn announcing_literal(&self) -> Zeroizing<String> {
        let runs = self.0.split(|byte| !(b' '..=b'~').contains(byte));
        let longest = runs.max_by_key(|run| run.len()).unwrap_or_default();
        Zeroizing::new(String::from_utf8_lossy(longest).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_gives_its_value_back(value in proptest::collection::vec(any::<u8>(), 0..40)) {
            let secret = Secret::new(&value);
            match secret.replacement_line() {
                Some(line) => {
                    prop_assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
                    prop_assert_eq!(Secret::of_replacement_line(&line).map(|read| read.0.to_vec()), Some(value));
                }
                None => prop_assert!(value.len() < SHORTEST),
            }
        }
    }

    #[test]
    fn several_lines_are_a_pattern() {
        let secret = Secret::new(b"first line\nsecond==>x");
        let line = secret.replacement_line().expect("it is long enough");
        assert_eq!(
            line.as_slice(),
            br"regex:first\x20line\x0Asecond\x3D\x3D\x3Ex==>REDACTED".iter().chain(b"\n").copied().collect::<Vec<_>>()
        );
        assert_eq!(secret.tell_tale().announcing_literal().as_str(), "second==>x");
    }
}
