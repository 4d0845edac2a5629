//! The name a value is assigned to: with its path, the slot that holds a key over time.

use crate::finding::Span;

/// Longest name that counts, in bytes.
const LONGEST: usize = 80;
/// How far before a value its name is looked for, in bytes: a line of megabytes may hold thousands of values.
const REACH: usize = 1024;

/// The name that stands before a value on its line: `NAME=value`, `"name": "value"`, `name => value`, `<name>value`,
/// `name(value`. None where nothing names it.
pub fn slot(text: &[u8], secret: Span) -> Option<String> {
    let near = &text[secret.start.saturating_sub(REACH)..secret.start];
    let mut before = memchr::memrchr(b'\n', near).map_or(near, |at| &near[at + 1..]);
    // Inside a URL the name stands before the scheme.
    let word = before.iter().rposition(|byte| b" \t\"'`<>".contains(byte)).map_or(0, |at| at + 1);
    if let Some(at) = memchr::memmem::find(&before[word..], b"://").map(|at| word + at) {
        let scheme = before[..at].iter().rposition(|byte| !byte.is_ascii_alphanumeric() && !b"+-.".contains(byte));
        before = &before[..scheme.map_or(0, |at| at + 1)];
    }
    let mut assigned = false;
    loop {
        let last = *before.last()?;
        match last {
            b'=' | b':' | b'>' => assigned = true,
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b'(' | b'[' | b'{' | b'@' | b'\\' | b'+' | b'~' | b'?' | b')'
            | b']' => {}
            _ if assigned => break,
            // A word between the name and the value, such as an authentication scheme or a string prefix.
            _ if name_byte(last) => {
                let word = before.iter().rposition(|&byte| !name_byte(byte)).map_or(0, |at| at + 1);
                if word == 0 || before.len() - word > 12 {
                    return None;
                }
                before = &before[..word];
                continue;
            }
            _ => return None,
        }
        before = &before[..before.len() - 1];
    }
    let from = before.iter().rposition(|&byte| !name_byte(byte)).map_or(0, |at| at + 1);
    let name = &before[from..];
    let wordy = name.iter().any(u8::is_ascii_alphabetic);
    (wordy && name.len() <= LONGEST).then(|| String::from_utf8_lossy(name).into_owned())
}

fn name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.$".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(line: &str) -> Option<String> {
        let at = line.find("SECRET").expect("the line holds the value");
        slot(line.as_bytes(), Span::new(at, at + 6))
    }

    #[test]
    fn names_of_assignments() {
        for (line, wanted) in [
            ("API_KEY=SECRET", "API_KEY"),
            ("x\n  api-key: 'SECRET'", "api-key"),
            (r#"{"a": 1, "auth.token" : "SECRET"}"#, "auth.token"),
            ("const key = `SECRET`", "key"),
            (":key => \"SECRET\"", "key"),
            ("<password>SECRET</password>", "password"),
            ("Authorization: Basic SECRET", "Authorization"),
            ("DATABASE_URL=postgres://me:SECRET@host/db", "DATABASE_URL"),
            ("# see https://example.com\tTOKEN=SECRET", "TOKEN"),
            ("login(password=b\"SECRET\")", "password"),
            ("os.environ['TOKEN'] = 'SECRET'", "TOKEN"),
        ] {
            assert_eq!(name(line).as_deref(), Some(wanted), "{line}");
        }
    }

    #[test]
    fn values_without_a_name() {
        for line in ["SECRET", "curl -u SECRET", "see SECRET", "https://me:SECRET@host"] {
            assert_eq!(name(line), None, "{line}");
        }
    }
}
