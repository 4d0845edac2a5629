//! SARIF 2.1.0, in the profile that GitHub, GitLab, Azure, DefectDojo, SonarQube and editors all read: exactly one run, the
//! results without a `kind`, every region with four numbers in UTF-16 columns, suppressed results left out unless asked
//! for. `docs/formats.md` says what each consumer takes from it. The only user of `serde-sarif`.

mod invocation;
mod result;
mod rules;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Message, PropertyBag, Run, RunAutomationDetails, Sarif, Tool, ToolComponent,
    VersionControlDetails,
};

use super::{Provenance, RenderOptions, Report, wording};
use crate::finding::Finding;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The base that paths of the work tree are relative to. It has no URI: an absolute path of a build machine helps nobody.
const ROOT: &str = "%SRCROOT%";
/// GitHub refuses a run with more results.
const MOST_RESULTS: usize = 25_000;

/// Writes one log with one run.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let shown = Shown::of(report, options);
    let rules = rules::Table::new(report, &shown.results);
    let results = result::all(report, options, &shown.results, &rules);
    let tool = Tool::builder().driver(driver(&rules)).build();
    let mut run = Run::builder()
        .tool(tool)
        .results(results)
        .taxonomies(vec![rules::taxonomy()])
        .column_kind(json!("utf16CodeUnits"))
        .invocations(vec![invocation::of(report, options, shown.left_out)])
        .original_uri_base_ids(base())
        .properties(coverage(report))
        .build();
    run.version_control_provenance = options.provenance.as_ref().map(|from| vec![provenance(from)]);
    run.automation_details = options.sarif_category.as_ref().map(|category| {
        let id = format!("{}/", category.trim_end_matches('/'));
        RunAutomationDetails::builder().id(id).build()
    });
    let log = Sarif::builder().schema(SCHEMA.to_owned()).version(json!("2.1.0")).runs(vec![run]).build();
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// The findings that become results, each with the index of its secret's group.
struct Shown<'r> {
    results: Vec<(&'r Finding, Option<usize>)>,
    left_out: usize,
}

impl<'r> Shown<'r> {
    /// Beyond GitHub's limit the worst stay, in the order of their places.
    fn of(report: &'r Report, options: &RenderOptions) -> Self {
        let open = report.findings.iter().enumerate().map(|(index, finding)| (finding, Some(index)));
        let hidden = report.suppressed.iter().filter(|_| options.show_suppressed).map(|finding| (finding, None));
        let mut results: Vec<_> = open.chain(hidden).collect();
        let left_out = results.len().saturating_sub(MOST_RESULTS);
        if left_out > 0 {
            let mut order: Vec<usize> = (0..results.len()).collect();
            order.sort_by_key(|index| {
                let finding = results[*index].0;
                std::cmp::Reverse((finding.severity, finding.confidence))
            });
            order.truncate(MOST_RESULTS);
            order.sort_unstable();
            results = order.into_iter().map(|index| results[index]).collect();
        }
        Self { results, left_out }
    }
}

fn driver(rules: &rules::Table<'_>) -> ToolComponent {
    ToolComponent::builder()
        .name("keyrot")
        .full_name(format!("keyrot {}", wording::VERSION))
        .organization("keyrot")
        .version(wording::VERSION)
        .semantic_version(wording::VERSION)
        .information_uri(wording::HOME)
        .short_description(rules::plain("Finds exposed keys and keys past their time."))
        .rules(rules.descriptors())
        .notifications(invocation::descriptors())
        .supported_taxonomies(vec![rules::taxonomy_reference()])
        .properties(bag([("rulesVersion", json!(crate::rule::VERSION))]))
        .build()
}

fn base() -> BTreeMap<String, ArtifactLocation> {
    let description = text("The root of the repository, or the scanned folder where there is no repository.");
    BTreeMap::from([(ROOT.to_owned(), ArtifactLocation::builder().description(description).build())])
}

fn coverage(report: &Report) -> PropertyBag {
    bag([
        ("scannedFiles", json!(report.coverage.files)),
        ("scannedBytes", json!(report.coverage.bytes)),
        ("ignored", json!(report.coverage.ignored)),
        ("skipped", json!(report.skipped.len())),
        ("suppressed", json!(report.suppressed.len())),
        ("asOf", json!(report.now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))),
    ])
}

fn provenance(from: &Provenance) -> VersionControlDetails {
    let mut details = VersionControlDetails::builder()
        .repository_uri(from.repository.clone())
        .mapped_to(ArtifactLocation::builder().uri_base_id(ROOT).build())
        .build();
    details.revision_id.clone_from(&from.revision);
    details.branch.clone_from(&from.branch);
    details
}

fn text(content: impl Into<String>) -> Message {
    Message::builder().text(content.into()).build()
}

fn bag<const N: usize>(entries: [(&str, Value); N]) -> PropertyBag {
    let entries = entries.into_iter().filter(|(_, value)| !value.is_null());
    let additional_properties = entries.map(|(name, value)| (name.to_owned(), value)).collect();
    PropertyBag { tags: None, additional_properties }
}
