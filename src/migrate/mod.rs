//! Moving over from other scanners: what their files say, statement by statement, as wishes that keyrot's own files can
//! fulfil. Reading is pure; [`Plan`] turns the wishes into the text of `keyrot.toml` and, against what a scan finds, into
//! entries of the baseline. Formats are those of the tools' public documentation.

mod configuration;
mod detect_secrets;
mod found;
mod ggshield;
mod gitleaks;
mod glob;
mod hooks;
mod invocation;
mod node;
mod own_rule;
mod places;
mod plan;
mod talisman;
mod trufflehog;

pub use configuration::Refused;
pub use found::Found;
pub use hooks::{LOCAL_HOOK, with_local_hook};
pub use plan::{Fate, Known, Line, Plan, Surroundings};

use crate::diagnostic::SourceText;
use node::Node;

/// Where rules of the team's own are written, below the folder of `keyrot.toml`.
pub const RULES_FILE: &str = ".keyrot/rules.toml";
/// Where rules in the form of gitleaks are written, which keyrot reads as they are.
pub const GITLEAKS_RULES_FILE: &str = ".keyrot/gitleaks-rules.toml";

/// A kind of file that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `.gitleaks.toml` and `.betterleaks.toml`: rules and allowlists.
    Gitleaks,
    /// `.gitleaksignore` and `.betterleaksignore`: places, or digests of secrets.
    Places,
    /// `.secrets.baseline` of detect-secrets.
    DetectSecrets,
    /// A configuration of trufflehog: detectors of the team's own.
    Trufflehog,
    /// A file of path patterns that trufflehog leaves out, or takes alone.
    TrufflehogPaths,
    /// `.gitguardian.yaml`, both versions.
    Ggshield,
    /// `.talismanrc`.
    Talisman,
    /// `.pre-commit-config.yaml`.
    PreCommit,
    /// A workflow or pipeline that runs scanners.
    Pipeline,
}

impl Kind {
    /// The kind of a file by its path, with `/` between its parts.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let yaml = matches!(name.rsplit('.').next(), Some("yml" | "yaml"));
        let hog = name.contains("trufflehog");
        Some(match name {
            ".gitleaks.toml" | "gitleaks.toml" | ".betterleaks.toml" | "betterleaks.toml" => Self::Gitleaks,
            ".gitleaksignore" | ".betterleaksignore" => Self::Places,
            ".secrets.baseline" => Self::DetectSecrets,
            ".gitguardian.yaml" | ".gitguardian.yml" => Self::Ggshield,
            ".talismanrc" => Self::Talisman,
            ".pre-commit-config.yaml" | ".pre-commit-config.yml" => Self::PreCommit,
            ".gitlab-ci.yml" | "azure-pipelines.yml" | "bitbucket-pipelines.yml" => Self::Pipeline,
            _ if yaml && (path.contains(".github/workflows/") || path.contains(".circleci/")) => Self::Pipeline,
            _ if yaml && hog => Self::Trufflehog,
            _ if hog && (name.ends_with("ignore") || name.ends_with("txt")) => Self::TrufflehogPaths,
            _ => return None,
        })
    }
}

/// One statement of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its line, from 1.
    pub line: usize,
    /// What it says, for people; values of secrets are masked.
    pub text: String,
    /// What it asks for.
    pub wish: Wish,
}

/// What a statement asks for, in keyrot's terms.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Hide what an ignore of `keyrot.toml` can name.
    Ignore(Draft),
    /// Hide secrets that are named by where they stand or by a digest: entries of the baseline.
    Secrets {
        /// Which.
        which: Which,
        /// Whether somebody judged them: a key, or none.
        judged: Option<bool>,
        /// Why, as far as the file says.
        reason: Option<String>,
    },
    /// Heed the markers of a scanner in comments.
    Honour(&'static str),
    /// Do without a rule.
    WithoutRule(String),
    /// Find what a rule of the team's own finds.
    Rule(RuleDraft),
    /// Find what a rule in the form of gitleaks finds: its text, without its allowlists.
    GitleaksRule(String),
    /// Read another file, which the statement names.
    Read(Kind, String),
    /// Run keyrot in the hooks of pre-commit.
    Hook,
    /// Run keyrot in a pipeline.
    Step,
    /// keyrot does so anyway; the text says how.
    Same(&'static str),
    /// There is no way to say it; the text says why.
    Not(String),
}

/// An ignore as its author means it. What is named must all agree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Globs.
    pub paths: Vec<String>,
    /// Patterns that are searched in paths.
    pub path_patterns: Vec<String>,
    /// The other scanner's name of the rule.
    pub rules: Vec<String>,
    /// Ids of commits.
    pub commits: Vec<String>,
    /// Patterns that are searched in values.
    pub values: Vec<String>,
    /// Why, as far as the file says.
    pub reason: String,
}

/// A rule of the team's own.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleDraft {
    /// Its name, as its author gave it.
    pub name: String,
    /// The pattern; its first group is the secret.
    pub pattern: String,
    /// Literals of which one stands near every match.
    pub keywords: Vec<String>,
}

/// Which secrets are meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Which {
    /// What stands in a line of a file: of the tree, or as a commit has it.
    Line {
        /// The commit.
        commit: Option<String>,
        /// The file.
        path: String,
        /// The other scanner's rule.
        rule: String,
        /// The line, from 1.
        line: u32,
    },
    /// The secret with this digest, in lower-case hexadecimal digits.
    Digest(String),
    /// Everything in the files of a glob, if they are still what the digest says.
    File {
        /// The glob.
        glob: String,
        /// talisman's digest of name and content.
        checksum: Option<String>,
    },
    /// Everything on lines that the pattern matches.
    LinesLike(String),
}

/// Reads a file. A file that cannot be understood is one item that says so.
pub fn read(kind: Kind, source: &SourceText) -> Vec<Item> {
    let parsed = match kind {
        Kind::Places => return places::read(&source.text),
        Kind::TrufflehogPaths => return trufflehog::read_paths(&source.text),
        Kind::Gitleaks => return gitleaks::read(source),
        _ => node::yaml(&source.text),
    };
    let read: fn(&Node) -> Vec<Item> = match kind {
        Kind::DetectSecrets => detect_secrets::read,
        Kind::Trufflehog => trufflehog::read,
        Kind::Ggshield => ggshield::read,
        Kind::Talisman => talisman::read,
        Kind::PreCommit => hooks::read,
        Kind::Pipeline | Kind::Gitleaks | Kind::Places | Kind::TrufflehogPaths => invocation::read_pipeline,
    };
    match parsed {
        Ok(node) => sorted(read(&node)),
        // A pipeline that names no scanner is not this command's business.
        Err(_) if matches!(kind, Kind::Pipeline | Kind::PreCommit) && !invocation::mentions_any(&source.text) => {
            Vec::new()
        }
        Err((line, mistake)) => vec![unreadable(line, &mistake)],
    }
}

fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by_key(|item| item.line);
    items
}

fn unreadable(line: usize, mistake: &str) -> Item {
    Item::not(line, "the file", format!("it cannot be read: {mistake}"))
}

impl Item {
    fn new(line: usize, text: impl Into<String>, wish: Wish) -> Self {
        Self { line, text: text.into(), wish }
    }

    fn not(line: usize, text: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(line, text, Wish::Not(reason.into()))
    }
}

/// A value that may be a secret, or hold one, as it may be shown.
fn masked(value: &str) -> String {
    format!("'{}'", crate::secret::Secret::new(value.as_bytes()).redact())
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes))
}
