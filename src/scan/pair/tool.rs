//! What command-line tools call the flags that carry a user and a pass. Source: each tool's manual.

use super::word::Word;

/// What a tool's short flags carry.
pub struct Tool {
    /// What the tool is called.
    pub names: &'static [&'static str],
    /// A word that must stand in the command.
    pub verb: &'static str,
    /// Short flags of the user half.
    pub user: &'static [u8],
    /// Short flags of the pass half.
    pub pass: &'static [u8],
    /// Flags that carry both halves, and what separates them.
    pub both: &'static [u8],
    /// Between the halves.
    pub separator: u8,
}

/// A tool of which only long flags are known.
pub const NONE: Tool = Tool { names: &[], verb: "", user: b"", pass: b"", both: b"", separator: b':' };

const TOOLS: &[Tool] = &[
    Tool { names: &["curl", "curl.exe"], both: b"uU", ..NONE },
    Tool { names: &["http", "https", "xh", "xhs"], both: b"a", ..NONE },
    Tool { names: &["ab"], both: b"AP", ..NONE },
    Tool {
        names: &[
            "docker", "podman", "skopeo", "buildah", "nerdctl", "helm", "oras", "az", "oc", "cf", "crane", "conan",
            "sudo",
        ],
        verb: "login",
        user: b"u",
        pass: b"p",
        ..NONE
    },
    Tool { names: &["conan"], verb: "user", user: b"", pass: b"p", ..NONE },
    Tool { names: &["dotnet"], verb: "nuget", user: b"u", pass: b"p", ..NONE },
    Tool {
        names: &["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump"],
        user: b"u",
        pass: b"p",
        ..NONE
    },
    Tool {
        names: &["mongosh", "mongo", "mongodump", "mongorestore", "twine", "cqlsh"],
        user: b"u",
        pass: b"p",
        ..NONE
    },
    Tool { names: &["sshpass"], pass: b"p", ..NONE },
    Tool { names: &["smbclient", "rpcclient", "smbmap"], both: b"U", separator: b'%', ..NONE },
    Tool { names: &["lftp"], both: b"u", separator: b',', ..NONE },
    Tool {
        names: &["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami"],
        user: b"D",
        pass: b"w",
        ..NONE
    },
    Tool { names: &["redis-cli"], pass: b"a", ..NONE },
    Tool { names: &["sqlcmd", "bcp"], user: b"U", pass: b"P", ..NONE },
];

/// curl's short flags that take a value: one of them ends a cluster.
pub const CURL_VALUED: &[u8] = b"AbcCdDeEFhHKmoPQrtTuUwxXyYz";
/// Long flags of any tool that carry both halves.
pub const LONG_BOTH: &[&str] = &["--auth", "--creds", "--src-creds", "--dest-creds", "--proxy-auth"];
/// Long flags of any tool that carry the user half.
pub const LONG_USER: &[&str] = &[
    "--username",
    "-username",
    "--user",
    "--login",
    "--http-user",
    "--ftp-user",
    "--proxy-user",
    "--docker-username",
    "--db-user",
    "--dbuser",
    "--email",
    "--client-id",
    "--user-name",
    "--userid",
    "--admin-user",
    "--admin_user",
    "--db-username",
];
/// Long flags of any tool that carry the pass half.
pub const LONG_PASS: &[&str] = &[
    "--password",
    "-password",
    "--pass",
    "--passwd",
    "--http-password",
    "--http-passwd",
    "--ftp-password",
    "--proxy-password",
    "--docker-password",
    "--db-password",
    "--dbpass",
    "--admin-password",
    "--admin_password",
    "--db-pass",
];

/// The tool's name in the first word of a command, without its folder.
pub fn name(first: &Word) -> &str {
    first.as_str().rsplit(['/', '(']).next().unwrap_or_default()
}

/// The first tool of that name, whatever its verb.
pub fn named(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.names.contains(&name))
}

/// The tool of a command, by its name and its verb.
pub fn of(words: &[Word]) -> Option<&'static Tool> {
    const NEAR: usize = 8;
    let name = name(words.first()?);
    let speaks = |tool: &Tool| words.iter().take(NEAR).any(|word| word.bytes == tool.verb.as_bytes());
    TOOLS.iter().find(|tool| tool.names.contains(&name) && (tool.verb.is_empty() || speaks(tool)))
}
