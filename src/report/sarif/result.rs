//! Findings as results.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactContent, ArtifactLocation, CodeFlow, Location as Place, PhysicalLocation, Region, Result, ResultLevel,
    Suppression, ThreadFlow, ThreadFlowLocation,
};

use super::rules::Table;
use super::{ROOT, Shown, bag, text};
use crate::finding::{self, Exposure, Fate, Finding, Location, Origin, Role, Severity, SuppressedBy};
use crate::report::{RenderOptions, Report, uri, wording};

/// Other places of the same secret that one result lists where there is room.
pub(super) const MOST_PLACES: usize = 25;
/// Places that the message itself links to.
pub(super) const MOST_LINKS: usize = 3;
/// GitLab drops a result with a longer message.
const LONGEST_MESSAGE: usize = 2000;

/// Open findings carry their index, suppressed ones none.
pub(super) fn all<'r>(
    report: &'r Report,
    options: &RenderOptions,
    shown: &Shown<'r>,
    rules: &Table<'_>,
) -> Vec<Result> {
    let groups = Groups::of(report);
    let mut hashes = Hashes::default();
    let make = |(finding, index): &(&'r Finding, Option<usize>)| {
        let others: Vec<&Location> = index.map(|index| groups.others(report, index)).unwrap_or_default();
        let mut result = result(finding, &others, shown.places, rules);
        if !options.no_line_hash {
            result.partial_fingerprints = hashes.of(finding);
        }
        if options.show_suppressed {
            result.suppressions = Some(finding.suppression.iter().map(suppression).collect());
        }
        result
    };
    shown.results.iter().map(make).collect()
}

/// The findings of each secret.
struct Groups(HashMap<usize, Vec<usize>>);

impl Groups {
    fn of(report: &Report) -> Self {
        let mut groups: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, group) in report.groups.iter().enumerate() {
            if let Some(group) = group {
                groups.entry(*group).or_default().push(index);
            }
        }
        Self(groups)
    }

    fn others<'r>(&self, report: &'r Report, index: usize) -> Vec<&'r Location> {
        let same = report.groups[index].and_then(|group| self.0.get(&group));
        let others = same.into_iter().flatten().filter(|other| **other != index);
        others.map(|other| &report.findings[*other].location).collect()
    }
}

/// GitHub knows an alert by rule, path and line hash: a second match of a rule on a line needs another one.
#[derive(Default)]
struct Hashes<'f>(HashMap<(&'f str, &'f str, &'f str), u32>);

impl<'f> Hashes<'f> {
    fn of(&mut self, finding: &'f Finding) -> Option<BTreeMap<String, String>> {
        let hash = finding.location.snippet.as_ref().map(|snippet| snippet.line_hash.as_str())?;
        if hash.is_empty() {
            return None;
        }
        let path = finding.location.origin.path();
        let count = self.0.entry((finding.rule.as_str(), path, hash)).or_default();
        *count += 1;
        let value = if *count == 1 { hash.to_owned() } else { format!("{hash}-{count}") };
        Some(BTreeMap::from([("primaryLocationLineHash".to_owned(), value)]))
    }
}

fn result(finding: &Finding, others: &[&Location], places: usize, rules: &Table<'_>) -> Result {
    let mut related: Vec<Place> = Vec::new();
    for place in &finding.related {
        related.push(numbered(&place.location, place.role, related.len()));
    }
    let halves = related.len();
    for other in others.iter().take(places) {
        related.push(numbered(other, Role::Occurrence, related.len()));
    }
    let mut result = Result::builder()
        .rule_id(finding.rule.as_str())
        .rule_index(rules.index(&finding.rule))
        .level(level(finding.severity))
        .rank(wording::rank(finding.severity, finding.confidence))
        .message(text(message(finding, others, halves)))
        .locations(vec![place(&finding.location)])
        .properties(properties(finding, others.len()))
        .build();
    result.related_locations = (!related.is_empty()).then_some(related);
    result.code_flows = finding.exposure.as_ref().map(|exposure| vec![life(finding, exposure)]);
    result.fingerprints = finding.secret.as_ref().filter(|secret| secret.fingerprint.is_stable()).map(|secret| {
        let mut prints = BTreeMap::from([("keyrot/v1".to_owned(), secret.fingerprint.to_string())]);
        if let Some(half) = &secret.pass {
            prints.insert("keyrotPass/v1".to_owned(), half.to_string());
        }
        prints
    });
    result
}

pub(super) fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium | Severity::Low => ResultLevel::Warning,
        Severity::Info => ResultLevel::Note,
    }
}

/// Reads alone, and links to the first other places of the secret, which stand after the `halves` of the pair.
fn message(finding: &Finding, others: &[&Location], halves: usize) -> String {
    let mut message = wording::message(finding);
    if message.contains("](") {
        message = message.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
    }
    message = wording::cut(&message, LONGEST_MESSAGE / 2);
    if others.is_empty() {
        return message;
    }
    let link = |(index, other): (usize, &&Location)| {
        let name: String = wording::place(other).chars().filter(|letter| !"[]()\\".contains(*letter)).collect();
        format!("[{}]({})", wording::cut(&name, 200), halves + index + 1)
    };
    let links: Vec<String> = others.iter().enumerate().take(MOST_LINKS).map(link).collect();
    let rest = others.len() - links.len();
    let rest = if rest > 0 {
        format!(" and {}", wording::counted(rest, "other place", "other places"))
    } else {
        String::new()
    };
    format!("{message} The same secret stands in {}{rest}.", links.join(", "))
}

fn numbered(location: &Location, role: Role, count: usize) -> Place {
    let mut place = place(location);
    place.id = i64::try_from(count + 1).ok();
    place.message = Some(text(format!("{}.", wording::capital(role.name()))));
    place
}

/// A place with all four numbers. What is about a whole file stands at its first character, because GitHub shows
/// nothing without a region.
fn place(location: &Location) -> Place {
    let mut region = match location.region {
        Some(finding::Region { start, end, .. }) => {
            let (start_column, end_column) = (i64::from(start.utf16), i64::from(end.utf16));
            Region {
                start_line: Some(start.line.into()),
                start_column: Some(start_column),
                end_line: Some(end.line.into()),
                end_column: Some(end_column),
                ..Region::default()
            }
        }
        None => Region {
            start_line: Some(1),
            start_column: Some(1),
            end_line: Some(1),
            end_column: Some(1),
            ..Region::default()
        },
    };
    region.snippet =
        location.snippet.as_ref().map(|snippet| ArtifactContent::builder().text(snippet.text.clone()).build());
    let physical = PhysicalLocation::builder().artifact_location(artifact(&location.origin)).region(region).build();
    let mut place = Place::builder().physical_location(physical).build();
    place.properties = location.origin.commit().map(|commit| bag([("commit", json!(commit))]));
    place
}

/// Paths of history have no base: they may not exist in the checkout.
pub(super) fn artifact(origin: &Origin) -> ArtifactLocation {
    let mut artifact = ArtifactLocation::builder().uri(uri::encode(origin.path())).build();
    artifact.uri_base_id = origin.commit().is_none().then(|| ROOT.to_owned());
    artifact
}

fn properties(finding: &Finding, others: usize) -> serde_sarif::sarif::PropertyBag {
    let secret = finding.secret.as_ref();
    let time = |time: Option<chrono::DateTime<chrono::Utc>>| time.map_or(Value::Null, |time| json!(time.to_rfc3339()));
    bag([
        ("security-severity", json!(wording::security_severity(finding.severity))),
        ("severity", json!(finding.severity.name())),
        ("confidence", json!(finding.confidence.name())),
        ("redacted", json!(secret.map(|secret| secret.redacted.as_str()))),
        ("clear", json!(secret.and_then(|secret| secret.clear.as_ref()).map(crate::secret::Redacted::as_str))),
        ("length", json!(secret.map(|secret| secret.length))),
        ("otherPlaces", if others > 0 { json!(others) } else { Value::Null }),
        ("commit", json!(finding.location.origin.commit())),
        ("form", json!(finding.context.form)),
        ("host", json!(finding.context.host)),
        ("slot", json!(finding.context.slot)),
        ("layers", if finding.context.layers.is_empty() { Value::Null } else { json!(finding.context.layers) }),
        ("claimedCreated", time(finding.evidence.created)),
        ("claimedExpires", finding.evidence.expires.map_or(Value::Null, |ends| json!(crate::report::json::end(ends)))),
        ("verdicts", verdicts(finding)),
        ("owner", json!(finding.owner)),
    ])
}

fn verdicts(finding: &Finding) -> Value {
    let standing = finding.verdicts.iter().filter(|verdict| !verdict.waived);
    let rules: Vec<&str> = standing.map(|verdict| verdict.rule.as_str()).collect();
    if rules.is_empty() { Value::Null } else { json!(rules) }
}

/// Introduced → last seen → what became of it.
fn life(finding: &Finding, exposure: &Exposure) -> CodeFlow {
    let own = finding.location.origin.commit();
    let step = |message: String, commit: Option<&str>| {
        let mut place = place(&finding.location);
        place.message = Some(text(message));
        place.properties = commit.or(own).map(|commit| bag([("commit", json!(commit))]));
        ThreadFlowLocation::builder().location(place).build()
    };
    let short = |id: &str| id.get(..12).unwrap_or(id).to_owned();
    let day = |time: &chrono::DateTime<chrono::Utc>| time.date_naive();
    let (first, last) = (&exposure.first, &exposure.last);
    let introduced = format!("Introduced in commit '{}' on {}.", short(&first.0), day(&first.1));
    let mut steps = vec![step(introduced, Some(&first.0))];
    if last.0 != first.0 {
        let seen = format!("Last seen in commit '{}' on {}.", short(&last.0), day(&last.1));
        steps.push(step(seen, Some(&last.0)));
    }
    steps.push(step(fate(exposure).to_owned(), Some(&last.0)));
    for verdict in &finding.verdicts {
        steps.push(step(wording::sentence(&verdict.text), None));
    }
    CodeFlow::builder().thread_flows(vec![ThreadFlow::builder().locations(steps).build()]).build()
}

fn fate(exposure: &Exposure) -> &'static str {
    match exposure.fate {
        Fate::Standing => "It still stands here.",
        Fate::Replaced => "Its place holds another value now; history still has this one.",
        Fate::Deleted => "It was deleted and nothing took its place; history still has it.",
    }
}

fn suppression(by: &finding::Suppression) -> Suppression {
    let kind = if by.by == SuppressedBy::Inline { "inSource" } else { "external" };
    let until = by.until.map(|until| format!(" (until {until})")).unwrap_or_default();
    let reason = by.reason.as_deref().unwrap_or("no reason given");
    Suppression::builder()
        .kind(json!(kind))
        .status(json!("accepted"))
        .justification(format!("{} at {}: {reason}{until}", by.by.name(), by.place))
        .build()
}
