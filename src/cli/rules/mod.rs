//! `keyrot rules`.

mod test;

use std::io::Write;

use clap::{Subcommand, ValueEnum};
use keyrot::rule::{RuleSet, coverage};

use super::output::Console;

/// What editors check rule files with.
const SCHEMA: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/rules-1.json"));

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
    Test(test::TestArgs),
    /// Print the JSON Schema of rule files, for editors.
    Schema,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Json,
    /// What is covered, as a page of documentation.
    Markdown,
}

pub(crate) fn run(command: RulesCommand, console: &Console) -> anyhow::Result<u8> {
    match command {
        RulesCommand::List { format } => list(format, console),
        RulesCommand::Show { id } => show(&id, console),
        RulesCommand::Test(args) => test::run(&args, console),
        RulesCommand::Schema => Ok(console.out().write_all(SCHEMA.as_bytes()).map(|()| 0)?),
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
        ListFormat::Markdown => out.write_all(coverage::markdown(set.rules()).as_bytes())?,
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
