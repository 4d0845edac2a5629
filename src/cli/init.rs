//! `keyrot init`: sets a repository up.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use keyrot::host::Host;
use keyrot::migrate;
use keyrot::source::git::Repository;
use keyrot::suppress::Baseline;

use super::baseline::{look, start};
use super::change::{self, Change};
use super::hook::{self, Name};
use super::life::KeyArgs;
use super::output::Console;
use super::setup::{Here, SetupArgs, shown};
use crate::Environment;

/// What a new configuration says.
const CONFIG: &str = include_str!("init.toml");

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Do what is shown, without asking.
    #[arg(long)]
    yes: bool,
    /// Leave the git hook out.
    #[arg(long)]
    no_hook: bool,
    /// Leave the pipeline out.
    #[arg(long)]
    no_ci: bool,
    /// Leave the baseline out: everything that is found shows from the start.
    #[arg(long)]
    no_baseline_file: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    setup: SetupArgs,
}

/// What will be done, and what a person still has to do.
struct Steps {
    lines: Vec<String>,
    changes: Vec<Change>,
    /// Whether git's own hook is to be installed.
    hook: bool,
}

impl Steps {
    fn say(&mut self, part: &str, text: &str) {
        self.lines.push(format!("{part:<10} {text}"));
    }

    /// Plans a file, or says why not.
    fn file(&mut self, part: &str, change: Option<Change>, otherwise: &str) {
        match change {
            Some(change) => {
                self.say(part, &change.describe());
                self.changes.push(change);
            }
            None => self.say(part, otherwise),
        }
    }
}

pub(crate) fn run(args: &InitArgs, console: &Console, environment: &Environment) -> anyhow::Result<u8> {
    let here = args.setup.here()?;
    let repository = Repository::open(&here.top, &environment.git)
        .context("keyrot init sets a git repository up: run it inside one, after `git init`")?;
    let mut steps = Steps { lines: Vec::new(), changes: Vec::new(), hook: false };
    let config = Change::new_file(here.config.clone(), CONFIG)?;
    steps.file("config", config, &format!("{} is there already", shown(&here.config)));
    if !args.no_hook {
        hooks(&here, &mut steps)?;
    }
    if !args.no_baseline_file {
        baseline(args, &here, &mut steps, console, environment)?;
    }
    if !args.no_ci {
        pipeline(&here, &repository, &mut steps)?;
    }
    let others = super::migrate::scanners(&here.top)?;
    if !others.is_empty() {
        steps.say("other", &format!("{}: `keyrot migrate` takes over what they say", others.join(", ")));
    }
    let mut out = console.out();
    steps.lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    out.flush()?;
    if steps.changes.is_empty() && !steps.hook {
        console.say("everything is set up; nothing to do");
        return Ok(0);
    }
    if change::agreed(args.yes, "--yes", console)? {
        change::make(&steps.changes)?;
        if steps.hook {
            hook::install(Name::PreCommit, console)?;
        }
        console.say("done; `keyrot doctor` proves that the hook catches a canary. Commit the new files.");
    }
    Ok(0)
}

/// pre-commit runs its own list; husky and plain git are the business of `keyrot hook install`.
fn hooks(here: &Here, steps: &mut Steps) -> anyhow::Result<()> {
    for name in [".pre-commit-config.yaml", ".pre-commit-config.yml"] {
        let path = here.top.join(name);
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let otherwise = if text.contains("keyrot") {
            format!("{name} runs keyrot already")
        } else {
            format!("add this to {name}:\n{}", migrate::LOCAL_HOOK.join("\n"))
        };
        let new = migrate::with_local_hook(&text).map(|new| Change::new(path, new)).transpose()?.flatten();
        steps.file("hook", new, &otherwise);
        return Ok(());
    }
    for name in ["lefthook.yml", "lefthook.yaml", ".lefthook.yml"] {
        let path = here.top.join(name);
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let command = "pre-commit:\n  commands:\n    keyrot:\n      run: keyrot scan --staged";
        let text = if text.contains("keyrot") {
            format!("{name} runs keyrot already")
        } else {
            format!("{name} runs the hooks: add this to it\n{command}")
        };
        steps.say("hook", &text);
        return Ok(());
    }
    let (path, _) = hook::place(Name::PreCommit)?;
    steps.hook = !hook::is_ours(&path);
    let earlier = if path.exists() { "; the hook that is there runs first" } else { "" };
    let text =
        if steps.hook { format!("{}: installed{earlier}", shown(&path)) } else { "installed already".to_owned() };
    steps.say("hook", &text);
    Ok(())
}

/// Everything that is found now becomes known; what comes later shows.
fn baseline(
    args: &InitArgs,
    here: &Here,
    steps: &mut Steps,
    console: &Console,
    environment: &Environment,
) -> anyhow::Result<()> {
    if here.baseline.exists() {
        steps.say("baseline", &format!("{} is there already", shown(&here.baseline)));
        return Ok(());
    }
    let mut baseline: Baseline = start(&here.baseline, args.key.read(environment)?.as_ref(), false)?;
    let report = look(&baseline, &args.setup.without_baseline(), &args.key, console, environment)?;
    report.findings.iter().for_each(|finding| {
        baseline.add(finding);
    });
    let count = baseline.entries().len();
    if count == 0 {
        steps.say("baseline", "none: there is no secret to know");
        return Ok(());
    }
    let rules: BTreeSet<&str> = baseline.entries().values().map(|entry| entry.rule.as_str()).collect();
    let rules: Vec<&str> = rules.into_iter().take(4).collect();
    let name = shown(&here.baseline);
    steps.say(
        "baseline",
        &format!(
            "{name}: {count} secrets are known from now on ({}); judge them with `keyrot baseline audit`",
            rules.join(", ")
        ),
    );
    steps.changes.extend(super::baseline::changes(&here.baseline, &baseline)?);
    Ok(())
}

fn pipeline(here: &Here, repository: &Repository, steps: &mut Steps) -> anyhow::Result<()> {
    let has = |name: &str| here.top.join(name).exists();
    let remote = repository.setting("remote.origin.url");
    let Some(host) = Host::detect(has, remote.as_deref()) else {
        steps.say(
            "pipeline",
            "no host is known by files or remote: templates for six of them are in keyrot's folder ci/",
        );
        return Ok(());
    };
    if let Some(file) = runs_keyrot(host, here) {
        steps.say("pipeline", &format!("{file} runs keyrot already"));
        return Ok(());
    }
    let (place, then) = host.place(has);
    let change = Change::new_file(here.top.join(place), host.pipeline())?;
    let then = then.map(|then| format!("; {then}")).unwrap_or_default();
    if let Some(change) = change {
        steps.say("pipeline", &format!("{} for {}{then}", change.describe(), host.name()));
        steps.changes.push(change);
    } else {
        steps.say("pipeline", &format!("{place} is there already{then}"));
    }
    Ok(())
}

/// The pipeline that has keyrot in it.
fn runs_keyrot(host: Host, here: &Here) -> Option<String> {
    let own = host.files().into_iter().map(PathBuf::from);
    let workflows = std::fs::read_dir(here.top.join(".github/workflows")).into_iter().flatten().flatten();
    let workflows = workflows.filter(|_| host == Host::GitHub).map(|entry| entry.path());
    let mut files = own.chain(workflows);
    let found =
        files.find(|path| std::fs::read_to_string(here.top.join(path)).is_ok_and(|text| text.contains("keyrot")))?;
    Some(shown(&found))
}
