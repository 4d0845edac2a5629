//! How the run went: exit code, times, and one notification for each input that was not read.

use serde_json::json;
use serde_sarif::sarif::{
    Invocation, Location as Place, MultiformatMessageString, Notification, PhysicalLocation, ReportingDescriptor,
    ReportingDescriptorReference,
};

use super::{Shown, result, text};
use crate::finding::{Skip, SkipReason};
use crate::report::{RenderOptions, Report};

/// Skipped inputs that are listed one by one, failures first; the rest is counted.
const MOST_NOTIFICATIONS: usize = 1_000;

/// What notifications are about.
const KINDS: [(&str, &str); 11] = [
    ("input-binary", "A file was not text."),
    ("input-ignored", "A file was left out by an ignore file or a path setting."),
    ("input-limit", "A file was over a limit."),
    ("input-symlink", "A symbolic link was not followed."),
    ("input-submodule", "A submodule is a repository of its own."),
    ("input-damaged", "An archive or document was damaged or not understood."),
    ("input-encrypted", "Something asks for a password."),
    ("input-special-file", "Something was neither a file nor a folder."),
    ("input-unreadable", "A file could not be read: the scan is partial."),
    ("run-left-out", "Not everything fits into this file."),
    ("run-notice", "What the user should know about this run."),
];

pub(super) fn descriptors() -> Vec<ReportingDescriptor> {
    let describe = |(id, description): (&str, &str)| {
        let description = MultiformatMessageString::builder().text(description).build();
        ReportingDescriptor::builder()
            .id(id)
            .name(crate::report::wording::pascal_case(id))
            .short_description(description.clone())
            .full_description(description.clone())
            .help(description)
            .build()
    };
    KINDS.map(describe).to_vec()
}

pub(super) fn of(report: &Report, options: &RenderOptions, shown: &Shown<'_>) -> Invocation {
    let time = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let mut notifications = Vec::new();
    if shown.places < result::MOST_PLACES {
        let message =
            format!("Results list at most {} other places of their secret: GitHub refuses larger files.", shown.places);
        notifications.push(notification("run-left-out", "note", &message));
    }
    if shown.left_out > 0 {
        let message =
            format!("{} of the least important results are left out: GitHub refuses larger files.", shown.left_out);
        notifications.push(notification("run-left-out", "warning", &message));
    }
    notifications.extend(report.notices.iter().map(|notice| notification("run-notice", "note", notice)));
    let listed = report.skipped.failures_first().take(MOST_NOTIFICATIONS);
    notifications.extend(listed.map(|skip| skipped(&skip)));
    if let Some(rest) = report.skipped.len().checked_sub(MOST_NOTIFICATIONS).filter(|rest| *rest > 0) {
        notifications.push(notification("run-left-out", "note", &format!("{rest} more inputs were skipped.")));
    }
    let status = report.status();
    Invocation::builder()
        .execution_successful(report.is_complete())
        .exit_code(i64::from(options.exit_code.unwrap_or_else(|| status.exit_code())))
        .exit_code_description(status.describe())
        .start_time_utc(time(report.now))
        .end_time_utc(time(options.finished.unwrap_or(report.now)))
        .tool_execution_notifications(notifications)
        .build()
}

fn skipped(skip: &Skip) -> Notification {
    let level = match skip.reason {
        SkipReason::Unreadable(_) => "error",
        SkipReason::Limit(_) => "warning",
        _ => "note",
    };
    let message = format!("'{}' was not scanned: {}.", skip.origin, skip.reason);
    let physical = PhysicalLocation::builder().artifact_location(super::result::artifact(&skip.origin)).build();
    let mut notification = notification(&format!("input-{}", skip.reason.name()), level, &message);
    notification.locations = Some(vec![Place::builder().physical_location(physical).build()]);
    notification
}

fn notification(kind: &str, level: &str, message: &str) -> Notification {
    let index = KINDS.iter().position(|(id, _)| *id == kind).and_then(|at| i64::try_from(at).ok());
    let descriptor = ReportingDescriptorReference::builder().id(kind).index(index.unwrap_or(-1)).build();
    Notification::builder()
        .descriptor(descriptor)
        .level(json!(level))
        .message(text(crate::report::wording::sentence(message)))
        .build()
}
