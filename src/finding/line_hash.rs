//! The hash of a line that GitHub code scanning knows alerts by, `primaryLocationLineHash`.
//!
//! A polynomial of base 37 modulo 2^64 over the 100 UTF-16 code units that follow the start of the line; spaces and tabs
//! are left out, `\r\n` and `\r` read as `\n`, the end of the file is 65535 and then zeros. A number behind a colon tells
//! which of the file's lines with that hash it is. Source: the fingerprint code of GitHub's own upload action.

const BLOCK: usize = 100;
const BASE: u64 = 37;
const END_OF_FILE: u16 = 65535;

/// The hashes of all lines of a text, by 0-based line, as GitHub prints them.
pub fn line_hashes(text: &[u8]) -> Vec<String> {
    let mut rolling = Rolling::new();
    let decoded = String::from_utf8_lossy(text);
    for unit in decoded.encode_utf16() {
        rolling.push(unit);
    }
    rolling.push(END_OF_FILE);
    rolling.flush();
    rolling.hashes
}

struct Rolling {
    window: [u16; BLOCK],
    starts: [bool; BLOCK],
    index: usize,
    hash: u64,
    leaving: u64,
    at_line_start: bool,
    after_return: bool,
    seen: std::collections::HashMap<u64, u32>,
    hashes: Vec<String>,
}

impl Rolling {
    fn new() -> Self {
        Self {
            window: [0; BLOCK],
            starts: [false; BLOCK],
            index: 0,
            hash: 0,
            leaving: (0..BLOCK).fold(1, |power: u64, _| power.wrapping_mul(BASE)),
            at_line_start: true,
            after_return: false,
            seen: std::collections::HashMap::new(),
            hashes: Vec::new(),
        }
    }

    fn push(&mut self, unit: u16) {
        let (space, tab, feed, carriage) = (0x20, 0x09, 0x0a, 0x0d);
        if unit == space || unit == tab || (self.after_return && unit == feed) {
            self.after_return = false;
            return;
        }
        self.after_return = unit == carriage;
        let unit = if unit == carriage { feed } else { unit };
        self.emit();
        if std::mem::take(&mut self.at_line_start) {
            self.starts[self.index] = true;
        }
        self.at_line_start = unit == feed;
        self.update(unit);
    }

    fn flush(&mut self) {
        for _ in 0..BLOCK {
            self.emit();
            self.update(0);
        }
    }

    fn emit(&mut self) {
        if std::mem::take(&mut self.starts[self.index]) {
            let count = self.seen.entry(self.hash).or_default();
            *count += 1;
            self.hashes.push(format!("{:x}:{count}", self.hash));
        }
    }

    fn update(&mut self, unit: u16) {
        let old = std::mem::replace(&mut self.window[self.index], unit);
        self.hash = BASE
            .wrapping_mul(self.hash)
            .wrapping_add(u64::from(unit))
            .wrapping_sub(self.leaving.wrapping_mul(u64::from(old)));
        self.index = (self.index + 1) % BLOCK;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors that GitHub publishes with its upload action, written down as facts.
    #[test]
    fn equals_githubs_published_vectors() {
        assert_eq!(line_hashes(b""), ["c129715d7a2bc9a3:1"]);
        let text = b" a\nb\n  \t\tc\n d";
        let expected = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"];
        assert_eq!(line_hashes(text), expected);
        assert_eq!(line_hashes(b" a\rb\r  \t\tc\r d"), expected);
        assert_eq!(line_hashes(b" a\r\nb\r\n  \t\tc\r\n d"), expected);
    }

    #[test]
    fn equals_githubs_vectors_for_ends_of_lines_and_repeated_lines() {
        let text = " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End";
        let expected = [
            "8b7cf3e952e7aeb2:1",
            "b1ae1287ec4718d9:1",
            "bff680108adb0fcc:1",
            "c6805c5e1288b612:1",
            "b86d3392aea1be30:1",
            "e6ceba753e1a442:1",
        ];
        assert_eq!(line_hashes(text.as_bytes()), expected);
        let expected = [
            "e9496ae3ebfced30:1",
            "fb7c023a8b9ccb3f:1",
            "ce8ba1a563dcdaca:1",
            "e20e36e16fcb0cc8:1",
            "b3edc88f2938467e:1",
            "c8e28b0b4002a3a0:1",
            "c129715d7a2bc9a3:1",
        ];
        for text in [
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
            " hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r",
            " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
            " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
        ] {
            assert_eq!(line_hashes(text.as_bytes()), expected, "{text:?}");
        }
        let expected = [
            "a7f2ff13bc495cf2:1",
            "a7f2ff13bc495cf2:2",
            "a7f2ff13bc495cf2:3",
            "a7f2ff13bc495cf2:4",
            "a7f2ff13bc495cf2:5",
            "a7f2ff13bc495cf2:6",
            "a7f2ff1481e87703:1",
            "a9cf91f7bbf1862b:1",
            "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1",
            "c129715d7a2bc9a3:1",
        ];
        assert_eq!(line_hashes("Lorem ipsum dolor sit amet.\n".repeat(10).as_bytes()), expected);
        let expected = [
            "e54938cc54b302f1:1",
            "bb609acbe9138d60:1",
            "1131fd5871777f34:1",
            "5c482a0f8b35ea28:1",
            "54517377da7028d2:1",
            "2c644846cb18d53e:1",
            "f1b89f20de0d133:1",
            "c129715d7a2bc9a3:1",
        ];
        assert_eq!(line_hashes(b"x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n"), expected);
    }
}
