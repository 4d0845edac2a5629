//! Rule files of gitleaks and betterleaks: read, joined with the files they extend, and said in keyrot's own terms.
//!
//! The format is that of the tools' own documentation (README, "Configuration"). What cannot be honoured is listed with its
//! place and the reason. Their built-in rules are no part of keyrot: its own take that place.

mod read;
mod regex;
mod translate;

pub use read::{Allowlist, Config, Extend, Placed, Required, Rule, read};
pub use translate::{Imported, translate};

/// Names under which the tools look for their configuration in a repository.
pub const FILE_NAMES: [&str; 2] = [".gitleaks.toml", ".betterleaks.toml"];

/// Whether the text is such a file, and not one of keyrot's own rule files.
pub fn recognises(text: &str) -> bool {
    let mut problems = Vec::new();
    let Some(root) = crate::toml_reader::parse(text, &mut problems) else { return false };
    let has = |key: &str| root.get_ref().contains_key(key);
    !has("rule") && ["rules", "allowlist", "allowlists", "extend"].into_iter().any(has)
}
