//! Names whose value stands apart from them, without an operator between: attributes side by side, options of a command,
//! declarations with a block, and names in a text.

use super::assignment::{Assignment, Bond, LONGEST_VALUE, at, blanks, close_name, contains, quoted};
use crate::finding::Span;

/// `key="Password" value="x"`, `{"name": "password", "value": "x"}`: the name is itself a value.
pub(super) fn named(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    let before = text[name.start.saturating_sub(14)..name.start].trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'"))?.trim_ascii_end();
    let before = before.strip_suffix(b"\\").unwrap_or(before);
    let before = before.strip_suffix(b"=").or_else(|| before.strip_suffix(b":"))?.trim_ascii_end();
    let before = before.strip_suffix(b"\"").unwrap_or(before);
    let is_key = [b"key".as_slice(), b"name", b"Key", b"Name"].iter().any(|key| before.ends_with(key));
    if !is_key {
        return None;
    }
    if let Some(found) = inside(text, name, from) {
        return Some(found);
    }
    let window = &text[from..text.len().min(from + 160)];
    let stop = window.iter().position(|byte| matches!(byte, b'}' | b'>' | b'{')).unwrap_or(window.len());
    let found = window[..stop].windows(5).position(|part| part.eq_ignore_ascii_case(b"value"))? + from;
    let (place, _) = close_name(text, found + 5);
    let place = blanks(text, place, false);
    if !matches!(at(text, place), b'=' | b':') {
        return None;
    }
    let (value, _) = quoted(text, blanks(text, place + 1, false))?;
    Some(Assignment { name, value, bond: Bond::Markup, continued: false })
}

/// `<string name="api_key">x</string>`: the text of the element whose attribute is the name.
fn inside(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    let open =
        text[from..text.len().min(from + 160)].iter().position(|byte| matches!(byte, b'>' | b'\n' | b'}'))? + from;
    (text[open] == b'>' && text[open - 1] != b'/').then(|| element_text(text, name, open + 1)).flatten()
}

/// What stands up to the closing tag, on one line.
fn element_text(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    let inner = &text[from..text.len().min(from + 600)];
    let length = inner.iter().position(|byte| matches!(byte, b'<' | b'\n'))?;
    let value = Span::new(from, from + length);
    (length > 0 && inner[length..].starts_with(b"</")).then_some(Assignment {
        name,
        value,
        bond: Bond::Markup,
        continued: false,
    })
}

/// What follows a name that is itself a value and has no quotes: the `<string>` behind a `<key>` in a property list, the
/// `value:` under a `name:` in YAML.
pub(super) fn beneath(text: &[u8], name: Span) -> Option<Assignment> {
    if text[..name.start].ends_with(b"<key>") {
        let place = blanks(text, name.end + text[name.end..].strip_prefix(b"</key>").map(|_| 6)?, true);
        let open = text[place..].strip_prefix(b"<string>").map(|_| place + 8)?;
        return element_text(text, name, open);
    }
    let before = text[..name.start].trim_ascii_end();
    if !(before.ends_with(b"name:") || before.ends_with(b"key:")) || !matches!(at(text, name.end), b'\n' | b'\r') {
        return None;
    }
    let place = blanks(text, name.end, true);
    let start = text[place..].strip_prefix(b"value:").map(|_| blanks(text, place + 6, false))?;
    if let Some((value, _)) = quoted(text, start) {
        return Some(Assignment { name, value, bond: Bond::Markup, continued: false });
    }
    let length =
        text[start..text.len().min(start + LONGEST_VALUE)].iter().take_while(|byte| byte.is_ascii_graphic()).count();
    let value = Span::new(start, start + length);
    let plain = length > 0 && !matches!(text[start], b'|' | b'>' | b'*' | b'!' | b'{' | b'[' | b'&' | b'#');
    plain.then_some(Assignment { name, value, bond: Bond::Bare, continued: false })
}

/// `setValue("x", forHTTPHeaderField: "X-Api-Key")`: Swift puts a header's value before its name.
pub(super) fn ahead(text: &[u8], name: Span) -> Option<Assignment> {
    const FIELD: &[u8] = b"\", forHTTPHeaderField: \"";
    let before = text[..name.start].strip_suffix(FIELD)?;
    let floor = before.len().saturating_sub(400);
    let open = floor + before[floor..].iter().rposition(|byte| matches!(byte, b'"' | b'\n'))? + 1;
    let value = Span::new(open, before.len());
    (before[open - 1] == b'"' && !value.is_empty()).then_some(Assignment {
        name,
        value,
        bond: Bond::Call,
        continued: false,
    })
}

/// `--password value` on a command line; `PASSWORD 'value'` and `IDENTIFIED BY 'value'` in a query.
pub(super) fn option(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    if from == name.end {
        return None;
    }
    let word = name.of(text);
    let query = word.contains(&b' ') && is_statement(text, name.start);
    let flag = text[name.start..name.end].starts_with(b"-") || query;
    let said = flag
        || word.eq_ignore_ascii_case(b"password")
        || word.contains(&b' ')
        || is_setting(text, name) && at(text, from) == b'"';
    if matches!(at(text, from), b'\'' | b'"') {
        let (value, _) = quoted(text, from).filter(|(value, _)| said && at(text, value.start) != b'-')?;
        return Some(Assignment { name, value, bond: Bond::Option, continued: false });
    }
    // `--set-password`) [#4313]`: what follows a bracket belongs to the text around.
    if !flag || at(text, from) == b'-' || text[name.end..from].contains(&b')') {
        return None;
    }
    let length = text[from..text.len().min(from + LONGEST_VALUE)]
        .iter()
        .take_while(|byte| {
            !byte.is_ascii_whitespace()
                && !matches!(byte, b'"' | b'\'' | b'`' | b'|' | b';' | b'<' | b'>' | b')' | b']' | b',' | b'\\')
        })
        .count();
    (length > 0).then_some(Assignment {
        name,
        value: Span::new(from, from + length),
        bond: Bond::Option,
        continued: false,
    })
}

/// `variable "api_token" { default = "x" }`.
pub(super) fn declared(text: &[u8], name: Span, from: usize, quoted_name: bool) -> Option<Assignment> {
    if !quoted_name || at(text, from) != b'{' {
        return None;
    }
    let block = &text[from..text.len().min(from + 300)];
    let block = &block[..block.iter().position(|byte| *byte == b'}').unwrap_or(block.len())];
    let place = from + memchr::memmem::find(block, b"default")? + b"default".len();
    let sign = blanks(text, place, false);
    let (value, _) = (at(text, sign) == b'=').then(|| quoted(text, blanks(text, sign + 1, false))).flatten()?;
    Some(Assignment { name, value, bond: Bond::Markup, continued: false })
}

/// `| token | x |`: the next cell of a table in a text.
pub(super) fn cell(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    spoken(text, name, from).filter(|found| !b",;)<".contains(&at(text, found.value.end)))
}

/// A long word of letters and digits behind a name in a text: `acme token - 'x'`, `the key is x`.
pub(super) fn spoken(text: &[u8], name: Span, from: usize) -> Option<Assignment> {
    const SHORTEST: usize = 16;
    const LINKS: &[&[u8]] = &[b"- ", b"is ", b"is: ", b"was ", b"code "];
    let mut place = blanks(text, from, false);
    if place == name.end {
        return None;
    }
    if let Some(link) = LINKS.iter().find(|link| text[place.min(text.len())..].starts_with(link)) {
        place = blanks(text, place + link.len(), false);
    }
    place += usize::from(matches!(at(text, place), b'"' | b'\'' | b'`'));
    let rest = &text[place.min(text.len())..text.len().min(place + 300)];
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-./+=~".contains(byte)).count();
    let ends = rest.get(length).is_none_or(|byte| byte.is_ascii_whitespace() || b"\"'`,;)<|".contains(byte));
    let assigned = rest[..length].iter().position(|byte| *byte == b'=').is_some_and(|sign| sign + 2 < length);
    let turns = rest[..length].windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    (length >= SHORTEST && ends && !assigned && turns > 3).then_some(Assignment {
        name,
        value: Span::new(place, place + length),
        bond: Bond::Spoken,
        continued: false,
    })
}

/// `:db-password "x"`, `storePassword "x"`: a keyword of Clojure, or a name of several words that begins its line, as
/// where a build script sets something.
fn is_setting(text: &[u8], name: Span) -> bool {
    if text[..name.start].ends_with(b":") {
        return true;
    }
    let line = &text[name.start.saturating_sub(80)..name.start];
    let begins = line.iter().rev().take_while(|byte| **byte != b'\n').all(|byte| matches!(byte, b' ' | b'\t'));
    let word = name.of(text);
    begins
        && word
            .windows(2)
            .any(|pair| matches!(pair[0], b'_' | b'-') || pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

/// Whether a statement that sets a password begins on the line.
fn is_statement(text: &[u8], place: usize) -> bool {
    let before = &text[place.saturating_sub(160)..place];
    [b"alter ".as_slice(), b"create ", b"grant ", b"user "].iter().any(|verb| contains(before, verb))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{KEYWORDS, read_at};
    use crate::finding::{Confidence, Span};

    /// Whether a random value that stands for a lone `S` is found, whole and with medium confidence.
    pub(in super::super) fn value(path: &str, text: &str) -> bool {
        const RANDOM: &str = "x7Kq9vLw2Rz4Tn8Bp3";
        let word = |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let bytes = text.as_bytes();
        let lone = |place: &usize| {
            bytes[*place] == b'S'
                && !word(place.checked_sub(1).and_then(|at| bytes.get(at)))
                && !word(bytes.get(place + 1))
        };
        let place = (0..bytes.len()).find(lone).expect("every text holds a lone S");
        let text = format!("{}{RANDOM}{}", &text[..place], &text[place + 1..]);
        let lower = text.to_ascii_lowercase();
        let hits =
            KEYWORDS.iter().flat_map(|word| lower.match_indices(word).map(|(at, word)| Span::new(at, at + word.len())));
        let mut found = hits.filter_map(|hit| read_at(text.as_bytes(), path, hit));
        found.any(|one| one.value.of(text.as_bytes()) == RANDOM.as_bytes() && one.verdict == Ok(Confidence::Medium))
    }

    #[test]
    fn values_stand_in_beneath_and_before_their_names() {
        for (path, text) in [
            ("strings.xml", "<string name=\"api_key\">S</string>"),
            ("a.xml", "<entry key=\"secretKey\">S</entry>"),
            ("a.plist", "<key>ApiSecret</key>\n\t<string>S</string>"),
            ("a.yml", "env:\n  - name: API_TOKEN\n    value: S\n"),
            ("a.yml", "env:\n  - name: API_TOKEN\n    value: \"S\"\n"),
            ("a.swift", "request.setValue(\"S\", forHTTPHeaderField: \"X-Api-Key\")"),
            ("a.clj", "{:db-password \"S\"}"),
            ("a.gradle", "    storePassword \"S\""),
            ("a.md", "| Name | Value |\n|---|---|\n| api_token | S |\n"),
            ("a.md", "| **apiKey** | S |\n"),
            ("a.md", "name | value\napiKey |S\n"),
        ] {
            assert!(value(path, text), "{path}: {text}");
        }
        for (path, text) in [
            ("a.yml", "- name: API_TOKEN\n  valueFrom: S\n"),
            ("strings.xml", "<string name=\"api_key\" value=\"\"/><b>S</b>"),
            ("a.pl", "is($cred{password}, 'S', 'the password');"),
            ("a.c", "flags = KEY_TOKEN | S;"),
        ] {
            assert!(!value(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn values_follow_their_names_in_more_languages() {
        for (path, text) in [
            ("a.go", "var signingKey = []byte(\"S\")"),
            ("a.py", "client = Client(\n    api_key=(\n        \"S\"\n    ),\n)"),
            ("a.js", "process.env.JWT_SECRET = process.env.JWT_SECRET || \"S\";"),
            ("a.ts", "const token = settings.token ?? 'S';"),
            ("a.pl", "$ENV{API_TOKEN} = \"S\";"),
            ("a.vb", "Dim password As String = \"S\""),
            ("a.cpp", "const std::string kApiSecret{\"S\"};"),
            ("a.erl", "{api_token, \"S\"}."),
            ("a.ex", "{:api_token, \"S\"}"),
            ("a.jsonnet", "{ apiKey:: \"S\" }"),
        ] {
            assert!(value(path, text), "{path}: {text}");
        }
    }
}
