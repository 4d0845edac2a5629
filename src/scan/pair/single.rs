//! One value that is a whole pair: `ALPHAMOON_API_KEY=u:p`.

use super::assignment;
use super::lexer;
use super::word::Word;
use super::{Form, Pair, Site};
use crate::finding::Span;

/// What announces such a variable.
pub const KEYWORDS: &[&str] = &[
    "api_key",
    "apikey",
    "api-key",
    "_auth",
    "-auth",
    "basicauth",
    "credential",
    "userpass",
    "user_pass",
    "userpwd",
    "alphamoon",
    "_creds",
];

const VALUE: Form = Form::vague("single-value");
const NEAR_VENDOR: Form = Form::likely("near-vendor");
const VENDOR: &[u8] = b"alphamoon";

/// Reads the value of the variable at the hit.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    let syntax = site.syntax;
    let name = lexer::name_around(text, hit);
    if let Some(value) = assignment::value_of(text, name, syntax) {
        push(text, value.span, VALUE, found);
    }
    if hit.of(text).eq_ignore_ascii_case(VENDOR) {
        read_near(text, hit, found);
    }
}

fn push(text: &[u8], span: Span, form: Form, found: &mut Vec<Pair>) {
    if is_pair(span.of(text)) {
        found.extend(Pair::split(form, &Word::plain(text, span)));
    }
}

/// Exactly one colon between two runs of letters, digits, `-` and `_`, at least eight long, of which both hold a digit or the
/// two together mix well. Scopes, times, images and paths are none.
fn is_pair(value: &[u8]) -> bool {
    let Some(colon) = value.iter().position(|&byte| byte == b':') else { return false };
    let (user, pass) = (&value[..colon], &value[colon + 1..]);
    let fits = |half: &[u8], least: usize| {
        (least..=128).contains(&half.len())
            && half.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'='))
    };
    let random = |half: &[u8]| half.iter().any(u8::is_ascii_digit) && half.iter().any(u8::is_ascii_alphabetic);
    fits(user, 3)
        && fits(pass, 8)
        && random(pass)
        && !user.iter().all(u8::is_ascii_digit)
        && !user.eq_ignore_ascii_case(b"sha256")
}

/// Pairs within a few lines of the vendor's name.
fn read_near(text: &[u8], hit: Span, found: &mut Vec<Pair>) {
    const REACH: usize = 600;
    const LINES: usize = 5;
    let floor = hit.start.saturating_sub(REACH);
    let ceiling = text.len().min(hit.end + REACH);
    let start =
        memchr::memrchr_iter(b'\n', &text[floor..hit.start]).nth(LINES).map_or(floor, |place| floor + place + 1);
    let end = memchr::memchr_iter(b'\n', &text[hit.end..ceiling]).nth(LINES).map_or(ceiling, |place| hit.end + place);
    let in_half = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    for place in memchr::memchr_iter(b':', &text[start..end]).map(|place| start + place) {
        let left = text[start..place].iter().rev().take_while(|byte| in_half(**byte)).count();
        let right = text[place + 1..end].iter().take_while(|byte| in_half(**byte)).count();
        let span = Span::new(place - left, place + 1 + right);
        let bounded = |byte: u8| !matches!(byte, b'.' | b':' | b'/' | b'@') && !in_half(byte);
        let clean = (span.start == 0 || bounded(text[span.start - 1]))
            && text.get(span.end).is_none_or(|byte| *byte == b'.' || bounded(*byte));
        if (8..=64).contains(&left) && (8..=64).contains(&right) && clean && is_pair(span.of(text)) {
            push(text, span, NEAR_VENDOR, found);
        }
    }
}
