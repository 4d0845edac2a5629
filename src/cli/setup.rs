//! Flags and configuration files to the scopes of a request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use keyrot::config::{self, Config, Files};
use keyrot::diagnostic::SourceText;
use keyrot::finding::{Confidence, RuleId, Severity};
use keyrot::report::Thresholds;
use keyrot::rule::{RuleSet, gitleaks};
use keyrot::source::git::{Ask, Environment};
use keyrot::source::{Source, WorkTree};
use keyrot::suppress::{Baseline, baseline};
use keyrot::{Request, Scope, lifecycle, scan, source, suppress};

/// Which rules to use and where settings come from.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SetupArgs {
    /// Use this configuration file and no other.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Use no configuration file.
    #[arg(long)]
    no_config: bool,
    /// Read the configuration, the baseline, rule files and the roster from this revision and not from what is scanned, and
    /// pay no attention to .keyrotignore: for runs that must not trust the branch.
    #[arg(long, value_name = "REV")]
    trusted_config: Option<String>,
    /// Use only this rule (repeatable).
    #[arg(long = "rule", value_name = "ID")]
    only: Vec<String>,
    /// Do not use this rule (repeatable).
    #[arg(long = "exclude-rule", value_name = "ID")]
    exclude: Vec<String>,
    /// Add the rules of a file or folder (repeatable).
    #[arg(id = "rule_files", long = "rules", value_name = "FILE-OR-FOLDER")]
    files: Vec<PathBuf>,
    /// Fail on findings of this severity and above: critical, high, medium, low, info [default: low].
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<Severity>,
    /// Report findings of this confidence and above: very-high, high, medium, low [default: medium].
    #[arg(long, value_name = "LEVEL")]
    confidence: Option<Confidence>,
    /// Read also what ignore files leave out.
    #[arg(long)]
    no_ignore: bool,
    /// Skip larger files, in bytes (k, M and G may follow) [default: no limit].
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    max_file_size: Option<u64>,
    /// Hide the known secrets of this file [default: `.keyrot/baseline.toml` beside keyrot.toml or in the repository's root].
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    baseline: Option<PathBuf>,
    /// Use no baseline.
    #[arg(long)]
    no_baseline: bool,
    /// Pay no attention to allow comments: for runs that must not trust the branch.
    #[arg(long)]
    no_inline_allow: bool,
    /// Fail on suppressions that hide nothing.
    #[arg(long)]
    fail_on_unused: bool,
    /// Threads [default: the number of processors].
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// What the flags and the configuration files say together.
pub(crate) struct Setup {
    pub(crate) scopes: Vec<Scope>,
    pub(crate) thresholds: Thresholds,
    pub(crate) notices: Vec<String>,
}

/// Where keyrot's files for the current folder are, or would be.
pub(crate) struct Here {
    /// The root of the repository, else the folder itself.
    pub(crate) top: PathBuf,
    /// The folder of `keyrot.toml`.
    pub(crate) home: PathBuf,
    /// `keyrot.toml`.
    pub(crate) config: PathBuf,
    /// The baseline.
    pub(crate) baseline: PathBuf,
}

impl Setup {
    /// The request of a run.
    pub(crate) fn request(self, scanning: scan::Options, now: DateTime<Utc>) -> Request {
        let Self { scopes, thresholds, notices } = self;
        Request { scopes, scanning, thresholds, now, notices }
    }
}

impl SetupArgs {
    /// One scope for each configuration file that governs some of the paths.
    pub(crate) fn resolve(&self, paths: &[PathBuf], text: Option<Source>) -> anyhow::Result<Setup> {
        let mut places: BTreeMap<PathBuf, Files> = BTreeMap::new();
        let mut governed: BTreeMap<(PathBuf, Option<PathBuf>), Vec<Source>> = BTreeMap::new();
        let mut govern = |source: Source, folder: &Path, top: PathBuf| -> anyhow::Result<()> {
            if !places.contains_key(&top) {
                places.insert(top.clone(), self.settings(&top, &Environment::default())?);
            }
            let file = self.config_file(folder, &top, &places[&top]);
            governed.entry((top, file)).or_default().push(source);
            Ok(())
        };
        for path in paths {
            let tree = WorkTree::open(path)?;
            let folder = if tree.root().is_dir() { tree.root() } else { tree.root().parent().unwrap_or(tree.root()) };
            govern(Source::WorkTree(tree.clone()), folder, tree.base().to_owned())?;
        }
        if let Some(text) = text {
            let (here, top) = here()?;
            govern(text, &here, top)?;
        }
        let mut setup = Setup { scopes: Vec::new(), thresholds: Thresholds::default(), notices: Vec::new() };
        for ((top, file), sources) in governed {
            let files = &places[&top];
            self.add(sources, file.as_deref(), &top, files, &mut setup)?;
        }
        setup.notices.extend(places.values().filter_map(Files::note));
        Ok(setup)
    }

    /// The scope of one question to a repository.
    pub(crate) fn resolve_git(&self, ask: Ask) -> anyhow::Result<Setup> {
        let (folder, top) = super::git::folders(&ask);
        let files = self.settings(&top, &ask.environment)?;
        self.resolve_one(vec![Source::Git(ask)], (&folder, &top), &files)
    }

    /// A scope without sources, under the configuration of the current folder.
    pub(crate) fn resolve_here(&self) -> anyhow::Result<Setup> {
        let (here, top) = here()?;
        let files = self.settings(&top, &Environment::default())?;
        self.resolve_one(Vec::new(), (&here, &top), &files)
    }

    fn resolve_one(&self, sources: Vec<Source>, place: (&Path, &Path), files: &Files) -> anyhow::Result<Setup> {
        let (folder, top) = place;
        let mut setup = Setup { scopes: Vec::new(), thresholds: Thresholds::default(), notices: Vec::new() };
        let file = self.config_file(folder, top, files);
        self.add(sources, file.as_deref(), top, files, &mut setup)?;
        setup.notices.extend(files.note());
        Ok(setup)
    }

    /// Where the settings that govern `top` are read from.
    fn settings(&self, top: &Path, environment: &Environment) -> anyhow::Result<Files> {
        let Some(revision) = &self.trusted_config else { return Ok(Files::Disk) };
        Files::trusted(top, revision, environment).context("--trusted-config cannot be used")
    }

    /// Adds the scope of some sources that one configuration file governs.
    fn add(
        &self,
        sources: Vec<Source>,
        file: Option<&Path>,
        top: &Path,
        files: &Files,
        setup: &mut Setup,
    ) -> anyhow::Result<()> {
        let config = match file {
            Some(file) => config::read(file, &shown(file), files)?,
            None => Config::default(),
        };
        setup.thresholds = self.thresholds(&config);
        let baseline = self.baseline(&home(file, top), files)?;
        setup.scopes.push(self.scope(sources, config, baseline, files, &mut setup.notices)?);
        Ok(())
    }

    fn config_file(&self, folder: &Path, top: &Path, files: &Files) -> Option<PathBuf> {
        if self.no_config {
            return None;
        }
        self.config.clone().or_else(|| config::find(folder, top, files))
    }

    fn thresholds(&self, config: &Config) -> Thresholds {
        let default = Thresholds::default();
        Thresholds {
            confidence: self.confidence.or(config.confidence).unwrap_or(default.confidence),
            fail_on: self.fail_on.or(config.fail_on).unwrap_or(default.fail_on),
        }
    }

    fn scope(
        &self,
        sources: Vec<Source>,
        config: Config,
        baseline: Option<Baseline>,
        files: &Files,
        notices: &mut Vec<String>,
    ) -> anyhow::Result<Scope> {
        notices.extend(self.unasked_rules(&sources, &config));
        let people = Arc::clone(&config.policy.people);
        Ok(Scope {
            sources,
            rules: self.rules(&config, files, notices)?,
            reading: source::Options {
                max_file_size: self.max_file_size.or(config.max_file_size),
                no_ignore: self.no_ignore,
                no_own_ignore: files.are_trusted(),
                include: config.include,
                exclude: config.exclude,
                jobs: self.jobs(),
            },
            lifecycle: keyrot::Lifecycle {
                inventory: lifecycle::Inventory::default(),
                options: lifecycle::Options { policy: config.policy, ..lifecycle::Options::new(DateTime::UNIX_EPOCH) },
                mappings: config.mappings,
                severities: config.rules.severity.iter().map(|(id, one)| (RuleId::from(id.as_str()), *one)).collect(),
            },
            suppressions: suppress::Options {
                ignores: config.ignores,
                no_inline_allow: self.no_inline_allow || config.no_inline_allow,
                honour: config.honour,
                policy: config.suppression_policy,
                baseline,
                fail_on_unused: self.fail_on_unused,
            },
            marking: scan::Marking { values: config.values, people, ..scan::Marking::default() },
        })
    }

    /// The baseline that is named, or the one that is there.
    fn baseline(&self, home: &Path, files: &Files) -> anyhow::Result<Option<Baseline>> {
        let path = self.baseline.clone().unwrap_or_else(|| home.join(baseline::FILE_NAME));
        if self.no_baseline || (self.baseline.is_none() && !files.is_file(&path)) {
            return Ok(None);
        }
        Ok(Some(read_baseline(&path, files)?))
    }

    /// Where the baseline of the current folder is, or would be.
    pub(crate) fn baseline_file(&self) -> anyhow::Result<PathBuf> {
        Ok(self.here()?.baseline)
    }

    /// Where keyrot's files for the current folder are, or would be.
    pub(crate) fn here(&self) -> anyhow::Result<Here> {
        let (here, top) = here()?;
        let found = self.config_file(&here, &top, &Files::Disk);
        let home = home(found.as_deref(), &top);
        let baseline = self.baseline.clone().unwrap_or_else(|| home.join(baseline::FILE_NAME));
        Ok(Here { config: found.unwrap_or_else(|| home.join(config::FILE_NAME)), home, baseline, top })
    }

    /// The same settings without any baseline.
    pub(crate) fn without_baseline(&self) -> Self {
        Self { no_baseline: true, ..self.clone() }
    }

    fn jobs(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.jobs.map_or_else(all, usize::from)
    }

    /// Says where a configuration of another scanner lies beside what is scanned. It is not used unasked: whoever writes to
    /// the branch could take keys out of the report with it.
    fn unasked_rules(&self, sources: &[Source], config: &Config) -> Vec<String> {
        let asked: Vec<PathBuf> =
            config.rules.files.iter().chain(&self.files).filter_map(|path| path.canonicalize().ok()).collect();
        let folders: BTreeSet<&Path> = sources.iter().filter_map(Source::folder).collect();
        let files = folders.into_iter().flat_map(|folder| gitleaks::FILE_NAMES.map(|name| folder.join(name)));
        files
            .filter_map(|path| path.canonicalize().ok())
            .filter(|path| path.is_file() && !asked.contains(path))
            .map(|path| format!("{0} is not used; `--rules {0}` uses its rules and allow lists", shown(&path)))
            .collect()
    }

    /// The active rules: built-in ones unless the configuration leaves them out, files of the configuration and of the
    /// command line, then the selections of both.
    pub(crate) fn rules(&self, config: &Config, files: &Files, notices: &mut Vec<String>) -> anyhow::Result<RuleSet> {
        let choice = &config.rules;
        let mut set = if choice.no_defaults { RuleSet::default() } else { RuleSet::builtin() };
        for path in choice.files.iter().chain(&self.files) {
            notices.extend(add_rules(&mut set, (path, files), &RuleSet::default())?);
        }
        for (id, severity) in &choice.severity {
            set.set_severity(id, *severity)?;
        }
        let only = if self.only.is_empty() { &choice.only } else { &self.only };
        let exclude: Vec<String> = choice.exclude.iter().chain(&self.exclude).cloned().collect();
        Ok(set.select(only, &exclude)?)
    }
}

/// Adds the rule files of a place, keyrot's own and those of gitleaks, to a set that is used beside another one; returns
/// what the user should know about them.
pub(crate) fn add_rules(set: &mut RuleSet, place: (&Path, &Files), beside: &RuleSet) -> anyhow::Result<Vec<String>> {
    let (path, files) = place;
    let texts = read_rule_files(path, files)?.into_iter();
    let (foreign, own): (Vec<_>, Vec<_>) = texts.partition(|text| gitleaks::recognises(&text.text));
    let mut notices = set.add_files(own, beside)?;
    for text in foreign {
        let config = read_gitleaks(text, files)?;
        let imported = gitleaks::translate(config, &beside.replaced_by(set));
        notices.extend(set.import(imported));
    }
    Ok(notices)
}

/// A configuration of gitleaks with all that it extends.
fn read_gitleaks(source: SourceText, files: &Files) -> anyhow::Result<gitleaks::Config> {
    /// Files that one chain may have; the tools themselves follow two.
    const LONGEST_CHAIN: usize = 8;
    let mut chain = vec![gitleaks::read(source)?];
    while let Some(base) = chain.last().and_then(|config| config.extend.path.clone()) {
        anyhow::ensure!(chain.len() < LONGEST_CHAIN, "{}: configurations extend each other without end", base.place);
        let text = files
            .read(Path::new(&base.value))
            .with_context(|| format!("{}: cannot read {}, which it extends", base.place, base.value))?;
        chain.push(gitleaks::read(SourceText { path: base.value, text })?);
    }
    Ok(chain.into_iter().rev().reduce(|base, config| config.over(base)).unwrap_or_default())
}

/// The folder that the baseline lies below.
fn home(config: Option<&Path>, top: &Path) -> PathBuf {
    config.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(top).to_owned()
}

/// The current folder, and the root of the repository that it is in.
fn here() -> anyhow::Result<(PathBuf, PathBuf)> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let top = source::repository_root(&here).unwrap_or(&here).to_owned();
    Ok((here, top))
}

pub(crate) fn read_baseline(path: &Path, files: &Files) -> anyhow::Result<Baseline> {
    let text = files.read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    Ok(Baseline::read(SourceText { path: shown(&name), text })?)
}

/// The path as reports name it: as it was given where that is relative, else relative to the current folder or to its
/// repository. Where a file lies on this machine concerns no reader of a report: outside both only its name stays.
pub(crate) fn shown(path: &Path) -> String {
    if path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return path.strip_prefix(".").unwrap_or(path).display().to_string();
    }
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    let below = here.as_deref().and_then(|here| real.strip_prefix(here).ok());
    let inside = || real.strip_prefix(source::repository_root(&real)?).ok();
    let name = || real.file_name().map(Path::new);
    below.or_else(inside).or_else(name).unwrap_or(path).display().to_string()
}

/// A rule file, or all `*.toml` files of a folder in the order of their names.
fn read_rule_files(path: &Path, files: &Files) -> anyhow::Result<Vec<SourceText>> {
    let mut texts = Vec::new();
    let list = files.list(path).with_context(|| format!("cannot read rules from {}", path.display()))?;
    for file in list {
        if file == path || file.extension().is_some_and(|ending| ending == "toml") {
            let text = files.read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            texts.push(SourceText { path: file.display().to_string(), text });
        }
    }
    anyhow::ensure!(!texts.is_empty(), "there is no rule file in {}", path.display());
    Ok(texts)
}

pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1_000),
        Some((at, 'M')) => (&text[..at], 1_000_000),
        Some((at, 'G')) => (&text[..at], 1_000_000_000),
        _ => (text, 1),
    };
    let number: u64 = number.parse().map_err(|_| "write a number of bytes, such as 500000, 500k or 2M".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "this is more than any file can have".to_owned())
}
