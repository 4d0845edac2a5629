//! The class of a key is the id of the rule that finds it. Several rules may find keys of one listing, and stores hold keys of
//! any kind under a name.

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
    "github-actions-secret",
    "kubernetes-secret",
    "password",
    "vault-kv",
];

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
