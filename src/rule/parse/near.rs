//! What a rule says about the surroundings of its matches: the files it looks at, parts that belong to them, exceptions.

use std::ops::Range;

use super::{CONFIDENCES, pattern, plain};
use crate::diagnostic::Problem;
use crate::finding::Confidence;
use crate::rule::definition::{Exception, Part, Target};
use crate::toml_reader::{self, At, Table};

/// `alone`: no finding without the required parts.
const SILENT: &str = "silent";
/// `when`: one of the things that are stated holds, or all.
const WHEN: &[&str] = &["any", "all"];

/// Globs, which are noted for a check of their own.
pub(super) fn read_globs(
    table: &mut Table<'_, '_>,
    globs: &mut Vec<At<String>>,
    problems: &mut Vec<Problem>,
) -> Vec<String> {
    let read = table.strings("paths", problems);
    globs.extend(read.iter().cloned());
    plain(read)
}

/// Patterns that are looked for in paths or values.
pub(super) fn read_patterns(table: &mut Table<'_, '_>, key: &'static str, problems: &mut Vec<Problem>) -> Vec<String> {
    let read = table.strings(key, problems);
    for (text, span) in &read {
        if let Err(error) = pattern::check(text) {
            problems.push(Problem::new(span.clone(), format!("`{key}` holds no regular expression: {error}")));
        }
    }
    plain(read)
}

/// Where a match is no finding.
pub(super) fn read_exception(
    mut table: Table<'_, '_>,
    globs: &mut Vec<At<String>>,
    problems: &mut Vec<Problem>,
) -> Exception {
    let when = table.string("when", problems);
    if let Some((name, span)) = when.clone().filter(|(name, _)| !WHEN.contains(&name.as_str())) {
        problems.push(toml_reader::unknown_name(&name, span, WHEN));
    }
    let exception = Exception {
        all: when.is_some_and(|(name, _)| name == "all"),
        paths: read_globs(&mut table, globs, problems),
        path_patterns: read_patterns(&mut table, "path-patterns", problems),
        commits: plain(table.strings("commits", problems)),
        of: table.one_of("of", problems, Target::NAMES).unwrap_or_default(),
        values: read_patterns(&mut table, "values", problems),
        words: table.strings("words", problems).into_iter().map(|(word, _)| word.to_ascii_lowercase()).collect(),
    };
    if exception.is_empty() {
        let message = "an exception states `paths`, `path-patterns`, `commits`, `values` or `words`";
        problems.push(Problem::new(table.span(), message));
    }
    table.finish(problems);
    exception
}

/// The rules that find a rule's parts, and where each is named.
pub(super) fn read_parts(
    table: &mut Table<'_, '_>,
    id: &str,
    problems: &mut Vec<Problem>,
) -> (Vec<Part>, Vec<Range<usize>>) {
    let limit = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let (mut parts, mut spans) = (Vec::new(), Vec::new());
    for mut part in table.tables("parts", problems) {
        let (rule, span) = part.required("rule", problems);
        if rule == id {
            problems.push(Problem::new(span.clone(), "a rule cannot be a part of itself"));
        }
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

/// How sure a match without its required parts is; none is no finding.
pub(super) fn read_alone(table: &mut Table<'_, '_>, parts: &[Part], problems: &mut Vec<Problem>) -> Option<Confidence> {
    let (name, span) = table.string("alone", problems)?;
    if parts.iter().all(|part| part.optional) {
        problems.push(Problem::new(span, "`alone` rates a match without its required parts, but no part is required"));
        return None;
    }
    if name != SILENT && !CONFIDENCES.contains(&name.as_str()) {
        let names: Vec<&str> = std::iter::once(SILENT).chain(CONFIDENCES.iter().copied()).collect();
        problems.push(toml_reader::unknown_name(&name, span, &names));
    }
    name.parse().ok()
}
