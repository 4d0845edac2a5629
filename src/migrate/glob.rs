//! Patterns of paths as globs. keyrot's globs match a whole path, and their `*` crosses folders; a pattern that no glob
//! says exactly stays a pattern.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Classes of one glob: with more of them, such as from `(?i)`, the pattern reads better.
const MOST_CLASSES: usize = 2;

/// The glob that matches the same paths as a pattern that is searched anywhere in them; none where there is none.
pub(super) fn from_pattern(pattern: &str) -> Option<String> {
    // Bytes and Unicode differ for paths that are not ASCII only in classes, which are refused unless they are ASCII.
    let hir = ParserBuilder::new().unicode(true).build().parse(pattern).ok()?;
    let mut parts = Vec::new();
    flatten(&hir, &mut parts);
    let from_start = matches!(parts.first().map(|part| part.kind()), Some(HirKind::Look(Look::Start)));
    let to_end = matches!(parts.last().map(|part| part.kind()), Some(HirKind::Look(Look::End)));
    let inner =
        &parts[usize::from(from_start)..parts.len() - usize::from(to_end && parts.len() > usize::from(from_start))];
    let (start, rest) = match inner {
        // `(^|/)` is how patterns say "a whole name".
        [first, rest @ ..] if !from_start && is_name_start(first) => ("**/", rest),
        all if from_start || starts_open(all) => ("", all),
        all => ("*", all),
    };
    let mut glob = start.to_owned();
    let open_end = (!to_end).then(|| "*".to_owned());
    for part in rest.iter().map(|part| one(part)).chain(open_end.map(Some)) {
        let part = part?;
        // Two stars that meet would be a `**`, which means something else.
        glob.push_str(if glob.ends_with('*') { part.trim_start_matches('*') } else { &part });
    }
    let readable = glob.matches('[').count() <= MOST_CLASSES;
    (!glob.is_empty() && readable && globset::Glob::new(&glob).is_ok()).then_some(glob)
}

fn flatten<'h>(hir: &'h Hir, parts: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Concat(list) => list.iter().for_each(|part| flatten(part, parts)),
        HirKind::Capture(capture) if !matches!(capture.sub.kind(), HirKind::Alternation(_)) => {
            flatten(&capture.sub, parts);
        }
        HirKind::Empty => {}
        _ => parts.push(hir),
    }
}

fn starts_open(parts: &[&Hir]) -> bool {
    parts.first().is_some_and(|part| is_any_run(part))
}

/// `.*`
fn is_any_run(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Repetition(run) if run.min == 0 && run.max.is_none() && is_any(&run.sub))
}

/// `.`
fn is_any(hir: &Hir) -> bool {
    let any = Hir::dot(regex_syntax::hir::Dot::AnyCharExceptLF);
    *hir == any || *hir == Hir::dot(regex_syntax::hir::Dot::AnyChar)
}

/// `(^|/)`
fn is_name_start(hir: &Hir) -> bool {
    let alternation = match hir.kind() {
        HirKind::Capture(capture) => capture.sub.kind(),
        kind => kind,
    };
    let HirKind::Alternation(list) = alternation else { return false };
    let is = |hir: &Hir, look: bool| match hir.kind() {
        HirKind::Look(Look::Start) => look,
        HirKind::Literal(literal) => !look && literal.0.as_ref() == b"/",
        _ => false,
    };
    list.len() == 2 && list.iter().any(|one| is(one, true)) && list.iter().any(|one| is(one, false))
}

fn one(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(escape),
        HirKind::Capture(capture) => one(&capture.sub),
        HirKind::Concat(list) => list.iter().map(one).collect(),
        HirKind::Alternation(list) => {
            let list: Vec<String> = list.iter().map(one).collect::<Option<_>>()?;
            // A glob has no empty alternative, and one inside another is read differently by other tools.
            let plain = list.iter().all(|one| !one.is_empty() && !one.contains(['{', ',']));
            plain.then(|| format!("{{{}}}", list.join(",")))
        }
        HirKind::Repetition(run) if is_any(&run.sub) && run.max.is_none() && run.min < 3 => {
            Some(format!("{}*", "?".repeat(run.min as usize)))
        }
        HirKind::Class(Class::Unicode(_) | Class::Bytes(_)) if is_any(hir) => Some("?".to_owned()),
        HirKind::Class(Class::Unicode(class)) => {
            let plain = |letter: char| letter.is_ascii_alphanumeric();
            let ranges = class.iter().map(|range| {
                let (start, end) = (range.start(), range.end());
                (plain(start) && plain(end))
                    .then(|| if start == end { start.to_string() } else { format!("{start}-{end}") })
            });
            ranges.collect::<Option<String>>().map(|ranges| format!("[{ranges}]"))
        }
        _ => None,
    }
}

/// A text that a glob matches as it is.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '*' | '?' | '[' | '{' | '}' | '\\' => escaped.extend(['[', letter, ']']),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// A glob in the manner of git's ignore files, as talisman and ggshield read them: without a slash inside it names a file or
/// a folder anywhere, with a slash at its end all of a folder.
pub(super) fn from_ignore(pattern: &str) -> String {
    let anchored = pattern.starts_with('/') || pattern.starts_with("**/");
    let body = pattern.trim_start_matches('/').trim_start_matches("./");
    let body = if body.ends_with('/') { format!("{body}**") } else { body.to_owned() };
    if anchored { body } else { format!("**/{body}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_teams_write() {
        let cases = [
            ("node_modules", Some("*node_modules*")),
            (r"(.*?)(jpg|gif|pdf)$", Some("*{gif,jpg,pdf}")),
            (r"^tests/.*\.env$", Some("tests/*.env")),
            (r"(^|/)package-lock\.json$", Some("**/package-lock.json")),
            (r"\.(ts|js)$", Some("*.{js,ts}")),
            (r"docs/.+", Some("*docs/?*")),
            (r"[^/]+\.key$", None),
            (r"(?i)readme", None),
            (r"a+", None),
            // `**/` would match every path.
            (r".*.*/$", Some("*/")),
        ];
        for (pattern, glob) in cases {
            let found = from_pattern(pattern);
            // The order of alternatives is the parser's.
            let sorted = |glob: &str| {
                let mut letters: Vec<char> = glob.chars().collect();
                letters.sort_unstable();
                letters
            };
            assert_eq!(found.as_deref().map(sorted), glob.map(sorted), "{pattern}: {found:?}");
        }
    }

    fn pattern() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[ab/.]{1,3}".prop_map(|text| regex::escape(&text)),
            Just(".*".to_owned()),
            Just(".".to_owned()),
            Just(".+".to_owned()),
            Just("(a|bb)".to_owned()),
            Just("[ab]".to_owned()),
            Just("[*?]".to_owned()),
        ];
        let body = proptest::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat());
        (prop_oneof!["", "\\^", "\\(\\^\\|/\\)"], body, any::<bool>())
            .prop_map(|(start, body, end)| format!("{start}{body}{}", if end { "$" } else { "" }))
    }

    proptest! {
        #[test]
        fn a_glob_matches_exactly_what_its_pattern_matches(pattern in pattern(), path in "[ab./*]{1,8}") {
            prop_assume!(!path.starts_with('/'));
            if let Some(glob) = from_pattern(&pattern) {
                let matcher = globset::Glob::new(&glob).expect("it was checked").compile_matcher();
                let regex = regex::Regex::new(&pattern).expect("it is one");
                prop_assert_eq!(matcher.is_match(&path), regex.is_match(&path), "{} as {} on {}", pattern, glob, path);
            }
        }

        #[test]
        fn an_escaped_text_matches_itself_alone(text in r"[a-c*?\[\]{}!\\,/-]{1,6}", other in "[a-c*?]{1,6}") {
            prop_assume!(!text.contains("//") && !text.starts_with('/'));
            let matcher = globset::Glob::new(&escape(&text)).expect("it is one").compile_matcher();
            prop_assert!(matcher.is_match(&text), "{} as {}", text, escape(&text));
            prop_assert_eq!(matcher.is_match(&other), text == other);
        }
    }
}
