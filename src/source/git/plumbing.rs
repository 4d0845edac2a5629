//! Plain git for the one thing the library cannot read: refs kept in a reftable. No hook, filter or monitor takes part in
//! listing refs; what could still start a process is switched off.

use std::path::Path;
use std::process::{Command, Stdio};

use gix::ObjectId;

use super::Error;

/// Names and ids of all refs.
pub(super) fn refs(git_dir: &Path) -> Result<Vec<(String, ObjectId)>, Error> {
    let text = run(git_dir, &["for-each-ref", "--format=%(objectname) %(refname)"])?;
    let text = text.ok_or_else(|| Error::Refs { text: "git cannot list the refs of this repository".to_owned() })?;
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    Ok(lines.filter_map(|(hex, name)| Some((name.to_owned(), ObjectId::from_hex(hex.as_bytes()).ok()?))).collect())
}

/// The object that a revision names, if there is one.
pub(super) fn resolve(git_dir: &Path, revision: &str) -> Result<Option<ObjectId>, Error> {
    let text = run(git_dir, &["rev-parse", "--quiet", "--verify", "--end-of-options", revision])?;
    Ok(text.and_then(|text| ObjectId::from_hex(text.trim().as_bytes()).ok()))
}

fn run(git_dir: &Path, arguments: &[&str]) -> Result<Option<String>, Error> {
    let nothing = if cfg!(windows) { "NUL" } else { "/dev/null" };
    let output = Command::new("git")
        .arg("--no-optional-locks")
        .args(["-c", "core.fsmonitor=false", "-c", &format!("core.hooksPath={nothing}")])
        .arg("--git-dir")
        .arg(git_dir)
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", nothing)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env_remove("GIT_CONFIG_PARAMETERS")
        .env_remove("GIT_CONFIG_COUNT")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| Error::Refs {
            text: format!("refs are kept in a reftable, which takes the git program to read: {error}"),
        })?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}
