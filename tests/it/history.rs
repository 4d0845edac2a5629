//! History scans against the naive oracle: each commit's tree, read with plain git plumbing.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::BASE64;

use crate::sandbox::{Sandbox, github_tokens};

/// A generated repository: branches, merges, tags, deletions, renames, several packs and loose objects.
fn generate(sandbox: &Sandbox, tokens: &[String], seed: u64) {
    let mut random = Random(seed);
    sandbox.git(&["init", "-q", "-b", "main"]);
    let mut time = 1_700_000_000;
    for step in 0..24 {
        let path = format!("{}f{}.txt", ["", "a/", "a/b/"][random.below(3)], random.below(4));
        match random.below(6) {
            0 if sandbox.path().join(&path).exists() => {
                std::fs::remove_file(sandbox.path().join(&path)).unwrap();
            }
            1 if sandbox.path().join(&path).exists() => {
                let to = sandbox.path().join(format!("moved{step}.txt"));
                std::fs::rename(sandbox.path().join(&path), to).unwrap();
            }
            _ => {
                let lines: Vec<String> = (0..random.below(4))
                    .map(|_| format!("key{} = \"{}\"", random.below(3), tokens[random.below(tokens.len())]))
                    .collect();
                sandbox.write(&path, format!("step {step}\n{}\n", lines.join("\n")));
            }
        }
        time += 1000;
        sandbox.git_at(time, &["add", "-A"]);
        sandbox.git_at(time, &["commit", "-q", "--allow-empty", "-m", &format!("step {step}")]);
        match random.below(8) {
            0 => drop(sandbox.git_at(time, &["checkout", "-q", "-b", &format!("side{step}")])),
            1 => drop(sandbox.git_at(time, &["tag", "-a", "-m", "a tag", &format!("v{step}")])),
            2 => drop(sandbox.git_at(time, &["repack", "-q", "-d"])),
            3 if sandbox.git(&["branch"]).stdout.lines().count() > 1 => {
                sandbox.git_at(time, &["checkout", "-q", "main"]);
            }
            4 => {
                time += 1000;
                let others = sandbox.git(&["branch", "--format=%(refname:short)", "--no-merged"]).stdout;
                if let Some(other) = others.lines().next() {
                    sandbox.git_at(time, &["merge", "-q", "-s", "ours", "-m", "merge", other]);
                }
            }
            _ => {}
        }
    }
}

/// For each token: its first commit, its paths, and whether it stands at HEAD.
type Facts = BTreeMap<String, (String, BTreeSet<String>, bool)>;

fn oracle(sandbox: &Sandbox, tokens: &[String]) -> Facts {
    let log = sandbox.git(&["log", "--all", "--format=%ct %H"]).stdout;
    let mut commits: Vec<(u64, String)> = log
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(time, id)| (time.parse().unwrap(), id.to_owned()))
        .collect();
    commits.sort();
    let head = sandbox.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned();
    let mut facts = Facts::new();
    for (_, commit) in &commits {
        for line in sandbox.git(&["ls-tree", "-r", commit]).stdout.lines() {
            let (entry, path) = line.split_once('\t').unwrap();
            let text = sandbox.git(&["cat-file", "blob", entry.split(' ').nth(2).unwrap()]).stdout;
            for token in tokens.iter().filter(|token| text.contains(token.as_str())) {
                let fact = facts.entry(token.clone()).or_insert((commit.clone(), BTreeSet::new(), false));
                fact.1.insert(path.to_owned());
                fact.2 |= *commit == head;
            }
        }
    }
    facts
}

fn reported(sandbox: &Sandbox) -> Facts {
    let done = sandbox.keyrot("scan --history --format json --show-secrets --no-config --exit-zero");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let mut facts = Facts::new();
    for finding in report["findings"].as_array().unwrap() {
        let exposure = &finding["exposure"];
        let token = finding["secret"]["clear"].as_str().unwrap().to_owned();
        let paths = exposure["paths"].as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned());
        let fact = (
            exposure["first_commit"].as_str().unwrap().to_owned(),
            paths.collect(),
            exposure["at_head"].as_bool().unwrap(),
        );
        assert!(facts.insert(token, fact).is_none(), "one result for each secret");
    }
    facts
}

#[test]
fn equals_the_naive_oracle_on_generated_repositories() {
    let tokens = github_tokens(6);
    for seed in 1..=4 {
        let sandbox = Sandbox::new();
        generate(&sandbox, &tokens, seed);
        assert_eq!(reported(&sandbox), oracle(&sandbox, &tokens), "seed {seed}");
    }
}

/// A small reproducible generator.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

#[test]
fn a_rule_for_certain_paths_hides_no_other_where_the_path_is_not_known_yet() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    // One word, as in a cookie file of Erlang.
    sandbox.write("token.txt", github_tokens(1).remove(0));
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "-qm", "one"]);
    let outer = Sandbox::new();
    let rules = "[[rule]]\nid = 'bound'\nname = 'x'\nprovider = 'x'\nkind = 'token'\nseverity = 'high'\nconfidence = 'high'\n\
                 keywords = ['ghp_']\npattern = 'ghp_\\w{36}'\nspecificity = 99\npaths = ['other.txt']\nwhy = 'x.'\n";
    let done = sandbox.keyrot(&format!("scan --history --rules {}", outer.write("r.toml", rules).display()));
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stdout.contains("github-pat-classic"), "{}", done.stdout);
}

/// No keyword stands near it: digits in base64 announce it, in what a version takes over from another as well.
#[test]
fn a_key_that_no_keyword_announces_is_found_in_every_source() {
    let sandbox = Sandbox::new();
    let bare = format!("{}.GkQ7vR.x7Kq9vLw2Rz4Tn8Bp3x7TsG2q-vLw2Rz4T", BASE64.encode(b"198622483471925248"));
    let plain: String = (0..200).map(|line| format!("{line}: a line\n")).collect();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("list.txt", &plain);
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-q", "-m", "one"]);
    sandbox.write("list.txt", format!("{plain}{bare}\n"));
    sandbox.git(&["add", "-A"]);
    let found = |arguments: &str| {
        let done = sandbox.keyrot(arguments);
        assert!(!done.stdout.contains(&bare[..24]), "masked");
        done.stdout.contains("discord-bot-token-bare")
    };
    assert!(found("scan --staged") && found("scan ."));
    sandbox.git(&["commit", "-q", "-m", "two"]);
    sandbox.write("list.txt", format!("{plain}{bare}\nmore\n"));
    sandbox.git(&["commit", "-q", "-am", "three"]);
    assert!(found("scan --diff HEAD~2..HEAD"));
    sandbox.git(&["rm", "-q", "list.txt"]);
    sandbox.git(&["commit", "-q", "-m", "four"]);
    sandbox.git(&["repack", "-q", "-a", "-d", "-f"]);
    assert!(found("scan --history") && !found("scan ."));
}
