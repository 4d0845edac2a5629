//! `[[ignore]]` and `[suppressions]`.

use chrono::NaiveDate;
use regex::bytes::Regex;

use super::{Config, globs};
use crate::diagnostic::{Problem, SourceText};
use crate::finding::TOOLS;
use crate::suppress::{Ignore, Scope, region};
use crate::toml_reader::{At, Moment, Table, unknown_name};

/// Shortest beginning of a commit id.
const SHORTEST_COMMIT: usize = 7;

/// Reads both sections into the configuration.
pub(super) fn read(table: &mut Table<'_, '_>, source: &SourceText, config: &mut Config, problems: &mut Vec<Problem>) {
    if let Some(mut section) = table.table("suppressions", problems) {
        for (tool, span) in section.strings("honour", problems) {
            if TOOLS.contains(&tool.as_str()) {
                config.honour.push(tool);
            } else {
                problems.push(unknown_name(&tool, span, TOOLS));
            }
        }
        config.no_inline_allow = section.boolean("inline", problems) == Some(false);
        config.suppression_policy.require_reason = section.boolean("require-reason", problems) == Some(true);
        config.suppression_policy.require_rule = section.boolean("require-rule", problems) == Some(true);
        config.suppression_policy.longest_days = section.number("longest-days", problems);
        section.finish(problems);
    }
    for entry in table.tables("ignore", problems) {
        let ignore = read_ignore(entry, source, &mut config.values, problems);
        config.ignores.extend(ignore);
    }
}

fn read_ignore(
    mut table: Table<'_, '_>,
    source: &SourceText,
    values: &mut Vec<Regex>,
    problems: &mut Vec<Problem>,
) -> Option<Ignore> {
    let span = table.span();
    let reason = table.required("reason", problems).0;
    let scope = Scope {
        paths: globs(table.strings("paths", problems), problems),
        path_patterns: path_patterns(table.strings("path-patterns", problems), problems),
        fingerprints: fingerprints(table.strings("fingerprints", problems), problems),
        commits: commits(table.strings("commits", problems), problems),
        values: patterns(table.strings("values", problems), values, problems),
    };
    let ignore = Ignore {
        rules: table.strings("rules", problems).into_iter().map(|(rule, _)| rule).collect(),
        reason,
        until: table.datetime("until", problems).and_then(|until| date(until, problems)),
        file: source.path.clone(),
        region: region(source, &span),
        scope,
    };
    table.finish(problems);
    if ignore.is_everything() {
        let text = "an ignore entry needs `paths`, `path-patterns`, `rules`, `fingerprints`, `commits` or `values`: it would hide everything";
        problems.push(Problem::new(span, text));
        return None;
    }
    Some(ignore)
}

fn path_patterns(list: Vec<At<String>>, problems: &mut Vec<Problem>) -> Vec<regex::Regex> {
    let mut patterns = Vec::new();
    for (pattern, span) in list {
        match regex::Regex::new(&pattern) {
            Ok(regex) => patterns.push(regex),
            Err(error) => problems.push(Problem::new(span, format!("this is no pattern: {error}"))),
        }
    }
    patterns
}

fn fingerprints(list: Vec<At<String>>, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut prints = Vec::new();
    for (print, span) in list {
        let parts: Vec<&str> = print.split(':').collect();
        let hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if matches!(parts.as_slice(), ["kr1", key, hash] if key.len() == 8 && hash.len() == 32 && hex(key) && hex(hash))
        {
            prints.push(print);
        } else {
            let problem = Problem::new(span, "this is no fingerprint");
            problems.push(problem.with_hint("reports show them with `--format json`: kr1:<key id>:<32 digits>"));
        }
    }
    prints
}

fn commits(list: Vec<At<String>>, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut commits = Vec::new();
    for (commit, span) in list {
        let commit = commit.to_ascii_lowercase();
        if commit.len() >= SHORTEST_COMMIT && commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            commits.push(commit);
        } else {
            problems
                .push(Problem::new(span, format!("a commit is named by at least {SHORTEST_COMMIT} digits of its id")));
        }
    }
    commits
}

/// Adds the patterns to those of all entries and gives their indices.
fn patterns(list: Vec<At<String>>, all: &mut Vec<Regex>, problems: &mut Vec<Problem>) -> Vec<usize> {
    let mut indices = Vec::new();
    for (pattern, span) in list {
        match Regex::new(&pattern) {
            Ok(regex) => {
                indices.push(all.len());
                all.push(regex);
            }
            Err(error) => problems.push(Problem::new(span, format!("this is no pattern: {error}"))),
        }
    }
    indices
}

fn date((moment, span): At<Moment>, problems: &mut Vec<Problem>) -> Option<NaiveDate> {
    let text = match moment {
        Moment::Native(native) => native.to_string(),
        Moment::Text(text) => text,
    };
    let date = text.parse().ok();
    if date.is_none() {
        problems.push(Problem::new(span, "`until` must be a date").with_hint("write until = 2027-03-01"));
    }
    date
}
