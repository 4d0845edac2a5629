//! Words of a command line with their quotes undone, each byte remembering where it stands.

use super::lexer::at;
use crate::finding::Span;

/// Longest command that is read, in bytes.
const LONGEST: usize = 6000;
/// Most words that are read.
const MOST_WORDS: usize = 120;

/// One word.
#[derive(Clone, Debug, Default)]
pub struct Word {
    /// Its bytes without quotes.
    pub bytes: Vec<u8>,
    /// Where each of them stands.
    places: Vec<usize>,
}

impl Word {
    /// A word that is written as it is.
    pub fn plain(text: &[u8], span: Span) -> Self {
        Self { bytes: span.of(text).to_vec(), places: (span.start..span.end).collect() }
    }

    fn push(&mut self, byte: u8, place: usize) {
        self.bytes.push(byte);
        self.places.push(place);
    }

    fn extend(&mut self, read: &[(u8, usize)]) {
        for &(byte, place) in read {
            self.push(byte, place);
        }
    }

    /// Where bytes `from..to` of the word stand.
    pub fn span(&self, from: usize, to: usize) -> Span {
        match (self.places.get(from), to.checked_sub(1).and_then(|last| self.places.get(last))) {
            (Some(&start), Some(&last)) if to > from => Span::new(start, last + 1),
            _ => {
                let place =
                    self.places.get(from).copied().unwrap_or_else(|| self.places.last().map_or(0, |last| last + 1));
                Span::new(place, place)
            }
        }
    }

    /// The rest of the word from byte `from`.
    pub fn tail(&self, from: usize) -> Self {
        Self { bytes: self.bytes[from..].to_vec(), places: self.places[from..].to_vec() }
    }

    /// Where the word stands.
    pub fn whole(&self) -> Span {
        self.span(0, self.bytes.len())
    }

    /// The word as text; empty if it is none.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }
}

/// Reads the words of the command that begins at `from`: to the end of its logical line, to `;`, `|`, `&`, or to the
/// quote in which the command itself stands.
pub fn command(text: &[u8], from: usize) -> Vec<Word> {
    let outer = outer_quote(text, from);
    let mut reader = Reader { text, at: from, end: text.len().min(from + LONGEST), outer };
    let mut words = Vec::new();
    while words.len() < MOST_WORDS {
        match reader.next() {
            Some(word) => words.push(word),
            None => break,
        }
    }
    words
}

/// The quote right before the command, which then ends it.
fn outer_quote(text: &[u8], from: usize) -> Option<u8> {
    let before = from.checked_sub(1).map(|place| text[place])?;
    matches!(before, b'"' | b'\'' | b'`').then_some(before)
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    end: usize,
    outer: Option<u8>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Word> {
        self.skip_blanks();
        let mut word = Word::default();
        let start = self.at;
        while self.at < self.end {
            let byte = self.text[self.at];
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b';' | b'|' => break,
                b'&' if !self.is_entity() => break,
                b'#' if self.at == start => break,
                _ if Some(byte) == self.outer => break,
                b'\\' if self.continues(1) => break,
                b'\\' if matches!(at(self.text, self.at + 1), b'"' | b'\'') => self.quoted(&mut word, 1),
                b'\\' if self.at + 1 < self.end => {
                    if at(self.text, self.at + 1) == b'n' && self.is_line_end() {
                        break;
                    }
                    word.push(self.text[self.at + 1], self.at + 1);
                    self.at += 2;
                }
                b'$' if at(self.text, self.at + 1) == b'(' => self.substituted(&mut word),
                // The shell's own quoting of escapes, and its translated strings.
                b'$' if matches!(at(self.text, self.at + 1), b'"' | b'\'') => self.at += 1,
                b'"' | b'\'' => {
                    let before = self.at;
                    self.quoted(&mut word, 0);
                    if self.at == before {
                        break;
                    }
                }
                b'`' if self.at > start || self.continues(1) => break,
                b'<' | b'>' if self.at == start => break,
                _ => {
                    word.push(byte, self.at);
                    self.at += 1;
                }
            }
        }
        if self.at == start {
            return None;
        }
        Some(word)
    }

    /// Whether `\n` ends the line of a command that stands in a text: in quotes of its own, or before what begins a line.
    /// `corp\nina` is a login.
    fn is_line_end(&self) -> bool {
        self.outer.is_some() || matches!(at(self.text, self.at + 2), b' ' | b'\\' | b'"' | b'\'' | b'-' | b'#' | 0)
    }

    /// Copies a quoted part; `lead` is the length of the escape before each quote. Without a closing quote nothing is read.
    fn quoted(&mut self, word: &mut Word, lead: usize) {
        let quote = self.text[self.at + lead];
        let open = self.at + lead + 1;
        let mut at = open;
        let mut copied = Vec::new();
        while at < self.end {
            let byte = self.text[at];
            if byte == b'\n' && at - open > 2000 {
                break;
            }
            if lead == 1 && byte == b'\\' && self.text.get(at + 1) == Some(&quote) {
                word.extend(&copied);
                self.at = at + 2;
                return;
            }
            if lead == 0 && byte == quote {
                word.extend(&copied);
                self.at = at + 1;
                return;
            }
            if lead == 0
                && quote == b'"'
                && byte == b'\\'
                && matches!(self.text.get(at + 1), Some(b'"' | b'\\' | b'$' | b'`'))
            {
                at += 1;
            }
            copied.push((self.text[at], at));
            at += 1;
        }
        self.at = if lead == 1 { self.at + 2 } else { self.at };
    }

    /// Copies `$(…)`, the words of which belong to another command. Without its end it is read as it stands.
    fn substituted(&mut self, word: &mut Word) {
        const LONGEST: usize = 400;
        let reach = &self.text[self.at..self.end.min(self.at + LONGEST)];
        let mut open = 0_usize;
        let close = reach.iter().position(|byte| {
            open = open + usize::from(*byte == b'(') - usize::from(*byte == b')' && open > 0);
            *byte == b')' && open == 0
        });
        let length = close.map_or(1, |close| close + 1);
        for (place, byte) in reach[..length].iter().enumerate() {
            word.push(*byte, self.at + place);
        }
        self.at += length;
    }

    fn is_entity(&self) -> bool {
        let rest = &self.text[self.at..self.end.min(self.at + 8)];
        rest.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'#') && rest.contains(&b';')
    }

    /// Whether the byte here is a continuation mark before a line end.
    fn continues(&self, lead: usize) -> bool {
        match at(self.text, self.at + lead) {
            b'\n' => true,
            b'\r' => at(self.text, self.at + lead + 1) == b'\n',
            // In a string of another language the line end itself is written as an escape.
            b'\\' => at(self.text, self.at + lead + 1) == b'n',
            _ => false,
        }
    }

    fn skip_blanks(&mut self) {
        while self.at < self.end {
            match self.text[self.at] {
                b' ' | b'\t' => self.at += 1,
                b'\\' | b'^' | b'`' if self.continues(1) => {
                    let escaped = at(self.text, self.at + 1) == b'\\';
                    self.at += 1;
                    self.at += if escaped { 2 } else { 1 + usize::from(at(self.text, self.at) == b'\r') };
                    self.skip_prompt();
                }
                _ => break,
            }
        }
    }

    /// A quoted line of mail, or a prompt of a continued line: `> `.
    fn skip_prompt(&mut self) {
        if at(self.text, self.at) == b'>' && at(self.text, self.at + 1) == b' ' {
            self.at += 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        command(text.as_bytes(), 0).iter().map(|word| String::from_utf8_lossy(&word.bytes).into_owned()).collect()
    }

    #[test]
    fn quotes_continuations_and_ends() {
        assert_eq!(words("curl -A 'a':\"b c\" x; rm y"), ["curl", "-A", "a:b c", "x"]);
        assert_eq!(words("curl \\\n  -u a:b \\\n  h | jq"), ["curl", "-u", "a:b", "h"]);
        assert_eq!(words("curl ^\r\n  -u a:b"), ["curl", "-u", "a:b"]);
        assert_eq!(words("curl `\n -u a:b"), ["curl", "-u", "a:b"]);
        assert_eq!(words("curl -H \"x\\\"y\" z # w"), ["curl", "-H", "x\"y", "z"]);
        assert_eq!(
            words("curl -d t=$(date -u +%H:%M) $(cat $(pwd)/u):p"),
            ["curl", "-d", "t=$(date -u +%H:%M)", "$(cat $(pwd)/u):p"]
        );
        assert_eq!(words("curl $(x -u a:b"), ["curl", "$(x", "-u", "a:b"]);
        assert_eq!(words("curl -A \\\"a:b\\\" h"), ["curl", "-A", "a:b", "h"]);
    }

    #[test]
    fn the_outer_quote_ends_a_command() {
        let text = b"run(\"curl -u a:b h\", \"other\")";
        let words = command(text, 5);
        assert_eq!(words.len(), 4);
        assert_eq!(words[2].span(2, 3).of(text), b"b");
    }
}
