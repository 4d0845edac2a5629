//! `keyrot hook`: installs keyrot beside whatever hooks there are, and runs as a hook.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use keyrot::finding::Origin;
use keyrot::source::Source;
use keyrot::source::git::{Ask, Id, Repository, What};

use super::output::Console;
use super::scan::{ReportArgs, scanning};
use super::setup::SetupArgs;
use crate::{Environment, Pushed};

/// What marks a hook, or a line of one, as keyrot's.
const MARK: &str = "keyrot hook run";
/// What an earlier hook is renamed to.
const EARLIER: &str = "before-keyrot";

#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Install hooks; an earlier hook is kept and runs first.
    Install {
        /// Which.
        #[arg(value_enum, default_values = ["pre-commit"])]
        names: Vec<Name>,
    },
    /// Take hooks out again, and put earlier ones back.
    Uninstall {
        /// Which [default: all].
        #[arg(value_enum)]
        names: Vec<Name>,
    },
    /// Tell which hooks are installed.
    Status,
    /// Run as a hook; git's arguments follow its name.
    Run(Box<RunArgs>),
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Which.
    #[arg(value_enum)]
    name: Name,
    /// What git passes to the hook.
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
    /// Stop reading after this many seconds; the report then says that it is partial.
    #[arg(long, value_name = "SECONDS")]
    time_budget: Option<f64>,
    /// The push option that lets a push through in spite of findings, as `git push -o NAME=REASON`.
    #[arg(long, value_name = "NAME", default_value = "keyrot-break-glass")]
    break_glass: String,
    /// Append a line about each push that was let through to this file.
    #[arg(long, value_name = "FILE")]
    break_glass_log: Option<PathBuf>,
    #[command(flatten)]
    setup: SetupArgs,
    #[command(flatten)]
    report: ReportArgs,
}

/// A hook of git's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// What is staged.
    PreCommit,
    /// The message of a commit.
    CommitMsg,
    /// Commits that are sent.
    PrePush,
    /// Commits that are received.
    PreReceive,
}

impl Name {
    fn text(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    fn reads_input(self) -> bool {
        matches!(self, Self::PrePush | Self::PreReceive)
    }
}

pub(crate) fn run(command: HookCommand, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    match command {
        HookCommand::Install { names } => names.into_iter().try_for_each(|name| install(name, console))?,
        HookCommand::Uninstall { names } => {
            let names = if names.is_empty() { Name::value_variants().to_vec() } else { names };
            names.into_iter().try_for_each(|name| uninstall(name, console))?;
        }
        HookCommand::Status => status(console)?,
        HookCommand::Run(args) => return args.run(console, environment),
    }
    Ok(0)
}

/// Where git looks for hooks, as its configuration says.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let output = Process::new("git").args(["rev-parse", "--git-path", "hooks"]).output().context("cannot run git")?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end_matches(['\r', '\n'])))
}

/// Where a hook is written: husky generates what git runs and calls the file of that name one folder up.
pub(crate) fn place(name: Name) -> anyhow::Result<(PathBuf, bool)> {
    let folder = folder()?;
    let husky = folder.ends_with(".husky/_");
    let folder = if husky { folder.parent().unwrap_or(&folder).to_owned() } else { folder };
    Ok((folder.join(name.text()), husky))
}

/// Whether keyrot runs in the hook at `path`.
pub(crate) fn is_ours(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text.contains(MARK))
}

fn earlier(path: &Path) -> PathBuf {
    path.with_extension(EARLIER)
}

pub(crate) fn install(name: Name, console: &Console) -> anyhow::Result<()> {
    let (path, husky) = place(name)?;
    let shown = path.display();
    if is_ours(&path) {
        console.say(&format!("{shown}: keyrot is in it already"));
        return Ok(());
    }
    let failed = || format!("cannot write {shown}");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(failed)?;
    }
    if husky {
        let mut text = std::fs::read_to_string(&path).unwrap_or_default();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&format!("{MARK} {} \"$@\"\n", name.text()));
        std::fs::write(&path, text).with_context(failed)?;
        console.say(&format!("{shown}: added a line for keyrot"));
        return Ok(());
    }
    let kept = path.symlink_metadata().is_ok();
    if kept {
        anyhow::ensure!(!earlier(&path).exists(), "{} is in the way: move it first", earlier(&path).display());
        std::fs::rename(&path, earlier(&path)).with_context(failed)?;
    }
    let program = std::env::current_exe().context("cannot tell where keyrot is")?;
    std::fs::write(&path, script(name, &program)).with_context(failed)?;
    make_executable(&path).with_context(failed)?;
    let before =
        if kept { format!("; the earlier hook runs first, as {}", earlier(&path).display()) } else { String::new() };
    console.say(&format!("{shown}: installed{before}"));
    Ok(())
}

fn uninstall(name: Name, console: &Console) -> anyhow::Result<()> {
    let (path, husky) = place(name)?;
    if !is_ours(&path) {
        return Ok(());
    }
    let failed = || format!("cannot change {}", path.display());
    if husky {
        let text = std::fs::read_to_string(&path).with_context(failed)?;
        let rest: String = text.split_inclusive('\n').filter(|line| !line.contains(MARK)).collect();
        std::fs::write(&path, rest).with_context(failed)?;
    } else if earlier(&path).symlink_metadata().is_ok() {
        std::fs::rename(earlier(&path), &path).with_context(failed)?;
    } else {
        std::fs::remove_file(&path).with_context(failed)?;
    }
    console.say(&format!("{}: keyrot is out of it", path.display()));
    Ok(())
}

fn status(console: &Console) -> anyhow::Result<()> {
    let mut out = console.out();
    for name in Name::value_variants() {
        let (path, husky) = place(*name)?;
        let state = match (is_ours(&path), path.symlink_metadata().is_ok()) {
            // Husky gives the file to `sh`, which asks for no permission.
            (true, _) if !husky && !runs(&path) => {
                "installed, but git does not run it: it is not executable".to_owned()
            }
            (true, _) if earlier(&path).exists() => format!("installed, after {}", earlier(&path).display()),
            (true, _) => "installed".to_owned(),
            (false, true) => "not installed: another hook is there".to_owned(),
            (false, false) => "not installed".to_owned(),
        };
        writeln!(out, "{:<12} {state} ({})", name.text(), path.display())?;
    }
    Ok(())
}

/// The hook as git runs it. A keyrot that cannot be found fails the hook: a check that silently does nothing is worse.
fn script(name: Name, program: &Path) -> String {
    let (name_text, program) = (name.text(), program.display().to_string().replace('\'', r"'\''"));
    let (read, pipe) = if name.reads_input() { ("input=$(cat)\n", "printf '%s\\n' \"$input\" | ") } else { ("", "") };
    format!(
        "#!/bin/sh\n\
         # Written by `keyrot hook install`; `keyrot hook uninstall` puts an earlier hook back.\n\
         {read}before=\"$0.{EARLIER}\"\n\
         if [ -x \"$before\" ]; then {pipe}\"$before\" \"$@\" || exit $?; fi\n\
         keyrot=$(command -v keyrot || echo '{program}')\n\
         if [ ! -x \"$keyrot\" ]; then\n\
         \x20 echo 'keyrot is not on the path: install it, or remove this hook' >&2\n\
         \x20 exit 2\n\
         fi\n\
         # {MARK}\n\
         {pipe}\"$keyrot\" hook run {name_text} \"$@\"\n"
    )
}

fn make_executable(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn runs(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    path.exists()
}

impl RunArgs {
    fn run(&self, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
        let what = match self.name {
            Name::PreCommit => What::Staged { names: None },
            Name::CommitMsg => return self.message(console, environment),
            Name::PrePush | Name::PreReceive => {
                let Some(what) = self.new_commits(environment)? else {
                    console.say("nothing to scan: refs are deleted, no commit is new");
                    return Ok(0);
                };
                what
            }
        };
        let stop = Arc::new(AtomicBool::new(false));
        if let Some(seconds) = self.time_budget {
            let budget = Duration::try_from_secs_f64(seconds).context("--time-budget takes seconds")?;
            super::git::stop_after(budget, &stop);
        }
        let ask = Ask { path: ".".into(), environment: environment.git.clone(), what, stop };
        let setup = self.setup.resolve_git(ask)?;
        let code = self.report.run(setup.request(scanning(environment)?, environment.now), console, true)?;
        if self.name == Name::PreReceive && code != 0 {
            return self.break_glass(code, environment);
        }
        Ok(code)
    }

    /// Lines of `ref id ref id` before a push, of `id id ref` when one is received. Several are possible.
    fn new_commits(&self, environment: &Environment) -> anyhow::Result<Option<What>> {
        if let (Name::PrePush, Some(pushed)) = (self.name, &environment.pushed) {
            return pushed_commits(pushed, environment).map(Some);
        }
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).context("cannot read what git says about the push")?;
        let (mut heads, mut known) = (Vec::new(), Vec::new());
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let words: Vec<&str> = line.split(' ').collect();
            let (new, old) = match (self.name, words.as_slice()) {
                (Name::PrePush, [_, new, _, old]) => (new, old),
                (_, [old, new, ..]) if self.name == Name::PreReceive => (new, old),
                _ => anyhow::bail!("git says `{line}`, which {} does not understand", self.name.text()),
            };
            let id = |hex: &str| Id::from_hex(hex.as_bytes()).with_context(|| format!("`{hex}` is no object id"));
            let (new, old) = (id(new)?, id(old)?);
            heads.extend((!new.is_null()).then_some(new));
            known.extend((!old.is_null()).then_some(old));
        }
        let remote = self.arguments.first().map_or("origin", String::as_str);
        let known_refs = match self.name {
            Name::PrePush => format!("refs/remotes/{remote}/"),
            _ => String::new(),
        };
        let name = "the push".to_owned();
        Ok((!heads.is_empty()).then_some(What::New { heads, known, known_refs: Some(known_refs), name }))
    }

    /// The message without what git cuts off: comments, and everything below the scissors.
    fn message(&self, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
        let path = self.arguments.first().context("git names the file of the message; it is missing")?;
        let text = std::fs::read(path).with_context(|| format!("cannot read {path}"))?;
        let cut = |line: &&[u8]| !(line.starts_with(b"# ---") && line.windows(2).any(|two| two == b">8"));
        let lines = text.split_inclusive(|&byte| byte == b'\n').take_while(cut);
        let bytes = lines.filter(|line| !line.starts_with(b"#")).collect::<Vec<_>>().concat();
        let origin = Origin::File { path: path.clone() };
        let setup = self.setup.resolve(&[], Some(Source::Text { origin, bytes }))?;
        self.report.run(setup.request(scanning(environment)?, environment.now), console, true)
    }

    fn break_glass(&self, code: u8, environment: &Environment) -> anyhow::Result<u8> {
        let reason = environment.push_options.iter().find_map(|option| {
            let rest = option.strip_prefix(self.break_glass.as_str())?;
            rest.strip_prefix('=').or(rest.is_empty().then_some("no reason given"))
        });
        let Some(reason) = reason else {
            if code == 1 {
                let hint = format!(
                    "keyrot: the push is refused. Take the keys out of its commits, or push with `-o {}=REASON`: that is logged.",
                    self.break_glass
                );
                writeln!(std::io::stderr().lock(), "{hint}")?;
            }
            return Ok(code);
        };
        let line = serde_json::json!({
            "time": environment.now.to_rfc3339(),
            "event": "break-glass",
            "reason": reason,
            "exit_code": code,
        });
        writeln!(std::io::stderr().lock(), "keyrot: let through by push option: {line}")?;
        if let Some(path) = &self.break_glass_log {
            let failed = || format!("the push is refused, because {} cannot be written", path.display());
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).with_context(failed)?;
            writeln!(file, "{line}").with_context(failed)?;
        }
        Ok(0)
    }
}

/// Commits of a push as a framework tells them: by id or by name.
fn pushed_commits(pushed: &Pushed, environment: &Environment) -> anyhow::Result<What> {
    let repository = Repository::open(".".as_ref(), &environment.git)?;
    let from = pushed.from.iter().filter(|from| !from.bytes().all(|byte| byte == b'0'));
    Ok(What::New {
        heads: vec![repository.commit(&pushed.to)?],
        // What the other side has need not be here.
        known: from.filter_map(|from| repository.commit(from).ok()).collect(),
        known_refs: pushed.remote.as_ref().map(|remote| format!("refs/remotes/{remote}/")),
        name: "the push".to_owned(),
    })
}
