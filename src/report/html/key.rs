//! The table of keys: one entry a secret, with its places and its life.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::{capital, escape};
use crate::finding::{Ends, Fate, Finding, Location, Severity};
use crate::report::{RenderOptions, Report, wording};
use crate::rule::Definition;

/// A secret with all its findings, or one finding that is about no secret.
pub(super) struct Key<'r> {
    findings: Vec<&'r Finding>,
    rule: Option<&'r Definition>,
}

/// All keys, the worst first.
pub(super) fn all<'r>(report: &'r Report, options: &RenderOptions) -> Vec<Key<'r>> {
    let mut keys: Vec<Key<'_>> = Vec::new();
    let mut of_group: HashMap<usize, usize> = HashMap::new();
    for (finding, group) in report.shown_with_groups(options) {
        if let Some(index) = group.and_then(|group| of_group.get(&group)) {
            keys[*index].findings.push(finding);
        } else {
            of_group.extend(group.map(|group| (group, keys.len())));
            let rule = report.rule(finding).map(|rule| &*rule.definition);
            keys.push(Key { findings: vec![finding], rule });
        }
    }
    keys.sort_by_key(|key| std::cmp::Reverse(key.severity()));
    keys
}

impl<'r> Key<'r> {
    pub(super) fn severity(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info)
    }

    pub(super) fn provider(&self) -> &'r str {
        self.rule.map_or("unknown", |rule| &rule.provider)
    }

    /// Since when it is known to be: what it says itself, or the first commit that carried it.
    pub(super) fn since(&self) -> Option<DateTime<Utc>> {
        let created = self.findings.iter().filter_map(|finding| finding.evidence.created);
        let exposed = self.findings.iter().filter_map(|finding| finding.exposure.as_ref()).map(|known| known.first.1);
        created.min().or(exposed.min())
    }

    pub(super) fn expires(&self) -> Option<Ends> {
        self.findings.iter().filter_map(|finding| finding.evidence.expires).min()
    }

    fn name(&self) -> &'r str {
        self.rule.map_or(self.findings[0].rule.as_str(), |rule| &rule.name)
    }
}

/// The table with its tools, or the sentence that there is nothing.
pub(super) fn table(report: &Report, keys: &[Key<'_>]) -> String {
    if keys.is_empty() {
        return "<section class=\"panel empty\">There is nothing to show.</section>\n".to_owned();
    }
    let providers: BTreeSet<&str> = keys.iter().map(Key::provider).collect();
    let options = |names: &mut dyn Iterator<Item = &str>| -> String {
        names.map(|name| format!("<option value=\"{0}\">{0}</option>", escape(name))).collect()
    };
    let severities = options(&mut Severity::ALL.iter().rev().map(|severity| severity.name()));
    let providers = options(&mut providers.into_iter());
    let columns = [("rank", "Severity"), ("name", "Key"), ("provider", "Provider"), ("places", "Places")];
    let columns = columns.into_iter().chain([("age", "Age"), ("expires", "Expires")]);
    let heads: String = columns
        .map(|(name, title)| {
            format!("<th scope=\"col\"><button type=\"button\" data-sort=\"{name}\">{title}</button></th>")
        })
        .collect();
    let bodies: String = keys.iter().enumerate().map(|(index, key)| body(report, index, key)).collect();
    format!(
        "<section class=\"panel\" aria-labelledby=\"keys-title\">\n<h2 id=\"keys-title\">Keys</h2>\n\
         <div class=\"tools\">\n\
         <label>Search<input id=\"words\" type=\"search\" placeholder=\"path, rule, key …\"></label>\n\
         <label>Severity<select id=\"severity\"><option value=\"\">all</option>{severities}</select></label>\n\
         <label>Provider<select id=\"provider\"><option value=\"\">all</option>{providers}</select></label>\n\
         <output id=\"shown\" aria-live=\"polite\">{} keys</output>\n</div>\n\
         <div class=\"scroll\"><table id=\"keys\">\n<thead><tr>{heads}</tr></thead>\n{bodies}</table></div>\n</section>\n",
        keys.len()
    )
}

fn body(report: &Report, index: usize, key: &Key<'_>) -> String {
    let severity = key.severity();
    let masked =
        key.findings[0].secret.as_ref().map(|secret| format!("<br><code>{}</code>", escape(secret.redacted.as_str())));
    let days = key.since().map(|since| (report.now - since).num_days().max(0));
    let (expires, order) = match key.expires() {
        Some(Ends::At(time)) => (ends(report, time), time.timestamp().to_string()),
        Some(Ends::Never) => ("never".to_owned(), i64::MAX.to_string()),
        None => ("<span class=\"soft\">unknown</span>".to_owned(), String::new()),
    };
    format!(
        "<tbody data-severity=\"{severity}\" data-rank=\"{}\" data-name=\"{name}\" data-provider=\"{provider}\" \
         data-places=\"{places}\" data-age=\"{}\" data-expires=\"{order}\">\n\
         <tr><td><span class=\"badge {severity}\">{severity}</span></td>\
         <td><button type=\"button\" class=\"open\" aria-expanded=\"true\" aria-controls=\"key-{index}\">{name}</button>{}</td>\
         <td>{provider}</td><td class=\"n\">{places}</td><td class=\"n\">{}</td><td>{expires}</td></tr>\n\
         <tr class=\"detail\" id=\"key-{index}\"><td colspan=\"6\"><div class=\"inner\">\n{}</div></td></tr>\n</tbody>\n",
        severity as u8,
        days.map(|days| days.to_string()).unwrap_or_default(),
        masked.unwrap_or_default(),
        days.map_or_else(|| "<span class=\"soft\">unknown</span>".to_owned(), |days| format!("{days} days")),
        detail(report, key),
        name = escape(key.name()),
        provider = escape(key.provider()),
        places = key.findings.len(),
    )
}

fn ends(report: &Report, time: DateTime<Utc>) -> String {
    let days = (time - report.now).num_days();
    let date = time.format("%Y-%m-%d");
    if time <= report.now {
        format!(
            "<span class=\"critical\">{date}, {} ago</span>",
            wording::counted(usize::try_from(days.unsigned_abs()).unwrap_or(usize::MAX), "day", "days")
        )
    } else {
        format!("{date}, in {days} days")
    }
}

fn detail(report: &Report, key: &Key<'_>) -> String {
    let finding = key.findings[0];
    let mut text = format!("<p>{}</p>\n", escape(&finding.message));
    for verdict in key.findings.iter().flat_map(|finding| &finding.verdicts).collect::<Vec<_>>() {
        text.push_str(&format!(
            "<p><strong>{}</strong>: {}</p>\n",
            escape(verdict.rule.as_str()),
            escape(&verdict.text)
        ));
    }
    if let Some(suppression) = &finding.suppression {
        let reason = suppression.reason.as_deref().unwrap_or("no reason given");
        let (place, by) = (escape(&suppression.place), suppression.by.name());
        text.push_str(&format!("<p><strong>Suppressed</strong> ({by} at {place}): {}</p>\n", escape(reason)));
    }
    text.push_str(&life(report, key));
    if let Some(rule) = key.rule {
        text.push_str(&remedy(rule));
    }
    text.push_str("<h3>Places</h3>\n<ul>\n");
    for finding in &key.findings {
        text.push_str(&format!("<li>{}</li>\n", place(&finding.location, finding)));
    }
    text.push_str("</ul>\n");
    text
}

fn remedy(rule: &Definition) -> String {
    let mut text = format!("<h3>Why it matters</h3>\n<p>{}</p>\n", escape(&wording::sentence(&rule.why)));
    if let Some(steps) = &rule.rotate.steps {
        text.push_str(&format!("<h3>How to rotate</h3>\n<p>{}</p>\n", escape(&wording::sentence(steps))));
    }
    if let Some(url) = &rule.rotate.url {
        let shown = escape(url);
        let link = crate::report::uri::is_absolute(url);
        text.push_str(&if link {
            format!("<p><a href=\"{shown}\" rel=\"noreferrer\">{shown}</a></p>\n")
        } else {
            format!("<p>{shown}</p>\n")
        });
    }
    text
}

fn place(location: &Location, finding: &Finding) -> String {
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
            "<pre>{}<mark>{}</mark>{}</pre>",
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

/// Created → exposed → last seen → today → end, in the order of time, as far as known.
fn life(report: &Report, key: &Key<'_>) -> String {
    let mut events: Vec<(DateTime<Utc>, &str, String)> = vec![(report.now, "now", "today".to_owned())];
    for finding in &key.findings {
        let evidence = &finding.evidence;
        events.extend(evidence.created.map(|time| (time, "", "made, as it says".to_owned())));
        events.extend(evidence.not_before.map(|time| (time, "", "valid from".to_owned())));
        if let Some(Ends::At(time)) = evidence.expires {
            let past = time <= report.now;
            events.push((time, if past { "bad" } else { "" }, if past { "expired" } else { "expires" }.to_owned()));
        }
        if let Some(exposure) = &finding.exposure {
            let short = |id: &str| id.get(..12).unwrap_or(id).to_owned();
            events.push((exposure.first.1, "bad", format!("first exposed, {}", short(&exposure.first.0))));
            let fate = match exposure.fate {
                Fate::Standing => "still there",
                Fate::Replaced => "replaced after",
                Fate::Deleted => "deleted after",
            };
            events.push((exposure.last.1, "", format!("{fate}, {}", short(&exposure.last.0))));
        }
    }
    events.sort();
    events.dedup();
    if events.len() == 1 {
        return String::new();
    }
    let items: String = events
        .iter()
        .map(|(time, class, what)| {
            format!("<li class=\"{class}\"><b>{}</b>{}</li>\n", time.format("%Y-%m-%d"), escape(&capital(what)))
        })
        .collect();
    format!("<h3>Life</h3>\n<ol class=\"life\">\n{items}</ol>\n")
}
