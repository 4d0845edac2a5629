//! The forms in which programs keep passwords that they only compare. Such a hash opens nothing by itself; a rule of its own
//! reports it, and no other.

use crate::finding::Span;

/// Whether the value is the hash of a password.
pub fn is_hash(value: &[u8]) -> bool {
    is_crypt(value)
        || is_portable(value)
        || is_of_database(value)
        || has_scheme(value)
        || is_named(value)
        || is_salted_digest(value)
        || is_salted_object(value)
}

/// `$shiro1$SHA-256$500000$salt$hash`, `$pbkdf2-sha512$310000$salt$hash`: the form that `crypt` gives the hashes of all its
/// methods, and after it the competition for password hashing. Compose files write each dollar twice. People choose passwords
/// with dollars in them, and none so long.
fn is_crypt(value: &[u8]) -> bool {
    // A digest of MD5 in 22 characters, its method, and a salt of one.
    const SHORTEST: usize = 27;
    let doubled = value.starts_with(b"$$");
    let parts: Vec<&[u8]> = value.split(|byte| *byte == b'$').skip(1).collect();
    let parts: Vec<&[u8]> = if doubled { parts.into_iter().filter(|part| !part.is_empty()).collect() } else { parts };
    let sign = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let method = |part: &[u8]| part.len() < 24 && part.iter().all(sign);
    value.len() >= SHORTEST
        && value[0] == b'$'
        && parts.len() > 2
        && method(parts[0])
        && parts.iter().all(|part| !part.is_empty())
}

/// `$P$` and 31 characters, `$S$` and 52: how phpass writes a method, a salt and a digest in one.
fn is_portable(value: &[u8]) -> bool {
    let [b'$', b'P' | b'H' | b'S', b'$', rest @ ..] = value else { return false };
    matches!(rest.len(), 31 | 52) && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"./".contains(byte))
}

/// `md5` and 32 digits, `*` and 40, `SCRAM-SHA-256$4096:…`: what `PostgreSQL` and `MySQL` keep.
fn is_of_database(value: &[u8]) -> bool {
    let digest = |mark: &[u8], digits: usize| {
        value.strip_prefix(mark).is_some_and(|rest| rest.len() == digits && rest.iter().all(u8::is_ascii_hexdigit))
    };
    digest(b"md5", 32) || digest(b"*", 40) || value.starts_with(b"SCRAM-SHA-256$")
}

/// `{SSHA}…`, `{bcrypt}$2a$…`: how directories and Spring keep a password (RFC 2307, RFC 3112 and what servers add to them).
fn has_scheme(value: &[u8]) -> bool {
    const SCHEMES: &[&str] = &[
        "sha",
        "sha-1",
        "ssha",
        "sha256",
        "sha-256",
        "ssha256",
        "sha384",
        "ssha384",
        "sha512",
        "sha-512",
        "ssha512",
        "md4",
        "md5",
        "smd5",
        "crypt",
        "pbkdf2",
        "pbkdf2-sha1",
        "pbkdf2-sha256",
        "pbkdf2-sha512",
        "argon2",
        "argon2i",
        "argon2id",
        "bcrypt",
        "blf-crypt",
        "md5-crypt",
        "sha256-crypt",
        "sha512-crypt",
        "scrypt",
        "ntlm",
        "lanman",
    ];
    let Some(rest) = value.strip_prefix(b"{") else { return false };
    let Some(close) = rest.iter().position(|byte| *byte == b'}').filter(|close| close + 1 < rest.len()) else {
        return false;
    };
    // `{pbkdf2@SpringSecurity_v5_8}`: whose parameters.
    let scheme = rest[..close].split(|byte| *byte == b'@').next().unwrap_or_default();
    SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known.as_bytes()))
}

/// `pbkdf2_sha256$260000$…`, `scrypt:32768:8:1$…`, `argon2$argon2id$…`: the method's name first, as Django and Werkzeug do it.
fn is_named(value: &[u8]) -> bool {
    const METHODS: &[&[u8]] = &[b"pbkdf2", b"scrypt:", b"scrypt$", b"argon2", b"bcrypt$", b"bcrypt_sha256$"];
    METHODS.iter().any(|method| value.starts_with(method)) && value.contains(&b'$')
}

/// `md5$salt$1e9bf2bf…`: a method, its salt, and the digits of a digest, as Django keeps a password.
fn is_salted_digest(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'$');
    let (Some(method), Some(salt), Some(digest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let named = [b"md5".as_slice(), b"sha1", b"sha224", b"sha256", b"sha512", b"unsalted_md5", b"unsalted_sha1"];
    parts.next().is_none()
        && named.iter().any(|name| method.eq_ignore_ascii_case(name))
        && salt.iter().all(u8::is_ascii_graphic)
        && matches!(digest.len(), 32 | 40 | 56 | 64 | 128)
        && digest.iter().all(u8::is_ascii_hexdigit)
}

/// The digits of SHA-384 and SHA-512, and of a salt and SHA-512 as macOS keeps passwords: nobody types so many.
pub fn is_long_digest(value: &[u8]) -> bool {
    matches!(value.len(), 96 | 128 | 136) && value.iter().all(u8::is_ascii_hexdigit)
}

/// `{"value": "…", "salt": "…"}`: an object in JSON that holds a salt beside what was made with it, as Keycloak keeps a
/// password. The quotes may be escaped.
pub fn is_salted_object(value: &[u8]) -> bool {
    const DIGESTS: &[&[u8]] = &[b"value", b"hash", b"hashedValue", b"digest", b"derivedKey", b"passwordHash"];
    let mut strings = value.split(|byte| *byte == b'"').map(|part| part.strip_suffix(b"\\").unwrap_or(part));
    let holds = |names: &[&[u8]]| strings.clone().any(|string| names.contains(&string));
    let salted = value.starts_with(b"{") && value.ends_with(b"}") && holds(&[b"salt"]) && holds(DIGESTS);
    salted && strings.any(|string| string.len() >= 20)
}

/// A digest in base64 that has a field `salt` beside it in its object: how Mosquitto and others keep a password.
pub fn has_salt(text: &[u8], value: Span) -> bool {
    const REACH: usize = 200;
    let is_digest =
        data_encoding::BASE64.decode(value.of(text)).is_ok_and(|bytes| matches!(bytes.len(), 20 | 32 | 48 | 64));
    let before = &text[value.start.saturating_sub(REACH)..value.start];
    let behind = &text[value.end..text.len().min(value.end + REACH)];
    let before = before.rsplit(|byte| *byte == b'{').next().unwrap_or_default();
    let behind = behind.split(|byte| *byte == b'}').next().unwrap_or_default();
    let names_salt = |part: &[u8]| part.split(|byte| *byte == b'"').any(|string| string == b"salt");
    is_digest && (names_salt(before) || names_salt(behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_salt_beside_a_digest_makes_it_a_hash() {
        let digest = data_encoding::BASE64.encode(&[0xa7; 64]);
        let beside = |text: &str| {
            let at = text.find(&digest).expect("the digest");
            has_salt(text.as_bytes(), Span::new(at, at + digest.len()))
        };
        assert!(beside(&format!(r#"{{"user": "a", "pw": "{digest}", "salt": "k7", "iterations": 101}}"#)));
        assert!(beside(&format!(r#"{{"salt": "k7", "pw": "{digest}"}}"#)));
        assert!(!beside(&format!(r#"[{{"salt": "k7"}}, {{"pw": "{digest}"}}, {{"salt": "k8"}}]"#)));
        assert!(!has_salt(br#"{"salt": "k7", "pw": "x7Kq9vLw2"}"#, Span::new(22, 31)));
    }

    #[test]
    fn hashes_are_told_from_passes() {
        for hash in [
            "md5d5e044ccd9b4b8adc89e8fed2eb0db8a",
            "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19",
            "$2y$10$abcdefghijklmnopqrstuv",
            "$y$j9T$WUVjiVvDbRAW$01NXq7kQ",
            "$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$JNRBzwAo0ek5qKn5",
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVK",
            "$shiro1$SHA-256$500000$qvBT48YD2nz+w6FishMD+w==$KmYfTMAM5/iseXAux1GCZg5qz0",
            "$$2y$$10$$abcdefghijklmnopqrstuv",
            concat!("$P", "$BVZ9qKn50cFzzvE9RXV88h1wJn5KGi."),
            "{SSHA}UH+LmoEhWWW6s9rjgdpq",
            "{sha512}x",
            "{SHA-256}{1}5787039480429368bf94732aacc771cd0a3ea02bcf504ffe1185ab94213bc63a",
            "{pbkdf2@SpringSecurity_v5_8}5d923b44a6d129f3",
            "md5$seasalt$1e9bf2bf5606aa5c39852cc30f0f6f22",
            "pbkdf2_sha256$260000$kq7vRz2m$x7Kq9vLw2Rz4Tn8Bp3",
            "scrypt:32768:8:1$kq7vRz2m$9f8e1c0b7a62",
            r#"{\"value\":\"4pf9K2jWSCcHC+CwsZP/qidN5pSm==\",\"salt\":\"1/qNkZ5kr77j\"}"#,
            r#"{"salt": "1/qNkZ5kr77j", "hash": "4pf9K2jWSCcHC+CwsZP/qidN5pSm"}"#,
        ] {
            assert!(is_hash(hash.as_bytes()), "{hash}");
        }
        for value in [
            "{noop}9tz4hc81bqe",
            "{sha}",
            "md5-of-x9tz4hc81bqe",
            "$9tz4hc81bqe",
            "$Kq7v$Rz2m$Lx9T",
            "$$9tz4hc81bqe$kx7fq2mlw9a",
            "$P$9tz4hc81bqe",
            "9tz4$hc81$bqe$kx7fq2mlw9a",
            "md5$hc81$bqekx7fq2mlw9a",
            "scrypt9tz4hc81bqe",
            r#"{"value": "4pf9K2jWSCcHC+CwsZP/qidN5pSm", "user": "kq7v"}"#,
            r#"{"salt": "1/qNkZ5kr77j", "pepper": "4pf9K2jWSCcHC+CwsZP/qidN5pSm"}"#,
        ] {
            assert!(!is_hash(value.as_bytes()), "{value}");
        }
    }
}
