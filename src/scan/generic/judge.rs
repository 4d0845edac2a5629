//! How sure it is that an assigned value is a secret: the name, the place and how little it resembles language.

use std::borrow::Cow;

use super::assignment::{Assignment, Bond};
use super::beside;
use super::identifier;
use super::language::{self, Cost};
use super::name::{self, Class, Meaning};
use super::said;
use super::shape;
use super::translation;
use crate::finding::{Confidence, Span};
use crate::scan::filter::{DropReason, entropy, placeholder};
use crate::scan::pair::decode;

/// Least score of a finding that stops a commit, and of one that only an auditor wants to see.
const MEDIUM: f32 = 0.0;
const LOW: f32 = -1.5;
/// Longer values in any alphabet are no accident.
const LONGEST_ISSUED: usize = 44;
/// Longer values are one token of key characters, or no key: what else is as long holds fields, sentences or code.
pub(super) const LONGEST_MIXED: usize = 256;
/// Signs that no alphabet of issued keys holds.
const SIGNS: &[u8] = b"?!^<>{}[]&#$@*";

/// Judges a value.
///
/// # Errors
/// What it is instead of a secret.
pub fn judge(text: &[u8], path: &str, found: &Assignment, meaning: Meaning) -> Result<Confidence, DropReason> {
    let letters = letters(found.value.of(text));
    let value = &*letters;
    let strong = !meaning.vague && !found.continued;
    let is_saved = meaning.class == Class::Password && saves_logins(path);
    if value.len() < shortest(meaning) || is_few_bytes(value) {
        return Err(DropReason::TooShort);
    }
    if value.len() > LONGEST_MIXED && !is_one_token(value) {
        return Err(DropReason::Expression);
    }
    match placeholder::reason(value) {
        Some(DropReason::Placeholder) if is_saved => {}
        Some(reason) => return Err(reason),
        None if is_end_of_reference(text, found.value) => return Err(DropReason::Reference),
        None => {}
    }
    if is_saved {
        return Ok(Confidence::Medium);
    }
    if let Some(reason) = stand_in(text, value, found, meaning) {
        return Err(reason);
    }
    match shape::reason(value, found.bond != Bond::Bare) {
        Some(DropReason::Uuid) if strong && is_issued_id(found.name.of(text), value, meaning) => {
            return Ok(Confidence::Medium);
        }
        Some(reason) => return Err(reason),
        None => {}
    }
    if let Some(reason) = beside::reason(text, path, found, (value, meaning.class)) {
        return Err(reason);
    }
    if said::is_said(value)
        || is_said_of_phrase(text, found.name, value)
        || is_name_of_something(value, path)
        || is_tested_run(text, found.name, value)
        || is_repeated_nearby(text, found.value)
        || translation::is_translated(value, path)
    {
        return Err(DropReason::Language);
    }
    let cost = language::cost(value);
    let is_named = identifier::is_name(value) || is_label(value) && cost.per_byte() < 3.8;
    if meaning.class != Class::Password && (is_named || needs_mixture(found, value)) {
        return Err(DropReason::Language);
    }
    let spaced = value.contains(&b' ') && (value.len() <= LONGEST_ISSUED || cost.per_byte() < 3.6);
    if is_prose(value, cost) || (meaning.class != Class::Password && spaced) {
        return Err(DropReason::Language);
    }
    if found.bond == Bond::Spoken
        && (meaning.class == Class::Password || value.iter().all(u8::is_ascii_hexdigit) && meaning.vague)
    {
        return Err(DropReason::Hash);
    }
    // Services issue keys and tokens in the alphabets of base 64 and a few separators.
    if (value.len() <= LONGEST_ISSUED || has_few_signs(value))
        && matches!(meaning.class, Class::ApiKey | Class::Token)
        && !says_secret(found.name.of(text))
        && value.iter().any(|byte| SIGNS.contains(byte))
    {
        return Err(DropReason::MissingClass);
    }
    if meaning.vague && is_something_else(value) {
        return Err(DropReason::MissingClass);
    }
    if meaning.vague && identifier::is_numbered_label(value) {
        return Err(DropReason::Language);
    }
    if meaning.class != Class::Password && entropy::shannon(value) < 2.2 {
        return Err(DropReason::LowEntropy);
    }
    let score = score(value, found, meaning, cost);
    if score >= MEDIUM {
        Ok(Confidence::Medium)
    } else if score >= LOW {
        Ok(Confidence::Low)
    } else {
        Err(DropReason::Language)
    }
}

/// Whether a random UUID is a fair key: where the name says that it is one. Postman and AWS number requests with them.
fn is_issued_id(name: &[u8], value: &[u8], meaning: Meaning) -> bool {
    const OF_REQUESTS: &[&[u8]] = &[b"postman-token", b"request-token", b"requesttoken"];
    entropy::shannon(value) > 2.8
        && meaning.class != Class::Password
        && !OF_REQUESTS.iter().any(|end| name.to_ascii_lowercase().ends_with(end))
}

/// What was made up, generated, shortened or repeated in place of a value.
fn stand_in(text: &[u8], value: &[u8], found: &Assignment, meaning: Meaning) -> Option<DropReason> {
    let strong = !meaning.vague && !found.continued;
    // Pieces of a rule's example, joined and generated when the rule is loaded.
    if text[found.value.end..].starts_with(b"\", \"") && is_generated(&text[found.value.end..]) {
        return Some(DropReason::Template);
    }
    if placeholder::is_copied(value) || (placeholder::is_counted(value) && !(strong && is_long_enough(text, found))) {
        return Some(DropReason::Repeated);
    }
    let masked = value.ends_with(b"****");
    let elided = meaning.class != Class::Password && (masked || placeholder::is_elided(value) || is_pattern(value));
    (elided || same_as_name(value, found.name.of(text))).then_some(DropReason::Placeholder)
}

/// The value with its letters instead of their numbers: `Passw\u00f6rter` costs what its words cost. Other escapes stay.
fn letters(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memmem::find(value, b"\\u").is_some() { decode::escapes(value) } else { Cow::Borrowed(value) }
}

/// Whether hardly anything but the characters of encoded keys stands in the value, wrapped into lines or not.
pub(super) fn is_one_token(value: &[u8]) -> bool {
    let is_odd = |byte: &&u8| !(byte.is_ascii_alphanumeric() || b"+/-_.~\\\r\n\t ".contains(byte));
    value.iter().filter(is_odd).nth((value.len() / 64).min(8)).is_none()
}

/// Whether the word that the value ends names a secret in a store: `arn:aws:secretsmanager:eu-west-1:1:secret:` and a name
/// read like a secret and its value.
fn is_end_of_reference(text: &[u8], value: Span) -> bool {
    const LONGEST: usize = 160;
    let floor = value.start.saturating_sub(LONGEST);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`=<>(,".contains(byte);
    let length = text[floor..value.start].iter().rev().take_while(|byte| !ends(byte)).count();
    length > 0
        && placeholder::is_reference(
            &String::from_utf8_lossy(&text[value.start - length..value.end]).to_ascii_lowercase(),
        )
}

/// Whether a program keeps its logins in the file: a password there is one, however plain.
fn saves_logins(path: &str) -> bool {
    const FILES: &[&str] = &[
        ".netrc",
        "_netrc",
        ".esmtprc",
        ".msmtprc",
        ".fetchmailrc",
        ".my.cnf",
        ".mylogin.cnf",
        ".ftpconfig",
        ".remote-sync.json",
        "sftp-config.json",
        "sftp.json",
        "deployment-config.json",
        "robomongo.json",
        "dbeaver-data-sources.xml",
        "recentservers.xml",
        "sitemanager.xml",
        "ws_ftp.ini",
        "winscp.ini",
    ];
    let name = path.rsplit('/').next().unwrap_or(path);
    FILES.iter().any(|file| name.eq_ignore_ascii_case(file))
}

/// Whether a counted value is as long as services issue them and belongs to a name that is nothing but a key's. Some such
/// values stand in for keys; in four gigabytes of public source text there was one, so they are worth a look.
fn is_long_enough(text: &[u8], found: &Assignment) -> bool {
    const SHORTEST: usize = 14;
    let assigned = matches!(found.bond, Bond::Quoted | Bond::Bare | Bond::Markup | Bond::Option);
    found.value.len() >= SHORTEST && (assigned || name::names_service(text, found.name))
}

/// `\x00\x1b`: a few bytes, in digits.
fn is_few_bytes(value: &[u8]) -> bool {
    value.len() <= 16 && value.chunks(4).all(|part| part.len() == 4 && part.starts_with(b"\\x"))
}

/// A stray sign or two in a long value: neither issued in the alphabets of base 64 nor drawn from all signs.
fn has_few_signs(value: &[u8]) -> bool {
    value.iter().filter(|byte| SIGNS.contains(byte)).count() <= 3
}

fn shortest(meaning: Meaning) -> usize {
    match meaning.class {
        Class::Password => 4,
        _ if meaning.vague => 10,
        _ => 6,
    }
}

/// Positive where a secret is likelier than not: bits of the cheapest reading and bits per byte, against what the name
/// and the place ask for.
pub fn score(value: &[u8], found: &Assignment, meaning: Meaning, cost: Cost) -> f32 {
    let (least_bits, least_rate) = match (meaning.class, meaning.vague) {
        (Class::Password, _) => (16.0, 2.9),
        (_, false) => (28.0, issued_rate(value)),
        (_, true) => (50.0, 3.3),
    };
    let place = match found.bond {
        Bond::Quoted | Bond::Markup => 0.0,
        Bond::Bare | Bond::Option => 0.05,
        Bond::Call | Bond::Compared => 0.25,
        Bond::Spoken => 0.35,
    };
    let spaces = value.iter().filter(|byte| **byte == b' ').count() as f32;
    let rate = (cost.per_byte() - least_rate - place) * 3.0;
    let amount = (cost.bits - least_bits * (1.0 + place)) / 8.0;
    let continued = if found.continued { 1.5 } else { 0.0 };
    if meaning.class == Class::Password && value.iter().all(u8::is_ascii_digit) {
        return (cost.bits - 11.0) / 8.0 - place;
    }
    let letters_only = value.iter().all(u8::is_ascii_alphabetic);
    let rate = if letters_only { rate - 1.8 } else { rate };
    let describes = if describes_itself(value) { 1.6 } else { 0.0 };
    let identifier = if (is_identifier(value) || is_release(value)) && cost.per_byte() < 4.0 { 1.5 } else { 0.0 };
    rate.min(amount) - describes - identifier - cost.share_of_words() * 1.0 - spaces * 0.7 - continued
}

/// Bits per byte that a random value has at least in the alphabet it is written in: digits say less than letters.
fn issued_rate(value: &[u8]) -> f32 {
    if value.len() >= 16 && value.iter().all(u8::is_ascii_digit) {
        1.9
    } else if value.len() >= 24 && value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-') {
        2.3
    } else {
        3.0
    }
}

/// Letters that the path holds too: the name of a product or a chart.
fn is_name_of_something(value: &[u8], path: &str) -> bool {
    value.iter().all(u8::is_ascii_alphabetic)
        && path.as_bytes().windows(value.len()).any(|part| part.eq_ignore_ascii_case(value))
}

/// `test "$linkmode,$pass" = "lib,link"`: which of its runs a script is in, as in that of libtool.
fn is_tested_run(text: &[u8], name: Span, value: &[u8]) -> bool {
    let read = text[..name.start].ends_with(b"$") && text.get(name.end) == Some(&b'"');
    read && name.of(text) == b"pass" && value.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b',')
}

/// `"Confirm passphrase": "Kinnita parool"`: catalogues of messages say what a phrase of several words means; a secret beside
/// such a phrase holds digits.
fn is_said_of_phrase(text: &[u8], name: Span, value: &[u8]) -> bool {
    let before = &text[..name.start];
    let word = before.ends_with(b" ") && before.iter().rev().nth(1).is_some_and(u8::is_ascii_alphabetic);
    let said = [b"\":".as_slice(), b"\" :"].iter().any(|sign| text[name.end..].starts_with(sign));
    word && said && !value.iter().any(u8::is_ascii_digit)
}

/// Whether a generator such as `<alnum:32>` stands among the next elements of the list.
fn is_generated(rest: &[u8]) -> bool {
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.windows(2).any(|part| part == b"\"<")
}

/// Letters that stand again and again around the value: a name of a user, of a database, of the thing itself.
fn is_repeated_nearby(text: &[u8], value: Span) -> bool {
    const REACH: usize = 600;
    let bytes = value.of(text);
    if bytes.len() > 16 || !bytes.iter().all(u8::is_ascii_alphabetic) {
        return false;
    }
    let window = &text[value.start.saturating_sub(REACH)..text.len().min(value.end + REACH)];
    memchr::memmem::find_iter(window, bytes).count() > 3
}

/// Small words joined by hyphens and dots, as things are named in clusters, or words with capitals, as headers are.
fn is_label(value: &[u8]) -> bool {
    let capital = |word: &[u8]| match word {
        [first, rest @ ..] => first.is_ascii_uppercase() && rest.iter().all(u8::is_ascii_lowercase),
        [] => false,
    };
    let small = value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'.'));
    value.contains(&b'-') && (small || value.split(|byte| *byte == b'-').all(capital))
}

/// On a command line and in a call much is said in letters: a key there holds digits too.
fn needs_mixture(found: &Assignment, value: &[u8]) -> bool {
    found.bond == Bond::Option && value.len() < 24 && !is_mixed(value)
}

/// The value says what it is — `mytestappPwd`, `S3cret!` — and little else.
fn describes_itself(value: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"password",
        b"passwd",
        b"passw",
        b"pass",
        b"pwd",
        b"secret",
        b"token",
        b"apikey",
        b"key",
        b"test",
        b"changeme",
        b"dummy",
        b"example",
        b"sample",
    ];
    let plain = language::plain(value);
    let longest =
        WORDS.iter().filter(|word| plain.windows(word.len()).any(|part| part == **word)).map(|word| word.len()).max();
    longest.is_some_and(|length| value.len() < length + 8)
}

/// Words in small or in capital letters, joined by underscores.
fn is_identifier(value: &[u8]) -> bool {
    value.contains(&b'_') && value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
}

/// `coffee-v1`: words in small letters, and which of them.
fn is_release(value: &[u8]) -> bool {
    let mut parts = value.rsplitn(2, |byte| *byte == b'-');
    let number = parts.next().and_then(|last| last.strip_prefix(b"v")).unwrap_or_default();
    let named = parts.next().is_some_and(|name| name.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-'));
    named && matches!(number.len(), 1 | 2) && number.iter().all(u8::is_ascii_digit)
}

/// The value repeats its name: `token = "token"`, `PASSWORD: db_password`.
fn same_as_name(value: &[u8], name: &[u8]) -> bool {
    let folded = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let (raw, name_in_text) = (value, name);
    let (value, name) = (folded(value), folded(name));
    // `psw: "psw-Latn-VU"`: a table of languages.
    let tagged = raw.len() > name.len() && name.len() > 1 && raw[name.len()] == b'-' && raw.starts_with(&name);
    let tagged = tagged && raw.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
    // `('PWD', 'PWD (Sherwood, Montana)')`: a code, and what it is called.
    let called = raw.strip_prefix(name_in_text).is_some_and(|rest| rest.starts_with(b" "));
    tagged || called || value.len() >= 3 && (name.ends_with(&value) || value.ends_with(&name))
}

/// Several words, or a sentence in any language.
fn is_prose(value: &[u8], cost: Cost) -> bool {
    let spaces = value.iter().filter(|byte| **byte == b' ').count();
    let wide = value.iter().filter(|byte| **byte >= 0x80).count();
    spaces > 3
        || (spaces > 0 && cost.per_byte() < 2.6)
        || wide * 4 > value.len()
        || (wide > 0 && !value.iter().any(u8::is_ascii_digit))
}

/// What a name that says little may hold besides keys. No alphabet of keys begins with a sign that encodes another.
fn is_something_else(value: &[u8]) -> bool {
    !is_mixed(value)
        || ends_in_word(value)
        || is_joined_record(value)
        || holds_version(value)
        || value.starts_with(b"%")
}

/// Letters and digits both: what a vague name asks for.
fn is_mixed(value: &[u8]) -> bool {
    value.iter().filter(|byte| byte.is_ascii_digit()).count() > 1 && value.iter().any(u8::is_ascii_alphabetic)
}

/// `HIH5030/humidity`: a place in a tree ends in a word; of random letters so many small ones never stand together.
fn ends_in_word(value: &[u8]) -> bool {
    const SHORTEST: usize = 6;
    let last = value.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    last.len() < value.len() && last.len() >= SHORTEST && last.iter().all(u8::is_ascii_lowercase)
}

/// `1000;1842651133440156;authorize`: what belongs together, where a name says little. One bar stands in tokens too, behind
/// their number, and salts hold every sign.
fn is_joined_record(value: &[u8]) -> bool {
    let bars = value.iter().filter(|byte| **byte == b'|').count();
    (value.contains(&b';') || bars > 1 || value.starts_with(b"|"))
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"|;/+-_=:.".contains(byte))
}

/// `cibw-v3.3.1-manylinux_x86_64`: what a cache is kept under.
fn holds_version(value: &[u8]) -> bool {
    let numbers = |part: &[u8]| part.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    value.split(|byte| matches!(byte, b'-' | b'_' | b'@')).any(|part| {
        let number = part.strip_prefix(b"v").unwrap_or(part);
        number.iter().filter(|byte| **byte == b'.').count() == 2 && numbers(number)
    })
}

/// `LibWeb\+LibJs`: signs that a pattern escapes and no literal.
fn is_pattern(value: &[u8]) -> bool {
    [b"\\.".as_slice(), b"\\+"].iter().any(|sign| value.windows(2).any(|part| part == *sign))
}

/// Secret keys are chosen by programs' owners, in any alphabet.
fn says_secret(name: &[u8]) -> bool {
    name.windows(6).any(|part| part.eq_ignore_ascii_case(b"secret"))
}
