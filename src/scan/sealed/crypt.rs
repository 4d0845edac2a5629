//! Files that git-crypt should encrypt: those to which a `.gitattributes` gives its filter.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// What one `.gitattributes` says about the filter of the files below its folder.
#[derive(Debug)]
pub struct Attributes {
    /// The folder with its slash; empty is the root.
    folder: String,
    /// Patterns, and whether they set git-crypt or something else. The last that fits wins.
    lines: Vec<(Gitignore, bool)>,
}

impl Attributes {
    /// Reads the file's text; none if it never names git-crypt.
    pub fn read(folder: &str, text: &str) -> Option<Self> {
        let lines: Vec<(Gitignore, bool)> = text.lines().filter_map(line).collect();
        let names_it = lines.iter().any(|(_, crypt)| *crypt);
        names_it.then(|| Self { folder: folder.to_owned(), lines })
    }

    /// Whether git-crypt encrypts the file of this path; none where the file says nothing about it.
    pub fn encrypts(&self, path: &str) -> Option<bool> {
        let inside = path.strip_prefix(&self.folder)?;
        let fits = |(pattern, _): &&(Gitignore, bool)| pattern.matched(inside, false).is_ignore();
        self.lines.iter().rev().find(fits).map(|(_, crypt)| *crypt)
    }

    /// How deep its folder lies: the nearest file to a path wins.
    pub fn depth(&self) -> usize {
        self.folder.matches('/').count()
    }

    /// The file's own path.
    pub fn path(&self) -> String {
        format!("{}.gitattributes", self.folder)
    }
}

/// A line that sets or takes away the filter: `secrets/** filter=git-crypt diff=git-crypt`.
fn line(line: &str) -> Option<(Gitignore, bool)> {
    let line = line.trim();
    let (pattern, attributes) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => line.split_once([' ', '\t'])?,
    };
    let is_filter = |word: &str| word.trim_start_matches(['-', '!']).split('=').next() == Some("filter");
    let filter = attributes.split_whitespace().rfind(|word| is_filter(word))?;
    // Negative patterns are forbidden in these files, and comments begin as in ignore files.
    let mut builder = GitignoreBuilder::new("");
    builder.add_line(None, pattern).ok()?;
    let pattern = builder.build().ok().filter(|pattern| pattern.num_ignores() == 1)?;
    let name = filter.strip_prefix("filter=").unwrap_or_default();
    Some((pattern, name == "git-crypt" || name.starts_with("git-crypt-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_fits_wins() {
        let text = "# none\n*.txt text\nsecrets/** filter=git-crypt diff=git-crypt\n*.key filter=git-crypt-ops\n\
                    secrets/README.md !filter !diff\n\"a b.env\" filter=git-crypt\n*.png filter=lfs\n";
        let attributes = Attributes::read("app/", text).expect("it names git-crypt");
        assert_eq!(attributes.encrypts("app/secrets/x/y.env"), Some(true));
        assert_eq!(attributes.encrypts("app/secrets/README.md"), Some(false));
        assert_eq!(attributes.encrypts("app/deep/down/one.key"), Some(true));
        assert_eq!(attributes.encrypts("app/a b.env"), Some(true));
        assert_eq!(attributes.encrypts("app/x.png"), Some(false));
        assert_eq!(attributes.encrypts("app/x.txt"), None);
        assert_eq!(attributes.encrypts("secrets/x.env"), None);
        assert!(Attributes::read("", "*.png filter=lfs\n").is_none());
    }
}
