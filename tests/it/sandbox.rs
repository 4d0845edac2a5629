//! A fresh folder with a scrubbed environment, and a builder that runs keyrot in it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A fresh folder outside any repository.
pub struct Sandbox {
    dir: TempDir,
}

/// What a finished run gave.
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    pub fn new() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    /// A fresh folder with a name inside another one, to scan without what stands beside it.
    pub fn inside(outer: &Self, name: &str) -> Self {
        let dir = tempfile::Builder::new().prefix(name).rand_bytes(0).tempdir_in(outer.path()).unwrap();
        Self { dir }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file, making its folders.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// keyrot with arguments separated by white space.
    pub fn keyrot(&self, arguments: &str) -> Done {
        self.keyrot_with(arguments, &[], b"")
    }

    /// keyrot with an environment and standard input.
    pub fn keyrot_with(&self, arguments: &str, environment: &[(&str, &str)], stdin: &[u8]) -> Done {
        let mut command = self.command(env!("CARGO_BIN_EXE_keyrot"));
        command.args(arguments.split_whitespace()).envs(environment.iter().copied());
        finish(command, stdin)
    }

    /// git, with a fixed author and times, no configuration but its own, and no hooks of the user's.
    pub fn git(&self, arguments: &[&str]) -> Done {
        self.git_at(1_767_323_045, arguments)
    }

    /// git at a stated time, in seconds since 1970.
    pub fn git_at(&self, seconds: i64, arguments: &[&str]) -> Done {
        let done = self.try_git(seconds, arguments, b"");
        assert_eq!(done.code, 0, "git {arguments:?}: {}", done.stderr);
        done
    }

    /// git, which may fail. keyrot is on its path.
    pub fn try_git(&self, seconds: i64, arguments: &[&str], stdin: &[u8]) -> Done {
        let mut command = self.command("git");
        command.args(arguments);
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Sam Sample");
            command.env(format!("GIT_{role}_EMAIL"), "sam@example.invalid");
            command.env(format!("GIT_{role}_DATE"), format!("{seconds} +0000"));
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        let binary = Path::new(env!("CARGO_BIN_EXE_keyrot")).parent().unwrap().to_owned();
        let paths = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>();
        command.env("PATH", std::env::join_paths(std::iter::once(binary).chain(paths)).unwrap());
        finish(command, stdin)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.dir.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.dir.path());
        command.env("LC_ALL", "C");
        command
    }
}

fn finish(mut command: Command, stdin: &[u8]) -> Done {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that does not read its input is no failure of the test.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    Done {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An invented key of a kind that push protection blocks, joined here so that no file holds one.
pub fn github_token() -> String {
    github_tokens(1).remove(0)
}

/// Several of them.
pub fn github_tokens(count: usize) -> Vec<String> {
    let body =
        |at: usize| format!("{}{}{}", "ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4", ["o5", "p6", "q7", "r8", "s9", "tU"][at]);
    (0..count).map(|at| complete(&body(at))).collect()
}

fn complete(head: &str) -> String {
    let check = keyrot::scan::filter::checksum::complete("github-crc32", head.as_bytes()).unwrap();
    format!("{head}{check}")
}
