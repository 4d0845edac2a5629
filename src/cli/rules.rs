//! `keyrot rules`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use keyrot::rule::{Examples, Rule, RuleSet};
use keyrot::scan::selftest;

use super::output::Console;
use super::setup::read_rule_files;

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List all built-in rules.
    List {
        /// The form of the list.
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
    /// Show one rule whole.
    Show {
        /// The rule's id.
        id: String,
    },
    /// Prove the rules of a file or folder against their own examples, through the real scanner.
    Test {
        /// The rule file, or a folder of them.
        #[arg(value_name = "FILE-OR-FOLDER")]
        path: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Json,
}

pub(crate) fn run(command: RulesCommand, console: &Console) -> anyhow::Result<u8> {
    match command {
        RulesCommand::List { format } => list(format, console),
        RulesCommand::Show { id } => show(&id, console),
        RulesCommand::Test { path } => test(&path, console),
    }
}

fn list(format: ListFormat, console: &Console) -> anyhow::Result<u8> {
    let set = RuleSet::builtin();
    let mut out = console.out();
    match format {
        ListFormat::Json => {
            let rules: Vec<_> = set.rules().iter().map(|rule| &*rule.definition).collect();
            serde_json::to_writer_pretty(&mut out, &serde_json::json!({ "rules": rules }))?;
            writeln!(out)?;
        }
        ListFormat::Text => {
            for rule in set.rules() {
                let definition = &rule.definition;
                writeln!(
                    out,
                    "{:<44} {:<8} {:<7} {}",
                    rule.id, definition.severity, definition.confidence, definition.name
                )?;
            }
        }
    }
    Ok(0)
}

fn show(id: &str, console: &Console) -> anyhow::Result<u8> {
    let set = RuleSet::builtin();
    serde_json::to_writer_pretty(console.out(), &*set.look_up(id)?.definition)?;
    writeln!(console.out())?;
    Ok(0)
}

fn test(path: &std::path::Path, console: &Console) -> anyhow::Result<u8> {
    let mut files = RuleSet::default();
    for source in read_rule_files(path)? {
        for notice in files.add_file(source)? {
            console.say(&format!("note: {notice}"));
        }
    }
    let rules: Vec<(Rule, Examples)> = files
        .rules()
        .iter()
        .map(|rule| (rule.clone(), rule.examples.as_deref().cloned().unwrap_or_default()))
        .collect();
    // Rules are proven beside the built-in ones; a file that holds built-in rules replaces those.
    let set = RuleSet::builtin().replaced_by(&files);
    let failures = selftest::run(&set, &rules);
    let mut out = console.out();
    for failure in &failures {
        writeln!(out, "{}: {}: {}", failure.rule, failure.text, failure.problem)?;
    }
    let texts: usize = rules.iter().map(|(_, examples)| examples.positive.len() + examples.negative.len()).sum();
    writeln!(out, "{} rules, {texts} texts, {} failures", rules.len(), failures.len())?;
    Ok(u8::from(!failures.is_empty()))
}
