//! Changes to a user's files: shown first, made on request, and never over something that nobody looked at.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::output::Console;
use super::setup::shown;

/// A file as it shall be.
pub(crate) struct Change {
    path: PathBuf,
    before: Option<String>,
    after: String,
}

impl Change {
    /// The change that makes a file hold `after`; none if it does already.
    ///
    /// # Errors
    /// The file is there and cannot be read as text.
    pub(crate) fn new(path: PathBuf, after: String) -> anyhow::Result<Option<Self>> {
        let before = match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Ok((before.as_deref() != Some(&after)).then_some(Self { path, before, after }))
    }

    /// The file that is made, if it is not there yet.
    pub(crate) fn new_file(path: PathBuf, text: &str) -> anyhow::Result<Option<Self>> {
        if path.exists() { Ok(None) } else { Self::new(path, text.to_owned()) }
    }

    /// What it does, in a line.
    pub(crate) fn describe(&self) -> String {
        let name = shown(&self.path);
        let count = |text: &str| text.lines().count();
        match &self.before {
            None => format!("{name}: new, {} lines", count(&self.after)),
            Some(before) => format!("{name}: {} lines become {}", count(before), count(&self.after)),
        }
    }

    /// Writes the file, unless somebody else changed it meanwhile.
    fn make(&self) -> anyhow::Result<()> {
        let now = Self::new(self.path.clone(), self.after.clone())?;
        anyhow::ensure!(
            now.is_none_or(|now| now.before == self.before),
            "{} was changed meanwhile: run the command again",
            shown(&self.path)
        );
        write(&self.path, &self.after)
    }
}

/// Whether to write: `yes` says so, or a person at the terminal.
pub(crate) fn agreed(yes: bool, flag: &str, console: &Console) -> anyhow::Result<bool> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let agreed = yes || (terminal && confirm()?);
    if !agreed {
        console.say(&format!("nothing was written; {flag} writes"));
    }
    Ok(agreed)
}

fn confirm() -> anyhow::Result<bool> {
    write!(std::io::stderr().lock(), "Do this? [y/N] ")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).context("cannot read the answer")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Makes the changes, one after the other.
pub(crate) fn make(changes: &[Change]) -> anyhow::Result<()> {
    changes.iter().try_for_each(Change::make)
}

/// A file takes its name only when its content is complete.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(failed)?;
    let file = tempfile::Builder::new().prefix(".keyrot-").tempfile_in(folder).with_context(failed)?;
    std::fs::write(file.path(), text).with_context(failed)?;
    super::output::set_ordinary_permissions(&file);
    file.persist(path).with_context(failed)?;
    Ok(())
}
