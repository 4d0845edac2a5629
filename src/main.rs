//! The process edge: arguments, environment and clock in, an exit code out.

mod cli;

use std::io::Write;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Parser;
use keyrot::lifecycle::Visibility;

/// Threads, layers and texts of all sizes leave holes that the C library's allocator keeps.
#[cfg(all(feature = "jemalloc", target_os = "linux", target_arch = "x86_64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A push, as pre-commit and prek tell their hooks: they read git's lines themselves.
pub(crate) struct Pushed {
    /// The commit that the other side has, if it has any.
    pub(crate) from: Option<String>,
    /// The commit that is sent.
    pub(crate) to: String,
    /// The name of the other side.
    pub(crate) remote: Option<String>,
}

/// What the process reads from outside, once.
pub(crate) struct Environment {
    /// `SOURCE_DATE_EPOCH`, else the clock.
    pub(crate) now: DateTime<Utc>,
    /// What git says to its hooks.
    pub(crate) git: keyrot::source::git::Environment,
    /// `KEYROT_KEY`: the project's key for fingerprints.
    pub(crate) key: Option<Vec<u8>>,
    /// Who can read the repository, as the CI event says.
    pub(crate) visibility: Visibility,
    /// Whether the run is a gate in CI.
    pub(crate) in_ci: bool,
    /// Options of a push that is being received.
    pub(crate) push_options: Vec<String>,
    /// What a framework that runs hooks says about a push, in place of git's lines.
    pub(crate) pushed: Option<Pushed>,
}

impl Environment {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment and the clock")]
    fn read() -> anyhow::Result<Self> {
        let now = match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) => text
                .parse()
                .ok()
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
                .ok_or_else(|| anyhow::anyhow!("SOURCE_DATE_EPOCH must be a number of seconds, it is `{text}`"))?,
            Err(_) => Utc::now(),
        };
        let here = std::env::current_dir().unwrap_or_default();
        let git = keyrot::source::git::Environment::read(&here, |name| std::env::var_os(name));
        let count = std::env::var("GIT_PUSH_OPTION_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(0u16);
        let push_options = (0..count).filter_map(|at| std::env::var(format!("GIT_PUSH_OPTION_{at}")).ok()).collect();
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Ok(Self {
            now,
            git,
            push_options,
            // Where a push brings a whole history, pre-commit names no ends, only the branch.
            pushed: set("PRE_COMMIT_TO_REF").or_else(|| set("PRE_COMMIT_LOCAL_BRANCH")).map(|to| Pushed {
                from: set("PRE_COMMIT_FROM_REF"),
                to,
                remote: set("PRE_COMMIT_REMOTE_NAME"),
            }),
            key: set("KEYROT_KEY").map(String::into_bytes),
            visibility: set("GITHUB_EVENT_PATH")
                .and_then(|path| github_visibility(&path))
                .or_else(|| set("CI_PROJECT_VISIBILITY"))
                .and_then(|word| word.parse().ok())
                .unwrap_or_default(),
            in_ci: set("CI").is_some_and(|value| value != "false"),
        })
    }
}

/// What the event of a GitHub workflow says about its repository.
fn github_visibility(path: &str) -> Option<String> {
    let event: serde_json::Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let repository = event.get("repository")?;
    match (repository.get("visibility").and_then(|word| word.as_str()), repository.get("private")) {
        (Some(word), _) => Some(word.to_owned()),
        (None, Some(private)) => Some(if private.as_bool()? { "private" } else { "public" }.to_owned()),
        _ => None,
    }
}

/// What was read is not written to disk when something breaks.
#[cfg(unix)]
fn forbid_core_dumps() {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    // A system that does not let us lower a limit is as safe as it was.
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
}

#[cfg(not(unix))]
fn forbid_core_dumps() {}

fn main() -> ExitCode {
    forbid_core_dumps();
    keyrot::scan::defect::mask_panics();
    // A defect is an error as any other: its code must not look like findings, and not like a signal.
    std::panic::catch_unwind(run).unwrap_or(ExitCode::from(2))
}

fn run() -> ExitCode {
    let cli = cli::Cli::parse();
    match Environment::read().and_then(|environment| cli::run(cli, &environment)) {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr().lock(), "{}", describe(&error));
            ExitCode::from(2)
        }
    }
}

/// The whole chain on one line; diagnostics in the user's files are shown as they are.
fn describe(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        // Many errors end with what they wrap.
        if !text.ends_with(&cause) {
            text.push_str(if text.is_empty() { "" } else { ": " });
            text.push_str(&cause);
        }
    }
    if text.starts_with("error:") { text } else { format!("error: {text}") }
}

/// A reader that closed our pipe has seen enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
