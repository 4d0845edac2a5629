//! Files that should be encrypted: those that the project's SOPS rules or git-crypt attributes name, and those that stand
//! encrypted beside themselves. In clear they are findings, whatever they hold.

mod crypt;
mod sops;

use std::collections::{BTreeSet, HashSet};

use crypt::Attributes;

use regex_automata::meta::Regex;

use super::line::Lines;
use super::worker::Worker;
use crate::finding::{Confidence, Finding, Location, Origin, RuleId, Sealed, Severity};
use crate::rule::{BY_FILE, RuleSet};
use crate::source::{Content, Listing, Options, Source, git};

/// Endings of a name that say that a tool encrypted the file of the name before them.
const ENDINGS: [&str; 4] = [".age", ".enc", ".gpg", ".sops"];
/// Parts before a name's last ending that say the same, as in `secrets.enc.yaml`.
const PARTS: [&str; 3] = ["enc", "encrypted", "sops"];
/// How a file begins that git-crypt encrypted.
const GIT_CRYPT: &[u8] = b"\0GITCRYPT\0";
/// How files begin that tools of the field encrypted, and the tools.
const HEADS: [(&[u8], &str); 6] = [
    (b"$ANSIBLE_VAULT;", "ansible-vault"),
    (b"age-encryption.org/", "age"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "age"),
    (b"-----BEGIN PGP MESSAGE-----", "OpenPGP"),
    (GIT_CRYPT, "git-crypt"),
    (b"Salted__", "OpenSSL"),
];

/// The declared finding as the active rules rate it.
#[derive(Clone, Debug)]
pub struct Declared {
    rule: RuleId,
    severity: Severity,
    confidence: Confidence,
}

impl Declared {
    /// None where the rule is not active.
    pub fn of(set: &RuleSet) -> Option<Self> {
        let rule = set.get(BY_FILE)?;
        Some(Self { rule: rule.id.clone(), severity: rule.definition.severity, confidence: rule.definition.confidence })
    }

    /// The finding at a place.
    pub fn finding(&self, message: String, location: Location) -> Finding {
        Finding::new(self.rule.clone(), self.severity, self.confidence, message, location)
    }
}

/// What a listing says about files that should be encrypted.
pub struct Policy<'d> {
    declared: &'d Declared,
    /// The folder of a `.sops.yaml`, with its slash, and a pattern for paths below it.
    rules: Vec<(String, Regex)>,
    /// Paths of files that stand encrypted beside themselves, with the encrypted file's path.
    twins: Vec<(String, String)>,
    /// Paths of files that git-crypt should have encrypted before they were committed, with the file that says so.
    unlocked: Vec<(String, String)>,
    /// Whether those were compared with the index already. Else they are judged by what git stores of them alone: a work
    /// tree holds them in clear.
    compared: bool,
}

impl<'d> Policy<'d> {
    /// Reads the project's `.sops.yaml` and `.gitattributes` files and looks for twins.
    pub fn read(declared: &'d Declared, source: &Source, listing: &Listing, options: &Options) -> Self {
        let mut this = Self::new(declared);
        let paths: HashSet<&str> = listing.items.iter().map(|item| item.origin.path()).collect();
        let mut attributes = Vec::new();
        let mut bytes = Vec::new();
        for item in &listing.items {
            let path = item.origin.path();
            if is_settings(path) && matches!(source.read(item, options, &mut bytes), Ok(Content::Whole)) {
                attributes.extend(this.settings(path, &bytes));
            }
            this.look_for_twin(path, |name| paths.contains(name));
        }
        this.twins.sort();
        this.unlocked = unlocked(source, named_by(attributes, paths.into_iter()));
        this.compared = true;
        this
    }

    /// The same for changed files: the settings and the twins are those that stand at the end of the change.
    pub fn of_changes(declared: &'d Declared, changes: &git::Changes, objects: &git::Objects) -> Self {
        let mut this = Self::new(declared);
        let paths: BTreeSet<String> =
            changes.sets.iter().flat_map(|set| &set.changed).map(|one| git::path_text(&one.path)).collect();
        // A repository has many more files than a change.
        let wanted: HashSet<String> = paths.iter().flat_map(|path| encrypted_names(path)).collect();
        let mut standing = HashSet::new();
        let mut attributes = Vec::new();
        let mut bytes = Vec::new();
        for (path, id) in changes.end.iter().filter_map(|(path, id)| Some((std::str::from_utf8(path).ok()?, id))) {
            if wanted.contains(path) {
                standing.insert(path);
            }
            if is_settings(path) && objects.read(id, &mut bytes).is_ok() {
                attributes.extend(this.settings(path, &bytes));
            }
        }
        for path in &paths {
            this.look_for_twin(path, |name| standing.contains(name));
        }
        this.unlocked = named_by(attributes, paths.iter().map(String::as_str));
        this
    }

    fn new(declared: &'d Declared) -> Self {
        Self { declared, rules: Vec::new(), twins: Vec::new(), unlocked: Vec::new(), compared: false }
    }

    /// Takes over what a file of settings says.
    fn settings(&mut self, path: &str, bytes: &[u8]) -> Option<Attributes> {
        let (folder, name) = path.split_at(path.rfind('/').map_or(0, |slash| slash + 1));
        let text = String::from_utf8_lossy(bytes);
        if name == ".gitattributes" {
            return Attributes::read(folder, &text);
        }
        // SOPS itself refuses a pattern that does not compile, and encrypts nothing by it.
        let patterns = path_patterns(&text).into_iter().filter_map(|pattern| Regex::new(&pattern).ok());
        self.rules.extend(patterns.map(|regex| (folder.to_owned(), regex)));
        None
    }

    fn look_for_twin(&mut self, path: &str, stands: impl Fn(&str) -> bool) {
        if let Some(twin) = encrypted_names(path).into_iter().find(|name| stands(name)) {
            self.twins.push((path.to_owned(), twin));
        }
    }

    /// The finding about a file, if it should be encrypted and is not.
    pub fn judge(&self, origin: &Origin, bytes: &[u8]) -> Option<Finding> {
        let path = origin.path();
        let beside = look_up(&self.twins, path);
        let named = || {
            self.rules.iter().find(|(folder, regex)| path.strip_prefix(folder).is_some_and(|path| regex.is_match(path)))
        };
        let by_git_crypt = self.compared || !matches!(origin, Origin::File { .. });
        let attributes = by_git_crypt.then(|| look_up(&self.unlocked, path)).flatten();
        let why = match (beside, attributes) {
            (Some(twin), _) => format!("it stands beside its encrypted form '{twin}'"),
            (None, Some(attributes)) => format!("'{attributes}' says that git-crypt encrypts it"),
            (None, None) => format!("'{}.sops.yaml' says that it is encrypted", named()?.0),
        };
        if !is_plain(bytes) || path.ends_with(".sops.yaml") {
            return None;
        }
        let message = format!("Plain text in '{path}': {why}.");
        Some(self.declared.finding(message, Location::whole(origin.clone())))
    }
}

/// What a sorted list says about a path.
fn look_up<'l>(list: &'l [(String, String)], path: &str) -> Option<&'l str> {
    list.binary_search_by(|(known, _)| known.as_str().cmp(path)).ok().map(|at| list[at].1.as_str())
}

fn is_settings(path: &str) -> bool {
    matches!(path.rsplit('/').next(), Some(".sops.yaml" | ".gitattributes"))
}

/// The files that git-crypt should encrypt, sorted, each with the file that says so.
fn named_by<'p>(mut attributes: Vec<Attributes>, paths: impl Iterator<Item = &'p str>) -> Vec<(String, String)> {
    attributes.sort_by_key(|one| std::cmp::Reverse(one.depth()));
    let says = |path: &str| {
        let says = attributes.iter().find_map(|one| Some((one, one.encrypts(path)?)));
        says.filter(|(_, encrypts)| *encrypts).map(|(one, _)| one.path())
    };
    let mut named: Vec<(String, String)> = paths.filter_map(|path| Some((path.to_owned(), says(path)?))).collect();
    named.sort();
    named
}

/// Those of the named files that are not encrypted where it matters: in the index, if it holds them. A file that is not
/// tracked yet is encrypted when it is added.
fn unlocked(source: &Source, mut named: Vec<(String, String)>) -> Vec<(String, String)> {
    let repository = source
        .folder()
        .filter(|_| !named.is_empty())
        .and_then(|folder| git::Repository::open(folder, &git::Environment::default()).ok());
    if let Some(tracked) = repository.and_then(|repository| git::tracked_blobs(&repository).ok()) {
        named.retain(|(path, _)| tracked.read(path).is_some_and(|blob| !blob.starts_with(GIT_CRYPT)));
    }
    named
}

impl Worker<'_> {
    /// Notes when the values of an encrypted file last changed, where the file states it.
    pub(super) fn note_age(&mut self, origin: &Origin, bytes: &[u8]) {
        let Some((span, modified)) = sops::last_modified(bytes) else { return };
        let (origin, region) = (self.masked(origin.clone()), Some(Lines::new(bytes).region(span)));
        let location = Location { origin, region, snippet: None };
        self.outcome.sealed.push(Sealed { location, tool: "sops", modified });
    }
}

/// The values of `path_regex` in a `.sops.yaml`.
fn path_patterns(text: &str) -> Vec<String> {
    let value = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ").trim_start();
        let value = line.strip_prefix("path_regex:")?.trim();
        let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.split(*quote).next());
        let plain = value.split(" #").next().unwrap_or(value).trim();
        let pattern = quoted.unwrap_or(plain);
        // In double quotes YAML wants every backslash twice.
        Some(if value.starts_with('"') { pattern.replace("\\\\", "\\") } else { pattern.to_owned() })
    };
    text.lines().filter_map(value).filter(|pattern| !pattern.is_empty()).collect()
}

/// What the encrypted form of a file is called by habit.
fn encrypted_names(path: &str) -> Vec<String> {
    let mut names: Vec<String> = ENDINGS.iter().map(|ending| format!("{path}{ending}")).collect();
    let (folder, file) = path.rsplit_once('/').map_or(("", path), |(folder, file)| (folder, file));
    if let Some((stem, ending)) = file.rsplit_once('.') {
        let slash = if folder.is_empty() { "" } else { "/" };
        names.extend(PARTS.iter().map(|part| format!("{folder}{slash}{stem}.{part}.{ending}")));
    }
    names
}

/// Whether somebody can read what a file holds.
pub fn is_plain(bytes: &[u8]) -> bool {
    !bytes.trim_ascii().is_empty() && seal(bytes).is_none() && !is_sops(bytes) && memchr::memchr(0, bytes).is_none()
}

/// Bytes at a file's end in which SOPS states its version: the last of its entries in every form of file.
const SOPS_END: usize = 256;

/// The tool that encrypted the bytes, if they say so at their beginning or, for SOPS, at their end.
pub fn seal(bytes: &[u8]) -> Option<&'static str> {
    let tool = HEADS.iter().find(|(head, _)| bytes.starts_with(head)).map(|(_, tool)| *tool);
    let end = &bytes[bytes.len().saturating_sub(SOPS_END)..];
    tool.or_else(|| (memchr::memmem::find(end, b"version").is_some() && is_sops(bytes)).then_some("SOPS"))
}

/// Whether it is a SOPS file: its values are encrypted one by one.
fn is_sops(bytes: &[u8]) -> bool {
    let has = |part: &[u8]| memchr::memmem::find(bytes, part).is_some();
    has(b"ENC[") && has(b"sops")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_in_every_spelling() {
        let text = "creation_rules:\n  - path_regex: secrets/.*\\.yaml$ # all\n    age: age1x\n  - path_regex: '^prod/'\n  - path_regex: \"a\\\\.env\"\n";
        assert_eq!(path_patterns(text), ["secrets/.*\\.yaml$", "^prod/", "a\\.env"]);
    }

    #[test]
    fn encrypted_forms_are_known_by_name_and_content() {
        assert!(encrypted_names("a/b.yaml").contains(&"a/b.enc.yaml".to_owned()));
        assert!(encrypted_names("b.yaml").contains(&"b.sops.yaml".to_owned()));
        assert!(encrypted_names(".env").contains(&".env.age".to_owned()));
        assert_eq!(seal(b"$ANSIBLE_VAULT;1.1;AES256\n66386439"), Some("ansible-vault"));
        assert_eq!(seal(b"key: ENC[AES256_GCM,data:x]\nsops:\n  version: 3\n"), Some("SOPS"));
        assert!(is_plain(b"key: value\n") && !is_plain(b" \n") && !is_plain(b"a\0b"));
    }
}
