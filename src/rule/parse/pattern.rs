//! Patterns: their shorthands, and the syntax that they are written in.

use std::ops::Range;

use crate::diagnostic::Problem;
use crate::rule::definition::{BY_CONTENT, BY_CONTEXT, Kind};
use crate::toml_reader::Table;

/// `{assign}`: from the end of a name to the start of its value.
///
/// Beside the operators of languages it knows `--name value`, `<name>value` and .NET's `key="name" value="value"`.
const ASSIGN: &str = concat!(
    r#"[\w.\-]{0,40}["'`\])]{0,3}[ \t]{0,12}"#,
    r#"(?:=>|:=|::|={1,3}|:|,|\(|->|\|\||>|[ \t]value[ \t]?=|[ \t])"#,
    r#"[ \t]{0,12}(?:[brfuBRFU@]{0,2}\\?["'`]{1,3}|\()?"#
);
/// `{base64-digits}`: where base64 of at least six decimal digits begins. It announces a key as a keyword would.
pub const DIGITS: &str = r"\b{start-half}(?:[MNO][DTjz][AEIMQUYcgk][0-5w-z]){2}";
/// `{end}`: what may follow a value.
const END: &str = r#"(?:["'`\s,;:?@)\]}<>&\\|]|\z)"#;

/// The pattern of a rule, shorthands expanded, and where it stands.
pub(super) fn read(
    table: &mut Table<'_, '_>,
    id: &str,
    kind: Kind,
    problems: &mut Vec<Problem>,
) -> (String, Range<usize>) {
    if kind == Kind::Audit {
        if table.has("pattern") {
            problems
                .push(Problem::new(table.span(), "a rule of kind `audit` has no `pattern`: its logic is in the code"));
        }
        return (String::new(), table.span());
    }
    // A pair rule without a pattern is fed by the forms of `scan::pair`, a generic one by `scan::generic`, a
    // binary file by `scan::keystore`.
    let fed = kind == Kind::Pair || BY_CONTEXT.contains(&id) || BY_CONTENT.contains(&id);
    if fed && !table.has("pattern") {
        return (String::new(), table.span());
    }
    let (text, span) = table.required("pattern", problems);
    let expanded = text.replace("{assign}", ASSIGN).replace("{base64-digits}", DIGITS).replace("{end}", END);
    if let Err(error) = check_matching(&expanded) {
        problems.push(Problem::new(span.clone(), format!("`pattern` is not a regular expression: {error}")));
    }
    (expanded, span)
}

/// The syntax that patterns are written in: bytes and ASCII.
pub fn syntax() -> regex_syntax::ParserBuilder {
    let mut builder = regex_syntax::ParserBuilder::new();
    builder.unicode(false).utf8(false);
    builder
}

/// Reads a pattern in that syntax.
///
/// # Errors
/// What is wrong with it, for people.
pub fn check(pattern: &str) -> Result<regex_syntax::hir::Hir, String> {
    syntax().build().parse(pattern).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "unknown error".to_owned(),
    })
}

/// Reads the pattern of a rule, which must match something.
///
/// # Errors
/// What is wrong with it, for people.
pub fn check_matching(pattern: &str) -> Result<(), String> {
    match check(pattern)?.properties().minimum_len() {
        Some(0) => Err("it matches the empty text".to_owned()),
        _ => Ok(()),
    }
}
