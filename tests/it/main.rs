//! The one integration binary.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails")]
#![allow(clippy::format_collect, reason = "texts of tests are short")]

mod allow;
mod architecture;
mod composite;
mod crowd;
mod demo;
mod emitted;
mod formats;
mod fuzz;
mod git;
mod gitleaks;
mod heritage;
mod history;
mod hook;
mod hostile;
mod init;
mod keystore;
mod kinds;
mod leak;
mod lifecycle;
mod migrate;
mod oracle;
mod packed;
mod pairs;
mod reach;
mod real;
mod remediate;
mod rules;
mod sandbox;
mod sarif;
mod scan;
mod sealed;
mod split;
mod store;
mod suppress;
#[cfg(unix)]
mod terminal;
mod trusted;
mod vectors;
