//! Command lines and pipelines that run scanners: what their arguments name is carried over, the run itself becomes keyrot's.

use super::detect_secrets;
use super::node::{Node, Value};
use super::{Draft, Item, Kind, Wish, glob};

/// A scanner that keyrot takes over from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Gitleaks,
    Trufflehog,
    DetectSecrets,
    Ggshield,
    Talisman,
}

impl Tool {
    /// The scanner that an address, an image or the name of a program names.
    pub fn named_in(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let names = [
            ("gitleaks", Self::Gitleaks),
            ("betterleaks", Self::Gitleaks),
            ("trufflehog", Self::Trufflehog),
            ("detect-secrets", Self::DetectSecrets),
            ("ggshield", Self::Ggshield),
            ("gg-shield", Self::Ggshield),
            ("talisman", Self::Talisman),
        ];
        names.into_iter().find_map(|(name, tool)| text.contains(name).then_some(tool))
    }

    /// The scanner that a word of a command line runs.
    fn run_by(word: &str) -> Option<Self> {
        let name = word.rsplit('/').next().unwrap_or(word);
        let name = name.split([':', '@']).next().unwrap_or(name);
        let known =
            ["gitleaks", "betterleaks", "trufflehog", "detect-secrets", "detect-secrets-hook", "ggshield", "talisman"];
        known.contains(&name).then(|| Self::named_in(name)).flatten()
    }
}

/// Whether a text names any scanner.
pub(super) fn mentions_any(text: &str) -> bool {
    Tool::named_in(text).is_some()
}

/// Characters of a command that are shown.
const LONGEST_COMMAND: usize = 60;

/// What the arguments of one run ask for.
pub(super) fn arguments(tool: Tool, words: &[String], line: usize) -> Vec<Item> {
    let mut items = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (name, attached) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
        let Some(meaning) = meaning(tool, name) else { continue };
        let takes_value = !matches!(meaning, Meaning::Flag(_));
        let value = match attached {
            Some(value) => value.to_owned(),
            None if takes_value => words.next().cloned().unwrap_or_default(),
            None => String::new(),
        };
        items.push(item(&meaning, name, value.trim_matches(['\'', '"']), line));
    }
    items
}

enum Meaning {
    Read(Kind),
    Paths,
    PathPattern,
    LinePattern,
    SecretPattern,
    /// It takes a value and has no equal.
    Value(&'static str),
    /// It takes none and has no equal.
    Flag(&'static str),
}

/// Why nothing is asked of those who issue keys.
pub(super) const NO_PROVIDER: &str =
    "keyrot asks no provider whether a key works; it judges by form, checksum and context";

fn meaning(tool: Tool, name: &str) -> Option<Meaning> {
    Some(match (tool, name) {
        (Tool::Gitleaks, "-c" | "--config") => Meaning::Read(Kind::Gitleaks),
        (Tool::Gitleaks, "-i" | "--gitleaks-ignore-path" | "--ignore-file") => Meaning::Read(Kind::Places),
        (Tool::Gitleaks, "-b" | "--baseline-path") => {
            Meaning::Value("a report is no baseline of keyrot's: `keyrot baseline create` starts one")
        }
        (Tool::Gitleaks, "--enable-rule") => Meaning::Value("name keyrot's rules with --rule"),
        (Tool::Gitleaks, "--max-target-megabytes") => Meaning::Value("`max-file-size` under [thresholds] is keyrot's"),
        (Tool::DetectSecrets, "--baseline") => Meaning::Read(Kind::DetectSecrets),
        (Tool::DetectSecrets, "--exclude-files") => Meaning::PathPattern,
        (Tool::DetectSecrets, "--exclude-lines") => Meaning::LinePattern,
        (Tool::DetectSecrets, "--exclude-secrets") => Meaning::SecretPattern,
        (Tool::DetectSecrets, "--disable-plugin" | "--plugin" | "-p" | "--word-list") => {
            Meaning::Value("its plugins have no equal: `exclude` under [rules] takes ids of `keyrot rules list`")
        }
        (Tool::Trufflehog, "-x" | "--exclude-paths" | "--exclude_paths") => Meaning::Read(Kind::TrufflehogPaths),
        (Tool::Trufflehog, "--config") => Meaning::Read(Kind::Trufflehog),
        (Tool::Trufflehog, "--exclude-globs") | (Tool::Ggshield, "--exclude") => Meaning::Paths,
        (Tool::Trufflehog, "-i" | "--include-paths" | "--include_paths") => {
            Meaning::Value("write the globs of those files as `include` under [paths]")
        }
        (Tool::Trufflehog, "--include-detectors" | "--exclude-detectors")
        | (Tool::Ggshield, "-b" | "--banlist-detector") => {
            Meaning::Value("its detectors have no equal: `exclude` under [rules] takes ids of `keyrot rules list`")
        }
        (Tool::Trufflehog, "--results") => Meaning::Value(NO_PROVIDER),
        (Tool::Trufflehog, "--only-verified") => Meaning::Flag(NO_PROVIDER),
        (Tool::Ggshield, "-c" | "--config-path") => Meaning::Read(Kind::Ggshield),
        (Tool::Ggshield, "--ignore-known-secrets") => Meaning::Flag("it belongs to GitGuardian's service"),
        _ => return None,
    })
}

fn item(meaning: &Meaning, name: &str, value: &str, line: usize) -> Item {
    match meaning {
        Meaning::Read(kind) => Item::new(line, format!("{name} {value}"), Wish::Read(*kind, value.to_owned())),
        Meaning::Paths => {
            let paths = value.split(',').filter(|one| !one.is_empty()).map(glob::from_ignore).collect();
            Item::new(line, format!("{name} {value}"), Wish::Ignore(Draft { paths, ..Draft::default() }))
        }
        Meaning::PathPattern => detect_secrets::file(line, value),
        Meaning::LinePattern => detect_secrets::lines(line, value),
        Meaning::SecretPattern => detect_secrets::secret(line, value),
        Meaning::Value(why) => Item::not(line, format!("{name} {value}"), *why),
        Meaning::Flag(why) => Item::not(line, name, *why),
    }
}

/// A workflow of GitHub, or the pipeline of another host: steps are found wherever they stand.
pub(super) fn read_pipeline(root: &Node) -> Vec<Item> {
    let mut items = Vec::new();
    walk(root, &mut items);
    items
}

fn walk(node: &Node, items: &mut Vec<Item>) {
    match &node.value {
        Value::Map(map) => {
            let action = node.text_of("uses").and_then(|uses| Some((uses, Tool::named_in(uses)?)));
            if let Some((uses, tool)) = action {
                let line = node.get("uses").map_or(node.line, |uses| uses.line);
                items.push(Item::new(line, format!("step {uses}"), Wish::Step));
                settings(tool, node, items);
                return;
            }
            // The title of a step runs nothing.
            for (_, node) in map.iter().filter(|(key, _)| !matches!(key.as_str(), "name" | "displayName" | "if")) {
                walk(node, items);
            }
        }
        Value::List(list) => {
            for node in list {
                walk(node, items);
            }
        }
        Value::Text(text) => {
            let text = text.replace("\\\n", " \0");
            let mut line = node.line;
            for command in text.split('\n') {
                command_line(command, line, items);
                line += 1 + command.matches('\0').count();
            }
        }
        Value::Nothing => {}
    }
}

/// What an action is given: arguments in one text, or files by name.
fn settings(tool: Tool, step: &Node, items: &mut Vec<Item>) {
    for (key, node) in ["with", "env"].iter().filter_map(|key| step.get(key)).flat_map(Node::entries) {
        let Some(text) = node.text() else { continue };
        match (tool, key) {
            (Tool::Gitleaks, "GITLEAKS_CONFIG" | "config-path" | "config") => {
                items.push(item(&Meaning::Read(Kind::Gitleaks), key, text, node.line));
            }
            (_, "args" | "extra_args" | "detect_secrets_flags") => {
                items.extend(arguments(tool, &words(text), node.line));
            }
            _ => {}
        }
    }
}

/// Commands of a script; a scanner in a container is named by its image.
fn command_line(text: &str, line: usize, items: &mut Vec<Item>) {
    for command in text.replace('\0', "").split(['|', ';', '&']) {
        let words = words(command);
        let Some((at, tool)) = words.iter().enumerate().find_map(|(at, word)| Some((at, Tool::run_by(word)?))) else {
            continue;
        };
        // Asking for its version is no scan.
        let scans =
            words.get(at + 1).is_some_and(|next| !matches!(next.as_str(), "version" | "--version" | "--help" | "auth"));
        if scans && words[..at].iter().enumerate().all(|(at, word)| leads(at, word, &words[0])) {
            let shown: String = words[at..].join(" ").chars().take(LONGEST_COMMAND).collect();
            items.push(Item::new(line, format!("command {shown}"), Wish::Step));
            items.extend(arguments(tool, &words[at + 1..], line));
        }
    }
}

/// Whether a word may stand before the program that is run.
fn leads(at: usize, word: &str, first: &str) -> bool {
    let container = matches!(first, "docker" | "podman");
    let runner = matches!(word, "sudo" | "uvx" | "pipx" | "run" | "npx" | "exec" | "time" | "if" | "then" | "!");
    container || runner || (at == 0 && word.contains('='))
}

/// Words of a shell's command, without its expansions.
pub(super) fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut open = false;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(mark), _) if letter == mark => quote = None,
            (None, '\'' | '"') => (quote, open) = (Some(letter), true),
            (None, _) if letter.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            _ => word.push(letter),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_their_arguments_are_found_in_workflows() {
        let text = "jobs:\n  scan:\n    steps:\n      - uses: gitleaks/gitleaks-action@v2\n        env:\n          GITLEAKS_CONFIG: conf/gitleaks.toml\n      - uses: trufflesecurity/trufflehog@main\n        with:\n          extra_args: --results=verified --exclude-paths=.thx\n      - run: |\n          pip install detect-secrets\n          detect-secrets-hook --baseline .secrets.baseline \\\n            --exclude-files '^docs/'\n          gitleaks version\n";
        let items = read_pipeline(&super::super::node::yaml(text).expect("it is right"));
        let found: Vec<(usize, String, &Wish)> =
            items.iter().map(|item| (item.line, item.text.clone(), &item.wish)).collect();
        assert_eq!(found[0], (4, "step gitleaks/gitleaks-action@v2".into(), &Wish::Step));
        assert_eq!(found[1].2, &Wish::Read(Kind::Gitleaks, "conf/gitleaks.toml".into()));
        assert_eq!(found[2].0, 7);
        assert!(matches!(found[3].2, Wish::Not(_)));
        assert_eq!(found[4].2, &Wish::Read(Kind::TrufflehogPaths, ".thx".into()));
        assert_eq!((found[5].0, found[5].2), (12, &Wish::Step));
        assert_eq!(found[6].2, &Wish::Read(Kind::DetectSecrets, ".secrets.baseline".into()));
        assert!(matches!(found[7].2, Wish::Ignore(draft) if draft.path_patterns == ["^docs/"]));
        assert_eq!(found.len(), 8, "{found:?}");
    }

    #[test]
    fn containers_and_pipes() {
        let mut items = Vec::new();
        command_line("docker run -v $PWD:/p ghcr.io/gitleaks/gitleaks:v8 dir /p -c x.toml | tee log", 3, &mut items);
        assert_eq!(items.len(), 2, "{items:?}");
        let mut none = Vec::new();
        command_line("echo gitleaks found nothing", 3, &mut none);
        assert!(none.is_empty(), "{none:?}");
    }
}
