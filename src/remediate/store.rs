//! The secret stores that a project uses already, known by what its files say.

use std::collections::BTreeMap;

/// A place that keeps secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Store {
    /// 1Password.
    OnePassword,
    /// HashiCorp Vault.
    Vault,
    /// AWS Secrets Manager.
    AwsSecretsManager,
    /// AWS Systems Manager parameters.
    AwsParameters,
    /// Google Secret Manager.
    GoogleSecretManager,
    /// Azure Key Vault.
    AzureKeyVault,
    /// Kubernetes secrets filled by External Secrets.
    ExternalSecrets,
    /// SOPS.
    Sops,
    /// Ansible Vault.
    AnsibleVault,
    /// Doppler.
    Doppler,
    /// Infisical.
    Infisical,
    /// Rails credentials.
    RailsCredentials,
    /// Secrets of GitHub Actions.
    GitHubActions,
    /// Variables of GitLab CI.
    GitLabVariables,
}

/// How each is known: parts of file names, and texts that only its users write.
const MARKS: &[(Store, &[&str], &[&str])] = &[
    (Store::OnePassword, &[], &["op://", "1password/load-secrets-action", "op run --"]),
    (
        Store::Vault,
        &[".vault-token"],
        &["VAULT_ADDR", "hashicorp/vault-action", "vault kv get", "vault_generic_secret", "vault_kv_secret"],
    ),
    (
        Store::AwsSecretsManager,
        &[],
        &[
            "aws_secretsmanager_secret",
            "resolve:secretsmanager",
            "aws secretsmanager ",
            "arn:aws:secretsmanager:",
            "AWS::SecretsManager::Secret",
        ],
    ),
    (Store::AwsParameters, &[], &["resolve:ssm-secure", "aws_ssm_parameter", "aws ssm get-parameter"]),
    (
        Store::GoogleSecretManager,
        &[],
        &["google_secret_manager_secret", "secretmanager.googleapis.com", "gcloud secrets "],
    ),
    (
        Store::AzureKeyVault,
        &[],
        &["azurerm_key_vault_secret", "@Microsoft.KeyVault(", ".vault.azure.net", "az keyvault secret"],
    ),
    (Store::ExternalSecrets, &[], &["external-secrets.io/", "kind: ExternalSecret"]),
    (Store::Sops, &[".sops.yaml", ".sops.yml"], &["ENC[AES256_GCM,"]),
    (Store::AnsibleVault, &[], &["$ANSIBLE_VAULT;"]),
    (Store::Doppler, &["doppler.yaml", "doppler.yml"], &["doppler run"]),
    (Store::Infisical, &[".infisical.json"], &["infisical run"]),
    (Store::RailsCredentials, &["credentials.yml.enc"], &["Rails.application.credentials"]),
    (Store::GitHubActions, &[], &["${{ secrets."]),
    (Store::GitLabVariables, &[".gitlab-ci.yml"], &[]),
];

impl Store {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OnePassword => "1Password",
            Self::Vault => "HashiCorp Vault",
            Self::AwsSecretsManager => "AWS Secrets Manager",
            Self::AwsParameters => "AWS Systems Manager parameters",
            Self::GoogleSecretManager => "Google Secret Manager",
            Self::AzureKeyVault => "Azure Key Vault",
            Self::ExternalSecrets => "External Secrets",
            Self::Sops => "SOPS",
            Self::AnsibleVault => "Ansible Vault",
            Self::Doppler => "Doppler",
            Self::Infisical => "Infisical",
            Self::RailsCredentials => "Rails credentials",
            Self::GitHubActions => "GitHub Actions secrets",
            Self::GitLabVariables => "GitLab CI variables",
        }
    }

    /// How a file refers to a secret of that name. Words in capitals that are not the name are the reader's to fill.
    fn reference(self, name: &str) -> String {
        let lower = name.to_ascii_lowercase().replace('_', "-");
        match self {
            Self::OnePassword => format!("op://VAULT/{lower}/credential, read by `op run` or `op inject`"),
            Self::Vault => format!("$(vault kv get -field={} secret/APP)", name.to_ascii_lowercase()),
            Self::AwsSecretsManager => {
                format!("{{{{resolve:secretsmanager:APP:SecretString:{name}}}}}, or read `{name}` at start")
            }
            Self::AwsParameters => format!("{{{{resolve:ssm-secure:/APP/{lower}}}}}"),
            Self::GoogleSecretManager => format!("projects/PROJECT/secrets/{lower}/versions/latest"),
            Self::AzureKeyVault => format!("@Microsoft.KeyVault(VaultName=VAULT;SecretName={lower})"),
            Self::ExternalSecrets => format!("an ExternalSecret whose `remoteRef.key` is {lower}, mounted as a Secret"),
            Self::Sops => format!("{name} in an encrypted file: `sops edit secrets.enc.yaml`"),
            Self::AnsibleVault => format!("{} in a file of `ansible-vault edit`", name.to_ascii_lowercase()),
            Self::Doppler => format!("the variable {name} under `doppler run`"),
            Self::Infisical => format!("the variable {name} under `infisical run`"),
            Self::RailsCredentials => format!("Rails.application.credentials.{}", name.to_ascii_lowercase()),
            Self::GitHubActions => format!("${{{{ secrets.{name} }}}}"),
            Self::GitLabVariables => format!("${name}, a masked and protected CI/CD variable"),
        }
    }

    /// Whether files outside its own pipelines can refer to it.
    fn is_general(self) -> bool {
        !matches!(self, Self::GitHubActions | Self::GitLabVariables)
    }
}

/// The stores of a project, each with the first file that names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stores(BTreeMap<Store, String>);

impl Stores {
    /// Looks at a file, by its path and text.
    pub fn look(&mut self, path: &str, text: &[u8]) {
        for (store, names, texts) in MARKS {
            if self.0.contains_key(store) {
                continue;
            }
            let named = names.iter().any(|name| path.rsplit('/').next().is_some_and(|file| file == *name));
            if named || texts.iter().any(|mark| memchr::memmem::find(text, mark.as_bytes()).is_some()) {
                self.0.insert(*store, path.to_owned());
            }
        }
    }

    /// The reference that takes the place of a value in a file, and the store with the file that shows its use; without a
    /// store, a variable of the environment.
    pub fn reference<'a>(&'a self, path: &'a str, name: &str) -> (String, Option<(Store, &'a str)>) {
        let own = if path.starts_with(".github/workflows/") {
            Some(Store::GitHubActions)
        } else if path.ends_with(".gitlab-ci.yml") {
            Some(Store::GitLabVariables)
        } else {
            self.0.keys().copied().find(|store| store.is_general())
        };
        match own {
            Some(store) => (store.reference(name), Some((store, self.0.get(&store).map_or(path, String::as_str)))),
            None => (format!("${name}, a variable of the environment"), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_in_use_is_proposed() {
        let mut stores = Stores::default();
        assert_eq!(stores.reference("app/a.env", "API_KEY").0, "$API_KEY, a variable of the environment");
        stores.look(".github/workflows/ci.yml", b"env: { T: ${{ secrets.T }} }");
        assert_eq!(stores.reference("app/a.env", "API_KEY").1, None);
        assert_eq!(stores.reference(".github/workflows/x.yml", "API_KEY").0, "${{ secrets.API_KEY }}");
        stores.look("deploy/main.tf", b"data \"aws_secretsmanager_secret\" \"a\" {}");
        let (text, store) = stores.reference("app/a.env", "API_KEY");
        assert!(text.starts_with("{{resolve:secretsmanager:APP:SecretString:API_KEY}}"), "{text}");
        assert_eq!(store, Some((Store::AwsSecretsManager, "deploy/main.tf")));
    }
}
