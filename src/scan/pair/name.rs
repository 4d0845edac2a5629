//! What an assignment's name says: user half or pass half, and of what.

/// What a name holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The user half.
    User,
    /// The pass half.
    Pass,
    /// A pass half under a name that other things share: secret, token, key.
    Key,
}

/// Endings of names, longest first within a meaning.
const PASS: &[&str] = &[
    "password",
    "passwort",
    "passwd",
    "passphrase",
    "passwrd",
    "pswd",
    "userpass",
    "remotepass",
    "pass",
    "pwd",
    "psw",
    "passcode",
    "motdepasse",
    "contrasena",
];
const USER: &[&str] = &[
    "username",
    "user_name",
    "user-name",
    "userid",
    "user_id",
    "loginname",
    "remoteuser",
    "login_name",
    "accountname",
    "account_name",
    "principal",
    "client_id",
    "clientid",
    "client-id",
    "email",
    "login",
    "account",
    "user",
    "benutzername",
    "benutzer",
    "utilisateur",
    "usuario",
    "usr",
    "uid",
    "id",
];
const KEY: &[&str] = &["client_secret", "clientsecret", "client-secret", "secret", "token", "key"];
/// The last two letters of those endings, in order: most words of a text end in other ones.
const PASS_TAILS: [u16; 8] = tails([*b"de", *b"na", *b"rd", *b"rt", *b"se", *b"ss", *b"sw", *b"wd"]);
const USER_TAILS: [u16; 10] = tails([*b"al", *b"er", *b"id", *b"il", *b"in", *b"io", *b"me", *b"nt", *b"sr", *b"ur"]);
const KEY_TAILS: [u16; 3] = tails([*b"en", *b"et", *b"ey"]);

const fn tails<const N: usize>(letters: [[u8; 2]; N]) -> [u16; N] {
    let mut tails = [0; N];
    let mut at = 0;
    while at < N {
        tails[at] = u16::from_be_bytes(letters[at]);
        at += 1;
    }
    tails
}

/// A name whose stem ends so speaks about a password and does not hold one.
const ABOUT: &[&str] = &[
    "forgot",
    "reset",
    "confirm",
    "show",
    "hide",
    "toggle",
    "invalid",
    "wrong",
    "enter",
    "change",
    "no",
    "without",
    "has",
    "is",
    "min",
    "max",
    "hash",
    "hashed",
    "salt",
    "encrypted",
    "encrypt",
    "public",
    "primary",
    "foreign",
    "require",
    "requires",
    "use",
    "generate",
    "check",
    "verify",
    "missing",
    "empty",
    "update",
    "set",
    "get",
    "validate",
    "bad",
    "incorrect",
    "your",
    "type",
    "hint",
    "lost",
    "forgotten",
];

/// The meaning of a name and its stem: what is left of the ending, in lower case without separators.
pub fn classify(name: &[u8]) -> Option<(Meaning, String)> {
    let tail = tail(name)?;
    if !(PASS_TAILS.contains(&tail) || USER_TAILS.contains(&tail) || KEY_TAILS.contains(&tail)) {
        return None;
    }
    let text = std::str::from_utf8(name).ok()?;
    let text = text.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches(['_', '-', '.']);
    let (meaning, place) = ending(text)?;
    let stem = text[..place].trim_end_matches(['_', '-', '.', '[', '"', '\'']).to_ascii_lowercase();
    let last = stem.rsplit(['_', '-', '.']).next().unwrap_or_default();
    if meaning == Meaning::Pass && (ABOUT.contains(&last) || ABOUT.contains(&camel_tail(text, place))) {
        return None;
    }
    let bare = stem.chars().filter(|letter| !matches!(letter, '_' | '-')).collect::<String>();
    if bare.is_empty() && text[place..].eq_ignore_ascii_case("id") {
        return None;
    }
    // NuGet's name for a password that it does not encrypt.
    Some((meaning, if bare == "cleartext" { String::new() } else { bare }))
}

/// Whether a name can have the meaning, by its last two letters: what a search for a sibling asks first.
pub fn may_be(meaning: Meaning, name: &[u8]) -> bool {
    tail(name).is_some_and(|tail| match meaning {
        Meaning::Pass => PASS_TAILS.contains(&tail),
        Meaning::User => USER_TAILS.contains(&tail),
        Meaning::Key => KEY_TAILS.contains(&tail),
    })
}

/// The last two letters in front of a number, in lower case.
#[inline]
fn tail(name: &[u8]) -> Option<u16> {
    let mut end = name.len();
    while end > 0 && name[end - 1].is_ascii_digit() {
        end -= 1;
    }
    while end > 0 && matches!(name[end - 1], b'_' | b'-' | b'.') {
        end -= 1;
    }
    let [first, last] = *name[..end].last_chunk::<2>()?;
    Some(u16::from_be_bytes([first.to_ascii_lowercase(), last.to_ascii_lowercase()]))
}

/// The first ending of the lists that the name has, and where it begins. Runs for every name near a field: nothing is
/// copied.
fn ending(text: &str) -> Option<(Meaning, usize)> {
    let last = text.bytes().next_back()?.to_ascii_lowercase();
    let begins = |ending: &&str| {
        let place = text.len().checked_sub(ending.len())?;
        let same =
            ending.as_bytes().last() == Some(&last) && text.as_bytes()[place..].eq_ignore_ascii_case(ending.as_bytes());
        (same && begins_word(text, place)).then_some(place)
    };
    let lists = [(Meaning::Pass, PASS), (Meaning::User, USER), (Meaning::Key, KEY)];
    lists.into_iter().find_map(|(meaning, endings)| Some((meaning, endings.iter().find_map(&begins)?)))
}

/// Whether a word begins at `place`: after a separator, or with a capital after a small letter; long endings always do.
fn begins_word(text: &str, place: usize) -> bool {
    let bytes = text.as_bytes();
    if place == 0 || !bytes[place - 1].is_ascii_alphabetic() {
        return true;
    }
    // Names that are written without a separator by custom: `PGUSER`, `dbpass`.
    let custom = ["db", "pg", "sql", "mysql", "ftp", "ssh", "smtp", "mail", "ldap", "http", "proxy"];
    if custom.iter().any(|stem| text[..place].eq_ignore_ascii_case(stem)) {
        return true;
    }
    let capital = bytes[place].is_ascii_uppercase();
    (capital && bytes[place - 1].is_ascii_lowercase())
        || (bytes.len() - place >= 6
            && (bytes[place].is_ascii_lowercase() || bytes.iter().all(|byte| !byte.is_ascii_lowercase())))
}

/// `reset` in `userResetPassword`, as far as it is one of the words that matter.
fn camel_tail(text: &str, place: usize) -> &'static str {
    ABOUT
        .iter()
        .copied()
        .find(|word| {
            // In bytes: whatever stands before may be a character of several.
            let head = &text.as_bytes()[..place];
            head.len() > word.len() && {
                let tail = &head[head.len() - word.len()..];
                tail.eq_ignore_ascii_case(word.as_bytes()) && tail[0].is_ascii_uppercase()
            }
        })
        .unwrap_or("\0")
}

/// Whether two stems name the same account.
pub fn same_stem(pass: &str, user: &str) -> bool {
    const FREE: &[&str] = &["", "user", "login", "auth", "basic", "http", "basicauth", "httpbasic"];
    pass == user
        || (FREE.contains(&pass) && FREE.contains(&user))
        || (pass.starts_with("ansible") && user == "ansible")
        || pass
            .strip_prefix(user)
            .is_some_and(|rest| !user.is_empty() && matches!(rest, "user" | "login" | "auth" | "." | "client"))
        || user
            .strip_prefix(pass)
            .is_some_and(|rest| !pass.is_empty() && matches!(rest, "user" | "login" | "auth" | "." | "client"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by the fuzz target `packs`: a name was cut inside a letter.
    #[test]
    fn a_name_with_letters_of_several_bytes_is_read() {
        for before in ["abécdef", "éa", "ключ", "xx\u{30d}\u{345}abcd"] {
            let found = classify(format!("{before}Password").as_bytes());
            assert_eq!(found.map(|(meaning, _)| meaning), Some(Meaning::Pass), "{before}");
        }
        assert_eq!(classify("données.userResetPassword".as_bytes()), None);
    }

    #[test]
    fn endings_and_stems() {
        for (name, expected) in [
            ("password", Some((Meaning::Pass, ""))),
            ("ACME_PASS", Some((Meaning::Pass, "acme"))),
            ("dbPassword", Some((Meaning::Pass, "db"))),
            ("spring.datasource.password", Some((Meaning::Pass, "spring.datasource"))),
            ("DB_USER", Some((Meaning::User, "db"))),
            ("acmeUsername", Some((Meaning::User, "acme"))),
            ("ACME_CLIENT_SECRET", Some((Meaning::Key, "acme"))),
            ("ACME_CLIENT_ID", Some((Meaning::User, "acme"))),
            ("compass", None),
            ("bypass", None),
            ("monkey", None),
            ("resetPassword", None),
            ("confirm_password", None),
            ("id", None),
            ("PGUSER", Some((Meaning::User, "pg"))),
            ("dbpass", Some((Meaning::Pass, "db"))),
        ] {
            let found = classify(name.as_bytes());
            let found = found.as_ref().map(|(meaning, stem)| (*meaning, stem.as_str()));
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn every_ending_has_its_tail() {
        for (meaning, endings) in [(Meaning::Pass, PASS), (Meaning::User, USER), (Meaning::Key, KEY)] {
            for ending in endings {
                assert!(may_be(meaning, ending.as_bytes()), "{ending}");
            }
        }
    }

    #[test]
    fn stems_join() {
        assert!(
            same_stem("user", "")
                && same_stem("db", "db")
                && same_stem("ansiblessh", "ansible")
                && same_stem("", "login")
        );
        assert!(!same_stem("db", "smtp") && !same_stem("db", ""));
    }
}
