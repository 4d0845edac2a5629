//! `.pre-commit-config.yaml`: the hooks of other scanners, and keyrot's beside them.

use super::invocation::{self, Tool};
use super::node::{self, Node};
use super::{Draft, Item, Wish};

/// keyrot as a hook of pre-commit and prek: the program on the path.
pub const LOCAL_HOOK: &[&str] = &[
    "- repo: local",
    "  hooks:",
    "    - id: keyrot",
    "      name: keyrot",
    "      entry: keyrot scan --staged",
    "      language: system",
    "      stages: [pre-commit]",
    "      require_serial: true",
    "      types: []",
];

pub(super) fn read(root: &Node) -> Vec<Item> {
    let mut items = Vec::new();
    for repo in root.get("repos").map(Node::items).unwrap_or_default() {
        let address = repo.text_of("repo").unwrap_or_default();
        for hook in repo.get("hooks").map(Node::items).unwrap_or_default() {
            let said = [address, hook.text_of("id").unwrap_or_default(), hook.text_of("entry").unwrap_or_default()];
            let Some(tool) = said.iter().find_map(|text| Tool::named_in(text)) else { continue };
            let id = hook.text_of("id").unwrap_or("hook");
            items.push(Item::new(hook.line, format!("hook {id}"), Wish::Hook));
            let entry = invocation::words(hook.text_of("entry").unwrap_or_default());
            items.extend(invocation::arguments(tool, &entry, hook.line));
            if let Some(args) = hook.get("args") {
                let words: Vec<String> = args.texts().map(|(_, word)| word.to_owned()).collect();
                items.extend(invocation::arguments(tool, &words, args.line));
            }
            if let Some(pattern) = hook.get("exclude").and_then(Node::text).filter(|pattern| *pattern != "^$") {
                let draft = Draft { path_patterns: vec![pattern.trim().to_owned()], ..Draft::default() };
                let line = hook.get("exclude").map_or(hook.line, |node| node.line);
                items.push(Item::new(
                    line,
                    format!("exclude {}", pattern.trim().replace('\n', " ")),
                    Wish::Ignore(draft),
                ));
            }
            for key in ["files", "types", "types_or"] {
                if let Some(node) = hook.get(key) {
                    items.push(Item::not(node.line, key, "keyrot's hook reads everything that is staged"));
                }
            }
        }
    }
    items
}

/// The text with keyrot's hook before all others; none where keyrot is in it already, or where the list of hooks is written in
/// a way that cannot be added to line by line.
pub fn with_local_hook(text: &str) -> Option<String> {
    if text.contains("keyrot") {
        return None;
    }
    let at = text.lines().position(|line| line.trim_end() == "repos:" || line.starts_with("repos: #"))?;
    let after = text.lines().skip(at + 1);
    let first = after.clone().find(|line| line.trim_start().starts_with("- "))?;
    let indent = &first[..first.len() - first.trim_start().len()];
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let hook = LOCAL_HOOK.iter().map(|line| format!("{indent}{line}"));
    lines.splice(at + 1..=at, hook);
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let new = lines.join(end) + end;
    let count = |text: &str| Some(node::yaml(text).ok()?.get("repos")?.items().len());
    (count(&new)? == count(text)? + 1).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "# ours\nrepos:\n  # first\n  - repo: https://github.com/gitleaks/gitleaks\n    rev: v8.30.0\n    hooks:\n      - id: gitleaks\n        args: [--config, conf.toml]\n        exclude: ^docs/\n";

    #[test]
    fn hooks_of_scanners_and_their_settings() {
        let items = read(&node::yaml(CONFIG).expect("it is right"));
        assert_eq!(items[0], Item::new(7, "hook gitleaks", Wish::Hook));
        assert_eq!(items[1].wish, Wish::Read(super::super::Kind::Gitleaks, "conf.toml".into()));
        assert!(matches!(&items[2].wish, Wish::Ignore(draft) if draft.path_patterns == ["^docs/"]));
    }

    #[test]
    fn keyrots_hook_is_added_once_and_the_rest_stays() {
        let new = with_local_hook(CONFIG).expect("there is a list");
        assert!(new.starts_with("# ours\nrepos:\n  - repo: local\n    hooks:\n      - id: keyrot\n"), "{new}");
        assert!(new.ends_with("        exclude: ^docs/\n"));
        assert_eq!(with_local_hook(&new), None);
        assert_eq!(with_local_hook("repos: [{repo: local, hooks: []}]\n"), None);
        assert!(
            with_local_hook("repos:\n- repo: x\n  hooks: []\n").is_some_and(|new| new.contains("\n- repo: local\n"))
        );
    }
}
