//! The secrets that statements name, among those that a scan found.

use std::collections::BTreeSet;

use super::plan::Fate;
use super::{Which, glob, talisman};
use crate::finding::{Finding, Origin, SuppressedBy};
use crate::suppress::Baseline;
use crate::suppress::baseline::Verdict;

/// What a scan of the tree, and of the places that commits name, found.
pub struct Found<'f> {
    /// What is reported.
    pub open: &'f [Finding],
    /// What is hidden already.
    pub suppressed: &'f [Finding],
}

/// Secrets that a statement names.
pub(super) struct Named<'n> {
    pub which: &'n Which,
    /// The number of its pattern of lines, if it has one.
    pub pattern: usize,
    pub judged: Option<bool>,
    pub reason: &'n str,
}

impl Found<'_> {
    /// Adds the secrets to the baseline, and tells what became of the statement.
    pub(super) fn take(
        &self,
        named: &Named<'_>,
        baseline: &mut Baseline,
        content: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Fate {
        if let Which::File { glob, checksum: Some(checksum) } = named.which {
            match content(glob) {
                None => return Fate::Nothing("there is no such file any more".to_owned()),
                Some(bytes) if talisman::checksum(glob, &bytes) != *checksum => {
                    let text = "its content is not what was approved: talisman does not pass over it either";
                    return Fate::Nothing(text.to_owned());
                }
                Some(_) => {}
            }
        }
        let mut meant: Vec<&Finding> = self.all().filter(|finding| is_meant(finding, named)).collect();
        if let Which::Line { rule, .. } = named.which {
            match narrow(&meant, rule, baseline) {
                Some(narrowed) => meant = narrowed,
                None => return Fate::Not(format!("several secrets stand there, and none is like `{rule}`")),
            }
        }
        let hidden =
            |finding: &&Finding| finding.suppression.as_ref().is_some_and(|one| one.by == SuppressedBy::Ignore);
        if meant.is_empty() {
            return Fate::Nothing(absent(named.which, content));
        }
        if let Some(suppression) = meant.iter().all(hidden).then(|| meant[0].suppression.as_ref()).flatten() {
            return Fate::Nothing(format!("{} hides it", suppression.place));
        }
        meant.retain(|finding| !hidden(finding));
        self.add(&meant, named, baseline)
    }

    fn add(&self, meant: &[&Finding], named: &Named<'_>, baseline: &mut Baseline) -> Fate {
        let verdict = named.judged.map(|is_key| if is_key { Verdict::True } else { Verdict::False });
        let mut secrets = BTreeSet::new();
        for finding in meant {
            let Some(print) = baseline.print(finding) else { continue };
            baseline.add(finding);
            baseline.describe(finding, verdict, Some(named.reason));
            // What stands in no file any more is met, and can be called unused, in histories alone.
            baseline.history |= !self.all().any(|one| {
                matches!(one.location.origin, Origin::File { .. }) && baseline.print(one).as_deref() == Some(&print)
            });
            let shown = finding.secret.as_ref().map(|secret| secret.redacted.to_string()).unwrap_or_default();
            secrets.insert((print, format!("{} {shown}", finding.rule)));
        }
        match secrets.len() {
            0 => Fate::Not("it is not about a secret in a text; an ignore with an end date can hide it".to_owned()),
            1 => Fate::Carried(format!("baseline: {}", secrets.first().map(|one| one.1.as_str()).unwrap_or_default())),
            count => Fate::Carried(format!("baseline: {count} secrets")),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Finding> {
        self.open.iter().chain(self.suppressed)
    }
}

fn is_meant(finding: &Finding, named: &Named<'_>) -> bool {
    let Some(secret) = &finding.secret else { return false };
    let origin = &finding.location.origin;
    match named.which {
        Which::Digest(digest) => secret.marks.digests.contains(digest),
        Which::LinesLike(_) => secret.marks.lines.contains(&named.pattern),
        Which::File { glob, .. } => {
            matches!(origin, Origin::File { path } if globset::Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(path)))
        }
        Which::Line { commit, path, line, .. } => {
            let there = match (commit, origin) {
                (None, Origin::File { path: here }) => here == path,
                (Some(commit), Origin::Commit { path: here, id, .. }) => here == path && id == commit,
                _ => false,
            };
            there && finding.location.region.is_some_and(|region| (region.start.line..=region.end.line).contains(line))
        }
    }
}

/// Of several secrets on one line those whose rule shares a telling word with the other scanner's; none where that names none.
fn narrow<'f>(meant: &[&'f Finding], rule: &str, baseline: &Baseline) -> Option<Vec<&'f Finding>> {
    let prints: BTreeSet<_> = meant.iter().filter_map(|finding| baseline.print(finding)).collect();
    if prints.len() < 2 {
        return Some(meant.to_vec());
    }
    let common = ["api", "key", "token", "access", "secret", "id"];
    let words: Vec<&str> = rule.split(['-', '_']).filter(|word| !common.contains(word)).collect();
    let alike = |finding: &&&Finding| finding.rule.as_str().split('-').any(|word| words.contains(&word));
    let narrowed: Vec<&Finding> = meant.iter().filter(alike).copied().collect();
    (!narrowed.is_empty()).then_some(narrowed)
}

fn absent(which: &Which, content: &dyn Fn(&str) -> Option<Vec<u8>>) -> String {
    match which {
        Which::Line { commit: None, path, .. } if !path.contains("!/") && content(path).is_none() => {
            "there is no such file any more".to_owned()
        }
        Which::Line { .. } => "keyrot finds no secret there".to_owned(),
        Which::Digest(_) => "no secret that keyrot finds has this digest".to_owned(),
        Which::File { glob: path, .. } if path == &glob::escape(path) && content(path).is_none() => {
            "there is no such file any more".to_owned()
        }
        Which::File { .. } => "keyrot finds no secret in it".to_owned(),
        Which::LinesLike(_) => "no secret stands on such a line now".to_owned(),
    }
}
