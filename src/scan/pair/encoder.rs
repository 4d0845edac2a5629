//! A pair that the code itself turns into base64: `btoa("u:p")`, `b64encode(b"u:p")`, `echo -n u:p | base64`.

use super::lexer;
use super::word::{self, Word};
use super::{Form, Pair, Site, Trust};
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
    "buffer.from(",
    "getbytes(\"",
    "| base64",
    "|base64",
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
    let text = site.text;
    let from = if text[hit.end - 1] == b'"' { hit.end - 1 } else { hit.end };
    let end = lexer::line_end(text, from, REACH);
    let Some(quote) = text[from..end].iter().position(|byte| matches!(byte, b'"' | b'\'' | b'`')) else { return };
    let prefix = usize::from(quote > 0 && matches!(text[from + quote - 1], b'b' | b'f' | b'r'));
    let Some(literal) = lexer::literal(text, from + quote - prefix) else { return };
    if literal.interpolated || !says_auth(text, hit) {
        return;
    }
    let word = Word::plain(text, literal.inner);
    found.extend(Pair::split(ENCODED, &word).filter(|pair| pair.user.is_some() && !word.bytes.contains(&b' ')));
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
    let words = word::command(text, start + tool);
    let Some(argument) =
        words.iter().skip(1).find(|word| !word.bytes.starts_with(b"-") && word.bytes.as_slice() != b"%s")
    else {
        return;
    };
    let form = Form { trust: Trust::High, ..PIPED };
    found.extend(Pair::split(form, argument).filter(|pair| pair.user.is_some() && !argument.bytes.contains(&b' ')));
}

fn rfind(stretch: &[u8], word: &[u8]) -> Option<usize> {
    stretch.windows(word.len()).rposition(|part| part.eq_ignore_ascii_case(word))
}
