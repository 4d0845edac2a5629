//! `keyrot remediate`: the ordered steps for keys that leaked, and the check that they were taken.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use keyrot::diagnostic::SourceText;
use keyrot::finding::{Finding, Location, Origin};
use keyrot::remediate::{self, Leak, Record, Recorded, Stores, rule_id, rules_for};
use keyrot::report::{Report, Status};
use keyrot::rule::RuleSet;
use keyrot::scan;
use keyrot::secret::Secret;
use keyrot::source::git::{Ask, Repository, What};
use keyrot::source::{Source, WorkTree, repository_root};

use super::life::KeyArgs;
use super::output::Console;
use super::progress::Bar;
use super::scan::run_key;
use super::setup::{Setup, SetupArgs};
use crate::Environment;

/// The file that `git filter-repo --replace-text` reads. It holds the values in clear.
const REPLACEMENTS: &str = "replacements.txt";
/// What the check knows besides, masked.
const RECORD: &str = "record.json";
/// Larger files do not tell which secret store is in use, in bytes.
const LARGEST_TEXT: u64 = 1 << 20;

#[derive(Debug, Args)]
pub(crate) struct RemediateArgs {
    /// Which findings: prints or their beginnings, rules, paths or globs of paths [default: all].
    #[arg(value_name = "PRINT|RULE|PATH")]
    choices: Vec<String>,
    /// Write the replacement file of `git filter-repo`, with the values in clear, into this new folder outside the repository.
    #[arg(long, value_name = "FOLDER", conflicts_with = "check")]
    out: Option<PathBuf>,
    /// Check that what an earlier run wrote into this folder is done: each old value is gone from tree and history, and what
    /// took its place is another.
    #[arg(long, value_name = "FOLDER", conflicts_with = "choices")]
    check: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    setup: SetupArgs,
}

pub(crate) fn run(args: &RemediateArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let work = Work { args, top: args.setup.here()?.top, console, environment };
    match &args.check {
        Some(folder) => work.check(folder),
        None => work.plan(),
    }
}

struct Work<'w> {
    args: &'w RemediateArgs,
    top: PathBuf,
    console: &'w Console,
    environment: &'w Environment,
}

impl Work<'_> {
    fn plan(&self) -> anyhow::Result<u8> {
        let report = self.find(|_| Ok(()))?;
        let all: Vec<&Finding> = report.findings.iter().chain(&report.suppressed).collect();
        let chosen = remediate::choose(&all, &self.args.choices);
        let rules = self.args.setup.resolve_here()?.scopes.remove(0).rules;
        let leaks = remediate::leaks(chosen.into_iter(), &rules);
        if leaks.is_empty() {
            self.console.say("no finding with a secret is meant: `keyrot scan --history` lists them");
            return Ok(0);
        }
        let stores = self.stores()?;
        let values: Vec<Vec<Secret>> = leaks.iter().map(|leak| self.values(leak)).collect::<anyhow::Result<_>>()?;
        let lines = self.args.out.as_deref().map(|folder| write(folder, &leaks, &values)).transpose()?;
        let mut out = self.console.out();
        for (number, leak) in leaks.iter().enumerate() {
            let purged = lines.as_ref().map(|lines| !lines[number].is_empty());
            writeln!(out, "{}", describe(number + 1, leak, &stores, self.args.out.as_deref(), purged))?;
        }
        if let Some(folder) = &self.args.out {
            let file = folder.join(REPLACEMENTS);
            self.console.say(&format!(
                "warning: {} holds the values in clear. Only you can read it; delete the folder when the check is clean.",
                file.display()
            ));
        }
        Ok(1)
    }

    /// The tree and, in a repository, its whole history; `prepare` changes what is looked for.
    fn find(&self, prepare: impl Fn(&mut Setup) -> anyhow::Result<()>) -> anyhow::Result<Report> {
        let setup_args = &self.args.setup;
        let mut setup = setup_args.resolve(std::slice::from_ref(&self.top), None)?;
        if Repository::open(&self.top, &self.environment.git).is_ok() {
            let what = What::History { revisions: Vec::new(), unreachable: true };
            let ask = Ask { path: self.top.clone(), environment: self.environment.git.clone(), what, ..Ask::default() };
            setup.scopes.extend(setup_args.resolve_git(ask)?.scopes);
        }
        prepare(&mut setup)?;
        let fingerprint = self.args.key.read(self.environment)?.map_or_else(run_key, Ok)?;
        let scanning = scan::Options { fingerprint, show_secrets: false, limits: scan::Limits::default() };
        let bar = Bar::new(self.console.shows_progress());
        let report = keyrot::run(setup.request(scanning, self.environment.now), &bar)?;
        bar.finish();
        Ok(report)
    }

    fn stores(&self) -> anyhow::Result<Stores> {
        let source = Source::WorkTree(WorkTree::open(&self.top)?);
        let options = keyrot::source::Options { jobs: 1, max_file_size: Some(LARGEST_TEXT), ..Default::default() };
        let (mut stores, mut bytes) = (Stores::default(), Vec::new());
        for item in source.list(&options)?.items {
            if source.read(&item, &options, &mut bytes).is_ok() {
                stores.look(item.origin.path(), &bytes);
            }
        }
        Ok(stores)
    }

    /// Every form in which the key is stored.
    fn values(&self, leak: &Leak) -> anyhow::Result<Vec<Secret>> {
        let mut values: Vec<Secret> = Vec::new();
        for place in leak.now.iter().chain(&leak.past) {
            let Some(value) = self.stored(place)? else { continue };
            if !values.iter().any(|known| known.digests() == value.digests()) {
                values.push(value);
            }
        }
        Ok(values)
    }

    /// The bytes at a place. A member of an archive has none of its own in the repository.
    fn stored(&self, place: &Location) -> anyhow::Result<Option<Secret>> {
        let Some(region) = place.region else { return Ok(None) };
        let bytes = match &place.origin {
            Origin::File { path } if !path.contains("!/") => std::fs::read(self.top.join(path)).ok(),
            Origin::Commit { path, id, .. } if !path.contains("!/") => {
                Repository::open(&self.top, &self.environment.git)?.file_at(id, path)?
            }
            _ => None,
        };
        let stretch = bytes.as_deref().and_then(|bytes| bytes.get(region.bytes.start..region.bytes.end));
        Ok(stretch.map(Secret::new))
    }

    fn check(&self, folder: &Path) -> anyhow::Result<u8> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let record: Record = serde_json::from_slice(&read(RECORD)?).context("the record cannot be understood")?;
        let text = zeroize::Zeroizing::new(read(REPLACEMENTS)?);
        let lines = text.split_inclusive(|&byte| byte == b'\n');
        let values: Vec<Secret> = lines
            .map(|line| {
                Secret::of_replacement_line(line).context("a line of the replacement file cannot be understood")
            })
            .collect::<anyhow::Result<_>>()?;
        let old = if values.is_empty() { None } else { Some(self.find(|setup| look_for(setup, &values))?) };
        let new = self.find(|setup| {
            setup.scopes.truncate(1);
            Ok(())
        })?;
        let mut left = 0;
        let mut out = self.console.out();
        for (number, leak) in record.leaks.iter().enumerate() {
            let stands = old.as_ref().map(|report| remaining(report, leak)).unwrap_or_default();
            left += usize::from(!stands.is_empty());
            writeln!(out, "{}", verdict(number + 1, leak, &stands, &leak.successors(&new.findings)))?;
        }
        if old.as_ref().is_some_and(|report| report.status() == Status::Incomplete) {
            self.console.say("something could not be read: what seems gone may be there");
            return Ok(2);
        }
        self.console.say(&format!("{} of {} keys still stand somewhere", left, record.leaks.len()));
        Ok(u8::from(left > 0))
    }
}

/// Writes both files; for each key, the lines of the replacement file that are its own.
fn write(folder: &Path, leaks: &[Leak], values: &[Vec<Secret>]) -> anyhow::Result<Vec<Vec<usize>>> {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = parent.canonicalize().with_context(|| format!("there is no folder {}", parent.display()))?;
    anyhow::ensure!(
        repository_root(&parent).is_none(),
        "{} is inside a repository: values in clear must lie outside of all",
        folder.display()
    );
    private_folder(folder).with_context(|| format!("cannot make {}: it must not be there yet", folder.display()))?;
    let mut text = zeroize::Zeroizing::new(Vec::new());
    let (mut count, mut lines, mut record) = (0, Vec::new(), Record::default());
    for (leak, values) in leaks.iter().zip(values) {
        let mut own = Vec::new();
        for line in values.iter().filter(|_| leak.is_committed()).filter_map(Secret::replacement_line) {
            text.extend_from_slice(&line);
            own.push(count);
            count += 1;
        }
        record.leaks.push(Recorded::of(leak, own.clone()));
        lines.push(own);
    }
    private_file(&folder.join(REPLACEMENTS), &text)?;
    private_file(&folder.join(RECORD), serde_json::to_string_pretty(&record)?.as_bytes())?;
    Ok(lines)
}

/// The old values and nothing else, wherever they stand.
fn look_for(setup: &mut Setup, values: &[Secret]) -> anyhow::Result<()> {
    let mut rules = RuleSet::default();
    rules.add_file(SourceText { path: REPLACEMENTS.to_owned(), text: rules_for(values.iter()) })?;
    for scope in &mut setup.scopes {
        scope.rules = rules.clone();
        scope.suppressions = keyrot::suppress::Options::default();
        scope.marking = scan::Marking::default();
        scope.reading.include.clear();
        scope.reading.exclude.clear();
        scope.reading.no_ignore = true;
    }
    Ok(())
}

fn remaining<'r>(report: &'r Report, leak: &Recorded) -> Vec<&'r Finding> {
    let ids: Vec<String> = leak.lines.iter().map(|number| rule_id(*number)).collect();
    report.findings.iter().filter(|finding| ids.iter().any(|id| id == finding.rule.as_str())).collect()
}

fn verdict(number: usize, leak: &Recorded, stands: &[&Finding], successors: &[&Finding]) -> String {
    let mut text = format!("{number}. {} {}\n", leak.name, leak.redacted);
    if leak.lines.is_empty() {
        text.push_str("   not checked: it was never committed, or is too short to be looked for\n");
    } else if stands.is_empty() {
        text.push_str("   gone from the tree and from every commit\n");
    }
    for finding in stands {
        let place = match &finding.location.origin {
            Origin::Commit { id, .. } | Origin::Message { id, .. } => {
                format!("{} in commit {}", finding.location.label(), id.get(..12).unwrap_or(id))
            }
            _ => finding.location.label(),
        };
        text.push_str(&format!("   still stands: {place}\n"));
    }
    for finding in successors {
        let redacted = finding.secret.as_ref().map(|secret| secret.redacted.to_string()).unwrap_or_default();
        let slot = finding.context.slot.as_deref().unwrap_or_default();
        let same = stands.iter().any(|old| {
            old.location.origin == finding.location.origin
                && old
                    .location
                    .region
                    .zip(finding.location.region)
                    .is_some_and(|(old, new)| old.bytes.overlaps(new.bytes))
        });
        let what = if same {
            "it is the old value"
        } else {
            "it differs from the old one, but stands in clear: it will leak again"
        };
        text.push_str(&format!("   {slot} at {} holds {redacted}: {what}\n", finding.location.label()));
    }
    if successors.is_empty() {
        for (path, slot) in leak.slots.iter().filter_map(|(path, slot)| Some((path, slot.as_ref()?))).take(5) {
            text.push_str(&format!("   {slot} in {path} holds no key any more\n"));
        }
    }
    text
}

/// The steps for one key, in their order.
fn describe(number: usize, leak: &Leak, stores: &Stores, folder: Option<&Path>, purged: Option<bool>) -> String {
    let mut text = format!("{number}. {} {} ({})\n", leak.name, leak.redacted, leak.rule);
    if let Some(print) = &leak.print {
        text.push_str(&format!("   print    {print}\n"));
    }
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for place in &leak.now {
        let line = place.region.map(|region| region.start.line.to_string()).unwrap_or_default();
        let lines = places.entry(place.origin.path()).or_default();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    for (path, lines) in &places {
        text.push_str(&format!("   stands   {path}:{}\n", lines.join(",")));
    }
    if let Some(exposure) = &leak.exposure {
        let (id, time) = &exposure.first;
        let (id, day) = (id.get(..12).unwrap_or(id), time.format("%Y-%m-%d"));
        text.push_str(&format!("   history  since {day} ({id}), in {} paths\n", exposure.paths.len()));
    }
    let url = leak.rotate.0.as_deref().map(|url| format!("at {url}: ")).unwrap_or_default();
    let how = leak.rotate.1.as_deref().unwrap_or("make a new key, switch to it, revoke the old one");
    text.push_str(&format!(
        "   rotate   {url}{how}\n            Rotate first: what was pushed is known, whatever happens to the history.\n"
    ));
    for path in places.keys() {
        let (reference, store) = stores.reference(path, &leak.reference_name());
        let why = store.map(|(store, file)| format!(" ({}, in use in {file})", store.name())).unwrap_or_default();
        text.push_str(&format!("   replace  in {path} by {reference}{why}\n"));
    }
    text.push_str(&purge(leak, folder, purged));
    text
}

fn purge(leak: &Leak, folder: Option<&Path>, purged: Option<bool>) -> String {
    if !leak.is_committed() {
        return "   purge    nothing: no commit has it\n".to_owned();
    }
    let in_archive = leak.now.iter().chain(&leak.past).find(|place| place.origin.path().contains("!/"));
    if let Some(place) = in_archive {
        let path = place.origin.path().split("!/").next().unwrap_or_default();
        return format!(
            "   purge    it stands in an archive: `git filter-repo --invert-paths --path {path}` takes the file out\n"
        );
    }
    match (folder, purged) {
        (Some(folder), Some(true)) => format!(
            "   purge    in a fresh clone: git filter-repo --replace-text {}\n            then push every branch and tag by force, and have every clone made anew\n   check    keyrot remediate --check {}\n",
            folder.join(REPLACEMENTS).display(),
            folder.display()
        ),
        (Some(_), _) => "   purge    by hand: the value is too short to be replaced wherever it stands\n".to_owned(),
        _ => "   purge    with the replacement file that --out FOLDER writes, outside the repository\n".to_owned(),
    }
}

/// A new folder that nobody else can look into.
fn private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A new file that nobody else can read.
fn private_file(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(content)).with_context(failed)
}
