//! Pairs that everybody knows, and halves that a service fixes. Every comparison is of a whole half, case-folded.

use super::sample;

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
    ("testuser", "testpass"),
    ("testuser", "testpassword"),
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

/// Whether the pair is one that everybody knows.
pub fn is_known(user: &[u8], pass: &[u8]) -> bool {
    PAIRS
        .iter()
        .any(|(one, other)| user.eq_ignore_ascii_case(one.as_bytes()) && pass.eq_ignore_ascii_case(other.as_bytes()))
}

/// Whether it is the documented example of a vendor.
pub fn documented(user: Option<&[u8]>, pass: &[u8]) -> bool {
    let listed = |half: &[u8]| DOCUMENTED.iter().any(|one| half.eq_ignore_ascii_case(one.as_bytes()));
    listed(pass) || user.is_some_and(|user| user == DOCUMENTED[0].as_bytes())
}

/// Whether two halves look like a generated key: 8 to 64 letters, digits, `-`, `_` each, a digit somewhere, and not two words.
pub fn key_halves(user: &[u8], pass: &[u8]) -> bool {
    let fits = |half: &[u8]| {
        (8..=64).contains(&half.len())
            && half.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let digit = user.iter().chain(pass).any(u8::is_ascii_digit);
    fits(user) && fits(pass) && digit && !(sample::is_wordy(user, b"") && sample::is_wordy(pass, b""))
}

/// Whether the pass is the pass half of a pair that everybody knows, as it is written there.
pub fn is_known_pass(pass: &[u8]) -> bool {
    PAIRS.iter().any(|(_, known)| pass == known.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

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
