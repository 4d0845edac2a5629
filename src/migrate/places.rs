//! `.gitleaksignore` and `.betterleaksignore`: one place a line, `[commit:]file:rule:line`, or the SHA-256 of a secret.

use super::{Item, Which, Wish};

pub(super) fn read(text: &str) -> Vec<Item> {
    let mut reason: Option<String> = None;
    let mut items = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            // A comment is about the lines below it, up to the next gap.
            reason = None;
        } else if let Some(comment) = line.strip_prefix('#') {
            reason = Some(comment.trim().to_owned()).filter(|text| !text.is_empty());
        } else {
            let (entry, own) = line.split_once(" #").unwrap_or((line, ""));
            let own = Some(own.trim().to_owned()).filter(|text| !text.is_empty());
            items.push(item(at + 1, entry.trim(), own.or_else(|| reason.clone())));
        }
    }
    items
}

fn item(line: usize, entry: &str, reason: Option<String>) -> Item {
    let digest = entry.strip_prefix("sha256:").unwrap_or(entry);
    let which = if is_hex(digest, 64) { Some(Which::Digest(digest.to_ascii_lowercase())) } else { place(entry) };
    let Some(which) = which else {
        return Item::not(
            line,
            entry,
            "it is no place of the form [commit:]file:rule:line; the other scanner passes over it too",
        );
    };
    Item::new(line, entry, Wish::Secrets { which, judged: None, reason })
}

/// A path may hold colons, and so may an archive's member, which follows `!`.
fn place(entry: &str) -> Option<Which> {
    let (rest, line) = entry.rsplit_once(':')?;
    let (rest, rule) = rest.rsplit_once(':')?;
    let line = line.parse().ok()?;
    let (commit, path) = match rest.split_once(':') {
        Some((commit, path)) if is_hex(commit, 40) || is_hex(commit, 64) => (Some(commit.to_ascii_lowercase()), path),
        _ => (None, rest),
    };
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path).replace('!', "!/");
    (!path.is_empty() && !rule.is_empty()).then(|| Which::Line { commit, path, rule: rule.to_owned(), line })
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_digests_and_reasons() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let digest = "ab".repeat(32);
        let text = format!(
            "# sample keys\n{commit}:src/a:b.py:generic-api-key:12\nsrc\\c.py:jwt:3\n\n{digest}  # rotated\nnonsense\n"
        );
        let items = read(&text);
        let which = |at: usize| match &items[at].wish {
            Wish::Secrets { which, reason, .. } => (which.clone(), reason.clone()),
            wish => panic!("{wish:?}"),
        };
        let line = |commit: Option<&str>, path: &str, rule: &str, line| Which::Line {
            commit: commit.map(str::to_owned),
            path: path.to_owned(),
            rule: rule.to_owned(),
            line,
        };
        let sample = Some("sample keys".to_owned());
        assert_eq!(which(0), (line(Some(commit), "src/a:b.py", "generic-api-key", 12), sample.clone()));
        assert_eq!(which(1), (line(None, "src/c.py", "jwt", 3), sample));
        assert_eq!(which(2), (Which::Digest(digest), Some("rotated".to_owned())));
        assert!(matches!(&items[3], Item { line: 6, wish: Wish::Not(_), .. }));
    }
}
