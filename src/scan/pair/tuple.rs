//! Several names that are assigned at once: `user, password = "u", "p"` of Python and Ruby, `:=` of Go, and the brackets of
//! JavaScript and Rust around either side.

use super::lexer::{self, Literal, at};
use crate::finding::Span;

/// Most names of one assignment.
const MOST: usize = 6;
/// How far before a name its statement may begin.
const BEFORE: usize = 160;
/// Longest stretch that is read behind the names.
const BEHIND: usize = 600;

/// Most blanks beside a comma.
const BLANKS: usize = 8;

/// One name, and the literal at its place; none where something else stands there.
pub type Item = (Span, Option<Literal>);

/// The names and values of the statement that assigns to `name` among others; none where it assigns to no other.
pub fn read(text: &[u8], name: Span) -> Option<Vec<Item>> {
    // Nearly every name stands alone: a comma beside it is looked for first.
    let sigils = text[..name.start].iter().rev().take(1).filter(|byte| matches!(byte, b'$' | b'@')).count();
    let beside = |byte: Option<&u8>| byte == Some(&b',');
    let blank = |byte: &&u8| !matches!(byte, b' ' | b'\t');
    let before = text[..name.start - sigils].iter().rev().take(BLANKS).find(blank);
    if !beside(before) && !beside(text[name.end..].iter().take(BLANKS).find(blank)) {
        return None;
    }
    let line = lexer::line_start(text, name.start, BEFORE);
    let statement =
        text[line..name.start].iter().rposition(|byte| matches!(byte, b';' | b'{')).map_or(line, |at| line + at + 1);
    let names = names(text, statement, name)?;
    let (names, place) = names;
    let values = values(text, place)?;
    (values.len() == names.len()).then(|| names.into_iter().zip(values).collect())
}

/// The names from the statement's start on, and where the values begin. The given name must be one of them.
fn names(text: &[u8], from: usize, wanted: Span) -> Option<(Vec<Span>, usize)> {
    const WORDS: &[&[u8]] = &[b"const ", b"let ", b"var ", b"export ", b"local ", b"my ", b"val "];
    let mut place = lexer::blanks(text, from);
    while let Some(word) = WORDS.iter().find(|word| text[place..].starts_with(word)) {
        place = lexer::blanks(text, place + word.len());
    }
    let bracket = matches!(at(text, place), b'(' | b'[');
    place = lexer::blanks(text, place + usize::from(bracket));
    let mut names = Vec::new();
    loop {
        let start = place + usize::from(matches!(at(text, place), b'$' | b'@'));
        let length =
            text[start..].iter().take(BEFORE).take_while(|byte| lexer::in_name(**byte) && **byte != b'-').count();
        if length == 0 || names.len() == MOST {
            return None;
        }
        names.push(Span::new(start, start + length));
        place = lexer::blanks(text, start + length);
        if at(text, place) != b',' {
            break;
        }
        place = lexer::blanks(text, place + 1);
    }
    place = lexer::blanks(text, place + usize::from(bracket && matches!(at(text, place), b')' | b']')));
    place += usize::from(at(text, place) == b':');
    let assigns = at(text, place) == b'=' && !matches!(at(text, place + 1), b'=' | b'>' | b'~');
    let known = names.len() > 1 && names.iter().any(|name| name.overlaps(wanted));
    (assigns && known).then(|| (names, lexer::blanks(text, place + 1)))
}

/// What stands between the commas: literals as they are, anything else as none.
fn values(text: &[u8], from: usize) -> Option<Vec<Option<Literal>>> {
    let bracket = matches!(at(text, from), b'(' | b'[');
    let mut place = from + usize::from(bracket);
    let end = text.len().min(from + BEHIND);
    let mut values = Vec::new();
    while values.len() < MOST {
        place = if bracket { lexer::white(text, place) } else { lexer::blanks(text, place) };
        let literal = lexer::literal(text, place).filter(|literal| !literal.interpolated);
        let after = literal.map_or(place, |literal| lexer::blanks(text, literal.end));
        let stops = |byte: &u8| matches!(byte, b',' | b'\n' | b')' | b']' | b';' | b'#');
        let rest = text.get(after..end)?;
        let stop = after + rest.iter().position(stops).unwrap_or(rest.len());
        // What goes on behind a literal makes something else of it.
        let whole = text[after..stop].trim_ascii().is_empty();
        values.push(literal.filter(|_| whole));
        if at(text, stop) != b',' {
            return Some(values);
        }
        place = stop + 1;
    }
    None
}

/// What is assigned to `name`, where it is one of several names that are assigned at once.
pub fn item(text: &[u8], name: Span) -> Option<Item> {
    read(text, name)?.into_iter().find(|(one, _)| one.overlaps(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of the name `pass`; empty where it is no literal, none where it is not one of several names.
    fn value(text: &str) -> Option<&str> {
        let start = text.find("pass").expect("the text has it");
        let name = Span::new(start, start + 4);
        let (_, literal) = item(text.as_bytes(), name)?;
        Some(literal.map_or("", |literal| &text[literal.inner.start..literal.inner.end]))
    }

    #[test]
    fn each_name_has_the_value_at_its_place() {
        for text in [
            r#"user, pass = "u", "p""#,
            r#"pass, user = "p", "u""#,
            r#"(user, pass) = ("u", "p")"#,
            r#"x = 1; user, pass := "u", "p""#,
            r#"const [user, pass] = ["u", "p"];"#,
            r#"let (user, pass) = ("u", "p");"#,
            r#"host, user, pass = "h", "u", 'p' # all"#,
            r#"$user, $pass = "u", "p""#,
            "user, pass = (\n    \"u\",\n    \"p\",\n)".replace(",\n)", "\n)").as_str(),
        ] {
            assert_eq!(value(text), Some("p"), "{text}");
        }
        assert_eq!(value(r#"user, pass = "u", getpass()"#), Some(""));
        assert_eq!(value(r#"user, pass = "u", "p" + x"#), Some(""));
    }

    #[test]
    fn lists_of_arguments_and_comparisons_are_none() {
        for text in [
            r#"login(user, pass="p")"#,
            r#"pass = "p""#,
            r#"user, pass == "u", "p""#,
            r#"user, pass = "u""#,
            r#"{"user": "u", "pass": "p"}"#,
            "def f(user, pass):",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
