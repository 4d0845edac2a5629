//! The process edge: arguments, environment and clock in, an exit code out.

mod cli;

use std::io::Write;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Parser;

/// What the process reads from outside, once.
pub(crate) struct Environment {
    /// `SOURCE_DATE_EPOCH`, else the clock.
    pub(crate) now: DateTime<Utc>,
    /// What git says to its hooks.
    pub(crate) git: keyrot::source::git::Environment,
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
        Ok(Self { now, git })
    }
}

fn main() -> ExitCode {
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
    let text = format!("{error:#}");
    if text.starts_with("error:") { text } else { format!("error: {text}") }
}

/// A reader that closed our pipe has seen enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
