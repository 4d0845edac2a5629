//! Hosts of repositories and the pipelines that run keyrot there.

/// A place that runs pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Azure Pipelines.
    Azure,
    /// CircleCI.
    CircleCi,
    /// Jenkins.
    Jenkins,
}

impl Host {
    const ALL: [Self; 6] = [Self::GitHub, Self::GitLab, Self::Bitbucket, Self::Azure, Self::CircleCi, Self::Jenkins];

    /// The host of a repository: what its files say, else where its remote is.
    pub fn detect(has_file: impl Fn(&str) -> bool, remote: Option<&str>) -> Option<Self> {
        let by_file = |host: &&Self| host.marks().iter().any(|mark| has_file(mark));
        Self::ALL.iter().find(by_file).copied().or_else(|| Self::of_remote(remote?))
    }

    /// The host that a remote's address names.
    fn of_remote(address: &str) -> Option<Self> {
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
        let host = rest.split(['/', ':']).next().unwrap_or(rest).to_ascii_lowercase();
        let has = |name: &str| host.split('.').any(|part| part == name);
        Some(match () {
            () if has("github") => Self::GitHub,
            () if has("gitlab") => Self::GitLab,
            () if has("bitbucket") => Self::Bitbucket,
            () if has("azure") || has("visualstudio") => Self::Azure,
            () => return None,
        })
    }

    /// Files and folders that only its users have.
    fn marks(self) -> &'static [&'static str] {
        match self {
            Self::GitHub => &[".github/workflows"],
            Self::GitLab => &[".gitlab-ci.yml"],
            Self::Bitbucket => &["bitbucket-pipelines.yml"],
            Self::Azure => &["azure-pipelines.yml"],
            Self::CircleCi => &[".circleci/config.yml"],
            Self::Jenkins => &["Jenkinsfile"],
        }
    }

    /// Its pipelines, and where keyrot's would be written.
    pub fn files(self) -> Vec<&'static str> {
        let files = [self.place(|_| false).0, self.place(|_| true).0];
        self.marks().iter().copied().chain(files).collect()
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub Actions",
            Self::GitLab => "GitLab CI",
            Self::Bitbucket => "Bitbucket Pipelines",
            Self::Azure => "Azure Pipelines",
            Self::CircleCi => "CircleCI",
            Self::Jenkins => "Jenkins",
        }
    }

    /// The pipeline that scans with keyrot: the template of `ci/`.
    pub fn pipeline(self) -> &'static str {
        match self {
            Self::GitHub => include_str!("../ci/github.yml"),
            Self::GitLab => include_str!("../ci/gitlab.yml"),
            Self::Bitbucket => include_str!("../ci/bitbucket-pipelines.yml"),
            Self::Azure => include_str!("../ci/azure-pipelines.yml"),
            Self::CircleCi => include_str!("../ci/circleci.yml"),
            Self::Jenkins => include_str!("../ci/Jenkinsfile"),
        }
    }

    /// Where the pipeline is written, and what a person still has to do there. A host that reads one file alone gets keyrot's
    /// beside it when it is taken: nothing is overwritten.
    pub fn place(self, has_file: impl Fn(&str) -> bool) -> (&'static str, Option<&'static str>) {
        let beside = |own: &'static str, beside: &'static str, then: &'static str| {
            if has_file(own) { (beside, Some(then)) } else { (own, None) }
        };
        match self {
            Self::GitHub => (".github/workflows/keyrot.yml", None),
            Self::GitLab => beside(
                ".gitlab-ci.yml",
                ".gitlab/keyrot.yml",
                "add `include: [{ local: .gitlab/keyrot.yml }]` to .gitlab-ci.yml",
            ),
            Self::Bitbucket => beside(
                "bitbucket-pipelines.yml",
                "bitbucket-pipelines.keyrot.yml",
                "copy its step into bitbucket-pipelines.yml: Bitbucket reads one file",
            ),
            Self::Azure => {
                beside("azure-pipelines.yml", "azure-pipelines.keyrot.yml", "create a pipeline from this file")
            }
            Self::CircleCi => beside(
                ".circleci/config.yml",
                ".circleci/keyrot.yml",
                "copy its job into .circleci/config.yml: CircleCI reads one file",
            ),
            Self::Jenkins => beside("Jenkinsfile", "Jenkinsfile.keyrot", "create a job from this file"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_win_over_the_remote() {
        let remotes = [
            ("git@github.com:a/b.git", Some(Host::GitHub)),
            ("https://user@gitlab.example.org/a/b", Some(Host::GitLab)),
            ("ssh://git@bitbucket.org/a/b.git", Some(Host::Bitbucket)),
            ("https://a@dev.azure.com/a/b/_git/c", Some(Host::Azure)),
            ("https://example.org/github/b", None),
        ];
        for (remote, host) in remotes {
            assert_eq!(Host::detect(|_| false, Some(remote)), host, "{remote}");
        }
        let jenkins = |file: &str| file == "Jenkinsfile";
        assert_eq!(Host::detect(jenkins, Some(remotes[0].0)), Some(Host::Jenkins));
        assert_eq!(Host::detect(|_| false, None), None);
    }

    #[test]
    fn a_file_that_is_there_is_never_the_place() {
        for host in Host::ALL {
            let (own, nothing) = host.place(|_| false);
            assert_eq!(nothing, None);
            let (place, _) = host.place(|file| file == own);
            assert!(place != own || host == Host::GitHub, "{place}");
            assert!(host.pipeline().contains("keyrot scan"));
        }
    }
}
