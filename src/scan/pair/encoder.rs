//! A pair that the code itself turns into base64: `btoa("u:p")`, `b64encode(b"u:p")`, `echo -n u:p | base64`.

use super::lexer;
use super::word::{self, Word};
use super::{Form, Half, Pair, Site, decode};
use crate::finding::Span;

/// What announces an encoder.
pub const KEYWORDS: &[&str] = &[
    "btoa(",
    "b64encode",
    "base64_encode(",
    "base64.encode",
    "base64encode",
    "tobase64string",
    "encodetostring",
    "encode64",
    "encode_base64",
    "base64::encode",
    "buffer.from(",
    "new buffer(",
    "getbytes(\"",
    "| base64",
    "|base64",
    "| openssl base64",
    "| openssl enc -base64",
    "base64 <<<",
    "base64 -w0 <<<",
];

const ENCODED: Form = Form::sure("basic-encoder");
const PIPED: Form = Form::sure("basic-pipe");
/// The literal stands at most so far after the encoder's name.
const REACH: usize = 120;

/// Reads the literal that is encoded.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    if site.text[hit.start] == b'|' {
        return read_pipe(site, hit, found);
    }
    if site.text[hit.end - 1] == b'<' {
        return push_argument(&word::command(site.text, lexer::blanks(site.text, hit.end)), 0, found);
    }
    let text = site.text;
    let from = if text[hit.end - 1] == b'"' { hit.end - 1 } else { hit.end };
    let end = lexer::line_end(text, from, REACH);
    let Some(quote) = text[from..end].iter().position(|byte| matches!(byte, b'"' | b'\'' | b'`')) else { return };
    let prefix = usize::from(quote > 0 && matches!(text[from + quote - 1], b'b' | b'f' | b'r'));
    let Some(literal) = lexer::literal(text, from + quote - prefix) else { return };
    // An object has colons too: `{"typ":"JWT","alg":"RS256"}`.
    let object = literal.inner.of(text).starts_with(b"{") && literal.inner.of(text).ends_with(b"}");
    if object || literal.interpolated || !says_auth(text, hit) {
        return;
    }
    if let Some(pass) = joined_pass(text, literal.end) {
        let half = |span: Span| Half::new(span, &decode::escapes(span.of(text)));
        found.push(Pair::new(ENCODED, Some(half(literal.inner)), half(pass)));
        return;
    }
    let word = Word::plain(text, literal.inner);
    found.extend(Pair::split(ENCODED, &word).filter(|pair| pair.user.is_some() && !word.bytes.contains(&b' ')));
}

/// The pass of `"u" + ":" + "p"`, whose first literal ends at `from`.
fn joined_pass(text: &[u8], from: usize) -> Option<Span> {
    let colon = lexer::literal(text, after_operator(text, from)?)?;
    let pass = lexer::literal(text, after_operator(text, colon.end)?)?;
    (colon.inner.of(text) == b":" && !pass.interpolated).then_some(pass.inner)
}

/// Past an operator that joins texts.
fn after_operator(text: &[u8], from: usize) -> Option<usize> {
    let place = lexer::blanks(text, from);
    matches!(lexer::at(text, place), b'+' | b'.').then(|| lexer::blanks(text, place + 1))
}

/// Encoders serve many ends: the text around must speak of authentication.
fn says_auth(text: &[u8], hit: Span) -> bool {
    let around = &text[hit.start.saturating_sub(200)..text.len().min(hit.end + 200)];
    [b"auth".as_slice(), b"basic", b"cred"].iter().any(|word| lexer::find(around, word).is_some())
}

fn read_pipe(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    let start = lexer::line_start(text, hit.start, 300);
    let line = &text[start..hit.start];
    let Some(tool) = [b"echo ".as_slice(), b"printf "].iter().filter_map(|tool| rfind(line, tool)).max() else {
        return;
    };
    push_argument(&word::command(text, start + tool), 1, found);
}

/// The first word after the tool that is no flag and no format.
fn push_argument(words: &[Word], skip: usize, found: &mut Vec<Pair>) {
    let is_value = |word: &&Word| !word.bytes.starts_with(b"-") && word.bytes.as_slice() != b"%s";
    let Some(argument) = words.iter().skip(skip).find(is_value) else { return };
    found.extend(Pair::split(PIPED, argument).filter(|pair| pair.user.is_some() && !argument.bytes.contains(&b' ')));
}

fn rfind(stretch: &[u8], word: &[u8]) -> Option<usize> {
    stretch.windows(word.len()).rposition(|part| part.eq_ignore_ascii_case(word))
}
