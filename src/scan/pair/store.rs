//! Files in which a tool keeps its logins. What stands in the place of a pass there is one, however weak it is.

/// Names of such files, in lower case: of network clients, of mail and database tools, of registries, and the settings of
/// applications that hold one database login.
const NAMES: &[&str] = &[
    // Clients of the network.
    ".netrc",
    "_netrc",
    ".curlrc",
    "_curlrc",
    ".wgetrc",
    ".git-credentials",
    ".ftpconfig",
    ".ftppass",
    ".remote-sync.json",
    "sftp-config.json",
    "sftp.json",
    "deployment-config.json",
    "ftpsync.settings",
    "filezilla.xml",
    "recentservers.xml",
    "sitemanager.xml",
    // Mail.
    ".esmtprc",
    ".msmtprc",
    "msmtprc",
    ".fetchmailrc",
    ".getmailrc",
    ".mbsyncrc",
    ".muttrc",
    ".offlineimaprc",
    // Databases.
    ".pgpass",
    "pgpass.conf",
    ".my.cnf",
    "dbeaver-data-sources.xml",
    "data-sources.xml",
    "robomongo.json",
    "robo3t.json",
    "mongoid.yml",
    // Registries and buckets.
    ".dockercfg",
    ".npmrc",
    ".pypirc",
    ".s3cfg",
    ".boto",
    // Servers and applications.
    ".htpasswd",
    "tomcat-users.xml",
    "wp-config.php",
    "config.php",
    "configuration.php",
    "localsettings.php",
];

/// Whether the file's name says that it holds a login.
pub fn is_store(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    NAMES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_known_by_their_whole_name() {
        assert!(is_store("home/.netrc") && is_store("LocalSettings.php") && is_store(r".msmtprc"));
        assert!(!is_store("netrc.go") && !is_store("wp-config-sample.php") && !is_store("docs/config.php.md"));
    }
}
