//! What is known about one key: what is wrong, its life, its places.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{escape, span};
use crate::finding::{Ends, Fate, Finding, Listing};
use crate::report::Report;
use crate::report::key::Key;
use crate::report::wording::capital;

/// Places of one key that are listed one by one; the rest is counted.
const MOST_PLACES: usize = 200;

/// The content of the row that unfolds.
pub(super) fn of(report: &Report, key: &Key<'_>) -> String {
    let mut text = said(key);
    text.push_str(&facts(key));
    text.push_str(&life(report, key));
    if let Some(rule) = key.rule.filter(|_| !key.findings.is_empty()) {
        text.push_str(&format!("<p><a href=\"#{}\">What to do about it</a></p>\n", super::guide::anchor(rule)));
    }
    if !key.findings.is_empty() {
        text.push_str(&places(key));
    }
    text
}

/// Messages and verdicts, each once. Of the places of a value the first speaks for all.
fn said(key: &Key<'_>) -> String {
    let strong = |name: &str, text: &str| format!("<strong>{}</strong>: {}", escape(name), escape(text));
    let mut items: Vec<String> = key.exposed().take(1).map(|finding| escape(&finding.message)).collect();
    for finding in &key.findings {
        let verdicts = finding.verdicts.iter();
        items.extend(verdicts.map(|verdict| strong(verdict.rule.as_str(), &verdict.text)));
    }
    for finding in key.findings.iter().filter(|finding| finding.secret.is_none()) {
        items.push(strong(finding.rule.as_str(), &finding.message));
    }
    for suppression in key.findings.iter().filter_map(|finding| finding.suppression.as_ref()) {
        let reason = suppression.reason.as_deref().unwrap_or("no reason given");
        items.push(strong(&format!("Suppressed by {} at {}", suppression.by.name(), suppression.place), reason));
    }
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(item.clone()));
    if items.is_empty() {
        return "<p>Nothing is wrong with it.</p>\n".to_owned();
    }
    items.iter().map(|item| format!("<p>{item}</p>\n")).collect()
}

/// What its listing and its surroundings say, as far as known.
fn facts(key: &Key<'_>) -> String {
    let mut rows: Vec<(&str, String)> = Vec::new();
    let mut add = |name, value: Option<String>| rows.extend(value.map(|value| (name, value)));
    let listing = key.listing;
    let text = |part: fn(&Listing) -> Option<&str>| listing.and_then(part).map(escape);
    add(
        "Listed as",
        listing.map(|listing| {
            format!("{} <span class=\"soft\">({})</span>", escape(&listing.label), escape(&listing.place))
        }),
    );
    add("Identifier", text(|listing| listing.id.as_deref().filter(|id| *id != listing.label)));
    add("Owner", text(|listing| listing.owner.as_deref()));
    add("Status", text(|listing| listing.status));
    add("Last used", listing.and_then(|listing| listing.last_used).map(|time| time.format("%Y-%m-%d").to_string()));
    let first = key.exposed().next();
    add("Host", first.and_then(|finding| finding.context.host.as_deref()).map(escape));
    add("Length", first.and_then(|finding| finding.secret.as_ref()).map(|secret| format!("{} bytes", secret.length)));
    add("Confidence", key.findings.first().map(|finding| finding.confidence.name().to_owned()));
    let rows: String = rows.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>\n")).collect();
    if rows.is_empty() { rows } else { format!("<dl class=\"facts-list\">\n{rows}</dl>\n") }
}

fn places(key: &Key<'_>) -> String {
    let places = key.places();
    let shown = places.iter().take(MOST_PLACES).map(|finding| format!("<li>{}</li>\n", place(finding)));
    let mut text = format!("<h3>Places</h3>\n<ul>\n{}", shown.collect::<String>());
    let rest = places.len().saturating_sub(MOST_PLACES);
    if rest > 0 {
        text.push_str(&format!("<li>{}</li>\n", super::counted(rest, "more place", "more places")));
    }
    text + "</ul>\n"
}

fn place(finding: &Finding) -> String {
    let location = &finding.location;
    let commit = location.origin.commit().map(|id| format!(" <span class=\"soft\">in commit {}</span>", escape(id)));
    let related: String = finding
        .related
        .iter()
        .map(|related| {
            format!(" <span class=\"soft\">{} at {}</span>", related.role.name(), escape(&related.location.label()))
        })
        .collect();
    let line = location.snippet.as_ref().map(|snippet| {
        let (start, end) = (snippet.highlight.start, snippet.highlight.end);
        format!(
            "<pre tabindex=\"0\">{}<mark>{}</mark>{}</pre>",
            escape(&snippet.text[..start]),
            escape(&snippet.text[start..end]),
            escape(&snippet.text[end..])
        )
    });
    format!(
        "<code>{}</code>{}{related}{}",
        escape(&location.label()),
        commit.unwrap_or_default(),
        line.unwrap_or_default()
    )
}

/// An event in the life of a key: when, how it is marked, what happened.
type Event = (DateTime<Utc>, &'static str, String);

/// Made → exposed → last seen → today → end, in the order of time, as far as known, with the time between.
fn life(report: &Report, key: &Key<'_>) -> String {
    let mut events: Vec<Event> = vec![(report.now, "now", "today".to_owned())];
    events.extend(key.listing.into_iter().flat_map(listed));
    for finding in &key.findings {
        events.extend(stated(finding));
        events.extend(exposed(finding));
    }
    match key.expires() {
        Some(Ends::At(time)) if time <= report.now => events.push((time, "bad", "ended".to_owned())),
        Some(Ends::At(time)) => events.push((time, "", "ends".to_owned())),
        _ => {}
    }
    events.sort();
    events.dedup();
    if events.len() == 1 {
        return String::new();
    }
    let mut items = String::new();
    for (index, (time, class, what)) in events.iter().enumerate() {
        let passed = index.checked_sub(1).map(|before| (*time - events[before].0).num_days()).filter(|days| *days > 0);
        let passed = passed.map(|days| format!("<small>{} later</small>", span(days))).unwrap_or_default();
        let date = time.format("%Y-%m-%d");
        items.push_str(&format!("<li class=\"{class}\"><b>{date}</b>{}{passed}</li>\n", escape(&capital(what))));
    }
    format!("<h3>Life</h3>\n<ol class=\"life\">\n{items}</ol>\n")
}

fn listed(listing: &Listing) -> impl Iterator<Item = Event> {
    let events = [
        (listing.created, "", "made, as its listing says"),
        (listing.not_before, "", "valid from"),
        (listing.rotated, "good", "rotated"),
        (listing.last_used, "", "last used"),
        (listing.revoked, "good", "revoked"),
    ];
    events.into_iter().filter_map(|(time, class, what)| Some((time?, class, what.to_owned())))
}

fn stated(finding: &Finding) -> impl Iterator<Item = Event> {
    let evidence = &finding.evidence;
    let made = evidence.created.map(|time| (time, "", "made, as it says itself".to_owned()));
    let valid = evidence.not_before.filter(|time| Some(*time) != evidence.created);
    made.into_iter().chain(valid.map(|time| (time, "", "valid from".to_owned())))
}

fn exposed(finding: &Finding) -> impl Iterator<Item = Event> {
    let short = |id: &str| id.get(..12).unwrap_or(id).to_owned();
    finding.exposure.as_ref().into_iter().flat_map(move |exposure| {
        let (fate, class) = match exposure.fate {
            Fate::Standing => ("last commit that touched it", ""),
            Fate::Replaced => ("replaced after", ""),
            Fate::Deleted => ("deleted after", ""),
        };
        let first = (exposure.first.1, "bad", format!("first exposed, {}", short(&exposure.first.0)));
        let last = (exposure.last.1, class, format!("{fate} {}", short(&exposure.last.0)));
        [Some(first), Some(last).filter(|_| exposure.last.0 != exposure.first.0)].into_iter().flatten()
    })
}
