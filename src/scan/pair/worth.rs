//! What the pass half itself looks like: its characters, and how little they resemble language.

use super::{name, sample};
use crate::scan::filter::entropy;
use crate::scan::generic::language;

/// Bits per byte below which a value reads like words.
const WORDS: f32 = 2.9;
/// Bits per byte from which letters alone are no word of a language, common or rare.
const NO_WORD: f32 = 4.5;
/// Bits of the shortest pass that is more than a word and a number.
const LEAST_BITS: f32 = 20.0;
/// Bits of a number that is neither counted up nor one digit repeated.
const NUMBER_BITS: f32 = 11.0;

/// The looks of a pass half, from worthless to certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// Too short, a number, a type, a path: no pass at all.
    Nothing,
    /// One of the pairs that everybody knows.
    Known,
    /// Made of the words that samples are made of.
    Wordy,
    /// A word, or a word and a number.
    Weak,
    /// Letters that are no word of a language, or an odd number: much in a place for passes, little elsewhere.
    Odd,
    /// Mixed, but short or regular.
    Fair,
    /// As a generator makes them.
    Random,
}

impl Worth {
    /// Judges a pass half; `known` says that the pair is one that everybody knows.
    pub fn of(pass: &[u8], user: Option<&[u8]>, known: bool) -> Self {
        let user = user.unwrap_or_default();
        if known || (!user.is_empty() && user.eq_ignore_ascii_case(pass)) {
            return Self::Known;
        }
        if !is_literal(pass) {
            return Self::Nothing;
        }
        if sample::is_wordy(pass, user) {
            return Self::Wordy;
        }
        if looks_random(pass) { Self::Random } else { lesser(pass) }
    }
}

/// Printable, not blank, no words of a language beyond ASCII, no number that is a port or an id, and no expression of a
/// programming language.
fn is_literal(pass: &[u8]) -> bool {
    let count = |wanted: &[u8]| pass.iter().filter(|byte| wanted.contains(byte)).count();
    let printable = pass.iter().all(|byte| (*byte >= b' ' && *byte != 0x7f) || *byte >= 0x80);
    let number = pass.iter().all(u8::is_ascii_digit);
    let bracketed = count(b"()[]{}") > 2 || (pass.starts_with(b"{") && !pass.contains(&b'}'));
    let call = pass.ends_with(b"()") || pass.ends_with(b");");
    !is_variable(pass)
        && !is_member(pass)
        && !is_text_of_field(pass)
        && !is_place(pass)
        && (pass.is_ascii() || !pass.contains(&b' '))
        && pass.len() >= 3
        && count(b" ") <= 2
        && printable
        && !(number && pass.len() < 6)
        && !bracketed
        && !call
}

/// Whether a verb of `printf` stands in the value: `Pw-%d`, `Pw-%[1]s`.
pub fn is_format(value: &[u8]) -> bool {
    memchr::memchr_iter(b'%', value).any(|place| {
        let rest = &value[place + 1..];
        let index = rest.iter().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'[' | b']')).count();
        matches!(rest.get(index), Some(b'd' | b's' | b'v' | b'q'))
    })
}

/// The name of a variable: in capitals, or between `@` as build tools write them. With digits in it, it must say that it holds
/// a login: generators of passwords know capitals and digits too.
fn is_variable(pass: &[u8]) -> bool {
    let (marked, name) = pass.strip_prefix(b"@").map_or((false, pass), |rest| (true, rest));
    let digits = marked || name::classify(name).is_some();
    let fits = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_' || (digits && byte.is_ascii_digit());
    name.contains(&b'_') && name.iter().all(fits)
}

/// What an object holds: `self._password`, `this.config.pass`, also where further arguments follow.
fn is_member(pass: &[u8]) -> bool {
    let pass = pass.strip_suffix(b",").unwrap_or(pass);
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let rest = [b"self.".as_slice(), b"this.", b"cls."].iter().find_map(|object| pass.strip_prefix(*object));
    rest.is_some_and(|rest| !rest.is_empty() && rest.iter().all(name))
}

/// `<strong>Adgangskode</strong>`: a text of a page. `PWD=/home/kx7f`: where a command runs, and where a file lies.
fn is_place(pass: &[u8]) -> bool {
    const ROOTS: &[&[u8]] = &[b"/etc/", b"/home/", b"/opt/", b"/proc/", b"/tmp/", b"/usr/", b"/var/"];
    memchr::memmem::find(pass, b"</").is_some() || ROOTS.iter().any(|root| pass.starts_with(root))
}

/// `mautic.sugarcrm.form.password`: the text that is shown beside a field, by its name in a catalogue.
fn is_text_of_field(pass: &[u8]) -> bool {
    let parts: Vec<&[u8]> = pass.split(|byte| *byte == b'.').collect();
    let words = parts.iter().all(|part| part.len() > 1 && part.iter().all(u8::is_ascii_lowercase));
    parts.len() > 2 && words && parts.last().is_some_and(|last| name::classify(last).is_some())
}

/// Letters and digits mixed as a generator mixes them: at least eight characters, some entropy, and more than a word with a
/// number behind it.
pub fn looks_random(value: &[u8]) -> bool {
    let count = |class: fn(&u8) -> bool| value.iter().filter(|byte| class(byte)).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    let bytes = entropy::shannon(value);
    if value.len() < 8 || bytes < 2.5 || letters == 0 || language::cost(value).per_byte() < WORDS {
        return false;
    }
    let changes = transitions(value);
    let symbols = value.len() - digits - letters;
    (digits > 0 && changes >= 4)
        || (digits > 0 && symbols > 1 && changes >= 3)
        || (digits == 0 && value.len() >= 16 && changes >= 5 && symbols * 4 <= value.len() && bytes >= 3.5)
}

/// What is left where nothing looks generated.
fn lesser(pass: &[u8]) -> Worth {
    const SHORTEST_MIXED: usize = 6;
    let cost = language::cost(pass);
    let count = |class: fn(&u8) -> bool| pass.iter().filter(|byte| class(byte)).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    let odd =
        if letters == 0 { cost.bits >= NUMBER_BITS } else { cost.bits >= LEAST_BITS && cost.per_byte() >= NO_WORD };
    let mixed = digits > 0 && letters > 1 && pass.len() >= SHORTEST_MIXED;
    if mixed && cost.bits >= LEAST_BITS && (odd || (transitions(pass) > 1 && cost.per_byte() >= WORDS)) {
        Worth::Fair
    } else if odd && pass.is_ascii() {
        Worth::Odd
    } else {
        Worth::Weak
    }
}

/// How often the class of characters changes; a capital at the head of a word is no change.
fn transitions(value: &[u8]) -> usize {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    value
        .windows(2)
        .filter(|pair| class(pair[0]) != class(pair[1]) && !(class(pair[0]) == 2 && class(pair[1]) == 1))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_by_their_looks() {
        for (pass, expected) in [
            ("ab", Worth::Nothing),
            ("8080", Worth::Nothing),
            ("DB_PASSWORD", Worth::Nothing),
            ("ACME_E2E_ADMIN_PASSWORD", Worth::Nothing),
            ("X7K2_Q9M4_B3T8", Worth::Random),
            ("{quote(password", Worth::Nothing),
            ("self._password", Worth::Nothing),
            ("self.password,", Worth::Nothing),
            ("Fel\u{fc}gyeleti jelsz\u{f3}", Worth::Nothing),
            ("this.config.pass9", Worth::Nothing),
            ("mysecretpassword", Worth::Wordy),
            ("swordfish", Worth::Weak),
            ("summer2019", Worth::Weak),
            ("123456", Worth::Weak),
            ("740295", Worth::Odd),
            ("ywvhdfdv", Worth::Odd),
            ("Jelsz\u{f3}", Worth::Weak),
            ("sh202g", Worth::Fair),
            ("9tz4hc81bqe", Worth::Random),
            ("xK9vQ2mLr8Tz", Worth::Random),
        ] {
            assert_eq!(Worth::of(pass.as_bytes(), None, false), expected, "{pass}");
        }
        assert_eq!(Worth::of(b"ops", Some(b"OPS"), false), Worth::Known);
        assert!(is_format(b"Pw-%d") && is_format(b"Pw-%[2]s") && !is_format(b"100%-sure"));
    }
}
