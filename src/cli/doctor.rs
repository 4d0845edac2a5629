//! `keyrot doctor`: plants a canary in a temporary index and proves that it is caught.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Output, Stdio};

use anyhow::Context;
use clap::Args;
use keyrot::report::Status;
use keyrot::scan::filter::checksum;
use keyrot::source::git::{Ask, Environment as GitEnvironment, Repository, What};

use super::hook;
use super::output::Console;
use super::progress::Bar;
use super::scan::scanning;
use super::setup::SetupArgs;
use crate::Environment;

/// The file that holds the canary. It exists in the temporary index alone.
const CANARY: &str = "keyrot-canary.txt";

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    setup: SetupArgs,
}

/// Checks that are printed one by one.
struct Checks<W: Write> {
    out: W,
    failed: usize,
}

impl<W: Write> Checks<W> {
    fn note(&mut self, passed: bool, text: &str) -> std::io::Result<()> {
        self.failed += usize::from(!passed);
        writeln!(self.out, "{} {text}", if passed { "ok  " } else { "FAIL" })
    }
}

pub(crate) fn run(args: &DoctorArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let mut checks = Checks { out: console.out(), failed: 0 };
    let repository = Repository::open(Path::new("."), &environment.git)?;
    checks.note(true, &format!("repository {}", repository.common_dir().display()))?;
    let planted = Planted::new(&repository, environment)?;
    checks.note(
        true,
        &format!("a canary (a GitHub token that was never issued) is staged as {CANARY} in a temporary index"),
    )?;
    configuration(args, &planted, environment, &mut checks)?;
    hooks(&planted, &mut checks)?;
    let failed = checks.failed;
    writeln!(
        checks.out,
        "{}",
        if failed == 0 { "The canary is caught." } else { "Something would get through: see FAIL above." }
    )?;
    Ok(u8::from(failed > 0))
}

/// The configuration and the rules, without any hook.
fn configuration(
    args: &DoctorArgs,
    planted: &Planted,
    environment: &Environment,
    checks: &mut Checks<impl Write>,
) -> anyhow::Result<()> {
    let git = GitEnvironment {
        index_file: Some(planted.index.clone()),
        object_directory: Some(planted.objects.clone()),
        alternates: vec![planted.real.clone()],
        ..environment.git.clone()
    };
    let what = What::Staged { names: None };
    let setup = args.setup.resolve_git(Ask { path: ".".into(), environment: git, what, ..Ask::default() })?;
    let rules: usize = setup.scopes.iter().map(|scope| scope.rules.rules().len()).sum();
    let report = keyrot::run(setup.request(scanning(environment)?, environment.now), &Bar::new(false))?;
    let found = report.findings.iter().find(|finding| finding.location.origin.path() == CANARY);
    let text = match found {
        Some(finding) => format!("`keyrot scan --staged` finds it with {rules} rules, as {}", finding.rule),
        None => format!(
            "`keyrot scan --staged` does not find it: look at the paths, rules and thresholds of keyrot.toml ({rules} rules)"
        ),
    };
    checks.note(found.is_some(), &text)?;
    let fails = report.status() == Status::Findings;
    checks.note(
        fails,
        if fails {
            "a finding of its severity fails the run"
        } else {
            "a finding of its severity does not fail the run: see `fail-on`"
        },
    )?;
    Ok(())
}

/// The hook as git itself runs it.
fn hooks(planted: &Planted, checks: &mut Checks<impl Write>) -> anyhow::Result<()> {
    let (path, _) = hook::place(hook::Name::PreCommit)?;
    if path.symlink_metadata().is_err() {
        checks.note(false, "no pre-commit hook: run `keyrot hook install`")?;
        return Ok(());
    }
    let output = planted.git(&["hook", "run", "pre-commit"], b"")?;
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let named = String::from_utf8_lossy(&text).contains(CANARY);
    let caught = !output.status.success() && named;
    let shown = path.display();
    let text = match (output.status.success(), named) {
        (false, true) => format!("the pre-commit hook {shown} refuses the commit and names {CANARY}"),
        (false, false) => format!("the pre-commit hook {shown} fails, but not because of the canary: run it by hand"),
        (true, _) => format!("the pre-commit hook {shown} lets the canary through"),
    };
    checks.note(caught, &text)?;
    Ok(())
}

/// A canary in an index and an object store of their own: the repository is not written.
struct Planted {
    /// Removed when dropped.
    _folder: tempfile::TempDir,
    index: PathBuf,
    objects: PathBuf,
    real: PathBuf,
}

impl Planted {
    fn new(repository: &Repository, environment: &Environment) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let real = environment.git.object_directory.clone().unwrap_or_else(|| repository.common_dir().join("objects"));
        let real = real.canonicalize().context("cannot find the objects of the repository")?;
        let (index, objects) = (folder.path().join("index"), folder.path().join("objects"));
        std::fs::create_dir(&objects).context("cannot make a temporary folder")?;
        if repository.index_path().is_file() {
            std::fs::copy(repository.index_path(), &index).context("cannot copy the index")?;
        }
        let planted = Self { _folder: folder, index, objects, real };
        let text = format!("token = \"{}\"\n", canary()?);
        let id = planted.git(&["hash-object", "-w", "--stdin"], text.as_bytes())?;
        anyhow::ensure!(
            id.status.success(),
            "git cannot write the canary: {}",
            String::from_utf8_lossy(&id.stderr).trim()
        );
        let entry = format!("100644,{},{CANARY}", String::from_utf8_lossy(&id.stdout).trim());
        let staged = planted.git(&["update-index", "--add", "--cacheinfo", &entry], b"")?;
        anyhow::ensure!(
            staged.status.success(),
            "git cannot stage the canary: {}",
            String::from_utf8_lossy(&staged.stderr).trim()
        );
        Ok(planted)
    }

    fn git(&self, arguments: &[&str], input: &[u8]) -> anyhow::Result<Output> {
        let mut child = Process::new("git")
            .args(arguments)
            .env("GIT_INDEX_FILE", &self.index)
            .env("GIT_OBJECT_DIRECTORY", &self.objects)
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &self.real)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot run git")?;
        if let Some(mut stdin) = child.stdin.take() {
            // git may end before it has read everything; its exit code then tells why.
            let _ = stdin.write_all(input);
        }
        child.wait_with_output().context("cannot run git")
    }
}

/// A token of the right form and checksum that was never issued.
fn canary() -> anyhow::Result<String> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = [0; 30];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("cannot get random bytes: {error}"))?;
    let body: String = bytes.iter().map(|&byte| char::from(LETTERS[usize::from(byte) % 62])).collect();
    let head = format!("{}{body}", "ghp_");
    let check = checksum::complete("github-crc32", head.as_bytes()).context("the canary's checksum is known")?;
    Ok(format!("{head}{check}"))
}
