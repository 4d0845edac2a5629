//! `keyrot migrate`: files of other scanners to keyrot's own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use keyrot::config::{self, Files};
use keyrot::diagnostic::SourceText;
use keyrot::finding::Origin;
use keyrot::host::Host;
use keyrot::migrate::{self, Fate, Found, Item, Kind, Known, Plan, Surroundings};
use keyrot::report::Report;
use keyrot::source::Source;
use keyrot::source::git::Repository;
use keyrot::suppress::Baseline;
use keyrot::{Request, scan};

use super::change::{self, Change};
use super::life::KeyArgs;
use super::output::Console;
use super::progress::Bar;
use super::scan::run_key;
use super::setup::{Here, SetupArgs, read_baseline, shown};
use crate::Environment;

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Files of other scanners, and folders to look for them in [default: the repository's root].
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write what is shown, without asking.
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    setup: SetupArgs,
}

/// Folders of a repository that hold files of scanners or pipelines.
const FOLDERS: &[&str] = &["", ".github", ".github/workflows", ".circleci", ".gitlab", "config"];

pub(crate) fn run(args: &MigrateArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let here = args.setup.here()?;
    let files = read_files(&args.paths, &here.top)?;
    if files.iter().all(|(_, items)| items.is_empty()) {
        console.say("there is nothing of another scanner here: name its files");
        return Ok(0);
    }
    let mut move_over = Move::new(args, &here, files, environment)?;
    let (lines, changes) = move_over.decide(args, environment, console)?;
    show(&lines, &changes, console)?;
    if changes.is_empty() {
        console.say("nothing to write");
    } else if change::agreed(args.write, "--write", console)? {
        change::make(&changes)?;
    }
    Ok(0)
}

/// Everything that statements may name: files that are given or found, and those that they name in turn.
fn read_files(paths: &[PathBuf], top: &Path) -> anyhow::Result<Vec<(String, Vec<Item>)>> {
    let mut open: VecDeque<(Kind, String)> = VecDeque::new();
    let none = [top.to_owned()];
    for path in if paths.is_empty() { &none[..] } else { paths } {
        if path.is_dir() {
            open.extend(discover(path, top)?);
        } else {
            let name = relative(path, top);
            let kind = Kind::of(&name).with_context(|| {
                format!("{} is no file of another scanner that keyrot knows by its name", path.display())
            })?;
            anyhow::ensure!(path.is_file(), "there is no file {}", path.display());
            open.push_back((kind, name));
        }
    }
    let (mut files, mut seen): (Vec<(String, Vec<Item>)>, BTreeSet<String>) = Default::default();
    while let Some((kind, name)) = open.pop_front() {
        let path = top.join(&name);
        if !path.is_file() || !seen.insert(name.clone()) {
            continue;
        }
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {name}"))?;
        let text = String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned();
        let items = migrate::read(kind, &SourceText { path: name.clone(), text });
        open.extend(Plan::references(&items).map(|(kind, path)| (kind, path.trim_start_matches("./").to_owned())));
        files.push((name, items));
    }
    Ok(files)
}

/// The files of other scanners in a repository, without pipelines and hooks, which may be anybody's.
pub(crate) fn scanners(top: &Path) -> anyhow::Result<Vec<String>> {
    let found = discover(top, top)?.into_iter();
    Ok(found.filter(|(kind, _)| !matches!(kind, Kind::PreCommit | Kind::Pipeline)).map(|(_, name)| name).collect())
}

fn discover(folder: &Path, top: &Path) -> anyhow::Result<Vec<(Kind, String)>> {
    let mut found = Vec::new();
    for below in FOLDERS {
        let Ok(entries) = std::fs::read_dir(folder.join(below)) else { continue };
        for entry in entries {
            let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
            let name = relative(&path, top);
            found.extend(Kind::of(&name).filter(|_| path.is_file()).map(|kind| (kind, name)));
        }
    }
    found.sort();
    Ok(found)
}

/// The path below the root, as keyrot's files name it.
fn relative(path: &Path, top: &Path) -> String {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let top = top.canonicalize().unwrap_or_else(|_| top.to_owned());
    full.strip_prefix(top).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// A migration on its way.
struct Move<'m> {
    here: &'m Here,
    plan: Plan,
    read: BTreeSet<String>,
    /// The text of `keyrot.toml` as it shall be, and the number of ignores that it has already.
    configuration: String,
    known_ignores: usize,
    baseline: Baseline,
}

impl<'m> Move<'m> {
    fn new(
        args: &MigrateArgs,
        here: &'m Here,
        files: Vec<(String, Vec<Item>)>,
        environment: &Environment,
    ) -> anyhow::Result<Self> {
        let text = if here.config.is_file() {
            std::fs::read_to_string(&here.config).with_context(|| format!("cannot read {}", here.config.display()))?
        } else {
            String::new()
        };
        let source = SourceText { path: shown(&here.config), text };
        let config = config::parse(source.clone(), &here.home, &Files::Disk)?;
        let rules = args.setup.rules(&config, &Files::Disk, &mut Vec::new())?;
        let read = files.iter().map(|(name, _)| name.clone()).collect();
        let known = Known { ignores: &config.ignores, values: &config.values, honour: &config.honour };
        let plan = Plan::new(files, &known, &rules);
        let configuration = plan.configuration(&source.text)?;
        let baseline = baseline(args, here, environment)?;
        Ok(Self { here, plan, read, configuration, known_ignores: config.ignores.len(), baseline })
    }

    /// Scans, and decides about every statement and every file.
    fn decide(
        &mut self,
        args: &MigrateArgs,
        environment: &Environment,
        console: &Console,
    ) -> anyhow::Result<(Vec<migrate::Line>, Vec<Change>)> {
        let source = SourceText { path: shown(&self.here.config), text: self.configuration.clone() };
        let config = config::parse(source, &self.here.home, &Files::Disk)?;
        let places: Vec<String> =
            config.ignores[self.known_ignores..].iter().map(keyrot::suppress::Ignore::place).collect();
        let values = config.values.clone();
        let report = self.scan(args, config, environment, console)?;
        let mut changes = Vec::new();
        let (hook, step) = self.runs(&mut changes)?;
        let top = self.here.top.clone();
        let content = move |path: &str| std::fs::read(top.join(path)).ok();
        let around = Surroundings { read: &self.read, hook, step, content: &content };
        let found = Found { open: &report.findings, suppressed: &report.suppressed };
        let before = self.baseline.text();
        let lines = self.plan.lines(&found, (&places, &values), &mut self.baseline, &around);
        let there = |name: &str| std::fs::read_to_string(self.here.home.join(name)).unwrap_or_default();
        for (name, text) in self.plan.rule_files(there) {
            changes.extend(Change::new(self.here.home.join(name), text)?);
        }
        if !self.configuration.is_empty() {
            changes.extend(Change::new(self.here.config.clone(), self.configuration.clone())?);
        }
        if self.baseline.text() != before {
            changes.extend(super::baseline::changes(&self.here.baseline, &self.baseline)?);
        }
        Ok((lines, changes))
    }

    /// What stands in the tree now, and in the files of commits that statements name.
    fn scan(
        &self,
        args: &MigrateArgs,
        config: config::Config,
        environment: &Environment,
        console: &Console,
    ) -> anyhow::Result<Report> {
        let mut setup = args.setup.without_baseline().resolve(std::slice::from_ref(&self.here.top), None)?;
        let scope = setup.scopes.first_mut().context("there is nothing to scan")?;
        let mut empty = self.baseline.clone();
        empty.keep(&BTreeSet::new());
        scope.suppressions.baseline = Some(empty);
        scope.suppressions.ignores = config.ignores;
        scope.suppressions.honour = config.honour;
        let (digests, lines) = self.plan.asked();
        scope.marking = scan::Marking { values: config.values, digests, lines, ..scan::Marking::default() };
        scope.rules = self.plan.rule_set.clone();
        scope.sources.extend(self.committed(environment)?);
        let fingerprint = args.key.read(environment)?.map_or_else(run_key, Ok)?;
        let scanning = scan::Options { fingerprint, show_secrets: false, limits: scan::Limits::default() };
        let bar = Bar::new(console.shows_progress());
        let request: Request = setup.request(scanning, environment.now);
        let report = keyrot::run(request, &bar)?;
        bar.finish();
        Ok(report)
    }

    fn committed(&self, environment: &Environment) -> anyhow::Result<Vec<Source>> {
        let places = self.plan.places_in_history();
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let Ok(repository) = Repository::open(&self.here.top, &environment.git) else { return Ok(Vec::new()) };
        let mut sources = Vec::new();
        for (id, path) in places {
            if let Some(bytes) = repository.file_at(&id, &path)? {
                sources.push(Source::Text { origin: Origin::Commit { path, id, time: None }, bytes });
            }
        }
        Ok(sources)
    }

    /// Hooks and pipelines: keyrot beside the other scanner, which stays until a person takes it out.
    fn runs(&self, changes: &mut Vec<Change>) -> anyhow::Result<(Fate, Fate)> {
        let (hooks, steps) = self.plan.runs();
        let (mut hook, mut step) = (Fate::Nothing(String::new()), Fate::Nothing(String::new()));
        let top = &self.here.top;
        if hooks {
            let path = [".pre-commit-config.yaml", ".pre-commit-config.yml"].map(|name| top.join(name));
            let path = path.into_iter().find(|path| path.is_file()).context("the hooks are gone")?;
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            hook = match migrate::with_local_hook(&text) {
                Some(new) => {
                    changes.extend(Change::new(path, new)?);
                    Fate::Carried("keyrot's hook stands beside it; take the old one out when you like".to_owned())
                }
                None if text.contains("keyrot") => Fate::Nothing("keyrot's hook is there already".to_owned()),
                None => Fate::Not(format!("add this to its list of repositories:\n{}", migrate::LOCAL_HOOK.join("\n"))),
            };
        }
        if steps {
            let has = |name: &str| top.join(name).exists();
            let host = Host::detect(has, None).unwrap_or(Host::GitHub);
            let (place, then) = host.place(has);
            let then = then.map(|then| format!(": {then}")).unwrap_or_default();
            step = match Change::new_file(top.join(place), host.pipeline())? {
                Some(change) => {
                    changes.push(change);
                    Fate::Carried(format!("{place}{then}; take the old step out when you like"))
                }
                None => Fate::Nothing(format!("{place} is there already")),
            };
        }
        Ok((hook, step))
    }
}

/// The baseline that is there, or a new one.
fn baseline(args: &MigrateArgs, here: &Here, environment: &Environment) -> anyhow::Result<Baseline> {
    let key = args.key.read(environment)?;
    if !here.baseline.is_file() {
        return super::baseline::start(&here.baseline, key.as_ref(), false);
    }
    let baseline = read_baseline(&here.baseline, &Files::Disk)?;
    super::baseline::check_key(&baseline, key.as_ref(), &here.baseline)?;
    Ok(baseline)
}

fn show(lines: &[migrate::Line], changes: &[Change], console: &Console) -> anyhow::Result<()> {
    let mut out = console.out();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut file = "";
    for line in lines {
        if line.file != file {
            file = &line.file;
            writeln!(out, "{file}")?;
        }
        let (word, why) = match &line.fate {
            Fate::Carried(to) => ("carried over", to),
            Fate::Nothing(why) => ("needs nothing", why),
            Fate::Not(why) => ("not carried over", why),
        };
        *counts.entry(word).or_default() += 1;
        writeln!(out, "{:>5}  {}\n       {word}: {why}", line.line, line.text)?;
    }
    if !changes.is_empty() {
        writeln!(out, "\nFiles:")?;
    }
    for change in changes {
        writeln!(out, "  {}", change.describe())?;
    }
    let count = |word: &str| counts.get(word).copied().unwrap_or_default();
    let [carried, nothing, not] = ["carried over", "needs nothing", "not carried over"].map(count);
    writeln!(out, "\n{carried} carried over, {nothing} need nothing, {not} not carried over")?;
    Ok(())
}
