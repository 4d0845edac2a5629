//! The flags that read a repository instead of files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use keyrot::source::git::{Ask, Environment, RangeKind, What};

/// What of a repository is read.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Git")]
pub(crate) struct GitArgs {
    /// Scan what is staged: whole staged files, findings on added and changed lines. File names choose among them.
    #[arg(long, conflicts_with_all = ["diff", "since", "history"])]
    staged: bool,
    /// Scan what each commit of BASE[..HEAD] adds, from the merge base.
    #[arg(long, value_name = "BASE[..HEAD]", conflicts_with_all = ["since", "history"])]
    diff: Option<String>,
    /// Scan what came after a revision: commits, the index and the work tree.
    #[arg(long, value_name = "REV", conflicts_with = "history")]
    since: Option<String>,
    /// Of a range, read only the difference between both ends.
    #[arg(long)]
    net: bool,
    /// Scan the whole history: everything that refs lead to, or what the revisions reach (`^REV` leaves out).
    #[arg(long, value_name = "REV", num_args = 0.., allow_hyphen_values = false)]
    history: Option<Vec<String>>,
    /// With --history: read also what no ref leads to any more.
    #[arg(long, requires = "history")]
    unreachable: bool,
    /// Stop reading a repository after this many seconds; the report then says that it is partial.
    #[arg(long, value_name = "SECONDS")]
    time_budget: Option<f64>,
}

impl GitArgs {
    /// What the flags ask, if they ask anything of a repository. `paths` are the other arguments: one folder is the
    /// repository, files choose among what is staged.
    pub(crate) fn ask(&self, paths: &[PathBuf], environment: &Environment) -> anyhow::Result<Option<Ask>> {
        let kind = if self.net { RangeKind::Net } else { RangeKind::Commits };
        let what = if self.staged {
            What::Staged { names: None }
        } else if let Some(range) = &self.diff {
            What::Range { range: range.clone(), kind }
        } else if let Some(revision) = &self.since {
            What::Since { revision: revision.clone(), kind }
        } else if let Some(revisions) = &self.history {
            What::History { revisions: revisions.clone(), unreachable: self.unreachable }
        } else {
            anyhow::ensure!(!self.net, "--net goes with --diff or --since");
            return Ok(None);
        };
        let mut ask = Ask { path: PathBuf::from("."), environment: environment.clone(), what, ..Ask::default() };
        match (paths, &mut ask.what) {
            ([folder], _) if folder.is_dir() => ask.path.clone_from(folder),
            (files, What::Staged { names }) => *names = Some(files.to_vec()),
            _ => anyhow::bail!("name one folder: the repository. Use `[paths]` of keyrot.toml to leave paths out"),
        }
        if let Some(seconds) = self.time_budget {
            let budget =
                Duration::try_from_secs_f64(seconds).map_err(|_| anyhow::anyhow!("--time-budget takes seconds"))?;
            stop_after(budget, &ask.stop);
        }
        Ok(Some(ask))
    }
}

/// Sets the flag when the time is up. The thread is left behind: it holds nothing but the flag.
pub(crate) fn stop_after(budget: Duration, stop: &Arc<AtomicBool>) {
    let stop = Arc::clone(stop);
    std::thread::spawn(move || {
        std::thread::sleep(budget);
        stop.store(true, Ordering::Relaxed);
    });
}

/// The folder that configuration is looked for in, and the one that ends the search.
pub(crate) fn folders(ask: &Ask) -> (PathBuf, PathBuf) {
    let folder = ask.path.canonicalize().unwrap_or_else(|_| ask.path.clone());
    let top = keyrot::source::repository_root(&folder).map_or_else(|| folder.clone(), Path::to_owned);
    (folder, top)
}
