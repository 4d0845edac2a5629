//! Answers what is asked of a repository.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::timeline::Timeline;
use super::{Engine, Options, Outcome, Progress, change, history};
use crate::source::git::{Ask, Changes, Error, Range, Repository, Staged, What, unstaged, work_tree_name};
use crate::source::{self, PathFilter, Source, WorkTree};

/// How a repository is read: the settings of the configuration, and the day that ages are counted to.
pub struct Reading<'r> {
    /// The settings.
    pub options: &'r source::Options,
    /// The day.
    pub now: DateTime<Utc>,
}

/// The repository cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Because of git.
    #[error(transparent)]
    Git(#[from] Error),
    /// Because of the settings or the work tree.
    #[error(transparent)]
    Source(#[from] source::Error),
}

/// Reads and scans what was asked.
///
/// # Errors
/// The repository, or what was asked of it, cannot be used. What cannot be read inside it is a skip of the outcome.
pub fn run(
    ask: &Ask,
    reading: &Reading<'_>,
    engine: &Engine,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Outcome, Failure> {
    if matches!(ask.what, What::History { .. }) {
        return timeline(ask, reading, engine, options, progress).map(|(outcome, _)| outcome);
    }
    let repository = Repository::open(&ask.path, &ask.environment)?;
    let changes = changes(ask, &repository, reading)?;
    let paths = PathFilter::new(reading.options)?;
    let reading = change::Reading {
        jobs: reading.options.jobs,
        max_file_size: reading.options.max_file_size,
        paths: &paths,
        stop: &ask.stop,
    };
    Ok(change::run(&changes, repository.store(), engine, options, &reading, progress))
}

/// Scans a history, and tells its slots.
///
/// # Errors
/// As [`run`].
pub fn timeline(
    ask: &Ask,
    reading: &Reading<'_>,
    engine: &Engine,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(Outcome, Timeline), Failure> {
    let repository = Repository::open(&ask.path, &ask.environment)?;
    let paths = PathFilter::new(reading.options)?;
    let (revisions, unreachable) = match &ask.what {
        What::History { revisions, unreachable } => (revisions.as_slice(), *unreachable),
        _ => (&[][..], false),
    };
    let reading = history::Reading {
        jobs: reading.options.jobs,
        max_file_size: reading.options.max_file_size,
        paths: &paths,
        stop: &ask.stop,
        revisions,
        unreachable,
        now: reading.now,
    };
    Ok(history::run(&repository, engine, options, &reading, progress)?)
}

fn changes(ask: &Ask, repository: &Repository, reading: &Reading<'_>) -> Result<Changes, Failure> {
    Ok(match &ask.what {
        What::Staged { names } => {
            let name = |path: &PathBuf| work_tree_name(repository, path);
            let names = names.as_ref().map(|names| names.iter().filter_map(name).collect());
            Staged { names }.changes(repository)?
        }
        What::Range { range, kind } => Range::parse(repository, range, *kind)?.changes(repository)?,
        What::Since { revision, kind } => {
            let mut changes = Range::parse(repository, &format!("{revision}..HEAD"), *kind)?.changes(repository)?;
            changes.append(Staged::default().changes(repository)?);
            if let Some(root) = repository.work_tree() {
                changes.append(unstaged(repository, &on_disk(root, reading.options)?)?);
            }
            changes
        }
        What::New { heads, known, known_refs, name } => {
            let mut bases: Vec<_> = known.iter().copied().filter(|id| repository.store().objects().holds(id)).collect();
            if let Some(prefix) = known_refs {
                bases.extend(repository.ref_tips(prefix)?);
            }
            let range = Range { heads: heads.clone(), bases, name: name.clone(), ..Range::default() };
            range.changes(repository)?
        }
        What::History { .. } => Changes::default(),
    })
}

/// Files of the work tree that no ignore pattern leaves out.
fn on_disk(root: &Path, options: &source::Options) -> Result<Vec<PathBuf>, source::Error> {
    let source = Source::WorkTree(WorkTree::open(root)?);
    let listing = source.list(options)?;
    let inside_git = root.join(".git");
    let paths = listing.items.iter().filter_map(|item| source.path(item)).map(Cow::into_owned);
    Ok(paths.filter(|path| !path.starts_with(&inside_git)).collect())
}
