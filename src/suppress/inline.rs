//! Allow comments: on the line, on the line above, around a block; and the markers of other scanners.

use std::collections::BTreeMap;

use super::{Claim, Coverage, INVALID, Options, Run, UNUSED, about};
use crate::finding::{Allow, Finding, Origin, Reach, SuppressedBy, Suppression};

/// One comment with the lines it covers.
struct Comment<'r> {
    allow: &'r Allow,
    /// First and last line, inclusive.
    lines: (u32, u32),
    /// Why it allows nothing: rule and sentence.
    fault: Option<(&'static str, String)>,
    used: bool,
}

/// The comments of a run.
pub(super) struct Comments<'r> {
    by_origin: BTreeMap<&'r Origin, Vec<Comment<'r>>>,
    /// Markers of other scanners that the configuration does not honour, by scanner.
    strange: BTreeMap<&'static str, usize>,
    /// Comments left alone because inline allows are switched off.
    off: usize,
    /// Findings hidden by markers of other scanners.
    by_others: BTreeMap<&'static str, usize>,
}

impl<'r> Comments<'r> {
    pub(super) fn new(run: &Run<'r>, options: &Options) -> Self {
        let mut this =
            Self { by_origin: BTreeMap::new(), strange: BTreeMap::new(), off: 0, by_others: BTreeMap::new() };
        for (origin, allows) in run.allows {
            let mut wanted = Vec::new();
            for allow in allows {
                let ours = allow.tool == "keyrot";
                if !ours && !options.honour.iter().any(|tool| tool == allow.tool) {
                    *this.strange.entry(allow.tool).or_default() += usize::from(allow.reach != Reach::End);
                } else if options.no_inline_allow {
                    this.off += usize::from(allow.reach != Reach::End);
                } else {
                    wanted.push(allow);
                }
            }
            let comments = comments(origin, &wanted, run, options);
            if !comments.is_empty() {
                this.by_origin.insert(origin, comments);
            }
        }
        this
    }

    pub(super) fn suppress(&mut self, finding: &Finding) -> Option<Suppression> {
        let allow = self.cover(finding)?;
        if allow.tool != "keyrot" {
            *self.by_others.entry(allow.tool).or_default() += 1;
        }
        let foreign = (allow.tool != "keyrot").then(|| format!("marker of {}", allow.tool));
        Some(Suppression {
            by: SuppressedBy::Inline,
            reason: allow.reason.clone().or(foreign),
            until: allow.until,
            place: format!("{}:{}", finding.location.origin.path(), allow.line),
        })
    }

    /// The first comment that covers a finding; all that do are in use.
    pub(super) fn cover(&mut self, finding: &Finding) -> Option<&'r Allow> {
        let line = finding.location.region?.start.line;
        let comments = self.by_origin.get_mut(&finding.location.origin)?;
        let rule = finding.rule.as_str();
        let covers = |comment: &&mut Comment<'_>| {
            let (first, last) = comment.lines;
            let rules = &comment.allow.rules;
            comment.fault.is_none()
                && (first..=last).contains(&line)
                && (rules.is_empty() || rules.iter().any(|one| one == rule))
        };
        let mut first = None;
        for comment in comments.iter_mut().filter(covers) {
            comment.used = true;
            first = first.or(Some(comment.allow));
        }
        first
    }

    /// What is to be said about the comments themselves.
    pub(super) fn finish(self, run: &Run<'_>, notes: &mut Vec<String>) -> Vec<Finding> {
        for (tool, count) in &self.strange {
            notes.push(format!(
                "{count} markers of {tool} were not honoured: write `honour = [\"{tool}\"]` under [suppressions] of keyrot.toml to honour them."
            ));
        }
        for (tool, count) in &self.by_others {
            notes.push(format!("{count} findings are suppressed by markers of {tool}."));
        }
        if self.off > 0 {
            notes.push(format!("{} allow comments were not honoured: inline allows are switched off.", self.off));
        }
        let mut findings = Vec::new();
        for (origin, comments) in self.by_origin {
            for comment in comments {
                let allow = comment.allow;
                let place = format!("{}:{}", origin.path(), allow.line);
                let about = |rule, text| about(rule, origin.clone(), allow.region, text);
                match comment.fault {
                    Some((rule, text)) => findings.push(about(rule, text)),
                    None if !comment.used && judged(allow, run) => {
                        findings.push(about(UNUSED, format!("The allow comment at '{place}' hides nothing.")));
                    }
                    None => {}
                }
            }
        }
        findings
    }
}

/// A comment can be called unused where its whole file was read and its rules were looked for. Markers of other scanners
/// may hide what only those find.
fn judged(allow: &Allow, run: &Run<'_>) -> bool {
    run.coverage == Coverage::Tree
        && allow.tool == "keyrot"
        && allow.rules.iter().all(|rule| run.rules.contains_key(rule.as_str()))
}

/// Pairs the ends of blocks.
fn comments<'r>(origin: &Origin, allows: &[&'r Allow], run: &Run<'_>, options: &Options) -> Vec<Comment<'r>> {
    let mut list: Vec<Comment<'r>> = Vec::new();
    let mut sorted = allows.to_vec();
    sorted.sort_by_key(|allow| allow.region);
    let mut open: Vec<usize> = Vec::new();
    for allow in sorted {
        let place = format!("{}:{}", origin.path(), allow.line);
        let what = format!("allow comment at '{place}'");
        let own = allow.tool == "keyrot";
        let broken = |text: &str| (INVALID, format!("The {what} allows nothing: {text}."));
        let mut fault = allow.mistake.as_deref().map(broken);
        let lines = match allow.reach {
            Reach::Line => (allow.line, allow.line.saturating_add(u32::from(allow.alone && own))),
            Reach::Next => (allow.line.saturating_add(1), allow.line.saturating_add(1)),
            Reach::Begin => {
                open.push(list.len());
                // Without an end it would reach to the end of the file: other scanners mean that.
                if own {
                    fault = fault.or_else(|| Some(broken("its block has no `keyrot:allow-end`")));
                }
                (allow.line, u32::MAX)
            }
            Reach::End => {
                if let Some(at) = open.iter().rposition(|&at| list[at].allow.tool == allow.tool) {
                    close(&mut list[open.remove(at)], allow, origin, run, options);
                } else if own {
                    let text = format!("The {what} ends no block.");
                    list.push(Comment { allow, lines: (1, 0), fault: Some((INVALID, text)), used: false });
                }
                continue;
            }
        };
        let mut comment = Comment { allow, lines, fault, used: false };
        if comment.fault.is_none() && own {
            comment.fault = policy_fault(allow, what, run, options);
        }
        list.push(comment);
    }
    list
}

fn close(comment: &mut Comment<'_>, end: &Allow, origin: &Origin, run: &Run<'_>, options: &Options) {
    comment.lines.1 = end.line;
    if comment.allow.tool == "keyrot" && comment.allow.mistake.is_none() {
        let what = format!("allow comment at '{}:{}'", origin.path(), comment.allow.line);
        comment.fault = policy_fault(comment.allow, what, run, options);
    }
}

fn policy_fault(allow: &Allow, what: String, run: &Run<'_>, options: &Options) -> Option<(&'static str, String)> {
    let claim = Claim { what, rules: &allow.rules, reason: allow.reason.as_deref(), until: allow.until };
    claim.fault(run, &options.policy)
}
