//! Rule files: TOML to [`Definition`]s, every problem of a file with its span.

use std::ops::Range;

use crate::diagnostic::Problem;
use crate::finding::{Confidence, Severity};
use crate::rule::definition::{
    BY_CONTEXT, CHECKSUMS, CharClass, Counterexample, Definition, Example, Examples, Kind, Part, Rotate,
};
use crate::toml_reader::{self, Table};

/// `{assign}`: from the end of a name to the start of its value.
///
/// Beside the operators of languages it knows `--name value`, `<name>value` and .NET's `key="name" value="value"`.
const ASSIGN: &str = concat!(
    r#"[\w.\-]{0,40}["'`\])]{0,3}[ \t]{0,12}"#,
    r#"(?:=>|:=|::|={1,3}|:|,|\(|->|\|\||>|[ \t]value[ \t]?=|[ \t])"#,
    r#"[ \t]{0,12}(?:[brfuBRFU@]{0,2}\\?["'`]{1,3}|\()?"#
);
/// `{end}`: what may follow a value.
const END: &str = r#"(?:["'`\s,;:?@)\]}<>&\\|]|\z)"#;
/// Shortest keyword: the prefilter looks at four bytes at once and tolerates one unknown byte.
const SHORTEST_KEYWORD: usize = 3;
const DEFAULT_SPECIFICITY: u64 = 60;
/// `alone`: no finding without the required parts.
const SILENT: &str = "silent";

/// Severity, in files.
pub const SEVERITIES: &[&str] = &["critical", "high", "medium", "low", "info"];
/// Confidence, in files; `very-high` is reached by a passed check only.
pub const CONFIDENCES: &[&str] = &["high", "medium", "low"];

/// A rule of a file, its examples, and where it stands.
pub struct Parsed {
    /// The rule.
    pub definition: Definition,
    /// Its proofs.
    pub examples: Examples,
    /// The `[[rule]]` header.
    pub span: Range<usize>,
    /// The value of `pattern`.
    pub pattern_span: Range<usize>,
    /// Where each of the parts names its rule.
    pub part_spans: Vec<Range<usize>>,
}

/// Reads a whole rule file.
pub fn parse(text: &str) -> (Vec<Parsed>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut rules: Vec<Parsed> = Vec::new();
    if let Some(root) = toml_reader::parse(text, &mut problems) {
        let mut table = Table::root(&root);
        for rule in table.tables("rule", &mut problems) {
            rules.push(read_rule(rule, &mut problems));
        }
        table.finish(&mut problems);
    }
    (rules, problems)
}

fn read_rule(mut table: Table<'_, '_>, problems: &mut Vec<Problem>) -> Parsed {
    let span = table.span();
    let (id, id_span) = table.required("id", problems);
    if !id.is_empty() && !is_kebab(&id) {
        problems.push(Problem::new(id_span, "`id` must be kebab-case: lower-case letters, digits and single hyphens"));
    }
    let kind = table.one_of("kind", problems, Kind::NAMES).unwrap_or(Kind::Token);
    let (pattern, pattern_span) = read_pattern(&mut table, &id, kind, problems);
    let (parts, part_spans) = read_parts(&mut table, &id, problems);
    let definition = Definition {
        id,
        name: table.required("name", problems).0,
        provider: table.required("provider", problems).0,
        kind,
        severity: table.one_of("severity", problems, SEVERITIES).unwrap_or(Severity::High),
        confidence: table.one_of("confidence", problems, CONFIDENCES).unwrap_or(Confidence::Medium),
        keywords: read_keywords(&mut table, problems),
        pattern,
        gated: false,
        checksum: read_checksum(&mut table, problems),
        min_entropy: table.float("min-entropy", problems),
        require: read_classes(&mut table, problems),
        specificity: read_specificity(&mut table, problems),
        paths: plain(table.strings("paths", problems)),
        alone: read_alone(&mut table, &parts, problems),
        parts,
        part_only: table.boolean("part-only", problems).unwrap_or(false),
        tags: plain(table.strings("tags", problems)),
        aliases: plain(table.strings("aliases", problems)),
        also: plain(table.strings("also", problems)),
        why: table.required("why", problems).0,
        rotate: read_rotate(&mut table, problems),
        embedded: read_embedded(&mut table, problems),
        references: plain(table.strings("references", problems)),
    };
    let examples = Examples {
        positive: table.tables("example", problems).into_iter().map(|one| read_example(one, problems)).collect(),
        negative: table.tables("counterexample", problems).into_iter().map(|one| read_counter(one, problems)).collect(),
    };
    table.finish(problems);
    Parsed { definition, examples, span, pattern_span, part_spans }
}

fn read_pattern(
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
    // A pair rule without a pattern is fed by the forms of `scan::pair`, a generic one by `scan::generic`.
    let fed = kind == Kind::Pair || BY_CONTEXT.contains(&id);
    if fed && !table.has("pattern") {
        return (String::new(), table.span());
    }
    let (text, span) = table.required("pattern", problems);
    let expanded = text.replace("{assign}", ASSIGN).replace("{end}", END);
    if let Err(error) = check_syntax(&expanded) {
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

fn check_syntax(pattern: &str) -> Result<(), String> {
    let hir = syntax().build().parse(pattern).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "unknown error".to_owned(),
    })?;
    if hir.properties().minimum_len() == Some(0) {
        return Err("it matches the empty text".to_owned());
    }
    Ok(())
}

fn read_keywords(table: &mut Table<'_, '_>, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut keywords = Vec::new();
    for (keyword, span) in table.strings("keywords", problems) {
        if keyword.len() < SHORTEST_KEYWORD {
            problems.push(Problem::new(span, format!("a keyword needs at least {SHORTEST_KEYWORD} bytes")));
        } else {
            keywords.push(keyword.to_ascii_lowercase());
        }
    }
    keywords.sort();
    keywords.dedup();
    keywords
}

fn read_checksum(table: &mut Table<'_, '_>, problems: &mut Vec<Problem>) -> Option<String> {
    let (name, span) = table.string("checksum", problems)?;
    if !CHECKSUMS.contains(&name.as_str()) {
        problems.push(toml_reader::unknown_name(&name, span, CHECKSUMS));
    }
    Some(name)
}

fn read_classes(table: &mut Table<'_, '_>, problems: &mut Vec<Problem>) -> Vec<CharClass> {
    let mut classes = Vec::new();
    for (name, span) in table.strings("require", problems) {
        match name.parse() {
            Ok(class) => classes.push(class),
            Err(()) => problems.push(toml_reader::unknown_name(&name, span, CharClass::NAMES)),
        }
    }
    classes
}

fn read_specificity(table: &mut Table<'_, '_>, problems: &mut Vec<Problem>) -> u8 {
    let value = table.number("specificity", problems).unwrap_or(DEFAULT_SPECIFICITY);
    u8::try_from(value).ok().filter(|value| *value <= 100).unwrap_or_else(|| {
        problems.push(Problem::new(table.span(), "`specificity` must be between 0 and 100"));
        0
    })
}

fn read_parts(
    table: &mut Table<'_, '_>,
    id: &str,
    problems: &mut Vec<Problem>,
) -> (Vec<Part>, Vec<Range<usize>>) {
    let mut spans = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    for mut part in table.tables("parts", problems) {
        let (rule, span) = part.required("rule", problems);
        if rule == id {
            problems.push(Problem::new(span.clone(), "a rule cannot be a part of itself"));
        }
        let limit = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        parts.push(Part {
            rule,
            lines: part.number("lines", problems).map(limit),
            columns: part.number("columns", problems).map(limit),
            optional: part.boolean("optional", problems).unwrap_or(false),
        });
        spans.push(span);
        part.finish(problems);
    }
    (parts, spans)
}

fn read_alone(table: &mut Table<'_, '_>, parts: &[Part], problems: &mut Vec<Problem>) -> Option<Confidence> {
    let (name, span) = table.string("alone", problems)?;
    if parts.iter().all(|part| part.optional) {
        problems.push(Problem::new(span, "`alone` says what a match without its required parts is: there is none"));
        return None;
    }
    if name == SILENT {
        return None;
    }
    let confidence = name.parse().ok().filter(|_| CONFIDENCES.contains(&name.as_str()));
    if confidence.is_none() {
        let names: Vec<&str> = std::iter::once(SILENT).chain(CONFIDENCES.iter().copied()).collect();
        problems.push(toml_reader::unknown_name(&name, span, &names));
    }
    confidence
}

/// The problems of parts that name no rule.
pub fn unknown_parts(rules: &[Parsed], known: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for parsed in rules {
        for (part, span) in parsed.definition.parts.iter().zip(&parsed.part_spans) {
            if !known.contains(&part.rule.as_str()) {
                let hint = match toml_reader::suggestion(&part.rule, known) {
                    hint if hint.starts_with("known") => "`keyrot rules list` shows all".to_owned(),
                    hint => hint,
                };
                problems.push(
                    Problem::new(span.clone(), format!("there is no rule `{}`", part.rule)).with_hint(hint),
                );
            }
        }
    }
    problems
}

fn read_rotate(table: &mut Table<'_, '_>, problems: &mut Vec<Problem>) -> Rotate {
    let Some(mut rotate) = table.table("rotate", problems) else { return Rotate::default() };
    let read = Rotate {
        max_age_days: rotate.number("max-age-days", problems).and_then(|days| u32::try_from(days).ok()),
        url: rotate.string("url", problems).map(|(url, _)| url),
        steps: rotate.string("steps", problems).map(|(steps, _)| steps),
    };
    rotate.finish(problems);
    read
}

fn read_embedded(table: &mut Table<'_, '_>, problems: &mut Vec<Problem>) -> Option<String> {
    let mut lifetime = table.table("lifetime", problems)?;
    let embedded = lifetime.string("embedded", problems).map(|(name, _)| name);
    lifetime.finish(problems);
    embedded.filter(|name| name != "none")
}

fn read_example(mut table: Table<'_, '_>, problems: &mut Vec<Problem>) -> Example {
    let (text, span) = table.required("text", problems);
    if text.matches("{secret}").count() != 1 {
        problems.push(Problem::new(span, "`text` must hold {secret} exactly once"));
    }
    let secret = plain(table.strings("secret", problems));
    let parts = table.list_map("parts", problems);
    table.finish(problems);
    Example { text, secret, parts }
}

fn read_counter(mut table: Table<'_, '_>, problems: &mut Vec<Problem>) -> Counterexample {
    let text = table.required("text", problems).0;
    let why = table.required("why", problems).0;
    table.finish(problems);
    Counterexample { text, why }
}

fn plain(strings: Vec<(String, Range<usize>)>) -> Vec<String> {
    strings.into_iter().map(|(text, _)| text).collect()
}

/// Whether the text is lower-case words joined by single hyphens.
pub fn is_kebab(text: &str) -> bool {
    text.split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}
