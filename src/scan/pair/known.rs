//! Pairs and words that everybody knows. Every comparison is of a whole half, case-folded.

/// Pairs that documents, images and installers ship: worth no more than a note.
const PAIRS: &[(&str, &str)] = &[
    ("user", "pass"),
    ("user", "password"),
    ("username", "password"),
    ("user", "passwd"),
    ("username", "pass"),
    ("admin", "admin"),
    ("admin", "password"),
    ("admin", "pass"),
    ("root", "root"),
    ("root", "password"),
    ("root", "toor"),
    ("guest", "guest"),
    ("test", "test"),
    ("foo", "bar"),
    ("postgres", "postgres"),
    ("postgres", "password"),
    ("minio", "minio123"),
    ("minioadmin", "minioadmin"),
    ("elastic", "changeme"),
    ("kibana", "changeme"),
    ("aladdin", "open sesame"),
    ("aladdin", "opensesame"),
    ("xxx", "yyy"),
    ("scott", "tiger"),
    ("u", "p"),
    ("a", "b"),
    ("usr", "pwd"),
    ("name", "password"),
    ("login", "password"),
    ("myuser", "mypassword"),
    ("sa", "password"),
    ("bob", "secret"),
    ("neo4j", "test"),
    ("demo", "demo"),
];

/// The vendor's documented key, and its halves.
const DOCUMENTED: &[&str] =
    &["h12shadjada", "13ehjhj1b3j", "api_key", "api_key_base64_encoded", "base64_encoded_api_key", "your_api_key_here"];

/// User halves that a provider fixes, and the rule of the token that then is the pass half.
/// Sources: the providers' pages on Git over HTTPS and on uploading packages.
const MARKS: &[(&str, &str)] = &[
    ("x-access-token", "github-app-installation-token"),
    ("oauth2", "gitlab-pat"),
    ("gitlab-ci-token", "gitlab-ci-job-token"),
    ("__token__", "pypi-token"),
    ("x-token-auth", "bitbucket-access-token"),
    ("_json_key", "google-service-account-key"),
    ("_json_key_base64", "google-service-account-key"),
    ("apikey", "sendgrid-api-key"),
    ("api", "mailgun-private-api-key"),
    ("anystring", "mailchimp-api-key"),
];

/// Pass halves that a service fixes because the user half is the key.
const FIXED_PASSES: &[&str] = &["x-oauth-basic", "api_token"];

/// The rule that a fixed user half stands for.
pub fn marked_rule(user: &[u8]) -> Option<&'static str> {
    MARKS.iter().find(|(mark, _)| mark.as_bytes() == user).map(|(_, rule)| *rule)
}

/// Whether the user half is a provider's mark and no name.
pub fn is_mark(user: &[u8]) -> bool {
    marked_rule(user).is_some() || matches!(user, b"token" | b"AWS" | b"$app" | b"user")
}

/// Whether the pass half is fixed, so that the user half is the key.
pub fn is_fixed_pass(pass: &[u8]) -> bool {
    FIXED_PASSES.iter().any(|fixed| fixed.as_bytes() == pass)
}

/// Words that invented passwords are made of.
const WORDS: &[&str] = &[
    "a",
    "abc",
    "abcd",
    "access",
    "account",
    "acme",
    "admin",
    "administrator",
    "alice",
    "an",
    "and",
    "ansible",
    "any",
    "api",
    "app",
    "apps",
    "appuser",
    "auth",
    "bad",
    "bar",
    "basic",
    "baz",
    "bearer",
    "bob",
    "bot",
    "build",
    "by",
    "change",
    "changed",
    "changeit",
    "char",
    "chars",
    "ci",
    "client",
    "cluster",
    "code",
    "complex",
    "config",
    "correct",
    "cred",
    "credential",
    "credentials",
    "custom",
    "data",
    "database",
    "db",
    "default",
    "demo",
    "deploy",
    "dev",
    "doe",
    "docker",
    "dummy",
    "elastic",
    "email",
    "encoded",
    "encrypted",
    "enter",
    "example",
    "fake",
    "find",
    "foo",
    "for",
    "from",
    "ftp",
    "git",
    "github",
    "gitlab",
    "good",
    "grafana",
    "guest",
    "has",
    "hello",
    "here",
    "hidden",
    "horse",
    "battery",
    "staple",
    "host",
    "http",
    "https",
    "hunter",
    "id",
    "in",
    "incorrect",
    "influx",
    "insecure",
    "insert",
    "internal",
    "invalid",
    "is",
    "it",
    "jane",
    "jdbc",
    "jenkins",
    "jim",
    "joe",
    "john",
    "kafka",
    "key",
    "ldap",
    "legacy",
    "let",
    "letmein",
    "local",
    "localhost",
    "login",
    "long",
    "mail",
    "manager",
    "maria",
    "mariadb",
    "master",
    "me",
    "minio",
    "mock",
    "mongo",
    "mq",
    "my",
    "mysql",
    "name",
    "new",
    "nexus",
    "no",
    "none",
    "not",
    "null",
    "of",
    "old",
    "on",
    "open",
    "operator",
    "or",
    "oracle",
    "org",
    "other",
    "our",
    "pass",
    "passw",
    "password",
    "passwords",
    "passwd",
    "phrase",
    "passphrase",
    "pg",
    "placeholder",
    "please",
    "postgres",
    "postgresql",
    "private",
    "prod",
    "production",
    "proxy",
    "public",
    "put",
    "pw",
    "pwd",
    "qux",
    "qwerty",
    "rabbit",
    "rabbitmq",
    "random",
    "read",
    "real",
    "really",
    "redacted",
    "redis",
    "registry",
    "remote",
    "replace",
    "replication",
    "repo",
    "right",
    "root",
    "safe",
    "sample",
    "secret",
    "secrets",
    "secure",
    "secured",
    "server",
    "service",
    "sesame",
    "session",
    "shared",
    "shh",
    "simple",
    "smtp",
    "so",
    "some",
    "spring",
    "sql",
    "staging",
    "store",
    "string",
    "strong",
    "super",
    "sure",
    "svc",
    "system",
    "temp",
    "test",
    "tester",
    "tests",
    "testing",
    "that",
    "the",
    "this",
    "tiger",
    "tmp",
    "to",
    "token",
    "too",
    "top",
    "trust",
    "unit",
    "unknown",
    "update",
    "updated",
    "upload",
    "use",
    "user",
    "username",
    "usr",
    "valid",
    "value",
    "vagrant",
    "vault",
    "very",
    "weak",
    "web",
    "welcome",
    "with",
    "word",
    "world",
    "write",
    "wrong",
    "you",
    "your",
    "yours",
    "x",
    "xx",
    "xxx",
    "xyz",
    "y",
    "z",
    "p",
    "u",
    "pswd",
    "foobar",
    "one",
    "two",
    "three",
    "first",
    "second",
    "azerty",
    "asdf",
    "qwer",
    "zxcv",
    "asdfgh",
    "elk",
    "kibana",
    "kube",
    "kubernetes",
    "k8s",
    "sonar",
    "wordpress",
    "wp",
    "drupal",
    "joomla",
    "magento",
    "odoo",
    "rails",
    "django",
    "flask",
    "laravel",
    "symfony",
    "node",
    "php",
    "java",
    "python",
    "ruby",
    "go",
    "rust",
];

/// Whether the pair is one that everybody knows.
pub fn is_known(user: &[u8], pass: &[u8]) -> bool {
    PAIRS
        .iter()
        .any(|(one, other)| user.eq_ignore_ascii_case(one.as_bytes()) && pass.eq_ignore_ascii_case(other.as_bytes()))
}

/// Whether it is the documented example of a vendor.
pub fn documented(user: Option<&[u8]>, pass: &[u8]) -> bool {
    let listed = |half: &[u8]| DOCUMENTED.iter().any(|one| half.eq_ignore_ascii_case(one.as_bytes()));
    listed(pass) || user.is_some_and(listed)
}

/// Whether two halves look like a generated key: 8 to 64 letters, digits, `-`, `_` each, a digit somewhere, and not two words.
pub fn key_halves(user: &[u8], pass: &[u8]) -> bool {
    let fits = |half: &[u8]| {
        (8..=64).contains(&half.len())
            && half.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let digit = user.iter().chain(pass).any(u8::is_ascii_digit);
    fits(user) && fits(pass) && digit && !(is_wordy(user, b"") && is_wordy(pass, b""))
}

/// Whether the pass is made of nothing but the words of samples, the user's name, digits behind them and punctuation.
/// Letters may be disguised as digits (`p4ssw0rd`).
pub fn is_wordy(pass: &[u8], user: &[u8]) -> bool {
    let lower = pass.to_ascii_lowercase();
    let user = user.to_ascii_lowercase();
    let trimmed: Vec<u8> = lower.clone();
    let tail = trimmed.iter().rev().take_while(|byte| !byte.is_ascii_alphabetic()).count();
    let head = &trimmed[..trimmed.len() - tail];
    let digits = |part: &[u8]| part.iter().filter(|byte| byte.is_ascii_digit()).count();
    if head.is_empty() || digits(&trimmed[head.len()..]) > 6 {
        return false;
    }
    [plain as fn(u8) -> u8, unmasked, unmasked_one].into_iter().any(|fold| {
        let letters: Vec<u8> = head.iter().map(|byte| fold(*byte)).collect();
        letters
            .split(|byte| !byte.is_ascii_alphabetic())
            .filter(|part| !part.is_empty())
            .all(|part| segments(part, &user))
            && digits(&letters) <= 4
    })
}

/// Whether a long word of the list stands in the value.
pub fn has_words(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    WORDS.iter().filter(|word| word.len() > 3).any(|word| lower.windows(word.len()).any(|part| part == word.as_bytes()))
}

fn plain(byte: u8) -> u8 {
    byte
}

fn unmasked(byte: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' | b'!' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        other => other,
    }
}

fn unmasked_one(byte: u8) -> u8 {
    if byte == b'1' { b'l' } else { unmasked(byte) }
}

/// Whether letters are a row of known words.
fn segments(letters: &[u8], user: &[u8]) -> bool {
    const LONGEST: usize = 64;
    if letters.len() > LONGEST {
        return false;
    }
    let mut reached = vec![false; letters.len() + 1];
    reached[0] = true;
    for place in 0..letters.len() {
        if !reached[place] {
            continue;
        }
        let rest = &letters[place..];
        if user.len() > 2 && rest.starts_with(user) {
            reached[place + user.len()] = true;
        }
        for word in WORDS.iter().filter(|word| rest.starts_with(word.as_bytes())) {
            reached[place + word.len()] = true;
        }
    }
    reached[letters.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wordy_passes() {
        for pass in [
            "mysecretpassword",
            "P@ssw0rd123!",
            "test-pass",
            "super_secret_1",
            "admin123",
            "foo-bar-baz",
            "letmein",
            "Welcome1",
            "acmepass",
        ] {
            assert!(is_wordy(pass.as_bytes(), b""), "{pass}");
        }
        assert!(is_wordy(b"gregor123", b"gregor"));
        for pass in ["9tz4hc81bqe", "xK9vQ2mLr8Tz", "inv3nt3d-Passw0rd", "testK9vQ2m", "tr0ub4dor&3", "Zebra-Lamp-42"] {
            assert!(!is_wordy(pass.as_bytes(), b""), "{pass}");
        }
    }

    #[test]
    fn key_halves_hold_a_digit() {
        assert!(key_halves(b"kx7fq2mlw9a", b"9tz4hc81bqe"));
        assert!(
            !key_halves(b"username", b"password")
                && !key_halves(b"collection", b"create")
                && !key_halves(b"short", b"9tz4hc81bqe")
        );
    }
}
