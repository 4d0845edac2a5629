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

/// Whether the pass is a hash of one: those have a rule of their own, and open nothing by themselves.
pub fn is_hash(pass: &[u8]) -> bool {
    let digest = |mark: &[u8], digits: usize| {
        pass.strip_prefix(mark).is_some_and(|rest| rest.len() == digits && rest.iter().all(u8::is_ascii_hexdigit))
    };
    let crypted = pass.first() == Some(&b'$') && pass.len() > 20 && memchr::memchr_iter(b'$', pass).count() > 2;
    digest(b"md5", 32)
        || digest(b"*", 40)
        || crypted
        || pass.starts_with(b"SCRAM-SHA-256$")
        || has_scheme(pass)
        || is_salted_digest(pass)
}

/// `md5$salt$1e9bf2bf…`: a method, its salt, and the digits of a digest, as Django keeps a password.
pub fn is_salted_digest(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'$');
    let (Some(method), Some(salt), Some(digest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let named = [b"md5".as_slice(), b"sha1", b"sha224", b"sha256", b"sha512", b"unsalted_md5", b"unsalted_sha1"];
    parts.next().is_none()
        && named.iter().any(|name| method.eq_ignore_ascii_case(name))
        && salt.iter().all(u8::is_ascii_graphic)
        && matches!(digest.len(), 32 | 40 | 56 | 64 | 128)
        && digest.iter().all(u8::is_ascii_hexdigit)
}

/// `{SSHA}…`: how a directory keeps a password (RFC 2307, RFC 3112 and what LDAP servers add to them).
fn has_scheme(pass: &[u8]) -> bool {
    const SCHEMES: &[&str] = &[
        "sha",
        "ssha",
        "sha256",
        "sha-256",
        "ssha256",
        "sha384",
        "ssha384",
        "sha512",
        "sha-512",
        "ssha512",
        "md5",
        "smd5",
        "crypt",
        "pbkdf2",
        "pbkdf2-sha256",
        "pbkdf2-sha512",
        "argon2",
        "bcrypt",
        "scrypt",
    ];
    let Some(rest) = pass.strip_prefix(b"{") else { return false };
    let Some(close) = rest.iter().position(|byte| *byte == b'}').filter(|close| close + 1 < rest.len()) else {
        return false;
    };
    SCHEMES.iter().any(|scheme| rest[..close].eq_ignore_ascii_case(scheme.as_bytes()))
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

    #[test]
    fn hashes_are_told_from_passes() {
        for hash in [
            "md5d5e044ccd9b4b8adc89e8fed2eb0db8a",
            "$2y$10$abcdefghijklmnopqrstuv",
            "$y$j9T$WUVjiVvDbRAW$01NX",
            "{SSHA}UH+LmoEhWWW6s9rjgdpq",
            "{sha512}x",
            "md5$seasalt$1e9bf2bf5606aa5c39852cc30f0f6f22",
        ] {
            assert!(is_hash(hash.as_bytes()), "{hash}");
        }
        for pass in [
            "{noop}9tz4hc81bqe",
            "{sha}",
            "md5-of-x9tz4hc81bqe",
            "$9tz4hc81bqe",
            "9tz4$hc81$bqe$kx7fq2mlw9a",
            "md5$hc81$bqekx7fq2mlw9a",
        ] {
            assert!(!is_hash(pass.as_bytes()), "{pass}");
        }
    }
}
