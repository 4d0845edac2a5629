//! The rules of a run, and the weaknesses that they stand for.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use serde_sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor, ReportingDescriptorReference,
    ReportingDescriptorRelationship, ToolComponent, ToolComponentReference,
};

use crate::finding::{Finding, RuleId, Severity};
use crate::report::{Report, uri, weakness, wording};
use crate::rule::Definition;

const TAXONOMY: &str = "CWE";
/// GitHub keeps ten tags of a rule.
const MOST_TAGS: usize = 10;

/// The rules that results name, in the order of the run's rules. No consumer does anything with another one, and the text
/// of all of them would be most of an ordinary report.
pub(super) struct Table<'r> {
    rules: Vec<(&'r RuleId, Option<&'r Definition>)>,
    index: HashMap<&'r RuleId, usize>,
}

impl<'r> Table<'r> {
    pub(super) fn new(report: &'r Report, results: &[(&'r Finding, Option<usize>)]) -> Self {
        let mut table = Self { rules: Vec::new(), index: HashMap::new() };
        let named: HashSet<&RuleId> = results.iter().map(|(finding, _)| &finding.rule).collect();
        for rule in report.rules.iter().filter(|rule| named.contains(&rule.id)) {
            table.add(&rule.id, Some(&rule.definition));
        }
        for (finding, _) in results {
            table.add(&finding.rule, None);
        }
        table
    }

    fn add(&mut self, id: &'r RuleId, definition: Option<&'r Definition>) {
        if !self.index.contains_key(id) {
            self.index.insert(id, self.rules.len());
            self.rules.push((id, definition));
        }
    }

    pub(super) fn index(&self, id: &RuleId) -> i64 {
        self.index.get(id).and_then(|index| i64::try_from(*index).ok()).unwrap_or(-1)
    }

    pub(super) fn descriptors(&self) -> Vec<ReportingDescriptor> {
        self.rules.iter().map(|(id, definition)| definition.map_or_else(|| unknown(id), descriptor)).collect()
    }
}

/// Consumers want a name that is not the id in other letters.
fn name(id: &str) -> String {
    let name = wording::pascal_case(id);
    if id.contains('-') { name } else { format!("{name}Finding") }
}

/// A rule that is not among the active ones, such as one of a merged report.
fn unknown(id: &RuleId) -> ReportingDescriptor {
    ReportingDescriptor::builder()
        .id(id.as_str())
        .name(name(id.as_str()))
        .short_description(plain(&format!("{id}.")))
        .full_description(plain(&format!("Rule '{id}'.")))
        .help(plain("See the rule's own documentation."))
        .build()
}

fn descriptor(rule: &Definition) -> ReportingDescriptor {
    let level = super::result::level(rule.severity);
    let configuration = ReportingConfiguration::builder()
        .level(json!(level))
        .rank(wording::rank(rule.severity, rule.confidence))
        .build();
    let mut descriptor = ReportingDescriptor::builder()
        .id(rule.id.as_str())
        .name(name(&rule.id))
        .short_description(plain(&wording::cut(&wording::sentence(&rule.name), 255)))
        .full_description(plain(&wording::cut(&full_description(rule), 1000)))
        .help(MultiformatMessageString::builder().text(help_text(rule)).markdown(help_markdown(rule)).build())
        .default_configuration(configuration)
        .relationships(relationships(rule))
        .properties(properties(rule))
        .build();
    let pages = rule.references.iter().chain(&rule.rotate.url);
    descriptor.help_uri = Some(
        pages.into_iter().find(|page| uri::is_absolute(page)).map_or_else(|| wording::HOME.to_owned(), Clone::clone),
    );
    descriptor.deprecated_ids = (!rule.aliases.is_empty()).then(|| rule.aliases.clone());
    descriptor
}

fn full_description(rule: &Definition) -> String {
    let found = if rule.kind == crate::rule::Kind::Audit { "" } else { " in a text where it does not belong" };
    format!("{}{found}. {}", rule.name.trim_end_matches('.'), wording::sentence(&rule.why))
}

fn help_text(rule: &Definition) -> String {
    let mut parts = vec![wording::sentence(&rule.why)];
    let remedy = wording::remedy(rule);
    if !remedy.is_empty() {
        parts.push(remedy);
    }
    if let Some(days) = rule.rotate.max_age_days {
        parts.push(wording::age_limit(days));
    }
    parts.join("\n")
}

fn help_markdown(rule: &Definition) -> String {
    let mut text = format!("## {}\n\n{}\n", rule.name, wording::sentence(&rule.why));
    text.push_str("\n### How to rotate\n\n");
    let steps = rule.rotate.steps.as_deref().unwrap_or("Make a new key, switch every user of it over, revoke this one");
    for (number, step) in wording::steps(steps).iter().enumerate() {
        text.push_str(&format!("{}. {step}\n", number + 1));
    }
    if let Some(url) = &rule.rotate.url {
        text.push_str(&format!("\nWhere: <{url}>\n"));
    }
    if let Some(days) = rule.rotate.max_age_days {
        text.push_str(&format!("\n**Maximum age:** {}.\n", wording::days(days)));
    }
    text.push_str("\nRemoving the line is not enough: whoever read it can still use the key until it is revoked.\n");
    if !rule.references.is_empty() {
        text.push_str("\n### References\n\n");
        for reference in &rule.references {
            text.push_str(&format!("- <{reference}>\n"));
        }
    }
    text
}

fn properties(rule: &Definition) -> PropertyBag {
    let mut bag = super::bag([
        ("precision", json!(rule.confidence.name())),
        ("security-severity", json!(wording::security_severity(rule.severity))),
        ("problem.severity", json!(problem_severity(rule.severity))),
        ("kind", json!(rule.kind.name())),
        ("provider", json!(rule.provider)),
        ("maxAgeDays", json!(rule.rotate.max_age_days)),
    ]);
    let mut tags = vec!["security".to_owned(), "secret".to_owned()];
    // In both spellings: GitHub reads the longer one, GitLab the shorter one.
    for weakness in weakness::of(rule) {
        tags.push(format!("cwe-{}", weakness.number));
        tags.push(format!("external/cwe/cwe-{}", weakness.number));
    }
    for tag in std::iter::once(&rule.provider).chain(&rule.tags) {
        if !tags.contains(tag) && tags.len() < MOST_TAGS {
            tags.push(tag.clone());
        }
    }
    bag.tags = Some(tags);
    bag
}

fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Info => "recommendation",
    }
}

fn relationships(rule: &Definition) -> Vec<ReportingDescriptorRelationship> {
    let relation = |weakness: &weakness::Weakness| {
        let index = weakness::ALL.iter().position(|one| one == weakness).and_then(|at| i64::try_from(at).ok());
        let target = ReportingDescriptorReference::builder()
            .id(weakness.id())
            .index(index.unwrap_or(-1))
            .tool_component(taxonomy_reference())
            .build();
        ReportingDescriptorRelationship::builder().target(target).kinds(vec!["superset".to_owned()]).build()
    };
    weakness::of(rule).iter().map(relation).collect()
}

pub(super) fn taxonomy_reference() -> ToolComponentReference {
    ToolComponentReference::builder().name(TAXONOMY).index(0).build()
}

/// The weaknesses that rules may stand for.
pub(super) fn taxonomy() -> ToolComponent {
    let entry = |weakness: weakness::Weakness| {
        ReportingDescriptor::builder()
            .id(weakness.id())
            .name(wording::pascal_case(weakness.name))
            .short_description(plain(&format!("{}.", weakness.name)))
            .help_uri(weakness.url())
            .build()
    };
    ToolComponent::builder()
        .name(TAXONOMY)
        .full_name("Common Weakness Enumeration")
        .organization("MITRE")
        .information_uri("https://cwe.mitre.org/data/index.html")
        .short_description(plain("The MITRE Common Weakness Enumeration."))
        .is_comprehensive(false)
        .taxa(weakness::ALL.map(entry).to_vec())
        .build()
}

pub(super) fn plain(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}
