//! How long keys may live: built-in profiles with their sources, own profiles, and overrides by class, tag, environment and
//! owner.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use globset::{Glob, GlobMatcher};

use super::key::KnownKey;
use crate::date::Length;

/// The limits of one profile. A limit that is absent is not asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Rotation age: warn past it. Inclusive: at exactly this age a key passes.
    pub rotate_warn: Option<Length>,
    /// Rotation age: error past it.
    pub rotate_error: Option<Length>,
    /// Planned life: warn past it.
    pub lifetime_warn: Option<Length>,
    /// Planned life: error past it.
    pub lifetime_error: Option<Length>,
    /// Whether every key needs an end.
    pub expiry_required: bool,
    /// Notice before an end.
    pub lead: Length,
    /// Notice before an end that is an error.
    pub lead_error: Length,
    /// Whether another key must be there before the end.
    pub successor_required: bool,
    /// Days without use at which a key is unused. Inclusive: at exactly this age it fails.
    pub unused_days: Option<i64>,
    /// How long two keys may be alive side by side.
    pub overlap: Length,
    /// Most scopes of one key.
    pub max_scopes: usize,
    /// Whether the profile needs a number that only the user can give.
    pub needs_number: bool,
    /// What it cites.
    pub cites: &'static str,
}

/// One override: rows that match all of its conditions use the profile.
#[derive(Clone, Debug, Default)]
pub struct Override {
    /// Globs over the class.
    pub class: Vec<Pattern>,
    /// Globs over the tags.
    pub tag: Vec<Pattern>,
    /// Globs over the environment.
    pub environment: Vec<Pattern>,
    /// Globs over the owner.
    pub owner: Vec<Pattern>,
    /// The profile.
    pub profile: String,
}

/// A glob over names.
#[derive(Clone, Debug)]
pub struct Pattern(GlobMatcher);

impl Pattern {
    /// Reads a glob.
    ///
    /// # Errors
    /// It is none.
    pub fn new(text: &str) -> Result<Self, globset::Error> {
        Ok(Self(Glob::new(text)?.compile_matcher()))
    }

    fn fits(patterns: &[Self], value: Option<&str>) -> bool {
        patterns.is_empty() || value.is_some_and(|value| patterns.iter().any(|one| one.0.is_match(value)))
    }
}

/// All that the audit asks of keys.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Profiles by name, the built-in ones among them.
    pub profiles: BTreeMap<String, Profile>,
    /// The profile of rows that nothing else names.
    pub default: String,
    /// In their order; the first that fits wins.
    pub overrides: Vec<Override>,
    /// How far clocks may differ.
    pub skew: TimeDelta,
    /// Age at which an inventory is outdated.
    pub stale: Length,
    /// People and teams that exist; empty is unknown.
    pub roster: Vec<String>,
    /// Logins of people, in lower case.
    pub people: Arc<BTreeSet<String>>,
    /// Globs of paths and of key names, with their owners; the last that fits wins, as in CODEOWNERS.
    pub owners: Vec<(Pattern, String)>,
}

impl Default for Policy {
    fn default() -> Self {
        let profiles = builtin().into_iter().map(|profile| (profile.name.clone(), profile)).collect();
        Self {
            profiles,
            default: "seed".to_owned(),
            overrides: Vec::new(),
            skew: TimeDelta::seconds(300),
            stale: Length::days(7),
            roster: Vec::new(),
            people: Arc::default(),
            owners: Vec::new(),
        }
    }
}

impl Policy {
    /// The profile that a row is judged by: what the row names, then the first override that fits, then the default.
    pub fn profile(&self, key: &KnownKey) -> &Profile {
        let named = key.policy.as_deref().and_then(|name| self.profiles.get(name));
        let fitting = || {
            let class = key.class.as_deref();
            self.overrides.iter().find(|one| {
                Pattern::fits(&one.class, class)
                    && (one.tag.is_empty() || key.tags.iter().any(|tag| Pattern::fits(&one.tag, Some(tag))))
                    && Pattern::fits(&one.environment, key.environment.as_deref())
                    && Pattern::fits(&one.owner, key.owner.as_deref())
            })
        };
        named
            .or_else(|| fitting().and_then(|one| self.profiles.get(&one.profile)))
            .or_else(|| self.profiles.get(&self.default))
            .expect("the default profile is checked when the policy is read")
    }

    /// Whether an owner is one person: known as such, or by an address of their own.
    pub fn is_person(&self, owner: &str) -> bool {
        owner.contains('@') && !owner.starts_with('@') || self.people.contains(&owner.to_lowercase())
    }

    /// The owner that globs name for a path or a key's name.
    pub fn owner_of(&self, name: &str) -> Option<&str> {
        self.owners.iter().rev().find(|(pattern, _)| pattern.0.is_match(name)).map(|(_, owner)| owner.as_str())
    }
}

fn seed() -> Profile {
    Profile {
        name: "seed".to_owned(),
        rotate_warn: Some(Length::months(3)),
        rotate_error: Some(Length::months(6)),
        lifetime_warn: Some(Length::months(3)),
        lifetime_error: Some(Length::months(6)),
        expiry_required: true,
        lead: Length::days(14),
        lead_error: Length::days(7),
        successor_required: true,
        unused_days: Some(45),
        overlap: Length::days(14),
        max_scopes: 20,
        needs_number: false,
        cites: "Alphamoon: change the API key every 3 to 6 months",
    }
}

/// The profiles that keyrot ships.
pub fn builtin() -> Vec<Profile> {
    let days = |count| Some(Length::days(count));
    let flat = |name: &str, rotate, lifetime, unused, cites| Profile {
        name: name.to_owned(),
        rotate_warn: None,
        rotate_error: rotate,
        lifetime_warn: None,
        lifetime_error: lifetime,
        unused_days: unused,
        cites,
        ..seed()
    };
    vec![
        seed(),
        flat(
            "cis",
            days(90),
            None,
            Some(45),
            "CIS AWS Foundations 7.0, 2.11 and 2.12; CIS GCP Foundations 5.0, 1.8 and 1.16",
        ),
        Profile {
            needs_number: true,
            ..flat(
                "pci",
                None,
                None,
                Some(90),
                "PCI DSS 4.0.1, 8.6.3: the number comes from your own risk analysis (12.3.1)",
            )
        },
        flat("azure", days(60), days(60), Some(90), "Azure Key Vault guidance: at least every 60 days"),
        flat("npm", days(90), days(90), Some(90), "npm: granular tokens that may write live at most 90 days"),
        flat("github", days(366), days(366), Some(365), "GitHub: tokens of an organisation live at most 366 days"),
        Profile {
            expiry_required: false,
            successor_required: false,
            ..flat(
                "human",
                None,
                None,
                Some(90),
                "NIST SP 800-63B: passwords of people are not changed by the calendar",
            )
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_says_what_it_cites() {
        let names: Vec<String> = builtin().into_iter().map(|profile| profile.name).collect();
        assert_eq!(names, ["seed", "cis", "pci", "azure", "npm", "github", "human"]);
        assert!(builtin().iter().all(|profile| !profile.cites.is_empty()));
    }

    #[test]
    fn the_human_profile_has_no_rotation_rule_at_all() {
        let human = builtin().into_iter().find(|profile| profile.name == "human").expect("there");
        assert_eq!((human.rotate_warn, human.rotate_error, human.lifetime_error), (None, None, None));
    }
}
