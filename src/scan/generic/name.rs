//! What the name of an assignment says about its value.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::finding::Span;

/// What a name holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A password or passphrase: people choose it, it may be short.
    Password,
    /// An API key, or a key for signing or encrypting.
    ApiKey,
    /// A secret shared between programs.
    Secret,
    /// A token that a service issued.
    Token,
}

/// A class, and how much the name alone says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What it holds.
    pub class: Class,
    /// Whether the name is also used for other things: `key`, `auth`, `credential`.
    pub vague: bool,
}

/// What a name that needs no reading holds.
pub const PASSWORD: Meaning = Meaning { class: Class::Password, vague: false };

#[rustfmt::skip]
const PASSWORDS: &[&str] = &[
    "password", "passwd", "passphrase", "passwort", "passwrd", "pswd", "pwd", "psw", "passcode", "pass", "pw",
    "contrasena", "senha", "motdepasse", "passw", "wachtwoord", "parola", "haslo",
];
/// Last words that leave open what the value is.
const VAGUE: &[&str] =
    &["auth", "authorization", "credential", "credentials", "creds", "cred", "bearer", "ticket", "authentication"];
/// Words before `key` that make it a secret.
#[rustfmt::skip]
const KEY_OF: &[&str] = &[
    "api", "secret", "access", "private", "auth", "app", "application", "client", "account", "encryption", "encrypt",
    "signing", "sign", "signature", "master", "admin", "service", "subscription", "storage", "shared", "consumer",
    "session", "jwt", "hmac", "webhook", "integration", "write", "deploy", "deployment", "token", "oauth", "security",
    "rest", "server", "aes", "des", "crypto", "cipher", "passwd", "license", "licence", "management", "ingestion",
    "instrumentation", "registration", "merchant", "decrypt", "decryption", "rpc", "developer", "dev", "prod",
    "project", "sdk", "functions", "function", "host", "system", "root", "sas", "read", "feed", "publish", "push",
    "me", "stream", "cookie", "signed", "base",
];
/// Words before `key` with which it is no secret.
#[rustfmt::skip]
const NO_KEY_OF: &[&str] = &[
    "public", "pub", "primary", "foreign", "cache", "sort", "partition", "index", "map", "object", "row", "hash",
    "range", "group", "translation", "i18n", "lang", "label", "dict", "json", "yaml", "config", "setting", "option",
    "property", "column", "field", "unique", "natural", "surrogate", "registry", "hot", "arrow", "enter", "escape",
    "shift", "ctrl", "alt", "tab", "state", "storage_class", "metadata", "tag", "header", "param", "query", "attr",
    "attribute", "lookup", "routing", "message", "sorting", "order", "join", "composite", "entity", "any", "next",
    "prev", "last", "first", "idempotency", "dedup", "deduplication", "bucket", "s3", "cell", "node", "item", "event",
    "feature", "flag", "website", "error", "locale", "text", "title", "trans", "host", "known", "meta", "short", "long", "theme",
    "template", "resource", "issue", "site", "sitekey", "recaptcha_site", "publishable", "ssh_public", "verification",
    "distribution", "anon", "bundle", "search", "searchonly", "menu", "action", "section", "value", "search_field",
    "data", "hashed", "protobuf", "gpg", "pgp", "socket", "kms", "recv",
    "spreadsheet", "store", "websocket", "sender", "repository", "identifier", "form", "process", "external", "cart",
    // Who asks for a key asks for the name of an entry: `containsKey("id")`.
    "contains", "has", "is", "lacks", "exists", "remove",
];
/// Words of a name whose value is ciphertext, wherever they stand: `userKeyEncryptedPrivateKey`.
const CIPHERTEXTS: &[&str] = &["encrypted", "wrapped"];
/// Words before `token` with which it is none that opens anything.
#[rustfmt::skip]
const NO_TOKEN_OF: &[&str] = &[
    "next", "page", "continuation", "pagination", "cancellation", "cancel", "syntax", "current", "prev", "previous",
    "last", "first", "start", "end", "eof", "eos", "bos", "pad", "mask", "sep", "unk", "cls", "stop", "special",
    "max", "min", "num", "public", "jsonweb", "parse", "lexer", "keyword", "operator", "sync", "resume", "paging", "design", "color",
    "string", "marker", "change", "nft", "erc20", "no", "invalid", "missing", "expired", "template", "placeholder",
    "unexpected", "wrong", "bad", "open", "close", "authenticity", "csrf", "xsrf", "antiforgery", "verification",
    "crumb", "hashed", "uplink", "redir", "redirect", "feedback",
];
/// Words before a password that make the value a text about it.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "forgot", "forget", "reset", "show", "hide", "toggle", "invalid", "wrong", "enter", "change", "no", "without",
    "has", "is", "min", "max", "hashed", "encrypted", "encrypt", "public", "require", "requires", "required",
    "generate", "check", "verify", "missing", "empty", "update", "validate", "bad", "incorrect", "type", "hint",
    "lost", "forgotten", "retype", "repeat", "strong", "weak", "recover", "expired", "unknown", "need", "needs",
    "ask", "prompt", "input", "by", "get", "use", "uses", "allow", "disable", "enable", "label", "edit",
];
/// Words before `pass` that make it one of several runs, or a verb.
#[rustfmt::skip]
const NO_PASS_OF: &[&str] = &[
    "draw", "first", "second", "third", "final", "last", "next", "previous", "one", "two", "single", "multi", "render", "to", "can",
    "will", "should", "must", "did",
];
/// Words of a name that holds a text for people, whatever else it says.
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "label", "labels", "message", "messages", "msg", "loc", "locale", "i18n", "help", "description", "desc",
    "tooltip", "title", "error", "errors", "warning", "caption", "placeholder", "translation", "translations",
    "regex", "regexp", "pattern", "policy", "url", "uri", "path", "file", "filename", "class", "format", "validator",
    "selector",
];
/// Last words that leave the meaning to the word before.
#[rustfmt::skip]
const TAIL: &[&str] = &[
    "value", "val", "string", "str", "default", "prod", "production", "dev", "development", "test", "staging", "live",
    "local", "old", "new", "current", "raw", "plain", "plaintext", "plain_text", "confirmation", "confirm", "again",
    "env", "master", "main", "backup", "content", "base64", "b64", "hex", "header", "literal", "data", "sandbox",
    "qa", "uat", "param",
];

/// Names of services that issue keys, one a line, sorted; words of the language among them are left out. Made by
/// `tools/services/services.py` from public lists.
const SERVICES: &str = include_str!("data/services.txt");

/// Whether the word names a service that issues keys.
pub fn is_service(word: &str) -> bool {
    static LINES: OnceLock<Vec<&'static str>> = OnceLock::new();
    word.len() > 2 && LINES.get_or_init(|| SERVICES.lines().collect()).binary_search(&word).is_ok()
}

/// Whether a word of the name, or the word before it, names a service.
pub fn names_service(text: &[u8], name: Span) -> bool {
    let before = String::from_utf8_lossy(super::word_before(text, name)).to_ascii_lowercase();
    let lower = lower(name.of(text));
    is_service(&before) || words(name.of(text), &lower).into_iter().any(is_service)
}

/// A name in lower case, with a sign for every byte that is not ASCII: words stand at the same places in both.
fn lower(name: &[u8]) -> String {
    name.iter().map(|byte| if byte.is_ascii() { char::from(byte.to_ascii_lowercase()) } else { '?' }).collect()
}

/// The words of a name, which is also given in lower case: split at signs and where a small letter meets a capital.
fn words<'l>(name: &[u8], lower: &'l str) -> Vec<&'l str> {
    let mut words = Vec::new();
    let mut start = None;
    for (place, &byte) in name.iter().enumerate() {
        if !byte.is_ascii_alphabetic() {
            words.extend(start.take().map(|start: usize| &lower[start..place]));
            continue;
        }
        let before = place.checked_sub(1).map_or(0, |place| name[place]);
        let next = name.get(place + 1).copied().unwrap_or(0);
        let hump = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || (before.is_ascii_uppercase()
                    && next.is_ascii_lowercase()
                    && name.get(place + 2).is_some_and(u8::is_ascii_lowercase)));
        if hump {
            words.extend(start.take().map(|start| &lower[start..place]));
        }
        start.get_or_insert(place);
    }
    words.extend(start.map(|start| &lower[start..name.len()]));
    words
}

/// What names hold that were read before: most names of a text stand there many times.
#[derive(Default)]
pub struct Memo(HashMap<Box<[u8]>, Option<Meaning>>);

impl Memo {
    /// So many names are remembered; then they are all forgotten.
    const MOST: usize = 1024;

    /// As [`meaning`].
    pub fn meaning(&mut self, name: &[u8]) -> Option<Meaning> {
        if let Some(known) = self.0.get(name) {
            return *known;
        }
        if self.0.len() == Self::MOST {
            self.0.clear();
        }
        let meaning = meaning(name);
        self.0.insert(name.into(), meaning);
        meaning
    }
}

/// What the name holds; none where its value is no secret.
fn meaning(name: &[u8]) -> Option<Meaning> {
    let lower = lower(name);
    let mut words = words(name, &lower);
    if words.iter().any(|word| TEXTS.contains(word)) {
        return None;
    }
    while words.len() > 1 && words.last().is_some_and(|last| TAIL.contains(last) || last.len() == 1) {
        words.pop();
    }
    let (last, before) = words.split_last()?;
    let before_last = before.last().copied().unwrap_or("");
    if !PASSWORDS.contains(last) && before.iter().any(|word| CIPHERTEXTS.contains(word)) {
        return None;
    }
    if PASSWORDS.contains(last) {
        if is_locale(name) {
            return None;
        }
        let runs = *last == "pass" && NO_PASS_OF.contains(&before_last);
        return (!runs && !ABOUT.contains(&before_last)).then_some(PASSWORD);
    }
    match *last {
        "key" | "keys" => key_of(before_last),
        // A client's request token only tells two requests apart.
        "token" if before_last == "request" && before.len() > 1 && before[before.len() - 2] == "client" => None,
        // .NET names an assembly by a digest of its public key.
        "token" if before_last == "key" && before.len() > 1 && before[before.len() - 2] == "public" => None,
        "token" | "tokens" => token_of(before_last),
        "secret" | "secrets" => Some(clear(Class::Secret)),
        "salt" | "pin" | "otp" if before.is_empty() => None,
        // WebAuthn tells an authenticator which of its keys are meant by their ids.
        "credential" | "credentials" if matches!(before_last, "allow" | "allowed" | "exclude" | "excluded") => None,
        word if VAGUE.contains(&word) => Some(Meaning { class: Class::Token, vague: true }),
        word => joined(word),
    }
}

/// What a name of one word holds behind another word: `API key`, `public key`, `acme key`.
pub fn behind(before: &[u8], name: &[u8], meaning: Meaning) -> Option<Meaning> {
    const MODIFIERS: &[&str] = &["public", "private"];
    let before = String::from_utf8_lossy(before).to_ascii_lowercase();
    if MODIFIERS.contains(&before.as_str()) {
        return Some(meaning);
    }
    match name.to_ascii_lowercase().as_slice() {
        b"key" | b"keys" => key_of(&before),
        b"token" | b"tokens" => token_of(&before),
        _ => Some(Meaning { vague: meaning.vague && !is_service(&before), ..meaning }),
    }
}

/// `en_PW`: a language as it is spoken on Palau.
fn is_locale(name: &[u8]) -> bool {
    name.strip_suffix(b"_PW")
        .is_some_and(|language| matches!(language.len(), 2 | 3) && language.iter().all(u8::is_ascii_lowercase))
}

fn clear(class: Class) -> Meaning {
    Meaning { class, vague: false }
}

fn key_of(before: &str) -> Option<Meaning> {
    if NO_KEY_OF.contains(&before) {
        return None;
    }
    Some(Meaning { class: Class::ApiKey, vague: !KEY_OF.contains(&before) && !is_service(before) })
}

fn token_of(before: &str) -> Option<Meaning> {
    (!NO_TOKEN_OF.contains(&before)).then_some(Meaning { class: Class::Token, vague: false })
}

/// What ties a form to its session, as `csrfmiddlewaretoken` of Django, and the subjunctive of a verb.
fn is_of_form(head: &str) -> bool {
    head == "be" || head.starts_with("csrf") || head.starts_with("xsrf")
}

/// Words that were written without a sign between them: `dbpassword`, `apikey`, `satoken`, `appsecret`.
fn joined(word: &str) -> Option<Meaning> {
    #[rustfmt::skip]
    const PASS_OF: &[&str] = &[
        "db", "my", "user", "smtp", "mail", "root", "ftp", "sftp", "sql", "mysql", "pg", "admin", "ssh", "key",
        "store", "login", "auth", "redis", "rabbit", "mongo", "proxy", "http", "ldap", "wifi", "wpa", "wlan", "vpn",
        "test", "email", "imap", "pop", "svn", "git", "master", "super", "sudo", "bind", "rpc", "mqtt", "trust",
        "cert", "pem", "app", "api", "dba", "sa", "su", "os", "base",
    ];
    for (ending, class) in [
        ("password", Class::Password),
        ("passwd", Class::Password),
        ("passphrase", Class::Password),
        ("pwd", Class::Password),
        ("secret", Class::Secret),
        ("token", Class::Token),
    ] {
        if let Some(head) = word.strip_suffix(ending) {
            let about =
                ABOUT.contains(&head) || (class == Class::Token && (NO_TOKEN_OF.contains(&head) || is_of_form(head)));
            return (!about).then_some(Meaning { class, vague: false });
        }
    }
    if let Some(head) = word.strip_suffix("pass") {
        return PASS_OF.iter().any(|of| head.ends_with(of)).then_some(Meaning { class: Class::Password, vague: false });
    }
    let head = word.strip_suffix("key")?;
    let known = is_service(head) || KEY_OF.iter().any(|of| head.ends_with(of) && of.len() > 2);
    known.then_some(Meaning { class: Class::ApiKey, vague: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for (name, class) in [
            ("password", Class::Password),
            ("DB_PASS", Class::Password),
            ("PGPASSWORD", Class::Password),
            ("rootUserPassword", Class::Password),
            ("--admin-password", Class::Password),
            ("apiKey", Class::ApiKey),
            ("X-Api-Key", Class::ApiKey),
            ("secretAccessKey", Class::ApiKey),
            ("fs.s3a.secret.key", Class::ApiKey),
            ("client_secret", Class::Secret),
            ("AppSecretTest", Class::Secret),
            ("private_token", Class::Token),
            ("tokenValue", Class::Token),
            ("authkey", Class::ApiKey),
        ] {
            assert_eq!(meaning(name.as_bytes()), Some(clear(class)), "{name}");
        }
    }

    #[test]
    fn names_of_other_things() {
        for name in [
            "public_key",
            "token_type",
            "password_field",
            "max_tokens",
            "keyboard",
            "monkey",
            "primaryKey",
            "next_token",
            "forgot_password",
            "compass",
            "secretary",
            "keyword",
            "en_PW",
            "PublicKeyToken",
            "hashed_key",
            "rsa_encrypted_key",
            "kmsKey",
            "wrapped_key",
            "userKeyEncryptedPrivateKey",
            "newWrappedUserKey",
            "--recv-keys",
            "hwScaleFilterFirstPass",
            "usedToPass",
            "RUNNING_STORE_KEY",
            "PrimaryRemoteRepositoryKey",
            "formKey",
            "hashedToken",
            "draw_pass_1",
            "csrfmiddlewaretoken",
            "externalKey",
            "gift_cart_key",
            "allowed_credentials",
            "excludeCredentials",
            "items.containsKey",
            "hasKey",
            "array_has_key",
        ] {
            assert_eq!(meaning(name.as_bytes()), None, "{name}");
        }
        assert!(meaning(b"key").is_some_and(|meaning| meaning.vague));
    }

    #[test]
    fn a_service_makes_a_vague_name_clear() {
        assert!(SERVICES.lines().is_sorted(), "the list is searched by halves");
        assert_eq!(meaning(b"mailgunKey"), Some(clear(Class::ApiKey)));
        assert!(meaning(b"rowboatKey").is_some_and(|meaning| meaning.vague));
        let vague = meaning(b"key").expect("a name of keys");
        assert_eq!(behind(b"Mailgun", b"key", vague), Some(clear(Class::ApiKey)));
        assert_eq!(behind(b"API", b"key", vague), Some(clear(Class::ApiKey)));
        assert_eq!(behind(b"primary", b"key", vague), None);
        assert_eq!(behind(b"private", b"key", vague), Some(vague), "a modifier of a language");
    }
}
