//! Owners from a CODEOWNERS file. Never from commit authors.

use globset::{GlobBuilder, GlobMatcher};

/// The rules of a CODEOWNERS file; the last that fits wins.
#[derive(Clone, Debug, Default)]
pub struct Owners(Vec<(GlobMatcher, Vec<String>)>);

impl Owners {
    /// Where the file is looked for, in this order, from the root of the repository.
    pub const PLACES: &[&str] = &["CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"];

    /// Reads the file. Lines that are no rule are passed over, as the hosts do.
    pub fn read(text: &str) -> Self {
        let rules = text.lines().filter_map(|line| {
            let line = line.split(" #").next().unwrap_or(line).trim();
            if line.is_empty() || line.starts_with(['#', '[', '^']) {
                return None;
            }
            let mut words = line.split_whitespace();
            let pattern = words.next()?;
            Some((glob(pattern)?, words.map(str::to_owned).collect()))
        });
        Self(rules.collect())
    }

    /// The owners of a path, joined by spaces; none if no rule fits or the last that fits names nobody.
    pub fn of(&self, path: &str) -> Option<String> {
        let (_, owners) = self.0.iter().rev().find(|(glob, _)| glob.is_match(path))?;
        (!owners.is_empty()).then(|| owners.join(" "))
    }
}

/// The pattern language of ignore files: without a slash inside it fits at any depth, a folder fits all below it.
fn glob(pattern: &str) -> Option<GlobMatcher> {
    let folder = pattern.ends_with('/');
    let bare = pattern.trim_matches('/');
    let anchored = pattern.starts_with('/') || bare.contains('/');
    let start = if anchored { "" } else { "**/" };
    let text = if bare == "*" {
        "**".to_owned()
    } else if folder {
        format!("{start}{bare}/**")
    } else {
        format!("{start}{bare}{{,/**}}")
    };
    GlobBuilder::new(&text)
        .literal_separator(true)
        .empty_alternates(true)
        .build()
        .ok()
        .map(|glob| glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rule_that_fits_wins() {
        let owners = Owners::read("# all\n* @org/all\n*.tf @org/infra # state\n/deploy/ @org/ops\ndocs/secret.md\n");
        assert_eq!(owners.of("src/main.rs").as_deref(), Some("@org/all"));
        assert_eq!(owners.of("a/b/main.tf").as_deref(), Some("@org/infra"));
        assert_eq!(owners.of("deploy/keys/prod.env").as_deref(), Some("@org/ops"));
        assert_eq!(owners.of("x/deploy/prod.env").as_deref(), Some("@org/all"));
        assert_eq!(owners.of("docs/secret.md"), None);
    }
}
