//! How much a key may do, from the names of its scopes.

use super::key::KnownKey;

/// All scopes that a vendor gives, where choosing everything gives a list and no wildcard.
struct Vendor {
    name: &'static str,
    /// The start of the classes of its keys.
    class: &'static str,
    scopes: &'static [&'static str],
}

const VENDORS: &[Vendor] = &[
    Vendor { name: "Alphamoon", class: "alphamoon-", scopes: ALPHAMOON },
    Vendor { name: "GitHub", class: "github-pat-classic", scopes: GITHUB },
    Vendor { name: "GitLab", class: "gitlab-", scopes: GITLAB },
];

/// Scopes of GitHub's classic tokens that no other one includes: a token is kept with these alone
/// (docs.github.com, "Scopes for OAuth apps", normalized scopes).
const GITHUB: &[&str] = &[
    "repo",
    "admin:repo_hook",
    "admin:org",
    "admin:public_key",
    "admin:org_hook",
    "gist",
    "notifications",
    "user",
    "project",
    "delete_repo",
    "write:packages",
    "delete:packages",
    "admin:gpg_key",
    "codespace",
    "workflow",
];

/// Scopes of personal tokens that every user of GitLab can choose (docs.gitlab.com, "Access token scopes"). `sudo` and
/// `admin_mode` are administrators' alone.
const GITLAB: &[&str] = &[
    "api",
    "read_api",
    "read_user",
    "read_repository",
    "write_repository",
    "read_registry",
    "write_registry",
    "create_runner",
    "manage_runner",
    "ai_features",
    "k8s_proxy",
    "self_rotate",
];

/// Scopes of the Alphamoon Workspace API.
const ALPHAMOON: &[&str] = &[
    "workspace.collection:create",
    "workspace.collection:read",
    "workspace.collection:update",
    "workspace.collection:delete",
    "workspace.collection_editor:override",
    "workspace.file:upload",
    "workspace.file:download",
    "workspace.result:create",
    "workspace.result:read",
    "workspace.result:update",
    "workspace.result:delete",
    "workspace.process:create",
    "workspace.process:read",
    "workspace.process:update",
    "workspace.process:delete",
    "workspace.export:create",
    "workspace.export:delete",
    "workspace.destination:create",
    "workspace.destination:read",
    "workspace.destination:delete",
    "workspace.process.api_key:manage",
    "workspace.admin.user:read",
    "workspace.admin.user:invite",
    "workspace.admin.user:manage",
    "workspace.admin.process:manage",
    "workspace.admin.collection:manage",
    "workspace.admin.api_key:manage",
    "workspace.admin.subscriptions:manage",
];

/// What kind of harm a scope allows, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Power {
    /// Makes keys or hands out access: one leak becomes many.
    Access,
    /// Destroys or overrides.
    Destroy,
    /// Spends money.
    Money,
    /// Administers something else.
    Admin,
}

impl Power {
    /// What a report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "hands out access",
            Self::Destroy => "destroys or overrides",
            Self::Money => "spends money",
            Self::Admin => "administers",
        }
    }
}

/// The power of one scope, if it has any.
pub fn power(scope: &str) -> Option<Power> {
    let scope = scope.to_ascii_lowercase();
    let access =
        ["api_key:manage", "admin.user:manage", "admin.user:invite", "admin:org", "service_role", "super_admin"];
    if is_wildcard(&scope)
        || access.iter().any(|end| scope.ends_with(end))
        || matches!(
            scope.as_str(),
            "sudo" | "admin" | "root" | "admin:write" | "members:write" | "administration:write"
        )
    {
        Some(Power::Access)
    } else if scope.contains("subscriptions:manage") || scope.contains("billing") {
        Some(Power::Money)
    } else if scope.ends_with(":delete") || scope.ends_with(":override") || scope == "delete_repo" {
        Some(Power::Destroy)
    } else if scope.contains("admin.") && scope.ends_with(":manage") || scope.starts_with("admin:") {
        Some(Power::Admin)
    } else {
        None
    }
}

fn is_wildcard(scope: &str) -> bool {
    matches!(
        scope,
        "*" | "*:*" | "all" | "admin:*" | "https://www.googleapis.com/auth/cloud-platform" | "administratoraccess"
    )
}

/// Why the scopes come to everything, if they do. `limit` is the largest number of scopes that one key may have.
pub fn everything(key: &KnownKey, limit: usize) -> Option<String> {
    let scopes = key.scopes.as_deref()?;
    if let Some(scope) = scopes.iter().find(|scope| is_wildcard(&scope.to_ascii_lowercase())) {
        return Some(format!("the scope `{scope}` is everything"));
    }
    let has = |name: &str| scopes.iter().any(|scope| scope == name);
    if has("api") && has("sudo") {
        return Some("`api` and `sudo` together are everything".to_owned());
    }
    let class = key.class.as_deref().unwrap_or_default();
    for vendor in VENDORS.iter().filter(|vendor| class.starts_with(vendor.class)) {
        let (known, all) = (vendor.scopes.iter().filter(|name| has(name)).count(), vendor.scopes.len());
        let share = known * 100 / all;
        if share >= 80 {
            return Some(format!("it has {known} of the {all} known scopes of {} ({share} %)", vendor.name));
        }
    }
    (scopes.len() > limit).then(|| format!("it has {} scopes; the limit is {limit}", scopes.len()))
}

/// The powerful scopes of a key, worst first.
pub fn powerful(key: &KnownKey) -> Vec<(Power, &str)> {
    let scopes = key.scopes.as_deref().unwrap_or_default();
    let mut found: Vec<(Power, &str)> =
        scopes.iter().filter_map(|scope| power(scope).map(|power| (power, scope.as_str()))).collect();
    if scopes.iter().any(|scope| scope == "repo") && scopes.iter().any(|scope| scope == "admin:org") {
        found.push((Power::Access, "repo"));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a leak of the key lets its finder make further keys.
pub fn hands_out_access(key: &KnownKey) -> bool {
    powerful(key).first().is_some_and(|(power, _)| *power == Power::Access)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::lifecycle::key::{Gives, Place, Source};

    #[test]
    fn all_scopes_of_a_vendor_are_everything() {
        for vendor in VENDORS {
            let mut key = KnownKey::new(Arc::new(Source::new("x", Gives::ALL)), Place::default());
            key.class = Some(format!("{}-x", vendor.class.trim_end_matches('-')));
            let mut everything_of = |count: usize| {
                let scopes = vendor.scopes[vendor.scopes.len() - count..].iter();
                key.scopes = Some(scopes.map(|scope| (*scope).to_owned()).collect());
                everything(&key, usize::MAX)
            };
            let enough = (vendor.scopes.len() * 80).div_ceil(100);
            assert!(everything_of(enough).is_some_and(|why| why.contains(vendor.name)), "{}", vendor.name);
            assert_eq!(everything_of(enough - 1), None, "{}", vendor.name);
            key.class = Some("acme-api-key".to_owned());
            key.scopes = Some(vendor.scopes.iter().map(|scope| (*scope).to_owned()).collect());
            assert_eq!(everything(&key, usize::MAX), None, "another vendor's words mean something else");
        }
    }

    #[test]
    fn power_classes_of_the_alphamoon_api() {
        assert_eq!(power("workspace.process.api_key:manage"), Some(Power::Access));
        assert_eq!(power("workspace.admin.user:invite"), Some(Power::Access));
        assert_eq!(power("workspace.collection:delete"), Some(Power::Destroy));
        assert_eq!(power("workspace.collection_editor:override"), Some(Power::Destroy));
        assert_eq!(power("workspace.admin.subscriptions:manage"), Some(Power::Money));
        assert_eq!(power("workspace.admin.process:manage"), Some(Power::Admin));
        assert_eq!(power("workspace.file:upload"), None);
    }
}
