//! The class of a key is the id of the rule that finds it. Several rules may find keys of one listing, and stores hold keys of
//! any kind under a name.

use super::key::KnownKey;

/// Classes of listings, and further rules that find the same keys.
const KIN: &[(&str, &[&str])] = &[
    ("aws-access-key-id", &["aws-access-key-pair", "aws-secret-access-key"]),
    ("azure-entra-client-secret", &["azure-entra-client-secret-legacy"]),
    ("azure-storage-account-key", &["azure-storage-identifiable-key"]),
    ("datadog-api-key", &["datadog-agent-api-key"]),
    ("github-pat-classic", &["github-token-legacy"]),
    ("gitlab-pat", &["gitlab-pat-routable", "gitlab-token-legacy", "gitlab-deploy-token"]),
    ("google-api-key", &["google-auth-api-key"]),
    ("hashicorp-vault-service-token", &["hashicorp-vault-batch-token", "hashicorp-vault-token-legacy"]),
    ("kubernetes-service-account-token", &["kubernetes-bound-token"]),
    ("npm-access-token", &["npm-legacy-token"]),
    (
        "private-key-openssh",
        &["private-key-openssh-encrypted", "private-key-rsa", "private-key-ec", "private-key-pkcs8"],
    ),
];

/// Classes of entries in stores: such an entry may hold a key of any kind, and its name is the only thing that it shares with
/// the places where the key is used.
const STORES: &[&str] = &[
    "aws-parameter",
    "aws-secret",
    "azure-key-vault-secret",
    "circleci-variable",
    "gcp-secret",
    "github-actions-secret",
    "kubernetes-secret",
    "password",
    "vault-kv",
];

/// Keys that their vendors give no end and no way to set one: by class, or by the source of their rows; and who says so.
const ENDLESS: &[(&str, &str)] = &[
    ("aws-access-key-id", "AWS IAM User Guide, Programmatic access: access keys of IAM users never expire"),
    ("datadog-api-key", "Datadog, Credential management: API keys have no built-in expiration"),
    ("github-deploy-keys", "GitHub, Managing deploy keys: they don't have an expiry date"),
    ("google-api-key", "CIS Google Cloud Platform Foundations 3.0, 1.15: an API key has no expiration"),
];

/// Who says that the key cannot have an end, if that is so.
pub fn endless(key: &KnownKey) -> Option<&'static str> {
    let class = key.class.as_deref().map(listed);
    let names = [class, Some(key.source.name.as_str())];
    ENDLESS.iter().find(|(name, _)| names.contains(&Some(name))).map(|(_, who)| *who)
}

/// The class under which keys of this class are listed.
pub fn listed(class: &str) -> &str {
    KIN.iter().find(|(_, rules)| rules.contains(&class)).map_or(class, |(listed, _)| listed)
}

/// Whether the class is that of entries in a store.
pub fn is_store(class: &str) -> bool {
    STORES.contains(&class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kin_are_rules() {
        let rules = crate::rule::RuleSet::builtin();
        for name in KIN.iter().flat_map(|(listed, others)| std::iter::once(listed).chain(*others)) {
            assert!(rules.get(name).is_some(), "{name}");
        }
        assert_eq!(listed("aws-access-key-pair"), "aws-access-key-id");
        assert_eq!(listed("alphamoon-api-key"), "alphamoon-api-key");
    }

    #[test]
    fn stores_are_no_rules() {
        let rules = crate::rule::RuleSet::builtin();
        assert!(STORES.iter().all(|name| rules.get(name).is_none()));
    }
}
