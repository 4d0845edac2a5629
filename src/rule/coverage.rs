//! What the rules cover, as a page of documentation: `docs/coverage.md` is what this writes about the built-in ones.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::definition::Format;
use super::{Definition, Kind, Rule};

/// What a set of rules covers, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Rules that find something in texts.
    pub rules: usize,
    /// Vendors and formats that they are about.
    pub providers: usize,
    /// Rules that check the value offline.
    pub checked: usize,
    /// Rules that read dates inside the value.
    pub dated: usize,
    /// Rules that take in what stands near.
    pub composite: usize,
    /// Rules whose form the provider was seen to document.
    pub documented: usize,
    /// Rules whose form keys in public code were seen to have.
    pub observed: usize,
    /// Rules of whose form the provider was seen to show the beginning.
    pub prefix: usize,
    /// Rules about no provider's form: what only the context betrays, and parts of others.
    pub formless: usize,
}

/// Providers that are none: their rules' values have no form of their own that a source could state.
const FORMLESS: [&str; 2] = ["generic", "oauth"];

impl Counts {
    /// Counts the rules.
    pub fn of(rules: &[Rule]) -> Self {
        let found: Vec<&Definition> = finding(rules).collect();
        let number = |test: &dyn Fn(&Definition) -> bool| found.iter().filter(|one| test(one)).count();
        Self {
            rules: found.len(),
            providers: found.iter().map(|one| one.provider.as_str()).collect::<BTreeSet<_>>().len(),
            checked: number(&|one| one.checksum.is_some()),
            dated: number(&|one| one.embedded.is_some()),
            composite: number(&|one| !one.parts.is_empty()),
            documented: number(&|one| one.format == Some(Format::Documented)),
            observed: number(&|one| one.format == Some(Format::Observed)),
            prefix: number(&|one| one.format == Some(Format::Prefix)),
            formless: number(&|one| one.format.is_none() && FORMLESS.contains(&one.provider.as_str())),
        }
    }
}

/// The page.
pub fn markdown(rules: &[Rule]) -> String {
    let Counts { rules: number, providers, checked, dated, composite, documented, observed, prefix, formless } =
        Counts::of(rules);
    let seen = documented + observed + prefix;
    let formed = number - formless;
    let unseen = formed - seen;
    let mut page = format!(
        "# What keyrot covers\n\n\
         Made from [`rules/`](../rules) by `keyrot rules list --format markdown`; a test holds it current.\n\n\
         {number} rules about {providers} providers and formats. {checked} check the value offline (a checksum or a \
         structure that the provider documents), {dated} read dates inside it, {composite} take in the id or key that stands \
         beside it. *Check* and *dates* name what is read; *sources* links where the key is described, *rotate* the page where \
         the key is replaced.\n\n\
         **Format seen: {seen} of {formed}** ({formless} more are about no provider's form). For these somebody opened the sources and compared the pattern with them: \
         *documented* ({documented}) where the provider's pages or code state, show or generate the whole form, *observed* \
         ({observed}) where keys in public code agree on it, *prefix* ({prefix}) where the provider shows how it begins and no \
         more. Of the other {unseen} nobody has noted what the pages that they cite say about the form.\n\n\
         | provider | rule | kind | format | sources | check | dates | rotate |\n|---|---|---|---|---|---|---|---|\n"
    );
    let mut found: Vec<&Definition> = finding(rules).collect();
    found.sort_by(|one, other| (&one.provider, &one.id).cmp(&(&other.provider, &other.id)));
    for one in found {
        let sources = one.references.iter().enumerate();
        let sources: Vec<String> = sources.map(|(index, url)| format!("[{}]({url})", index + 1)).collect();
        let rotate = one.rotate.url.as_ref().map_or(String::new(), |url| format!("[page]({url})"));
        _ = writeln!(
            page,
            "| {} | `{}` | {} | {} | {} | {} | {} | {rotate} |",
            one.provider,
            one.id,
            one.kind.name(),
            one.format.map_or("", Format::name),
            sources.join(" "),
            one.checksum.as_deref().unwrap_or_default(),
            one.embedded.as_deref().unwrap_or_default(),
        );
    }
    page
}

/// The rules that find something in texts.
fn finding(rules: &[Rule]) -> impl Iterator<Item = &Definition> {
    rules.iter().map(|rule| &*rule.definition).filter(|one| one.kind != Kind::Audit)
}
