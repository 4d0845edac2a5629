//! Values that name something of a program instead of opening anything: members, constants, labels. No service issues keys
//! of this form; people choose passwords of it, so it says nothing of those.

use super::language;

/// Longest name that is told from letters in a row.
const LONGEST: usize = 40;

/// Whether the value is the name of a member, a constant or a label.
pub(super) fn is_name(value: &[u8]) -> bool {
    let whole = value.len();
    let value = without_version(value);
    // `seeded-v1`: a word and its version.
    let word = value.len() < whole && value.len() <= 14 && value.iter().all(u8::is_ascii_lowercase);
    word || is_camel(value)
        || is_numbered_camel(value)
        || is_constant(value)
        || is_short_label(value)
        || is_header(value)
        || is_counted(value)
        || is_path_of_words(value)
        || is_doubled(value)
        || is_constraint(value)
        || is_prefix(value)
        || is_algorithm(value)
}

/// `surveys-seen:v1` is `surveys-seen`, `userPrefs_v2` is `userPrefs`.
fn without_version(value: &[u8]) -> &[u8] {
    let name = value.len() - value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    match &value[..name] {
        [name @ .., b':' | b'_' | b'-' | b'.', b'v'] if name.len() + 2 < value.len() && !name.is_empty() => name,
        _ => value,
    }
}

/// Letters alone, in words of two or more that begin with capitals: `linkHoverBg`, `dotSizeLG`. Themes and parsers call such
/// names tokens, and a service's key of so few letters would hold a digit or a lone capital.
fn is_camel(value: &[u8]) -> bool {
    const LONGEST: usize = 24;
    let rest = value.iter().skip_while(|byte| byte.is_ascii_lowercase()).count();
    if value.len() > LONGEST || rest == 0 || value.len() - rest < 2 || !value.iter().all(u8::is_ascii_alphabetic) {
        return false;
    }
    let words = value[value.len() - rest..].chunk_by(|_, next| next.is_ascii_lowercase());
    let words: Vec<&[u8]> = words.collect();
    let lone = words.iter().rev().skip_while(|word| word.len() == 1).any(|word| word.len() == 1);
    let capitals = words.iter().rev().take_while(|word| word.len() == 1).count();
    !lone && matches!(capitals, 0 | 2 | 3)
}

/// Words with a number among them: `epv1Total`, `pDischarge1`, `GetBuzzerAlarmV20`. Words of a language make up a fourth of it.
fn is_numbered_camel(value: &[u8]) -> bool {
    const MOST_DIGITS: usize = 2;
    const LEAST_IN_WORDS: f32 = 0.25;
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let humps = value.windows(2).filter(|pair| !pair[0].is_ascii_uppercase() && pair[1].is_ascii_uppercase()).count();
    value.len() <= LONGEST
        && digits <= MOST_DIGITS
        && humps > 0
        && value.first().is_some_and(u8::is_ascii_alphabetic)
        && value.iter().all(u8::is_ascii_alphanumeric)
        && language::cost(value).share_of_words() >= LEAST_IN_WORDS
}

/// Words in one case joined by underscores: `ATTR_SDS011_P1`, `MY_ENV_VAR2`, `prvt_cert`. In capitals a third of it may be
/// digits; small ones hold none.
fn is_constant(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let upper = value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    let lower = value.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    let parts = value.split(|byte| *byte == b'_');
    value.len() <= LONGEST
        && value.contains(&b'_')
        && value.first().is_some_and(u8::is_ascii_alphabetic)
        && (lower || upper && digits * 3 <= value.len())
        && parts.clone().all(|part| !part.is_empty() && part.len() <= 14)
        && parts.clone().any(|part| part.len() > 2 && part.iter().all(u8::is_ascii_alphabetic))
}

/// `X-Fineract-API-Key`: a header of HTTP.
fn is_header(value: &[u8]) -> bool {
    value.starts_with(b"X-") && value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-')
}

/// Words of a language and a number: `paypal_token_123`.
fn is_counted(value: &[u8]) -> bool {
    const MOST_DIGITS: usize = 4;
    const LEAST_IN_WORDS: f32 = 0.4;
    let letters = value.len() - value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let words = value[..letters].strip_suffix(b"_").or_else(|| value[..letters].strip_suffix(b"-"));
    words.is_some_and(|words| {
        (1..=MOST_DIGITS).contains(&(value.len() - letters))
            && words.iter().any(|byte| matches!(byte, b'_' | b'-'))
            && words.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-'))
            && language::cost(words).share_of_words() >= LEAST_IN_WORDS
    })
}

/// `acme.tag1.tag11`, `meta.odd-tab.group1`: names of a tree, each with a number of at most two digits.
fn is_path_of_words(value: &[u8]) -> bool {
    let numbered = |part: &[u8]| {
        let letters = part.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        letters > 2 && part.len() - letters <= 2 && part[letters..].iter().all(u8::is_ascii_digit)
    };
    value.len() <= LONGEST
        && value.iter().filter(|byte| **byte == b'.').count() > 1
        && value.split(|byte| matches!(byte, b'.' | b'-')).all(numbered)
}

/// `mschapv2-and-ntlmv2-only`: words joined by hyphens, some with one digit at their end. Where a name says secret, people write
/// secrets so.
pub(super) fn is_numbered_label(value: &[u8]) -> bool {
    /// Bits of a letter from which groups of letters are no words.
    const LEAST_RANDOM: f32 = 4.0;
    let word = |part: &[u8]| part.len() > 2 && part.iter().all(u8::is_ascii_lowercase);
    let numbered = |part: &[u8]| part.split_last().is_some_and(|(last, rest)| last.is_ascii_digit() && word(rest));
    let parts = || value.split(|byte| *byte == b'-');
    value.len() <= LONGEST
        && parts().count() > 2
        && parts().all(|part| word(part) || numbered(part))
        && parts().any(word)
        && language::cost(value).per_byte() < LEAST_RANDOM
}

/// `FK_368A4209A76ED395`, `idx_oauth_token`, `oauth2_code_client_id_fk`: what tools for databases call keys and indexes.
fn is_constraint(value: &[u8]) -> bool {
    const KINDS: &[&[u8]] = &[b"fk", b"ix", b"idx", b"uniq", b"index"];
    let is_kind =
        |word: Option<&[u8]>| word.is_some_and(|word| KINDS.iter().any(|kind| word.eq_ignore_ascii_case(kind)));
    let mut words = value.split(|byte| *byte == b'_');
    value.contains(&b'_')
        && (is_kind(words.next()) || is_kind(words.next_back()))
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// `pf:portfolio:rss-feed:`: what the names of entries begin with in a cache.
fn is_prefix(value: &[u8]) -> bool {
    value.ends_with(b":") && value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b':' | b'-' | b'_'))
}

/// `acme2_acme2-core`: the name of an owner, and that of what is owned, which begins with it.
fn is_doubled(value: &[u8]) -> bool {
    const SHORTEST: usize = 4;
    let small = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let parts: Vec<&[u8]> = value.split(|byte| matches!(byte, b'_' | b'-' | b'.' | b':')).collect();
    let twice = |pair: &[&[u8]]| pair[0] == pair[1] && pair[0].len() >= SHORTEST;
    value.len() <= LONGEST && parts.iter().all(|part| part.iter().all(small)) && parts.windows(2).any(twice)
}

/// `GOOG4-RSA-SHA256`, `PBKDF2WithHmacSHA512`: what keys are used with.
fn is_algorithm(value: &[u8]) -> bool {
    #[rustfmt::skip]
    const NAMES: &[&[u8]] = &[
        b"sha1", b"sha-1", b"sha256", b"sha-256", b"sha384", b"sha-384", b"sha512", b"sha-512", b"md5", b"rsa", b"hmac", b"ecdsa",
        b"aes128", b"aes-128", b"aes256", b"aes-256", b"pkcs1", b"pkcs5", b"pkcs7", b"oaep",
    ];
    let folded = value.to_ascii_lowercase();
    let named = NAMES.iter().filter(|name| folded.windows(name.len()).any(|part| part == **name)).count();
    value.len() <= LONGEST
        && named > 1
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_/".contains(byte))
}

/// Few short words joined by hyphens: `azkv-cert-new-sdk`, `raw-macaroon`. Groups of equal length are how codes are printed.
fn is_short_label(value: &[u8]) -> bool {
    const LONGEST_LABEL: usize = 20;
    /// Bits of a letter from which two groups of letters are no words.
    const LEAST_RANDOM: f32 = 6.0;
    let mut lengths: Vec<usize> = value.split(|byte| *byte == b'-').map(<[u8]>::len).collect();
    let words = lengths.len();
    lengths.dedup();
    value.len() <= LONGEST_LABEL
        && words > 1
        && !lengths.contains(&0)
        && (words == 2 || lengths.len() > 1)
        && is_worded(value)
        && language::cost(value).per_byte() < LEAST_RANDOM
}

/// Small letters and hyphens; capitals inside only where most of it are words of a language: `wekan-cards-sortBy`.
fn is_worded(value: &[u8]) -> bool {
    const LEAST_IN_WORDS: f32 = 0.5;
    value.first().is_some_and(u8::is_ascii_lowercase)
        && value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-')
        && (!value.iter().any(u8::is_ascii_uppercase) || language::cost(value).share_of_words() >= LEAST_IN_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_design_tokens_are_no_keys() {
        for name in ["ghostBg", "linkHoverBg", "cellHoverWithRangeBg", "dotSizeLG", "dotGap"] {
            assert!(is_camel(name.as_bytes()), "{name}");
        }
        for value in ["xKvQmLrTz", "hunter", "ghostBg7", "kQzvWbnTrL", "GHOSTBG", "abcDEFGHijk"] {
            assert!(!is_camel(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn labels_may_be_numbered() {
        assert!(is_numbered_label(b"mschapv2-and-ntlmv2-only"));
        assert!(!is_numbered_label(b"kqvz2-wxpb-mtrwj4-plqz") && !is_numbered_label(b"acme2-core"));
    }

    #[test]
    fn members_constants_and_labels_are_no_keys() {
        for name in [
            "epv1Total",
            "pDischarge1",
            "iAcCharge",
            "iChargePV1",
            "eBatDisChargeToday",
            "GetBuzzerAlarmV20",
            "TYPE_AQI_PM25_24H",
            "ATTR_MHZ14A_CARBON_DIOXIDE",
            "BRAKE_FLUID",
            "ATTR_PMSX003_P0",
            "MY_ENV_VAR1",
            "prvt_cert",
            "azkv-cert-new-sdk",
            "raw-macaroon",
            "wekan-cards-sortBy",
            "surveys-seen:v1",
            "userPrefs_v2",
            "seeded-v1",
            "acme.tag1.tag11",
            "nx_cloud_v1",
            "fxAcmeNav_v1",
            "X-Hassio-Key",
            "paypal_token_123",
            "GOOG4-RSA-SHA256",
            "PBKDF2WithHmacSHA512",
            "acme2_acme2-core",
            "FK_368A4209A76ED395",
            "idx_oauth_token",
            "acme2_code9_client_id_fk",
            "meta.odd-tab.group1",
            "pf:portfolio:rss-feed:",
        ] {
            assert!(is_name(name.as_bytes()), "{name}");
        }
        for value in [
            "x7Kq9vLw2Rz4",
            "kQ7vRz2mLx9T",
            "9f8e1c0b_7a62",
            "AKQ7_VR2Z_9MLX_4TB8",
            "qwhx-zvkp-mwtr-plqz",
            "kvqzwjfd-gxjvrw",
            "xKvQmLrTzWbnGh4",
            "a_kq7vrz2mlx9t",
            "qvzhwkxpbtrmlqwjsdfg_kqvz",
            "kqvz_wxpb_123",
            "kqVz-wxPb-mtRw",
            "rsa9tz4hc81bqe",
            "xKq7vRz2mLx9_v1",
            "kqVz-wxPb-mtRw-v2",
            "_v1",
            "kq7vr.z2mlx.9tqk",
            "x7q-x7q-kqvz9",
            "x7Kq9vLw2Rz4Tn8Bp3:",
        ] {
            assert!(!is_name(value.as_bytes()), "{value}");
        }
    }
}
