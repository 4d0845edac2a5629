//! Values that are something else than a secret, told by their shape alone.

use crate::scan::filter::{DropReason, checksum, hash};

/// What the value is, if it is one of the things that stand where secrets stand.
pub fn reason(value: &[u8], quoted: bool) -> Option<DropReason> {
    if is_uuid(value) || is_chain_of_uuids(value) || is_of_installer(value) {
        return Some(DropReason::Uuid);
    }
    if is_url_or_path(value) {
        return Some(DropReason::Path);
    }
    if is_digest(value) {
        return Some(DropReason::Hash);
    }
    if is_public(value) {
        return Some(DropReason::PublicKey);
    }
    if is_expression(value, quoted) || is_curve(value) {
        return Some(DropReason::Expression);
    }
    (is_number(value) || is_of_advisory(value) || is_address(value)).then_some(DropReason::Number)
}

/// Eight, four, four, four and twelve hexadecimal digits.
pub fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `id:` and a UUID, or several with colons between them: what belongs together, named by its ids.
fn is_chain_of_uuids(value: &[u8]) -> bool {
    let parts = value.split(|byte| *byte == b':');
    let word = |part: &[u8]| part.len() < 12 && part.iter().all(u8::is_ascii_lowercase);
    value.contains(&b':')
        && value.len() > 36
        && ![b"public:".as_slice(), b"urn:"].iter().any(|kind| value.starts_with(kind))
        && parts.clone().any(is_uuid)
        && parts.clone().all(|part| is_uuid(part) || word(part))
}

/// `GHSA-8mxv-9xhp-86h4`, `CVE-2024-12345`: how a weakness is called.
fn is_of_advisory(value: &[u8]) -> bool {
    let small =
        |part: &[u8]| part.len() == 4 && part.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let advisory = value.strip_prefix(b"GHSA-").map(|rest| rest.split(|byte| *byte == b'-'));
    advisory.is_some_and(|mut parts| parts.clone().count() == 3 && parts.all(small))
        || value
            .strip_prefix(b"CVE-")
            .is_some_and(|rest| rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-'))
}

/// `8:_5392139A967AC36FBFAEDFB708C778B2`: how Visual Studio's installers name a file.
fn is_of_installer(value: &[u8]) -> bool {
    value.strip_prefix(b"8:_").is_some_and(|rest| rest.len() == 32 && rest.iter().all(u8::is_ascii_hexdigit))
}

/// Last parts of names of files and machines.
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "pem", "key", "crt", "cer", "json", "txt", "yml", "yaml", "p12", "pfx", "jks", "html", "php", "js", "ts", "py",
    "rb", "go", "java", "md", "xml", "conf", "pub", "com", "org", "net", "io", "local", "enc", "properties", "env",
    "sh", "csv", "png", "svg", "css", "vue", "tsx", "zip", "gz", "jar", "jpg", "jpeg", "gif", "webp", "ico", "pdf",
    "mp3", "mp4", "ogg", "flac", "wav", "woff", "woff2", "ttf", "nib", "whl", "jsp", "aspx", "gem", "deb", "rpm",
    "tgz", "nupkg",
];

fn is_ending(part: &[u8]) -> bool {
    ENDINGS.iter().any(|ending| part.eq_ignore_ascii_case(ending.as_bytes()))
}

fn is_url_or_path(value: &[u8]) -> bool {
    const ROOTS: &[&[u8]] = &[b"/etc/", b"/home/", b"/opt/", b"/proc/", b"/tmp/", b"/usr/", b"/var/"];
    let slashes = value.iter().filter(|byte| **byte == b'/').count();
    let rooted =
        value.starts_with(b"/") || value.starts_with(b"./") || value.starts_with(b"../") || value.starts_with(b"~/");
    let drive = value.len() > 2 && value[0].is_ascii_alphabetic() && value[1] == b':' && value[2] == b'\\';
    let words = value
        .split(|byte| *byte == b'/')
        .all(|part| part.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b'.')));
    // `Purple62/v4/08/0a/04/080a0430`: folders that are named by the first digits.
    let short = value.split(|byte| *byte == b'/').filter(|part| matches!(part.len(), 1 | 2)).count();
    // `2e/65/efe2a145dda7…`: in folders named by the first digits of a digest.
    let parts: Vec<&[u8]> = value.split(|byte| *byte == b'/').collect();
    let hexadecimal = parts.iter().all(|part| part.iter().all(u8::is_ascii_hexdigit));
    let spread = matches!(parts[..], [one, two, digest] if one.len() == 2 && two.len() == 2 && digest.len() >= 28);
    // What a resource is called at Oracle, and by RFC 8141.
    let resource = value.starts_with(b"ocid1.") || value.starts_with(b"urn:");
    value.windows(3).any(|part| part == b"://")
        || drive
        || resource
        || (hexadecimal && spread)
        || (slashes >= 4 && short >= 3)
        || (rooted && slashes >= 1 && !value.contains(&b'+') && !value.ends_with(b"="))
        || (slashes > 0 && words)
        || (rooted && ROOTS.iter().any(|root| value.starts_with(root)))
        || value.iter().rposition(|byte| *byte == b'.').is_some_and(|dot| dot > 0 && is_ending(&value[dot + 1..]))
}

/// Digests that say so, password hashes, and integrity values. Of a hash the beginning is enough: samples are cut.
fn is_digest(value: &[u8]) -> bool {
    const MARKS: &[&[u8]] = &[
        b"sha1-", b"sha256-", b"sha384-", b"sha512-", b"sha256:", b"sha1:", b"sha512:", b"md5:", b"$2a$", b"$2b$",
        b"$2y$", b"$argon2", b"$6$", b"$5$", b"$1$", b"$y$", b"$apr1$", b"pbkdf2",
    ];
    // How Vault's audit log shows what it may not.
    let keyed = value.strip_prefix(b"hmac-sha256:").is_some_and(|rest| rest.iter().all(u8::is_ascii_hexdigit));
    keyed
        || value.windows(6).any(|part| part == b"$apr1$")
        || MARKS.iter().any(|mark| value.starts_with(mark))
        || hash::is_hash(value)
}

/// Certificates, chains and requests of them in base64: two or three sequences within each other, then a version, a number or
/// an algorithm. What encrypts a private key begins with the name of a method.
fn is_certificate(value: &[u8]) -> bool {
    const HEAD: usize = 20;
    let Some(bytes) = value.get(..HEAD).and_then(|head| data_encoding::BASE64.decode(head).ok()) else { return false };
    let mut rest = bytes.as_slice();
    let mut depth = 0;
    while let [0x30, length, tail @ ..] = rest {
        let more = if length & 0x80 == 0 { 0 } else { usize::from(length & 0x7f) };
        rest = tail.get(more..).unwrap_or_default();
        depth += 1;
    }
    depth > 1 && value.starts_with(b"MI") && matches!(rest, [0xa0 | 0x02, ..])
}

fn is_public(value: &[u8]) -> bool {
    const MARKS: &[&[u8]] = &[
        b"ssh-rsa",
        b"ssh-ed25519",
        b"ssh-dss",
        b"ecdsa-sha2",
        b"-----BEGIN PUB",
        b"-----BEGIN CERT",
        b"-----BEGIN PGP PUB",
        b"MIGfMA0GCSqG",
        b"MIIBIjANBgkq",
        b"MFkwEwYHKoZI",
        b"AAAAB3Nza",
        b"AAAAC3Nza",
        b"pk_test",
        b"public:",
        b"0x0000",
    ];
    // A recipient of age: 32 bytes in bech32.
    let recipient = value.len() == 62 && value.starts_with(b"age1");
    // A fingerprint of PGP, or an address of Ethereum, whose private keys have 64 digits.
    let print =
        value.strip_prefix(b"0x").is_some_and(|rest| rest.len() == 40 && rest.iter().all(u8::is_ascii_hexdigit));
    // The public half of an nkey of NATS begins with what it is of; a seed begins with S.
    let nkey = value.len() == 56
        && matches!(value[0], b'A' | b'C' | b'N' | b'O' | b'U' | b'X')
        && checksum::check("base32-crc16", value) == checksum::Outcome::Passed;
    recipient || print || nkey || is_certificate(value) || MARKS.iter().any(|mark| value.starts_with(mark))
}

/// Calls, members, comparisons and formats of a programming language.
fn is_expression(value: &[u8], quoted: bool) -> bool {
    let pair = |open: u8, close: u8| {
        value.iter().position(|byte| *byte == open).is_some_and(|place| value[place..].contains(&close))
    };
    let has = |part: &[u8]| value.windows(part.len()).any(|window| window == part);
    let name = |part: &[u8]| !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let members = value.split(|byte| *byte == b'.').all(name) && value.contains(&b'.');
    // `%[2]s`: Go names the argument.
    let argument = value.windows(4).any(|part| part.starts_with(b"%[") && part[2].is_ascii_digit() && part[3] == b']');
    let format = value.len() <= 12 && has(b"%s")
        || has(b"%d")
        || has(b"%v")
        || has(b"{0}")
        || has(b"{}")
        || has(b"\\(")
        || argument;
    // `{user}: {name}`: braces around names, each closed before the next.
    let named = |part: &[u8]| {
        let inner = part.split(|byte| *byte == b'}').next().unwrap_or_default();
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
        !inner.is_empty() && inner.iter().all(word) && part.iter().filter(|byte| **byte == b'}').count() == 1
    };
    let mut opened = value.split(|byte| *byte == b'{');
    let outside = opened.next().is_some_and(|head| !head.contains(&b'}'));
    let brace = pair(b'{', b'}') && outside && opened.all(named);
    // `Get-Item`: a command of PowerShell.
    let command = !quoted
        && value.first().is_some_and(u8::is_ascii_uppercase)
        && value.iter().position(|byte| *byte == b'-').is_some_and(|dash| {
            value[..dash].iter().all(u8::is_ascii_alphabetic) && value[dash + 1..].iter().all(u8::is_ascii_alphabetic)
        });
    // What stands between two literals, where a quote was taken for an opening one.
    let between = value.first().is_some_and(|byte| b",);+.".contains(byte))
        && value.len() < 30
        && value.iter().any(|byte| b",(=:+".contains(byte))
        || matches!(value.last(), Some(b'(' | b'{' | b','))
        // The head of an assignment, up to its quote.
        || value.ends_with(b"='")
        || value.ends_with(b"=\"")
        // A raw literal of Go ends and goes on around a variable.
        || value.starts_with(b"`+");
    let index = pair(b'[', b']') && value.split(|byte| *byte == b'[').next().is_some_and(name);
    let chain =
        value.iter().filter(|byte| **byte == b'=').count() > 1 && !value.ends_with(b"=") && value.contains(&b'.');
    // `[a-z]{0,13}`: a set and how often, in a pattern.
    let times =
        value.windows(3).any(|part| matches!(part[0], b']' | b')') && part[1] == b'{' && part[2].is_ascii_digit());
    // `"NUM_INT,NUM_LONG"`, and what a pattern takes for digits.
    let constant = |part: &[u8]| {
        (part.contains(&b'_') || part.len() > 5) && part.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
    };
    let constants = value.contains(&b',') && value.split(|byte| *byte == b',').all(constant);
    // `#setup-tfa-qr-img`: an element of a page.
    let selector = value
        .strip_prefix(b"#")
        .is_some_and(|rest| rest.contains(&b'-') && rest.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-'));
    // `yyyy-MM-dd_HH:mm`: how a date is written.
    let date = has(b"yyyy") && has(b"MM");
    let ranges: &[&[u8]] = &[b"[^", b"\\d+", b"\\d)", b"\\w]", b"\\w+", b"\\w*", b"[a-z", b"[A-Z", b"[0-9"];
    let range = ranges.iter().any(|part| has(part));
    // `[--raw`: what a command may be given.
    let usage = value.starts_with(b"[--");
    format
        || date
        || times
        || range
        || usage
        || constants
        || selector
        || is_condition(value)
        || command
        || between
        || index
        || chain
        || brace
        || members
        || has(b"->")
        || has(b"=>")
        || has(b"</")
        || (!quoted
            && (value.contains(&b'(')
                || pair(b'[', b']')
                || value.starts_with(b"$")
                || value.contains(&b'[')
                || has(b"::")
                || value.ends_with(b"(")
                || value.ends_with(b"{")
                || has(b"&&")
                || has(b"||")))
        || (quoted
            && pair(b'(', b')')
            && value.split(|byte| *byte == b'(').next().is_some_and(|head| head.split(|byte| *byte == b'.').all(name)))
}

/// What keys of elliptic curves are made for.
fn is_curve(value: &[u8]) -> bool {
    const CURVES: &[&str] = &["ed25519", "ed448", "x25519", "curve25519", "secp256k1", "secp256r1", "prime256v1"];
    CURVES.iter().any(|curve| value.eq_ignore_ascii_case(curve.as_bytes()))
}

/// `required_with:ntfy_user,ntfy_auth`, `scale=format=bgra:afbc=1`: rules of a validator, options of a filter.
fn is_condition(value: &[u8]) -> bool {
    let word = |part: &[u8]| !part.is_empty() && part.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    let mut halves = value.splitn(2, |byte| *byte == b':');
    let (head, tail) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let rule = head.contains(&b'_') && word(head) && tail.split(|byte| *byte == b',').all(word);
    let option = |part: &[u8]| part.split(|byte| *byte == b'=').next().is_some_and(word) && part.contains(&b'=');
    rule || !tail.is_empty() && value.split(|byte| *byte == b':').all(option)
}

/// Colours, versions, dates, addresses of machines; numbers too short to be chosen at random.
fn is_number(value: &[u8]) -> bool {
    // `Bug#4052`: what a change is about.
    let mut halves = value.split(|byte| *byte == b'#');
    let about = matches!((halves.next(), halves.next(), halves.next()), (Some(b"Bug" | b"bug" | b"Issue" | b"issue" | b"PR"), Some(number), None)
        if !number.is_empty() && number.iter().all(u8::is_ascii_digit));
    // `--wx--x--x`: who may do what with a file.
    let mode =
        matches!(value.len(), 9 | 10) && value.contains(&b'-') && value.iter().all(|byte| b"-rwxsStTdl".contains(byte));
    let signs = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':' | b'/' | b',' | b'_' | b' ');
    let colour = matches!(value.len(), 4 | 7 | 9) && value[0] == b'#' && value[1..].iter().all(u8::is_ascii_hexdigit);
    let version = value.first() == Some(&b'v') && value.len() > 1 && value[1..].iter().all(signs);
    // `v0.9.8-ubi`: a version and its flavour.
    let flavour = value.strip_prefix(b"v").is_some_and(|rest| {
        let number = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let dots = rest[..number].iter().filter(|byte| **byte == b'.').count();
        dots == 2 && rest[number..].iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-')
    });
    let range = value.first().is_some_and(|byte| b"^~<>=".contains(byte)) && value[1..].iter().all(signs);
    // `15.0.0-canary.bc9ae6c9c.0`: a version before its release.
    let early = value.iter().position(|byte| *byte == b'-').is_some_and(|sign| {
        let parts: Vec<&[u8]> = value[..sign].split(|byte| *byte == b'.').collect();
        parts.len() == 3 && parts.iter().all(|part| (1..4).contains(&part.len()) && part.iter().all(u8::is_ascii_digit))
    });
    // `npm:^4.0.23`: how a lock file of Yarn says where a version comes from.
    let locked =
        value.strip_prefix(b"npm:").is_some_and(|rest| rest.iter().any(u8::is_ascii_digit) && rest.contains(&b'.'));
    // `pgpass@1.0.5`: a package and its version.
    let package = value.iter().rposition(|byte| *byte == b'@').is_some_and(|sign| {
        let parts: Vec<&[u8]> = value[sign + 1..].split(|byte| *byte == b'.').collect();
        let word = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./@".contains(byte);
        parts.len() == 3
            && parts.iter().all(|part| (1..4).contains(&part.len()) && part.iter().all(u8::is_ascii_digit))
            && value[..sign].iter().all(word)
    });
    let hex = value.starts_with(b"0x") && value.len() < 18;
    // `300px`, `1.5rem`: how wide something is.
    let units = [b"px".as_slice(), b"em", b"rem", b"pt", b"vh", b"vw"];
    let length = units.iter().filter_map(|unit| value.strip_suffix(*unit)).any(|number| number.iter().all(signs));
    // `CLI197:`: the number of a message, before its text.
    let message = value.strip_suffix(b":").is_some_and(|code| {
        let letters = code.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
        letters > 1 && code.len() > letters + 1 && code[letters..].iter().all(u8::is_ascii_digit)
    });
    colour
        || about
        || mode
        || length
        || message
        || version
        || flavour
        || locked
        || package
        || early
        || range
        || hex
        || (value.iter().all(signs) && (value.len() < 6 || !value.iter().all(u8::is_ascii_digit)))
}

/// `name@host.tld`.
fn is_address(value: &[u8]) -> bool {
    let Some(sign) = value.iter().position(|byte| *byte == b'@') else { return false };
    let (user, host) = (&value[..sign], &value[sign + 1..]);
    let fits =
        |part: &[u8]| part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+'));
    let top = host.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    sign > 0
        && fits(user)
        && fits(host)
        && host.contains(&b'.')
        && top.len() >= 2
        && top.iter().all(u8::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_things_have_names() {
        for (value, expected) in [
            ("0d1f7c4e-6a2b-4c3d-8e9f-001122334455", DropReason::Uuid),
            ("id:0d1f7c4e-6a2b-4c3d-8e9f-001122334455", DropReason::Uuid),
            ("0d1f7c4e-6a2b-4c3d-8e9f-001122334455:1e43eb3f-061f-4000-84f7-2a41eca5cb12", DropReason::Uuid),
            ("dd5711540f04e06aa955d7f4862fc04e8cdea464cb590dae.zip", DropReason::Path),
            ("v0.9.8-ubi-boringssl", DropReason::Number),
            ("`+fakeToken+`", DropReason::Expression),
            ("/etc/ssl/private.key", DropReason::Path),
            ("https://example.com/x", DropReason::Path),
            ("sha256-abcdef", DropReason::Hash),
            ("ssh-rsa AAAAB3", DropReason::PublicKey),
            ("UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", DropReason::PublicKey),
            ("config.get.password", DropReason::Expression),
            ("token {name} here", DropReason::Expression),
            ("someone@example.dev", DropReason::Number),
            ("2024-01-01", DropReason::Number),
            ("#ff991f", DropReason::Number),
            ("pa$$Wd%[2]s", DropReason::Expression),
            ("[a-zA-Z0-9+/]+={0,2}", DropReason::Expression),
            ("required_with:ntfy_user,ntfy_auth", DropReason::Expression),
            ("vpp_rkrga=format=bgra:afbc=1", DropReason::Expression),
            ("ocid1.key.oc1..keyId1", DropReason::Path),
            ("8:_5392139A967AC36FBFAEDFB708C778B2", DropReason::Uuid),
            ("$shiro1$SHA-256$500000$qvBT48YD2nz+w6FishMD+w==$KmYfTMAM5/iseXAux1GCZg5qz0", DropReason::Hash),
            ("npm:^4.0.23", DropReason::Number),
            ("CLI197:", DropReason::Number),
            ("UTF-16BE.jsp", DropReason::Path),
            ("libdir='", DropReason::Expression),
            ("#setup-tfa-qr-img", DropReason::Expression),
            (r"#auth=([^\s&]+)#", DropReason::Expression),
            ("{SHA-256}{1}5787039480429368bf94732aacc771cd0a3ea02bcf504ffe1185ab94213bc63a", DropReason::Hash),
            ("NUM_INT,NUM_LONG", DropReason::Expression),
            (r"(\d)+", DropReason::Expression),
            ("[a-z0-9][_0-9a-z-*/]{0,240}@[a-z]{0,13}", DropReason::Expression),
            ("[--raw", DropReason::Expression),
            ("{subkey}: {newpass}", DropReason::Expression),
            ("2e/65/efe2a145dda7ee51d1741299f848e5bf752e", DropReason::Path),
            ("Bug#4052", DropReason::Number),
            ("--wx--x--x", DropReason::Number),
            ("300px", DropReason::Number),
            ("MIIBmDCCAQECBEZu1OowDQYJKoZIhvcNAQEEBQAw", DropReason::PublicKey),
            ("MIIBnDCCAZgwggEBAgRGbtTqMA0GCSqGSIb3DQEB", DropReason::PublicKey),
            (r")[\w]*", DropReason::Expression),
            ("RPAREN,TYPECAST", DropReason::Expression),
            ("root/f/Evil9.mp3", DropReason::Path),
            ("GHSA-8mxv-9xhp-86h4", DropReason::Number),
            ("public:9a458aa3-65a0-4982-835f-343eec451f9c", DropReason::PublicKey),
            ("hmac-sha256:1498d6074184d1095410a14f418484b19960e1", DropReason::Hash),
            ("/var/log/pods/*404e+8595/x.log:{y=z}", DropReason::Path),
        ] {
            assert_eq!(reason(value.as_bytes(), true), Some(expected), "{value}");
        }
        for value in [
            "p@ssw0rd!9x",
            "qv7/Kd+93lmZ=",
            "x)7(Kqw2",
            "$Kq7vRz$2mLx",
            "$Kq7v$Rz2m$Lx9T",
            "npm:xKq7vRz2mLx",
            "Bug#40x52",
            "{Kq7}v{Rz}2m}Lx",
            "MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8w",
            "hmac-sha256:acme.example:pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw=",
        ] {
            assert_eq!(reason(value.as_bytes(), true), None, "{value}");
        }
    }
}
