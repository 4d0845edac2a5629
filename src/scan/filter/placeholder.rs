//! Values that stand for a secret without being one. Every comparison is of the whole value: an unanchored one would
//! drop real keys that merely hold the word.

use super::words::{PARTS, WORDS};
use super::{DropReason, template};

/// Why the value is no secret, if it is none.
pub fn reason(value: &[u8]) -> Option<DropReason> {
    let folded: Vec<u8> = value.to_ascii_lowercase();
    let text = String::from_utf8_lossy(&folded);
    if is_reference(&text) {
        return Some(DropReason::Reference);
    }
    if is_encrypted(value) {
        return Some(DropReason::Encrypted);
    }
    if template::is_template(&text) || template::is_elsewhere(&text) {
        return Some(DropReason::Template);
    }
    if is_repeated(&folded) {
        return Some(DropReason::Repeated);
    }
    (WORDS.contains(&text.as_ref()) || is_made_of_parts(&text) || is_marked_example(&text) || is_starred(&text))
        .then_some(DropReason::Placeholder)
}

/// References to secret stores: they are how it should be done.
pub fn is_reference(text: &str) -> bool {
    const STORES: &[&str] = &[
        "op://",
        "vault:",
        "vault://",
        "secret://",
        "ref+",
        "aws-sm://",
        "ssm://",
        "gcp-sm://",
        "sm://",
        "azkv://",
        "@microsoft.keyvault(",
        "keyring:",
        "bws://",
        "doppler://",
        "akv://",
        // A field of another entry, in KeePass.
        "{ref:",
    ];
    STORES.iter().any(|store| text.starts_with(store))
        || is_path_in_a_cloud(text)
        || is_in_namespace(text)
        || is_field_of_secret(text)
}

/// `cattle-global-data:cc-26b5h`: a secret of a cluster, by its namespace and its name.
pub fn is_in_namespace(text: &str) -> bool {
    let small = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    let name = |part: &str| part.contains('-') && part.len() < 32 && part.bytes().all(small);
    let word = |word: &str| word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    text.split_once(':').is_some_and(|(space, last)| name(space) && space.split('-').all(word) && name(last))
}

/// `secret:namespace/name#field`, as controllers of a cluster are told where a login is.
fn is_field_of_secret(text: &str) -> bool {
    let rest = ["secret:", "pullsecret:"].iter().find_map(|kind| text.strip_prefix(kind));
    rest.is_some_and(|rest| {
        rest.contains('/') && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/#".contains(&byte))
    })
}

/// The name of a secret in a cloud's store: AWS in any partition, Google Cloud, Azure.
fn is_path_in_a_cloud(text: &str) -> bool {
    let amazon = text.starts_with("arn:") && [":secretsmanager:", ":ssm:"].iter().any(|service| text.contains(service));
    let google = text.starts_with("projects/") && text.contains("/secrets/");
    let azure = text.starts_with("https://") && text.contains(".vault.azure.") && text.contains("/secrets/");
    amazon || google || azure
}

/// Ciphertext that a tool of the field marks as such.
fn is_encrypted(value: &[u8]) -> bool {
    const MARKS: &[&[u8]] =
        &[b"ENC[", b"ENC(", b"$ANSIBLE_VAULT;", b"!vault", b"age-encryption.org/", b"vault:v1:", b"EJ[1:"];
    MARKS.iter().any(|mark| value.starts_with(mark))
        // SealedSecrets: a wrapped key of 512 bytes and more stands first.
        || (value.len() >= 350 && value.starts_with(b"Ag") && is_base64(value))
        || is_sealed_in_braces(value)
        || is_of_dpapi(value)
        || is_of_bitwarden(value)
        || is_behind_vector(value)
        // `<enc-v1>`: what marks itself.
        || value.starts_with(b"<enc")
        // `opdata01` in base64: an item of 1Password's vaults.
        || value.starts_with(b"b3BkYXRhMDE")
        // RabbitMQ's configuration marks what its key opens so.
        || value.strip_prefix(b"encrypted:").is_some_and(|rest| rest.len() >= 24 && is_base64(rest))
}

/// What Windows encrypts for one account (`CryptProtectData`): a version and the provider's GUID stand first. `NuGet` keeps it in
/// base64, `ConvertFrom-SecureString` in hexadecimal digits.
fn is_of_dpapi(value: &[u8]) -> bool {
    const HEXADECIMAL: &[u8] = b"01000000d08c9ddf0115d1118c7a00c0";
    value.starts_with(b"AQAAANCMnd8BFdERjHoAwE/")
        || value.get(..HEXADECIMAL.len()).is_some_and(|start| start.eq_ignore_ascii_case(HEXADECIMAL))
}

/// `2.iv|data|mac`: a type in one digit, and base64 between bars, as Bitwarden stores all that it encrypts.
fn is_of_bitwarden(value: &[u8]) -> bool {
    let [b'0'..=b'9', b'.', rest @ ..] = value else { return false };
    let parts = rest.split(|byte| *byte == b'|');
    matches!(parts.clone().count(), 2 | 3) && parts.clone().all(|part| part.len() >= 4 && is_base64(part))
}

/// `iv!data`: the vector of a block cipher in base64, and what it begins.
fn is_behind_vector(value: &[u8]) -> bool {
    const VECTOR: usize = 24;
    let Some((vector, [b'!', rest @ ..])) = value.split_at_checked(VECTOR) else { return false };
    vector.ends_with(b"==") && rest.len() >= VECTOR && is_base64(vector) && is_base64(rest)
}

fn is_base64(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte))
}

/// Jenkins and Maven write ciphertext as base64 in braces; Maven allows words around it. Its shortest holds a block of AES.
fn is_sealed_in_braces(value: &[u8]) -> bool {
    const LEAST: usize = 16;
    let open = value.iter().position(|&byte| byte == b'{');
    let close = value.iter().rposition(|&byte| byte == b'}');
    let (Some(open), Some(close)) = (open, close) else { return false };
    let inner = value.get(open + 1..close).unwrap_or_default();
    let digits = inner.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).count();
    digits >= LEAST && inner[digits..].len() <= 2 && inner[digits..].iter().all(|byte| *byte == b'=')
}

/// One character, or a short unit, over and over; or asterisks and dots.
fn is_repeated(value: &[u8]) -> bool {
    if value.len() < 3 {
        return value.is_empty();
    }
    let masked = value.iter().filter(|byte| matches!(byte, b'*' | b'.' | b'x' | b'\xe2' | b'\x80' | b'\xa2')).count();
    (1..=4).any(|unit| value.len() >= unit * 3 && value.iter().zip(&value[unit..]).all(|(one, next)| one == next))
        || value.windows(6).any(|run| run.iter().all(|byte| *byte == b'x' || *byte == b'*' || *byte == b'.'))
        || masked * 10 >= value.len() * 8
        || is_mask(value)
        || is_in_groups(value)
        || is_no_uuid(value)
        || is_sequence(value)
}

/// `12.aaa-bbb-ccc`: groups of one letter each.
fn is_in_groups(value: &[u8]) -> bool {
    let groups = || value.split(|byte| !byte.is_ascii_alphanumeric());
    let same = |group: &[u8]| group.len() > 2 && group.iter().all(|byte| *byte == group[0]);
    let number = |group: &[u8]| group.len() < 5 && group.iter().all(u8::is_ascii_digit);
    value.len() < 24
        && groups().filter(|group| same(group)).count() > 1
        && groups().all(|group| same(group) || number(group))
}

/// `aaaabbbb-cccc-dddd-eeee-ffffgggghhhh`: the form of a UUID, with letters that none has, over and over.
fn is_no_uuid(value: &[u8]) -> bool {
    let groups = value.split(|byte| *byte == b'-').map(<[u8]>::len);
    let mut runs = value.chunk_by(|one, next| one == next).filter(|run| run[0] != b'-');
    groups.eq([8, 4, 4, 4, 12])
        && runs.all(|run| run.len() > 3)
        && value.iter().any(|byte| (b'g'..=b'z').contains(byte))
}

/// Noughts and crosses: `00xx0Xx0xx00`.
fn is_mask(value: &[u8]) -> bool {
    let crosses = value.iter().filter(|byte| **byte == b'x').count();
    let noughts = value.iter().filter(|byte| **byte == b'0').count();
    crosses > 2 && noughts > 2 && (crosses + noughts) * 10 >= value.len() * 7
}

/// Values that people make up by counting or copying. Only for values without a provider's shape.
pub fn is_made_up(value: &[u8]) -> bool {
    is_copied(value) || is_counted(value)
}

/// `A1b2C3d4E5A1b2C3d4E5`: a stretch of six that comes again within twelve places is next to impossible in a random key.
pub fn is_copied(value: &[u8]) -> bool {
    // Letters, not bytes: two different Cyrillic letters share every second byte.
    let folded: Vec<char> = String::from_utf8_lossy(value).to_ascii_lowercase().chars().collect();
    let again = |distance: usize| {
        let same = folded.iter().zip(folded.iter().skip(distance)).map(|(one, next)| one == next);
        longest_run(same) >= 6
    };
    (5..=12).any(again)
}

/// `0a1b2c3d4e5f`: every second place goes on counting.
pub fn is_counted(value: &[u8]) -> bool {
    let folded = value.to_ascii_lowercase();
    let counted = folded.windows(3).filter(|three| follows(three[0], three[2])).count();
    folded.len() >= 10 && counted * 10 >= (folded.len() - 2) * 6
}

fn longest_run(matches: impl Iterator<Item = bool>) -> usize {
    let (longest, _) = matches.fold((0, 0), |(longest, run), same| {
        let run = if same { run + 1 } else { 0 };
        (longest.max(run), run)
    });
    longest
}

/// Whether one character comes after another in counting: 0 to 9, a to f or z, and around.
fn follows(one: u8, next: u8) -> bool {
    matches!((one, next), (b'9' | b'f', b'0' | b'a') | (b'z', b'a')) || (one.is_ascii_alphanumeric() && next == one + 1)
}

/// `123456789…`, `abcdefgh…`: each byte the one before plus one (wrapping at 9 and z), over nearly the whole value.
fn is_sequence(value: &[u8]) -> bool {
    if value.len() < 6 {
        return false;
    }
    let padding = value.iter().rev().take_while(|byte| **byte == b'=').count();
    let value = &value[..value.len() - padding];
    let counted = value.windows(2).filter(|pair| follows(pair[0], pair[1]));
    counted.count() * 20 >= (value.len() - 1) * 17
}

/// `eyJ….eyJ….omitted`: a word in place of the signature of a JSON web token, of which the shortest has 43 characters.
fn is_unsigned(text: &str) -> bool {
    let mut parts = text.rsplit('.');
    let (Some(signature), Some(claims), Some(head), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let word = (4..24).contains(&signature.len()) && signature.bytes().all(|byte| byte.is_ascii_lowercase());
    word && head.starts_with("eyj") && claims.starts_with("eyj")
}

fn is_made_of_parts(text: &str) -> bool {
    let mut words = text.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| !word.is_empty()).peekable();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    words.peek().is_some()
        && digits <= 4
        && words.all(|word| PARTS.contains(&word) || word.bytes().all(|byte| byte == b'x'))
}

/// `***REMOVED***`: what BFG, filter-repo and the log filters of pipelines leave of a value.
fn is_starred(text: &str) -> bool {
    let inner = text.trim_matches('*');
    let stars = |part: &str| part.len() - part.trim_start_matches('*').len() >= 2;
    let ends = text.len() - text.trim_end_matches('*').len() >= 2;
    stars(text)
        && ends
        && !inner.is_empty()
        && inner.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_- ".contains(&byte))
}

/// Values that say so themselves: `…example…` as a whole word, as in AWS' documented keys; and what keys that everybody has
/// begin with.
fn is_marked_example(text: &str) -> bool {
    const EVERYBODYS: &[&str] = &[
        // The keys of the emulators of Azure Storage and Cosmos DB.
        "eby8vdm02xnocqfl",
        "c2y6ydjf5/r+ob0n",
        // The digests of nothing.
        "d41d8cd98f00b204",
        "da39a3ee5e6b4b0d",
        "e3b0c44298fc1c14",
        // The sample token of RFC 6750.
        "mf_9.b5f-4.1jqm",
        // Keys in the documentation of Kraken, Mercury, NS1, ntfy, PagerDuty, Private Packagist, Rocket.Chat, SendGrid,
        // Slack, Stripe, Telegram and WorkOS, and the one of every local Supabase: each stands in many repositories.
        "kqh5hw/8p1ugovjb",
        "qacmd09ojxbx",
        "secret-token:mercury_production_wma_24sc",
        "tk_agqdq7mvbofd37",
        "y_nbakkc66ry",
        "packagist_ack_ffce0488",
        "9hqllyzougos",
        "sg.ngevfqfyqlku0ufo",
        "xoxb-17653672481-19874698323",
        "sk_test_4ec39hqlyj",
        "sk_test_bqokikjovbii",
        "110201543:aahdqtcvch",
        "sk_test_sz3iqjepesw",
        "sb_secret_n7und0ugjktvk",
    ];
    /// The signature of jwt.io's token, under which people put claims of their own.
    const JWT_IO: &str = ".sflkxwrjsmekkf2qt4fwpmejf36pok6yjv_adqssw5c";
    /// What tells that a value was taken out, wherever it stands in what is left: so many letters no key holds by chance.
    const REMOVED: &[&str] = &["redacted", "obfuscated"];
    EVERYBODYS.iter().any(|head| text.starts_with(head))
        || text.ends_with(JWT_IO)
        || is_unsigned(text)
        || REMOVED.iter().any(|word| text.contains(word))
        || text.ends_with("example")
        || text.ends_with("...")
        || text.ends_with('\u{2026}')
        || text.ends_with("examplekey")
        || is_yours(text)
        || text.contains("[...]")
        || text.trim_end_matches('=').ends_with("...")
        || text.ends_with("_xxx")
        || text.ends_with("-xxx")
        || text.len() <= 12 && text.ends_with("xxx")
        || text.starts_with("example")
        || text.starts_with("insert-")
        || text.starts_with("insert_")
        || text.starts_with("replace-")
        || text.starts_with("replace_")
        || text.starts_with("dummy")
        || text.starts_with("placeholder")
}

/// `your-key`, also behind a prefix of the provider: `SG.your-sendgrid-api-key`.
fn is_yours(text: &str) -> bool {
    const LONGEST_PREFIX: usize = 10;
    let place = ["your-", "your_"].iter().find_map(|word| text.find(word));
    place.is_some_and(|place| {
        place == 0 || place <= LONGEST_PREFIX && matches!(text.as_bytes()[place - 1], b'.' | b'-' | b'_')
    })
}

/// `wJal...YEKY`: the ends of an issued value, its middle left out. People choose passwords with dots in them.
pub fn is_elided(value: &[u8]) -> bool {
    const LONGEST_PART: usize = 24;
    let plain = |part: &str| {
        part.len() <= LONGEST_PART && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte))
    };
    let text = String::from_utf8_lossy(value).replace('\u{2026}', "...");
    let parts: Vec<&str> = text.split("...").collect();
    let [head, .., tail] = &parts[..] else { return false };
    head.len() > 1 && tail.len() > 1 && parts.iter().all(|part| plain(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_named() {
        for (value, expected) in [
            ("${API_KEY}", DropReason::Template),
            ("{{ key }}", DropReason::Template),
            ("<your-key>", DropReason::Template),
            ("%KEY%", DropReason::Template),
            ("$TOKEN", DropReason::Template),
            ("xxxxxxxxxxxx", DropReason::Repeated),
            ("sk_live_xxxxxxxxxx", DropReason::Repeated),
            ("1234567890", DropReason::Repeated),
            ("abcabcabcabc", DropReason::Repeated),
            ("12.aaa-bbb-ccc", DropReason::Repeated),
            ("aaaabbbb-cccc-dddd-eeee-ffffgggghhhh", DropReason::Repeated),
            ("{REF:P@I:%1}", DropReason::Reference),
            ("cattle-global-data:cc-26b5h", DropReason::Reference),
            ("cattle-global-data:cc-kxfmx", DropReason::Reference),
            ("{$userIdPass}", DropReason::Template),
            ("h1Y4ldJ0AKVSgOr8IIK1jQ==!Z6la/5+6X6FSRoavm/OlBA==", DropReason::Encrypted),
            ("%env(DB_PASSWD)%", DropReason::Template),
            ("b3BkYXRhMDEAAQAAAAAAAFfJG7zV9WZoBl+6", DropReason::Encrypted),
            ("ABCDEFGHIJK==", DropReason::Repeated),
            ("changeme", DropReason::Placeholder),
            ("YOUR_API_KEY_HERE", DropReason::Placeholder),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", DropReason::Placeholder),
            ("op://vault/item/field", DropReason::Reference),
            ("1/qIxxx", DropReason::Placeholder),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYXJpc3NhIn0.omitted", DropReason::Placeholder),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:x", DropReason::Reference),
            ("ENC[AES256_GCM,data:abc]", DropReason::Encrypted),
            ("EJ[1:b7A3qs6f9TQ3YGMNpycH0heHfjzUW160JLgA5HCLw34=:g6GR5S6shp:x]", DropReason::Encrypted),
            ("$env:DB_PASS", DropReason::Template),
            ("crwdns10476:0crwdne10476:0", DropReason::Template),
            ("secret:foo/bar#creds", DropReason::Reference),
            ("z8RUxnaAGu___REDACTED___k+BQL9o", DropReason::Placeholder),
            ("{COQLCE6DU6GtcS5P=}", DropReason::Encrypted),
            ("encrypted:uL+A4nxXdgaqjGbs92Vo36ApOruJp76c", DropReason::Encrypted),
            ("AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAA9tz4hc81bqe=", DropReason::Encrypted),
            ("01000000D08C9DDF0115D1118C7A00C04FC297EB01000000a3f1", DropReason::Encrypted),
            ("{AQAAABAAAAAgKx7fq2mlw9a9tz4hc81bqe==}", DropReason::Encrypted),
            ("until May {COQLCE6DU6GtcS5P=}", DropReason::Encrypted),
            ("2.AOs41Hd8OQiCPXjyJKCiDA==|O6OHgt2U2hJGBSNGnimJmg==|iD33s8B69C8JhYYh", DropReason::Encrypted),
            ("SG.your-sendgrid-api-key", DropReason::Placeholder),
            ("dckr_pat_xxx", DropReason::Placeholder),
            ("eyJhb[...]Uhz0", DropReason::Placeholder),
            ("AQoDY....=", DropReason::Placeholder),
            ("$pswd2:", DropReason::Template),
            ("$url_parts[pass]", DropReason::Template),
            ("{user.password}", DropReason::Template),
            ("MotDePasse", DropReason::Placeholder),
            ("env(SENDGRID_API_KEY)", DropReason::Template),
            ("***REMOVED***", DropReason::Placeholder),
            ("**MASKED_BY_CI**", DropReason::Placeholder),
        ] {
            assert_eq!(reason(value.as_bytes()), Some(expected), "{value}");
        }
    }

    #[test]
    fn keys_of_documentation_are_nobodys() {
        // Joined here, so that no file holds them whole.
        for (head, tail) in [
            ("sk_test_4eC39HqLyj", "WDarjtT1zdp7dc"),
            ("sk_test_Sz3IQjepeSW", "aI4cMS4ms4sMuU"),
            ("y_NbAkKc66ry", "YTWUXYEu"),
            ("9HqLlyZOugos", "toStsXCUfD_0YdwnNnunAJF8V47U3QHXSq"),
            ("sb_secret_N7UND0UgjKTVK", "-Uodkm0Hg_xSvEMPvz"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0", ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"),
        ] {
            let value = format!("{head}{tail}");
            assert_eq!(reason(value.as_bytes()), Some(DropReason::Placeholder), "{value}");
        }
        assert_eq!(reason(format!("sk_test_{}", "4eC39HqKyjWDarjtT1zdp7dc").as_bytes()), None);
    }

    #[test]
    fn made_up_values_are_told_from_random_ones() {
        for value in ["A1b2C3d4E5A1b2C3d4E5", "0a1b2c3d4e5f6a7b8c9d0e1f", "key-A1b2C3d4E5A1b2C3d"] {
            assert!(is_made_up(value.as_bytes()), "{value}");
        }
        for value in ["xK9vQ2mLr8TzWb4n", "9tz4hc81bqe", "9f3c81d07be24a6650cfd8b1e79a032d"] {
            assert!(!is_made_up(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn letters_of_two_bytes_are_no_copies_of_each_other() {
        assert!(!is_copied("џђџџђџ7џђщљђ".as_bytes()));
        assert!(is_copied("жщъыьэ7жщъыьэ7".as_bytes()));
        assert!(is_copied(b"A1b2C3d4E5A1b2C3d4E5"));
    }

    #[test]
    fn real_keys_that_hold_a_placeholder_word_stay() {
        for value in [
            "xK9vQ2mLr8Tz",
            "testK9vQ2mLr8Tz",
            "tokenaQ8fk2Lm9",
            "{x7!Kq#9v%2&Lm8?Tz4}",
            "p4ssw0rd-Kf93jd",
            "falseK29dkfjNull8s",
            "**kQ7vRz2mLx9T**",
            "2.kQ7vRz2mLx9T|9tz",
            "kQ7vRz2mLx9Tyour_9tz4hc81bqe",
        ] {
            assert_eq!(reason(value.as_bytes()), None, "{value}");
        }
    }
}
