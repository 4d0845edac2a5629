//! SARIF 2.1.0, in the profile that GitHub, GitLab, Azure, DefectDojo, SonarQube and editors all read: exactly one run, the
//! results without a `kind`, every region with four numbers in UTF-16 columns, suppressed results left out unless asked
//! for. `docs/formats.md` says what each consumer takes from it. The only user of `serde-sarif`.

mod invocation;
mod result;
mod rules;

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
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
/// GitHub refuses an upload of more than 10 MB of gzip; what another compressor makes of the same text is a little larger.
const MOST_PACKED: usize = 9_500_000;

/// Writes one log with one run that GitHub takes.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    write(&fitting(report, options, MOST_PACKED)?, out)
}

/// The log that packs into so many bytes: with fewer other places at each result, then with as few of the least important
/// results left out as it takes. Each place is a result of its own, so that the places that go first are still there.
fn fitting(report: &Report, options: &RenderOptions, most: usize) -> io::Result<Sarif> {
    let (mut results, mut places) = (MOST_RESULTS, result::MOST_PLACES);
    loop {
        let shown = Shown { places, ..Shown::of(report, options, results) };
        let log = log(report, options, &shown);
        let (size, count) = (size(&log, most)?, shown.results.len());
        if size <= most || count == 0 {
            return Ok(log);
        }
        if places > result::MOST_LINKS {
            places = result::MOST_LINKS;
            continue;
        }
        // Results are of different lengths: a little less than their share, and another look.
        results = (count * (most / 20) / (size / 19)).min(count - 1);
    }
}

/// How many bytes an upload sends at most: what is small enough as it stands is not packed, which takes time.
fn size(log: &Sarif, most: usize) -> io::Result<usize> {
    let mut plain = Counted(0);
    write(log, &mut plain)?;
    if plain.0 <= most {
        return Ok(plain.0);
    }
    let mut packed = BufWriter::new(GzEncoder::new(Counted(0), Compression::default()));
    write(log, &mut packed)?;
    Ok(packed.into_inner()?.finish()?.0)
}

fn write(log: &Sarif, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, log)?;
    writeln!(out)
}

/// Counts what is written.
struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log(report: &Report, options: &RenderOptions, shown: &Shown<'_>) -> Sarif {
    let rules = rules::Table::new(report, &shown.results);
    let results = result::all(report, options, shown, &rules);
    let tool = Tool::builder().driver(driver(&rules)).build();
    let mut run = Run::builder()
        .tool(tool)
        .results(results)
        .taxonomies(vec![rules::taxonomy()])
        .column_kind(json!("utf16CodeUnits"))
        .invocations(vec![invocation::of(report, options, shown)])
        .original_uri_base_ids(base())
        .properties(coverage(report))
        .build();
    run.version_control_provenance = options.provenance.as_ref().map(|from| vec![provenance(from)]);
    run.automation_details = options.sarif_category.as_ref().map(|category| {
        let id = format!("{}/", category.trim_end_matches('/'));
        RunAutomationDetails::builder().id(id).build()
    });
    Sarif::builder().schema(SCHEMA.to_owned()).version(json!("2.1.0")).runs(vec![run]).build()
}

/// The findings that become results, each with the index of its secret's group.
struct Shown<'r> {
    results: Vec<(&'r Finding, Option<usize>)>,
    left_out: usize,
    /// Other places of the same secret that one result lists; the message counts the rest.
    places: usize,
}

impl<'r> Shown<'r> {
    /// Of more than `most` the worst stay, in the order of their places; suppressed ones go first.
    fn of(report: &'r Report, options: &RenderOptions, most: usize) -> Self {
        let open = report.findings.iter().enumerate().map(|(index, finding)| (finding, Some(index)));
        let hidden = report.suppressed.iter().filter(|_| options.show_suppressed).map(|finding| (finding, None));
        let mut results: Vec<_> = open.chain(hidden).collect();
        let left_out = results.len().saturating_sub(most);
        if left_out > 0 {
            let mut order: Vec<usize> = (0..results.len()).collect();
            order.sort_by_key(|index| {
                let (finding, group) = results[*index];
                std::cmp::Reverse((group.is_some(), finding.severity, finding.confidence))
            });
            order.truncate(most);
            order.sort_unstable();
            results = order.into_iter().map(|index| results[index]).collect();
        }
        Self { results, left_out, places: result::MOST_PLACES }
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::finding::{Confidence, Location, Origin, RuleId, Severity};
    use crate::report::{Material, Thresholds};
    use crate::rule::RuleSet;

    /// A report of findings whose messages hardly pack: every third one is critical.
    fn report(count: usize) -> Report {
        let mut state = 1_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{state:016x}")
        };
        let finding = |index: usize| {
            let severity = if index.is_multiple_of(3) { Severity::Critical } else { Severity::Low };
            let text: String = (0..20).map(|_| noise()).collect();
            let origin = Origin::File { path: format!("{index:03}.env") };
            let rule = RuleId::from("github-pat-classic");
            Finding::new(rule, severity, Confidence::High, format!("{text}."), Location::whole(origin))
        };
        let findings = (0..count).map(finding).collect();
        let rules = RuleSet::builtin().rules().to_vec();
        Report::new(Material { findings, rules, ..Material::default() }, Thresholds::default(), DateTime::default())
    }

    fn results(log: &Sarif) -> &[serde_sarif::sarif::Result] {
        log.runs[0].results.as_deref().unwrap_or_default()
    }

    #[test]
    fn what_github_would_refuse_is_cut_to_the_worst_results_and_says_so() {
        let (report, options) = (report(90), RenderOptions::default());
        let whole = fitting(&report, &options, MOST_PACKED).expect("nothing fails to be counted");
        assert_eq!(results(&whole).len(), 90);
        let most = size(&whole, 0).expect("nothing fails to be counted") * 2 / 3;
        let log = fitting(&report, &options, most).expect("nothing fails to be counted");
        assert!(size(&log, 0).expect("nothing fails to be counted") <= most);
        let kept = results(&log);
        assert!((45..60).contains(&kept.len()), "as many as fit stay: {}", kept.len());
        let paths: Vec<&str> = kept
            .iter()
            .filter_map(|result| result.locations.as_ref()?[0].physical_location.as_ref())
            .filter_map(|place| place.artifact_location.as_ref()?.uri.as_deref())
            .collect();
        assert!((0..90).step_by(3).all(|index| paths.contains(&format!("{index:03}.env").as_str())), "{paths:?}");
        assert!(paths.is_sorted(), "{paths:?}");
        let text = serde_json::to_string(&log).expect("it is JSON");
        assert!(text.contains(&format!("{} of the least important results are left out", 90 - kept.len())), "{text}");
    }

    #[test]
    fn other_places_go_before_any_result_goes() {
        let (mut report, options) = (report(30), RenderOptions::default());
        report.groups = vec![Some(0); 30];
        let places = |log: &Sarif| results(log)[0].related_locations.as_ref().map_or(0, Vec::len);
        let whole = fitting(&report, &options, MOST_PACKED).expect("nothing fails to be counted");
        assert_eq!(places(&whole), result::MOST_PLACES);
        let most = size(&whole, 0).expect("nothing fails to be counted") - 1;
        let log = fitting(&report, &options, most).expect("nothing fails to be counted");
        assert_eq!((results(&log).len(), places(&log)), (30, result::MOST_LINKS));
        assert!(serde_json::to_string(&log).expect("it is JSON").contains("Results list at most 3 other places"));
    }

    #[test]
    fn only_rules_that_results_name_are_listed() {
        let log = fitting(&report(2), &RenderOptions::default(), MOST_PACKED).expect("nothing fails to be counted");
        let rules = log.runs[0].tool.driver.rules.as_deref().unwrap_or_default();
        assert_eq!(rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["github-pat-classic"]);
        assert_eq!(results(&log)[1].rule_index, Some(0));
    }
}
