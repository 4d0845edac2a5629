//! A rule as plain data: what a rule file says after it was read and checked. Built-in rules are stored in this form at
//! compile time, so that starting up parses no TOML.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::outline::Outline;
use crate::finding::{Confidence, Severity};

/// Everything a rule file says about one rule. `docs/rules.md` describes every field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Stable kebab-case id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Slug of the vendor.
    pub provider: String,
    /// What kind of thing it finds.
    pub kind: Kind,
    /// Default severity.
    pub severity: Severity,
    /// Default confidence.
    pub confidence: Confidence,
    /// Literals of which one stands in every match.
    pub keywords: Vec<String>,
    /// The regular expression, shorthands expanded; empty for declared findings.
    pub pattern: String,
    /// Whether a keyword only gates the whole file, because the pattern does not imply one.
    pub gated: bool,
    /// What is sure about every match of the pattern.
    pub outline: Outline,
    /// Named offline check of the secret.
    pub checksum: Option<String>,
    /// Least Shannon entropy of the secret, in bits per character.
    pub min_entropy: Option<f64>,
    /// Character classes that the secret must hold.
    pub require: Vec<CharClass>,
    /// On the same bytes the higher one wins.
    pub specificity: u8,
    /// Globs of the only files it looks at; where these and `path_patterns` are empty, all.
    pub paths: Vec<String>,
    /// Patterns found in the paths of the only files it looks at.
    pub path_patterns: Vec<String>,
    /// Where a match is no finding.
    pub exceptions: Vec<Exception>,
    /// Rules whose matches near this one's belong to it.
    pub parts: Vec<Part>,
    /// How sure a match is that lacks a required part, at most; none is no finding.
    pub alone: Option<Confidence>,
    /// Whether it only finds parts of other rules and reports nothing itself.
    pub part_only: bool,
    /// Free tags.
    pub tags: Vec<String>,
    /// Former ids.
    pub aliases: Vec<String>,
    /// Rules that may fire on this rule's examples.
    pub also: Vec<String>,
    /// Why it matters.
    pub why: String,
    /// How and how often to rotate.
    pub rotate: Rotate,
    /// Where dates stand inside the key.
    pub embedded: Option<String>,
    /// Sources of the facts.
    pub references: Vec<String>,
    /// How much of the key's form its sources were seen to show; none where nobody looked.
    pub format: Option<Format>,
}

/// A rule whose match near another rule's is a part of what that one finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Id of the rule that finds the part.
    pub rule: String,
    /// How many lines it may stand away; none is anywhere in the text.
    pub lines: Option<u32>,
    /// How many columns, in bytes, its start may stand from the start of the other.
    pub columns: Option<u32>,
    /// Whether the finding does without it.
    pub optional: bool,
}

/// Where what matches is no finding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exception {
    /// Whether all kinds of things that are stated must hold, or one is enough.
    pub all: bool,
    /// Globs of paths.
    pub paths: Vec<String>,
    /// Patterns found in paths.
    pub path_patterns: Vec<String>,
    /// Full hexadecimal ids of commits.
    pub commits: Vec<String>,
    /// Patterns found in what `of` names.
    pub values: Vec<String>,
    /// What `values` are looked for in.
    pub of: Target,
    /// Words of which one stands in the secret, in lower case.
    pub words: Vec<String>,
}

/// How to rotate what a rule finds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rotate {
    /// Days after which it should be rotated.
    pub max_age_days: Option<u32>,
    /// Where that is done.
    pub url: Option<String>,
    /// What to do there.
    pub steps: Option<String>,
}

/// The texts that prove a rule. Kept apart from [`Definition`]: only self-tests read them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Examples {
    /// Texts that must give exactly this rule.
    pub positive: Vec<Example>,
    /// Texts that must not give it.
    pub negative: Vec<Counterexample>,
}

/// A text with a hole for the key, and the pieces of the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Holds `{secret}` once.
    pub text: String,
    /// Joined and generated into the key.
    pub secret: Vec<String>,
    /// Further generated pieces of the text, by the name of their hole.
    pub parts: Vec<(String, Vec<String>)>,
}

/// A text that must stay silent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counterexample {
    /// The whole text.
    pub text: String,
    /// Why it is none.
    pub why: String,
}

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type { $($(#[$variant_doc])* $variant),+ }

        impl $type {
            /// All names, for messages.
            pub const NAMES: &[&str] = &[$($name),+];

            /// The name used in files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl FromStr for $type {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($name => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }
    };
}

names! {
    /// What kind of thing a rule finds.
    Kind {
        /// One opaque value.
        Token = "token",
        /// A user half and a pass half.
        Pair = "pair",
        /// A password of a person or a service.
        Password = "password",
        /// A private key.
        PrivateKey = "private-key",
        /// A certificate: not secret, but with an end.
        Certificate = "certificate",
        /// A string that holds an address and a credential.
        ConnectionString = "connection-string",
        /// An address that is itself the credential.
        Webhook = "webhook",
        /// A public identifier that leads to a key.
        Id = "id",
        /// A declared finding without a pattern.
        Audit = "audit",
    }
}

names! {
    /// What is known of a key's form, by somebody who opened the sources.
    Format {
        /// The provider states, shows or generates the whole of it: beginning, characters, length.
        Documented = "documented",
        /// Keys in public code agree on it; the provider does not describe it.
        Observed = "observed",
        /// The provider shows how it begins, and no more.
        Prefix = "prefix",
    }
}

names! {
    /// A class of characters.
    CharClass {
        /// 0-9.
        Digit = "digit",
        /// a-z.
        Lower = "lower",
        /// A-Z.
        Upper = "upper",
        /// Either case.
        Letter = "letter",
        /// Anything else that prints.
        Symbol = "symbol",
    }
}

names! {
    /// What an exception looks at.
    Target {
        /// The secret.
        Secret = "secret",
        /// Everything that the pattern matched.
        Match = "match",
        /// The lines that the match stands on.
        Line = "line",
    }
}

#[allow(clippy::derivable_impls, reason = "the variants are written by a macro")]
impl Default for Target {
    fn default() -> Self {
        Self::Secret
    }
}

impl Exception {
    /// Whether it states nothing.
    pub fn is_empty(&self) -> bool {
        let lists = [&self.paths, &self.path_patterns, &self.commits, &self.values, &self.words];
        lists.into_iter().all(Vec::is_empty)
    }
}

impl CharClass {
    /// Whether the byte belongs to it.
    pub fn holds(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Lower => byte.is_ascii_lowercase(),
            Self::Upper => byte.is_ascii_uppercase(),
            Self::Letter => byte.is_ascii_alphabetic(),
            Self::Symbol => byte.is_ascii_punctuation(),
        }
    }
}

/// The offline checks that the engine knows; `scan` implements them.
pub const CHECKSUMS: &[&str] = &[
    "github-crc32",
    "npm-crc32",
    "gitlab-routable",
    "pypi-macaroon",
    "jwt",
    "aws-key-id",
    "azure-key-signature",
    "slack-shape",
    "discord-id",
    "sentry-json",
    "sentry-uuids",
    "mapbox-json",
    "tinybird-json",
    "convex-json",
    "snyk-json",
    "weaviate-key",
    "onesignal-id",
    "upstash-number",
    "grafana-crc32",
    "base62-crc32",
    "hex-crc32",
    "body-hex-crc32",
    "lower-base62-crc32",
    "matrix-crc32",
    "runpod-crc32",
    "groq-mark",
    "workos-id",
    "grafana-json",
    "pkcs12",
    "private-key",
    "wireguard-clamp",
    "base58check",
    "bech32",
    "base32-crc16",
];

/// Groups of a pattern that are the key: where its alternatives hold it in different places, the first that holds something.
pub const SECRET_GROUPS: [&str; 9] =
    ["secret", "secret2", "secret3", "secret4", "secret5", "secret6", "secret7", "secret8", "secret9"];

/// Rules without a pattern: `scan::keystore` knows binary files that are keys as a whole.
pub const BY_CONTENT: [&str; 7] = [
    "keystore-java",
    "keystore-pkcs12",
    "private-key-der",
    "keystore-gnupg",
    "keystore-keepass",
    "keystore-macos-keychain",
    "browser-password-store",
];

/// The declared rule that finds something where no key is found: files that should be encrypted.
pub const BY_FILE: &str = "plaintext-in-encrypted-file";

/// Rules without a pattern: `scan::generic` reads the values that only the context betrays.
pub const BY_CONTEXT: [&str; 4] = ["generic-password", "generic-api-key", "generic-secret", "generic-token"];
