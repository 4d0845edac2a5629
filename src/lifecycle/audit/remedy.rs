//! What to do at the vendor in question.

use crate::lifecycle::key::KnownKey;

/// Where keys of a class are made and deleted, by the start of its class.
const VENDORS: &[(&str, &str)] = &[
    (
        "alphamoon-",
        "Your profile → Your organization's API Keys: create a new API key with its scopes and its end, switch to it, delete this one with the bin icon (or DELETE /api/v0.4/admin/api-keys/<id>)",
    ),
    (
        "aws-access-key",
        "`aws iam create-access-key`, switch, `aws iam update-access-key --status Inactive`, then `aws iam delete-access-key`",
    ),
    ("aws-secret", "`aws secretsmanager rotate-secret --secret-id <name>`"),
    ("aws-", "AWS console → IAM → Security credentials: create a new one, switch, delete this one"),
    (
        "google-service-account-key",
        "`gcloud iam service-accounts keys create`, switch, `gcloud iam service-accounts keys delete <id>`",
    ),
    (
        "google-",
        "Google Cloud console → APIs & Services → Credentials: create a restricted key, switch, delete this one",
    ),
    (
        "azure-entra-client-secret",
        "`az ad app credential reset --append`, switch, `az ad app credential delete --key-id <id>`",
    ),
    ("azure-key-vault", "`az keyvault secret set` with `--expires`, then disable the old version"),
    ("azure-", "`az storage account keys renew`, one key after the other"),
    (
        "github-actions-secret",
        "set the secret anew with `gh secret set <name>` after changing the value where it was issued",
    ),
    (
        "github-",
        "GitHub → Settings → Developer settings: generate a new token with an expiration, switch, revoke this one",
    ),
    ("gitlab-", "GitLab → Access tokens → Rotate, or POST /personal_access_tokens/<id>/rotate"),
    ("npm-", "`npm token create`, switch, `npm token revoke <id>`"),
    ("vault-kv", "change the value where it was issued, then `vault kv put` it as a new version"),
    ("hashicorp-vault-", "write a new version or issue a new token, then `vault token revoke -accessor <accessor>`"),
    ("kubernetes-", "`kubectl create token` for a bounded token; delete the legacy secret"),
    ("datadog-", "Organization Settings → API Keys: create a new one, switch, revoke this one"),
    ("okta-", "Security → API → Tokens: create a new one, switch, revoke this one"),
    ("doppler-", "`doppler configs tokens create` with `--max-age`, switch, `doppler configs tokens revoke`"),
    ("infisical-", "Access Control → Machine Identities: create a client secret with a TTL, switch, revoke this one"),
    ("circleci-", "change the value where it was issued, then set the variable again"),
    ("certificate-x509", "renew the certificate with a new key pair"),
    ("private-key-", "make a new key pair, install its public half everywhere, remove the old one"),
    ("ssh-", "make a new key pair or certificate, install it, remove the old one"),
    ("private-key-pgp", "`gpg --quick-set-expire <fingerprint> 1y`, or revoke the key and publish a new one"),
];

/// Rules whose remedy is in the data and not at the vendor.
const ABOUT_DATA: &[&str] = &[
    "evidence-missing",
    "owner-missing",
    "poor-name",
    "impossible-order",
    "monitoring-undeclared",
    "duplicate-or-ambiguous",
    "cleartext-transport",
];

/// One sentence with a leading space; empty where the vendor is unknown or has no part in the remedy.
pub fn steps(key: &KnownKey, rule: &str) -> String {
    if ABOUT_DATA.contains(&rule) {
        return String::new();
    }
    let class = key.class.as_deref().unwrap_or_default();
    let found = VENDORS.iter().find(|(start, _)| class.starts_with(start));
    found.map(|(_, steps)| format!(" {}{}.", steps[..1].to_uppercase(), &steps[1..])).unwrap_or_default()
}
