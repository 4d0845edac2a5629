//! What to do, once for each kind of key.

use super::{counted, escape};
use crate::report::key::Key;
use crate::report::{uri, wording};
use crate::rule::Definition;

/// The anchor of a rule's entry.
pub(super) fn anchor(rule: &Definition) -> String {
    format!("do-{}", escape(&rule.id))
}

/// One entry a rule, in the order of the keys, which is that of their severity.
pub(super) fn section(keys: &[Key<'_>]) -> String {
    let mut rules: Vec<(&Definition, usize)> = Vec::new();
    let open = keys.iter().filter(|key| !key.findings.is_empty());
    for rule in open.filter_map(|key| key.rule) {
        match rules.iter_mut().find(|(known, _)| known.id == rule.id) {
            Some((_, count)) => *count += 1,
            None => rules.push((rule, 1)),
        }
    }
    if rules.is_empty() {
        return String::new();
    }
    let entries: String = rules.iter().map(|(rule, count)| entry(rule, *count)).collect();
    format!("<section class=\"panel guide\"><h2>What to do, by kind of key</h2>\n{entries}</section>\n")
}

fn entry(rule: &Definition, count: usize) -> String {
    let mut text = format!(
        "<article id=\"{}\"><h3>{} <small>{}, {}</small></h3>\n<p>{}</p>\n",
        anchor(rule),
        escape(&rule.name),
        escape(&rule.id),
        counted(count, "key", "keys"),
        escape(&wording::sentence(&rule.why)),
    );
    let steps: Vec<String> = rule.rotate.steps.as_deref().map(wording::steps).unwrap_or_default();
    if !steps.is_empty() {
        let steps: String = steps.iter().map(|step| format!("<li>{}</li>", escape(step))).collect();
        text.push_str(&format!("<ol>{steps}</ol>\n"));
    }
    if let Some(days) = rule.rotate.max_age_days {
        text.push_str(&format!("<p>{}</p>\n", wording::age_limit(days)));
    }
    let pages: Vec<String> = wording::pages(rule).into_iter().map(link).collect();
    if !pages.is_empty() {
        text.push_str(&format!("<p>{}</p>\n", pages.join("<br>")));
    }
    text + "</article>\n"
}

fn link(page: &str) -> String {
    let shown = escape(page);
    if uri::is_absolute(page) { format!("<a href=\"{shown}\" rel=\"noreferrer\">{shown}</a>") } else { shown }
}
