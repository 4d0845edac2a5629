//! The shape of the code, as `docs/architecture.md` states it, checked on the sources themselves.

use std::path::{Path, PathBuf};

/// Which modules of the library each of its modules may import.
const IMPORTS: &[(&str, &[&str])] = &[
    ("secret", &[]),
    ("diagnostic", &[]),
    ("toml_reader", &["diagnostic"]),
    ("finding", &["secret"]),
    ("date", &[]),
    ("claims", &["finding", "date"]),
    ("lifecycle", &["finding", "date", "claims", "diagnostic", "toml_reader"]),
    ("rule", &["finding", "diagnostic", "toml_reader"]),
    ("source", &["finding"]),
    ("scan", &["source", "rule", "finding", "secret", "date", "claims"]),
    ("suppress", &["finding", "secret", "diagnostic", "toml_reader"]),
    ("report", &["finding", "rule", "secret"]),
    ("host", &[]),
    ("migrate", &["diagnostic", "finding", "rule", "secret", "suppress"]),
    ("remediate", &["finding", "rule", "secret"]),
    ("config", &["finding", "rule", "source", "suppress", "report", "lifecycle", "date", "diagnostic", "toml_reader"]),
];
/// Most lines of a file without its tests.
const LONGEST_FILE: usize = 500;

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        // A file of tests is compiled for tests alone.
        .filter(|path| !path.ends_with("tests.rs") && !path.components().any(|part| part.as_os_str() == "tests"))
        .map(|path| (path.strip_prefix(&root).unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

/// The part of a file that is not tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap()
}

fn module(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_import_only_what_they_may() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module(&path);
        if module == "lib" || module == "main" || module == "cli" {
            continue;
        }
        let (_, allowed) =
            IMPORTS.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} has no row"));
        for used in code(&text).split("crate::").skip(1) {
            let used: String = used.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            if used != module && !used.is_empty() && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses crate::{used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_edge_prints_exits_and_reads_environment_and_clock() {
    let forbidden = ["println!", "eprintln!", "process::exit", "env::var", "Utc::now", "SystemTime::now"];
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if module(&path) == "main" {
            continue;
        }
        for word in forbidden {
            if code(&text).contains(word) {
                wrong.push(format!("{} uses {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn raw_key_bytes_stay_in_secret_and_scan() {
    for (path, text) in sources() {
        let allowed = matches!(module(&path).as_str(), "secret" | "scan");
        assert!(allowed || !text.contains(".expose()"), "{} exposes a secret", path.display());
    }
}

#[test]
fn files_stay_small() {
    for (path, text) in sources() {
        let lines = code(&text).lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines", path.display());
    }
}

#[test]
fn no_crate_that_opens_a_connection_is_linked() {
    let read = |name: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let deny: toml::Table = read("deny.toml").parse().unwrap();
    let forbidden: Vec<&str> =
        deny["bans"]["deny"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
    let linked: Vec<&str> = packages.filter(|name| forbidden.contains(name)).collect();
    assert!(forbidden.len() > 5 && linked.is_empty(), "{linked:?}");
}
