//! Rule files: TOML to [`Definition`]s, every problem of a file with its span.

mod near;
pub mod pattern;

use std::ops::Range;

use crate::diagnostic::Problem;
use crate::finding::{Confidence, Severity};
use crate::rule::Outline;
use crate::rule::definition::{
    CHECKSUMS, CharClass, Counterexample, Definition, Example, Examples, Format, Kind, Rotate,
};
use crate::toml_reader::{self, At, Table};

/// Shortest keyword: the prefilter looks at four bytes at once and tolerates one unknown byte.
pub const SHORTEST_KEYWORD: usize = 3;
/// Specificity of a rule that states none.
pub const DEFAULT_SPECIFICITY: u8 = 60;

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
    /// All globs of paths, still to be checked.
    pub globs: Vec<At<String>>,
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
    let (pattern, pattern_span) = pattern::read(&mut table, &id, kind, problems);
    let mut globs = Vec::new();
    let (parts, part_spans) = near::read_parts(&mut table, &id, problems);
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
        outline: Outline::default(),
        checksum: read_checksum(&mut table, problems),
        min_entropy: table.float("min-entropy", problems),
        require: read_classes(&mut table, problems),
        specificity: read_specificity(&mut table, problems),
        paths: near::read_globs(&mut table, &mut globs, problems),
        path_patterns: near::read_patterns(&mut table, "path-patterns", problems),
        exceptions: table
            .tables("except", problems)
            .into_iter()
            .map(|one| near::read_exception(one, &mut globs, problems))
            .collect(),
        alone: near::read_alone(&mut table, &parts, problems),
        parts,
        part_only: table.boolean("part-only", problems).unwrap_or(false),
        tags: plain(table.strings("tags", problems)),
        aliases: plain(table.strings("aliases", problems)),
        also: plain(table.strings("also", problems)),
        why: table.required("why", problems).0,
        rotate: read_rotate(&mut table, problems),
        embedded: read_embedded(&mut table, problems),
        references: plain(table.strings("references", problems)),
        format: table.one_of("format", problems, Format::NAMES),
    };
    let examples = Examples {
        positive: table.tables("example", problems).into_iter().map(|one| read_example(one, problems)).collect(),
        negative: table.tables("counterexample", problems).into_iter().map(|one| read_counter(one, problems)).collect(),
    };
    table.finish(problems);
    Parsed { definition, examples, span, pattern_span, part_spans, globs }
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
    let value = table.number("specificity", problems).unwrap_or(u64::from(DEFAULT_SPECIFICITY));
    u8::try_from(value).ok().filter(|value| *value <= 100).unwrap_or_else(|| {
        problems.push(Problem::new(table.span(), "`specificity` must be between 0 and 100"));
        0
    })
}

/// The problems of parts that name no rule.
pub fn unknown_parts(rules: &[Parsed], known: &[&str]) -> Vec<Problem> {
    let parts = rules.iter().flat_map(|parsed| parsed.definition.parts.iter().zip(&parsed.part_spans));
    let unknown = parts.filter(|(part, _)| !known.contains(&part.rule.as_str()));
    unknown
        .map(|(part, span)| {
            let hint = match toml_reader::suggestion(&part.rule, known) {
                hint if hint.starts_with("known") => "`keyrot rules list` shows all".to_owned(),
                hint => hint,
            };
            Problem::new(span.clone(), format!("there is no rule `{}`", part.rule)).with_hint(hint)
        })
        .collect()
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
