//! The table of keys: one entry a key, the worst first, with everything about it folded below.

use std::collections::BTreeSet;
use std::io::{self, Write};

use chrono::{DateTime, Utc};

use super::{counted, detail, escape, number};
use crate::finding::{Ends, Finding, Severity};
use crate::report::Report;
use crate::report::key::Key;

/// Verdicts and rules that an entry shows beside its name.
const MOST_CHIPS: usize = 4;
const COLUMNS: [(&str, &str, &str); 6] = [
    ("rank", "Severity", ""),
    ("name", "Key", ""),
    ("provider", "Provider", "wide"),
    ("places", "Where", "where"),
    ("age", "Age", "wide n"),
    ("expires", "Ends", "wide"),
];

/// The table with its tools, or the sentence that there is nothing.
pub(super) fn write(out: &mut dyn Write, report: &Report, keys: &[Key<'_>]) -> io::Result<()> {
    if keys.is_empty() {
        return writeln!(out, "<section class=\"panel empty\"><h2>Keys</h2>There is nothing to show.</section>");
    }
    let heads: String = COLUMNS
        .iter()
        .map(|(name, title, class)| {
            format!(
                "<th scope=\"col\" class=\"{class}\"><button type=\"button\" data-sort=\"{name}\">{title}</button></th>"
            )
        })
        .collect();
    write!(
        out,
        "<section class=\"panel\" aria-labelledby=\"keys-title\">\n<h2 id=\"keys-title\">Keys</h2>\n{}\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of keys\"><table id=\"keys\">\n\
         <caption>All keys, the worst first. A name unfolds what is known about its key.</caption>\n\
         <thead><tr>{heads}</tr></thead>\n",
        tools(keys),
    )?;
    for (index, key) in keys.iter().enumerate() {
        out.write_all(body(report, index, key).as_bytes())?;
    }
    writeln!(
        out,
        "</table></div>\n<p class=\"more\" hidden><button type=\"button\" id=\"all\">Show all</button></p></section>"
    )
}

fn tools(keys: &[Key<'_>]) -> String {
    let choice = |id: &str, title: &str, names: &mut dyn Iterator<Item = &str>| {
        let options: String = names.map(|name| format!("<option value=\"{0}\">{0}</option>", escape(name))).collect();
        format!("<label>{title}<select id=\"{id}\"><option value=\"\">all</option>{options}</select></label>\n")
    };
    let severities: BTreeSet<Severity> = keys.iter().filter_map(Key::severity).collect();
    let states: BTreeSet<&str> = keys.iter().map(state).collect();
    let providers: BTreeSet<&str> = keys.iter().map(Key::provider).collect();
    format!(
        "<div class=\"tools\">\n<label>Search<input id=\"words\" type=\"search\" placeholder=\"path, rule, owner …\"></label>\n\
         {}{}{}<output id=\"shown\" aria-live=\"polite\">{}</output>\n</div>\n",
        choice("severity", "Severity", &mut severities.iter().rev().map(|severity| severity.name())),
        choice("state", "State", &mut states.into_iter()),
        choice("provider", "Provider", &mut providers.into_iter()),
        counted(keys.len(), "entry", "entries"),
    )
}

/// What people filter by: whether the value of the key is out.
fn state(key: &Key<'_>) -> &'static str {
    if key.is_suppressed() {
        "suppressed"
    } else if key.exposed().next().is_some() {
        "exposed"
    } else if key.is_key() {
        "listed"
    } else {
        "other"
    }
}

fn body(report: &Report, index: usize, key: &Key<'_>) -> String {
    let severity = key.severity();
    let word = severity.map_or(if key.is_suppressed() { "suppressed" } else { "none" }, Severity::name);
    let days = key.since().map(|since| (report.now - since).num_days().max(0));
    let (expires, order) = match key.expires() {
        Some(Ends::At(time)) => (ends(report, time), time.timestamp().to_string()),
        Some(Ends::Never) => ("never".to_owned(), i64::MAX.to_string()),
        None => (unknown(), String::new()),
    };
    let places = key.places();
    let place = place(key, &places);
    let age = days.map_or_else(unknown, |days| format!("{} days", number(days.unsigned_abs())));
    format!(
        "<tbody data-severity=\"{word}\" data-state=\"{}\" data-rank=\"{}\" data-name=\"{name}\" \
         data-provider=\"{provider}\" data-places=\"{}\" data-age=\"{}\" data-expires=\"{order}\">\n\
         <tr><td><span class=\"badge {word}\">{word}</span></td>\
         <th scope=\"row\"><button type=\"button\" class=\"open\" aria-expanded=\"true\" aria-controls=\"key-{index}\">{name}</button>{}\
         <div class=\"narrow\">{place}</div></th>\
         <td class=\"wide\">{provider}</td><td class=\"where\">{place}</td><td class=\"wide n\">{age}</td><td class=\"wide\">{expires}</td></tr>\n\
         <tr class=\"detail\" id=\"key-{index}\"><td colspan=\"6\"><div class=\"inner\">\n{}</div></td></tr>\n</tbody>\n",
        state(key),
        severity.map_or(0, |severity| severity as u8 + 1),
        places.len(),
        days.map(|days| days.to_string()).unwrap_or_default(),
        subtitle(key),
        detail::of(report, key),
        name = escape(key.name()),
        provider = escape(key.provider()),
    )
}

fn unknown() -> String {
    "<span class=\"soft\">unknown</span>".to_owned()
}

/// What tells this key from others of its kind, and what is wrong with its life.
fn subtitle(key: &Key<'_>) -> String {
    let mut text = String::new();
    if let Some(secret) = key.exposed().find_map(|finding| finding.secret.as_ref()) {
        text.push_str(&format!("<code>{}</code>", escape(secret.redacted.as_str())));
    }
    if let Some(listing) = key.listing {
        text.push_str(&format!(" <span>{}</span>", escape(&listing.label)));
    }
    text.push_str(
        &key.owner().map(|owner| format!(" <span class=\"soft\">{}</span>", escape(owner))).unwrap_or_default(),
    );
    let verdicts = key.findings.iter().flat_map(|finding| &finding.verdicts).map(|verdict| &verdict.rule);
    let rules = key.findings.iter().filter(|finding| finding.secret.is_none()).map(|finding| &finding.rule);
    let mut chips: Vec<&str> = Vec::new();
    for rule in verdicts.chain(rules).map(crate::finding::RuleId::as_str) {
        if !chips.contains(&rule) {
            chips.push(rule);
        }
    }
    let rest = chips.len().saturating_sub(MOST_CHIPS);
    chips.truncate(MOST_CHIPS);
    let mut chips: String = chips.iter().map(|chip| format!("<span class=\"chip\">{}</span>", escape(chip))).collect();
    if rest > 0 {
        chips.push_str(&format!("<span class=\"chip\">+{rest}</span>"));
    }
    let line = |class: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("<div class=\"{class}\">{text}</div>") }
    };
    line("sub", text.trim()) + &line("chips", &chips)
}

/// Its first place, and how many more there are.
fn place(key: &Key<'_>, places: &[&Finding]) -> String {
    let Some(first) = places.first() else {
        return key.listing.map(|listing| format!("<code>{}</code>", escape(&listing.place))).unwrap_or_default();
    };
    let line = first.location.region.map(|region| format!(":{}", region.start.line)).unwrap_or_default();
    let mut text = format!("<code>{}{line}</code>", escape(first.location.origin.path()));
    if let rest @ 1.. = places.len() - 1 {
        text.push_str(&format!(" <span class=\"soft\">and {}</span>", counted(rest, "more place", "more places")));
    }
    let gone = |finding: &Finding| finding.exposure.as_ref().is_some_and(|exposure| !exposure.at_head);
    if first.secret.is_some() && key.exposed().all(gone) {
        text.push_str(" <span class=\"soft\">in history only</span>");
    }
    text
}

fn ends(report: &Report, time: DateTime<Utc>) -> String {
    let days = (time - report.now).num_days();
    let date = time.format("%Y-%m-%d");
    let span = super::span(days.abs());
    if time <= report.now {
        format!("<span class=\"critical\">{date}</span> <span class=\"soft\">{span} ago</span>")
    } else {
        format!("{date} <span class=\"soft\">in {span}</span>")
    }
}
