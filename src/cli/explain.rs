//! `keyrot explain`.

use std::io::Write;

use keyrot::rule::RuleSet;

use super::output::Console;

pub(crate) fn run(id: &str, console: &Console) -> anyhow::Result<u8> {
    let set = RuleSet::builtin();
    let rule = set.look_up(id)?;
    let definition = &rule.definition;
    let mut out = console.out();
    writeln!(out, "{} ({})", definition.name, rule.id)?;
    writeln!(out, "severity {}, confidence {}\n", definition.severity, definition.confidence)?;
    writeln!(out, "Why it matters\n  {}\n", definition.why)?;
    let rotate = &definition.rotate;
    if let Some(steps) = &rotate.steps {
        writeln!(out, "What to do\n  {steps}")?;
    }
    if let Some(url) = &rotate.url {
        writeln!(out, "  {url}")?;
    }
    if let Some(days) = rotate.max_age_days {
        writeln!(out, "  Rotate at least every {days} days.")?;
    }
    if !definition.references.is_empty() {
        writeln!(out, "\nSources")?;
        for reference in &definition.references {
            writeln!(out, "  {reference}")?;
        }
    }
    Ok(0)
}
