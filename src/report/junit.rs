//! JUnit XML, for the test tabs of Jenkins, CircleCI, Azure and GitLab: one suite, one case a finding. A finding below the
//! failing threshold passes with its text as output, an input that could not be read is an error, and a clean run has one
//! case that passes, because an empty suite reads as a broken one.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::{RenderOptions, Report, wording};
use crate::finding::{Finding, Skip};

/// One document.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut suite = TestSuite::new("keyrot");
    suite.set_timestamp(report.now);
    suite.add_property(("version", wording::VERSION));
    suite.add_property(("files", report.coverage.files.to_string().as_str()));
    suite.add_property(("bytes", report.coverage.bytes.to_string().as_str()));
    suite.add_test_cases(report.shown(options).map(|finding| case(report, finding)));
    suite.add_test_cases(report.skipped.failures().map(unread));
    if suite.test_cases.is_empty() {
        let mut case = TestCase::new("no exposed keys", TestCaseStatus::success());
        case.set_classname("keyrot");
        suite.add_test_case(case);
    }
    suite.set_system_out(report.summary());
    let mut document = Document::new("keyrot");
    document.set_timestamp(report.now);
    document.add_test_suite(suite);
    document.serialize(&mut *out).map_err(io::Error::other)
}

fn case(report: &Report, finding: &Finding) -> TestCase {
    let text = wording::message(finding);
    let remedy = report.rule(finding).map(|rule| wording::remedy(&rule.definition)).unwrap_or_default();
    let name = format!("{} {}", finding.rule, wording::place(&finding.location));
    let details = format!("{}\n{text}\n{remedy}", finding.location.label());
    let mut case = if finding.suppression.is_some() {
        let mut status = TestCaseStatus::skipped();
        status.set_message(text);
        TestCase::new(name, status)
    } else if finding.severity >= report.fail_on {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(text).set_type(finding.severity.name()).set_description(details);
        TestCase::new(name, status)
    } else {
        let mut case = TestCase::new(name, TestCaseStatus::success());
        case.set_system_out(details);
        case
    };
    case.set_classname(format!("keyrot.{}", finding.rule));
    case
}

fn unread(skip: &Skip) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(skip.reason.to_string()).set_type(skip.reason.name());
    let mut case = TestCase::new(skip.origin.to_string(), status);
    case.set_classname("keyrot.coverage");
    case
}
