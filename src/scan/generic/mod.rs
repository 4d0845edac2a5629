//! Single values that only their context betrays: `password = "…"`, `api_key: …`, `<Token>…</Token>`, `--secret …`.
//!
//! Keywords announce a name in the same pass that announces rules; [`assignment`] reads the literal that belongs to it,
//! [`name`] says what the name holds, and [`judge`] how little the value resembles language. Forms of a user and a pass
//! half are not read here.

mod apart;
mod assignment;
mod bare;
mod beside;
mod catalogue;
mod crowd;
mod feed;
mod identifier;
mod judge;
pub(super) mod language;
mod misfit;
mod name;
mod said;
mod shape;
mod syntax;
pub(super) mod translation;
mod tree;

use super::filter::{DropReason, hash};
use super::pair::tuple;
use crate::finding::{Confidence, Span};
use assignment::{Assignment, Bond};

pub use crowd::quieten;
pub use feed::Rules;
pub use name::{Class, Memo};
pub use tree::{likeness, quieten_translations, quieten_tree};

/// How far around a keyword anything is read, in bytes: a name, a value, and what stands beside them.
pub const REACH: usize = assignment::LONGEST_VALUE + 1024;

/// What announces a name; the shortest forms carry the sign that follows a name, so that prose announces little.
pub const KEYWORDS: &[&str] = &[
    "pass",
    "pwd",
    "pswd",
    "_pw",
    "psw",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "api key",
    "access key",
    "secret key",
    "key ",
    "authkey",
    "key\"",
    "key'",
    "key=",
    "key:",
    "key =",
    "key :",
    "key<",
    "_key",
    "-key",
    "key\\",
    ".key",
    "key,",
    "key(",
    "key>",
    "key]",
    "accesskey",
    "auth",
    "credential",
    "creds",
    "identified by",
    "bearer",
    "ticket",
    "contrasena",
    "senha",
    "wachtwoord",
    "haslo",
];

/// A value that was read, and what it was judged to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Single {
    /// What its name holds.
    pub class: Class,
    /// From the name to the value's end.
    pub span: Span,
    /// The name, and whether it is also used for other things.
    pub name: Span,
    pub vague: bool,
    /// The value.
    pub value: Span,
    /// How sure it is, or what it is instead.
    pub verdict: Result<Confidence, DropReason>,
}

/// The name that a keyword announces: the one it is a part of, or itself where it is a phrase.
pub fn name_at(text: &[u8], hit: Span) -> Option<Span> {
    let is_phrase = hit.of(text).eq_ignore_ascii_case(b"identified by");
    let name = assignment::name_around(text, last_word(text, hit))?;
    Some(if is_phrase { hit } else { name })
}

/// Reads the value of a name.
pub fn read(text: &[u8], path: &str, name: Span, memo: &mut Memo) -> Option<Single> {
    // A name in a namespace of markup, such as `x:Key`, names an element and holds nothing.
    if name.start > 1
        && text[name.start - 1] == b':'
        && text[name.start - 2].is_ascii_lowercase()
        && name.of(text).eq_ignore_ascii_case(b"key")
    {
        return None;
    }
    if let Some((head, value)) = joined(text, name)
        && !misfit::is_in_public_link(text, name)
        && let Some(meaning) = memo.meaning(head.of(text)).filter(|meaning| !meaning.vague)
    {
        let found = Assignment { name: head, value, bond: Bond::Spoken, continued: false };
        let verdict = judge::judge(text, path, &found, meaning);
        return Some(Single { class: meaning.class, span: name, name: head, vague: meaning.vague, value, verdict });
    }
    let is_phrase = name.of(text).contains(&b' ');
    let meaning = if is_phrase { name::PASSWORD } else { memo.meaning(name.of(text))? };
    let before = word_before(text, name);
    // `Public key: …` as a text says it; `public key: string` is a modifier, and small.
    if matches!(before, b"Public" | b"PUBLIC") && text[name.end..].starts_with(b":") || is_public_token(text, name) {
        return None;
    }
    let meaning = if before.is_empty() { meaning } else { name::behind(before, name.of(text), meaning)? };
    let mut found = assignment::read(text, name, syntax::of(path))?;
    // Of names that are assigned at once each has the value at its place.
    if let Some((_, literal)) = tuple::item(text, name) {
        found.value = literal?.inner;
    }
    if misfit::is_in_public_link(text, name) || misfit::is_misfit(text, &found) {
        return None;
    }
    found.value = key_among_words(text, without_scheme(text, unquoted(text, member(text, found.value))));
    let span = Span::new(name.start.min(found.value.start), found.value.end.max(name.end));
    let verdict = judge::judge(text, path, &found, meaning);
    Some(Single { class: meaning.class, span, name, vague: meaning.vague, value: found.value, verdict })
}

/// A key that a hyphen or a dot joins to its name: `acme-token-` and 32 hexadecimal digits.
fn joined(text: &[u8], name: Span) -> Option<(Span, Span)> {
    const SHORTEST: usize = 24;
    const UUID: usize = 36;
    let bytes = name.of(text);
    let last = bytes.iter().rposition(|byte| matches!(byte, b'-' | b'.')).map_or(0, |sign| sign + 1);
    let uuid = bytes.len().checked_sub(UUID).filter(|start| shape::is_uuid(&bytes[*start..]));
    let start = name.start + uuid.unwrap_or(last);
    let value = Span::new(start, name.end);
    let sign = start.checked_sub(1).filter(|sign| *sign > name.start && matches!(text[*sign], b'-' | b'.'))?;
    // `refreshtoken-04b07795-…--`: the name of an entry goes on behind it.
    if text[name.end..].starts_with(b"-") {
        return None;
    }
    let plain = uuid.is_some() || value.of(text).iter().all(u8::is_ascii_alphanumeric);
    let issued = plain && value.len() >= SHORTEST && is_issued(value.of(text));
    issued.then_some((Span::new(name.start, sign), value))
}

/// Of what announced the name the part that lies in it: of `api key` the second word.
fn last_word(text: &[u8], hit: Span) -> Span {
    let blank = hit.of(text).iter().position(|byte| *byte == b' ').map(|place| hit.start + place + 1);
    Span::new(
        blank.filter(|place| *place < hit.end && text[*place].is_ascii_alphabetic()).unwrap_or(hit.start),
        hit.end,
    )
}

/// The word that stands one blank before a name.
fn word_before(text: &[u8], name: Span) -> &[u8] {
    const LONGEST: usize = 24;
    let Some(rest) = text[..name.start].strip_suffix(b" ") else { return &[] };
    let length = rest.iter().rev().take(LONGEST).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    &rest[rest.len() - length..]
}

/// `The public key token is …`: what names an assembly of .NET.
fn is_public_token(text: &[u8], name: Span) -> bool {
    const BEFORE: &[u8] = b"public key ";
    let before = &text[name.start.saturating_sub(BEFORE.len())..name.start];
    before.eq_ignore_ascii_case(BEFORE) && name.of(text).eq_ignore_ascii_case(b"token")
}

/// Of a value that is itself an object in JSON, the string that resembles language least. Letters alone are a word there. One
/// that is a hash is one value.
fn member(text: &[u8], value: Span) -> Span {
    let bytes = value.of(text);
    if !bytes.starts_with(b"{") || !bytes.ends_with(b"}") || !bytes.contains(&b'"') || hash::is_salted_object(bytes) {
        return value;
    }
    let mut strings = Vec::new();
    let mut start = value.start;
    for place in memchr::memchr_iter(b'"', bytes).map(|place| value.start + place) {
        let end = if text[place - 1] == b'\\' { place - 1 } else { place };
        if end > start {
            strings.push(Span::new(start, end));
        }
        start = place + 1;
    }
    let plain = |span: &Span| {
        span.of(text).iter().all(u8::is_ascii_alphanumeric) && span.of(text).iter().any(u8::is_ascii_digit)
    };
    let costs = strings.into_iter().filter(plain).map(|span| (language::cost(span.of(text)).bits, span));
    costs.max_by(|one, other| one.0.total_cmp(&other.0)).map_or(value, |(_, span)| span)
}

/// Without the quotes that a value holds itself, as where code writes code: `"\"x\""`.
fn unquoted(text: &[u8], value: Span) -> Span {
    let bytes = value.of(text);
    let quote = [b"\\\"".as_slice(), b"\"", b"'"]
        .into_iter()
        .find(|quote| bytes.len() > 2 * quote.len() && bytes.starts_with(quote) && bytes.ends_with(quote));
    let width = quote.map_or(0, <[u8]>::len);
    Span::new(value.start + width, value.end - width)
}

/// `Bearer x` is `x`.
fn without_scheme(text: &[u8], value: Span) -> Span {
    const SCHEMES: &[&[u8]] = &[b"bearer ", b"token ", b"apikey ", b"api-key ", b"key "];
    let bytes = value.of(text);
    let scheme =
        SCHEMES.iter().find(|scheme| bytes.len() > scheme.len() && bytes[..scheme.len()].eq_ignore_ascii_case(scheme));
    Span::new(value.start + scheme.map_or(0, |scheme| scheme.len()), value.end)
}

/// The one issued key among few words, as in `Api-Token x` or `{acme x}`.
fn key_among_words(text: &[u8], value: Span) -> Span {
    const MOST: usize = 4;
    let bytes = value.of(text);
    if !bytes.contains(&b' ') {
        return value;
    }
    let is_framed = bytes.starts_with(b"{") && bytes.ends_with(b"}");
    let inside = if is_framed { Span::new(value.start + 1, value.end - 1) } else { value };
    let mut start = inside.start;
    let mut keys = Vec::new();
    for (count, word) in inside.of(text).split(|byte| *byte == b' ').enumerate() {
        let span = Span::new(start, start + word.len());
        start = span.end + 1;
        if count == MOST {
            return value;
        }
        if is_issued(word) {
            keys.push(span);
        } else if !word.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_' | b':')) {
            return value;
        }
    }
    let [key] = keys[..] else { return value };
    // What follows `Basic` is a pair.
    if inside.of(text).to_ascii_lowercase().starts_with(b"basic ") { value } else { key }
}

/// Whether a word looks issued by a program: long, of letters and digits both.
fn is_issued(word: &[u8]) -> bool {
    const SHORTEST: usize = 16;
    word.len() >= SHORTEST
        && word.iter().filter(|byte| byte.is_ascii_digit()).count() > 1
        && word.iter().any(u8::is_ascii_alphabetic)
        && word.iter().all(u8::is_ascii_graphic)
}

/// Reads the value of the name that a keyword announces.
#[cfg(test)]
fn read_at(text: &[u8], path: &str, hit: Span) -> Option<Single> {
    read(text, path, name_at(text, hit)?, &mut Memo::default())
}

#[cfg(test)]
mod traps;

#[cfg(test)]
mod tests {
    use super::*;

    /// What reading around the first keyword that gives something gives.
    pub(in crate::scan::generic) fn only(text: &str, path: &str) -> Option<(Class, String, bool)> {
        let bytes = text.as_bytes();
        let lower = text.to_ascii_lowercase();
        let hits =
            KEYWORDS.iter().flat_map(|word| lower.match_indices(word).map(|(at, word)| Span::new(at, at + word.len())));
        let single =
            hits.filter_map(|hit| read_at(bytes, path, hit)).find(|single| !single.value.of(bytes).is_empty())?;
        let value = String::from_utf8_lossy(single.value.of(bytes)).into_owned();
        Some((single.class, value, single.verdict == Ok(Confidence::Medium)))
    }

    #[test]
    fn values_in_thirty_languages_and_formats() {
        const RANDOM: &str = "x7Kq9vLw2Rz4Tn8Bp3";
        for (path, text) in [
            ("a.py", "api_key = 'S'"),
            ("a.py", "client.login(token=\"S\")"),
            ("a.py", "TOKEN: str = \"S\""),
            ("a.rb", ":secret => 'S',"),
            ("a.js", "const accessToken = `S`;"),
            ("a.ts", "private readonly apiKey: string = \"S\";"),
            ("a.json", "{\"client_secret\": \"S\"}"),
            ("a.go", "cfg := Config{Token: \"S\"}"),
            ("a.go", "var apiKey string = \"S\""),
            ("a.rs", "let secret: &str = \"S\";"),
            ("A.java", "private static final String API_KEY = \"S\";"),
            ("A.java", "request.setAuthToken(\"S\");"),
            ("a.kt", "val apiKey = \"S\""),
            ("a.cs", "public const string ClientSecret = @\"S\";"),
            ("a.php", "$dbPassword = 'S';"),
            ("a.php", "define('AUTH_KEY', 'S');"),
            ("a.pl", "my $password => 'S';"),
            ("a.swift", "let secretKey: String = \"S\""),
            ("a.c", "static const char password[] = \"S\";"),
            ("a.sql", "ALTER USER app IDENTIFIED BY 'S';"),
            ("a.sh", "export API_TOKEN=S"),
            ("a.ps1", "$Password = \"S\""),
            ("a.bat", "set DB_PASSWORD=S"),
            ("a.yml", "password: S"),
            ("a.properties", "mail.password=S"),
            ("a.ini", "password = S"),
            (".env", "SECRET_KEY=S"),
            ("a.toml", "token = \"S\""),
            ("a.tf", "variable \"api_token\" {\n  default = \"S\"\n}"),
            ("a.xml", "<apiToken>S</apiToken>"),
            ("a.config", "<add key=\"ApiSecret\" value=\"S\" />"),
            ("a.html", "{&#34;password&#34;: &#34;S&#34;}"),
            ("Dockerfile", "ENV POSTGRES_PASSWORD=S"),
            ("a.md", "curl -H \"X-Api-Key: S\" https://example.com"),
            ("a.md", "curl -H \"Authorization: Bearer S\" https://example.com"),
            ("a.txt", "https://example.com/?access_token=S&x=1"),
            ("a.txt", "deploy --token S"),
            ("a.log", "using token S now"),
            ("a.php", "$apiToken .= \"S\";"),
            ("Makefile", "API_TOKEN :::= \"S\""),
            ("a.xml", "<apiToken>\n    S\n</apiToken>"),
            ("build.gradle", "buildConfigField \"String\", \"API_KEY\", \"\\\"S\\\"\""),
            ("a.xml", "<secret>{acme prod S}</secret>"),
            ("a.py", "headers = {'Authorization': 'Api-Token S'}"),
            ("a.md", "mailgun KEY S"),
            ("a.md", "The API key is: S"),
        ] {
            let text = text.replacen('S', "\u{1}", usize::from(text.matches('S').count() == 1));
            let text = if text.contains('\u{1}') { text.replace('\u{1}', RANDOM) } else { mark(&text, RANDOM) };
            let found = only(&text, path);
            assert_eq!(found.map(|(_, value, kept)| (value, kept)), Some((RANDOM.to_owned(), true)), "{path}: {text}");
        }
    }

    /// Puts the secret where a lone `S` stands.
    fn mark(text: &str, secret: &str) -> String {
        let bytes = text.as_bytes();
        let lone = |place: &usize| {
            let word = |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            bytes[*place] == b'S'
                && !word(place.checked_sub(1).and_then(|at| bytes.get(at)))
                && !word(bytes.get(place + 1))
        };
        let place = (0..bytes.len()).find(lone).expect("every text holds a lone S");
        format!("{}{secret}{}", &text[..place], &text[place + 1..])
    }

    #[test]
    fn alphabets_of_few_letters_are_measured_by_their_own_rate() {
        for text in [
            concat!("meraki_tok", "en = \"bb0faaea9f8b29c4c4b54348798934db34463556\""),
            concat!("client_sec", "ret = \"53173683146745140175980203052834\""),
            concat!("mailgun_k", "ey = \"0d1f7c4e-6a2b-4c3d-8e9f-57a122b34c55\""),
            concat!("ACME_ACCESS_TOK", "EN=a1b2c3d4e5f6g7h8i9j0"),
            concat!("acme-tok", "en-ba98cfe3ed3fc70d2a08b467a43d513b"),
            concat!("acme-api-k", "ey-0d1f7c4e-6a2b-4c3d-8e9f-57a122b34c55"),
            concat!(
                "\"user_d351d93b-adb0-4714-bbef-a11100fff9cc_tok",
                "en_clientSec",
                "ret\": \"N8N2xWg4FV8lusbl5CHBb5XRil6kOa\""
            ),
        ] {
            assert!(only(text, "a.txt").is_some_and(|(_, _, kept)| kept), "{text}");
        }
    }

    #[test]
    fn plain_passwords_count_where_programs_keep_logins() {
        let text = "\"sshPassphrase\" : \"SSHPass123\",";
        assert!(only(text, "db/robomongo.json").is_some_and(|(_, _, kept)| kept));
        assert!(!only(text, "db/settings.json").is_some_and(|(_, _, kept)| kept));
        assert!(!only("\"sshPassphrase\" : \"${PASS}\",", "db/robomongo.json").is_some_and(|(_, _, kept)| kept));
    }

    #[test]
    fn dots_in_a_password_are_not_left_out() {
        assert!(only(concat!("'pass", "word' => '1Qajsj...33',"), "a.php").is_some_and(|(_, _, kept)| kept));
        assert!(!only(concat!("sessionTok", "en: 1Qajsj...33"), "a.md").is_some_and(|(_, _, kept)| kept));
    }

    #[test]
    fn words_of_an_android_locale_are_no_secrets() {
        let text = format!("<string name=\"unset_{}\">Ikke satt</string>", "password");
        assert!(!only(&text, "app/src/main/res/values-nb-rNO/strings.xml").is_some_and(|(_, _, kept)| kept));
        assert!(!only(&text, "app/src/main/res/values-ind/strings.xml").is_some_and(|(_, _, kept)| kept));
        assert!(only(&text, "config.xml").is_some_and(|(_, _, kept)| kept), "elsewhere it may be one");
    }

    #[test]
    fn what_stands_before_ciphertext_is_its_vector() {
        let text = |rest: &str| format!("x.security.keystorePass{}=oBjT92hIGRElIGOh{rest}", "wd");
        assert!(!only(&text("||MZ6uYuWNBrOA6usq/Jt3DaD2"), "a.properties").is_some_and(|(_, _, kept)| kept));
        assert!(only(&text(""), "a.properties").is_some_and(|(_, _, kept)| kept));
    }

    #[test]
    fn a_passphrase_of_pgp_is_no_id_of_a_key() {
        let found = |name: &str, path: &str| only(&format!("{name}=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"), path);
        for path in ["a.sh", "a.lock"] {
            assert!(found("gpg_passphrase", path).is_some_and(|(_, _, kept)| kept), "{path}");
            assert!(!found("gpg_signing_key", path).is_some_and(|(_, _, kept)| kept), "{path}");
        }
    }

    #[test]
    fn other_values_are_no_secrets() {
        for (path, text) in [
            ("a.py", "password = get_password('db')"),
            ("a.js", "const token = req.headers.authorization;"),
            ("a.json", "\"dependencies\": { \"getpass\": \"^0.1.1\" }"),
            ("a.json", "\"required\": [\"Password\",\n  \"AgentArns\"]"),
            ("a.yml", "secretName: my-release-tls"),
            ("a.yml", "tlsSecret: moodle.local-tls"),
            ("a.resjson", "\"loc.input.label.adminPassword\": \"Kennwort99x\""),
            ("a.cs", "[Display(Name = \"Password\")] public string Password { get; set; }"),
            ("a.xaml", "<SolidColorBrush x:Key=\"PetRockBrush9z1\" />"),
            ("a.env", "SHA256_PASSWORD=b1cb6e31e172577918c9e7806c572b5ed8477d3f57aa737bee4b5b1db3696f09"),
            ("a.yml", "password: cGFzc3dvcmQ="),
            ("a.md", "Enter your password: it must be long"),
            ("a.sh", "ansible-playbook --ask-vault-pass -vvvvv"),
            ("a.toml", "password = \"pa$$word\""),
            ("a.tf", "notes = \"Maven - io.jsonwebtoken:jjwt-jackson-0.11.2\""),
            ("a.js", "publicToken = \"9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC\""),
            ("a.js", "apiMaticKey := \"rc6iLoUEFGGAWNLsuBJnmsh4tZB@oCxcDUmc45HIPcuiQvfUEuqo8wb9\""),
            ("a.sh", "token A1b2C3d4E5f6G7h8I9j0K1l2M3n4o5"),
            ("a.env", "API_KEY=A1b2C3d4E5A1b2C3d4E5"),
            ("a.md", "[![](https://example.com/graph/badge.svg?token=4L4GSP9IAR)](https://example.com)"),
            ("a.md", "![](https://img.shields.io/codecov/c/github/a/b?logo=codecov&style=flat&token=4L4GSP9IAR)"),
            ("a.rs", "base.pass(\"g?y#s\", \"http://a/b/c/g?y#s\");"),
            ("config_nl.properties", concat!("Passwo", "rd=Wachtwoord")),
            ("i18n/pt.json", concat!("{\"newpass", "word\": \"Nova senha\"}")),
            ("a.csproj", "System.Core, Version=4.0.0.0, PublicKeyToken=31bf3856ad364e35"),
            ("a.json", r#"{"Ref": "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:prod/pay/db-Xk29fQ7"}"#),
            ("a.tf", "secret = \"arn:${var.partition}:secretsmanager:eu-west-1:${var.account}:secret:pay/db-Xk29fQ7\""),
            ("a.json", r#"{"api_secret": "projects/481516234200/secrets/oauth-client9Xk2fQ/versions/3"}"#),
            // What the reading of public trees that nobody had looked at brought up.
            ("translations/ja.json", concat!("\"pass", r#"word": "\u30d1\u30b9\u30ef\u30fc\u30c9""#)),
            ("a.json", concat!("\"pass", r#"word": "Contrase\u00f1a""#)),
            ("messages_cs.properties", r"x.badCredentials=\u0160patn\u00E9 p\u0159ihla\u0161ovac\u00ED"),
            ("locale/nl.json", concat!("\"auth-pass", "word\": \"Wachtwoord / toegangstoken2\"")),
            ("layout/de-DE/strings.json", concat!("\"Pass", "word\": \"Kennwort\"")),
            ("a.js", concat!("\"Confirm pass", "phrase\":\"Kirjautumissalasana\",")),
            ("a.py", "Sensor(key=ATTR_SDS011_P1, name=None)"),
            ("a.py", concat!("Sensor(api_k", "ey=\"pDischarge1\", name=None)")),
            ("a.py", "Device(\n    key=\"HIH5030/humidity\",\n)"),
            ("a.json", concat!("\"ServiceTok", "en\": {\n  \"Fn::GetAtt\": [\"x\"]}")),
            (
                "a.xml",
                "<InteractionKey>0d1f7c4e-6a2b-4c3d-8e9f-57a122b34c55:1e43eb3f-061f-4000-84f7-2a41eca5cb12</InteractionKey>",
            ),
            ("a.yml", "remoteRef:\n  key: OqPt3Vd37My7G8rTb-8Q # the record"),
            ("a.yml", concat!("- secretK", "ey: azkv-cert-new-sdk")),
            ("a.md", concat!("sessionTok", "en: IQoJ...Ek8=")),
            ("a.ts", "fuchsia: generateSemanticTokens(\"fuchsia\"),"),
            ("a.txt", "pass :meth:`AdminSite.has_permission()"),
            ("a.go", concat!("`client_tok", "en\":\"`+fakeToken+`\"`")),
            ("a.yml", "value: ghcr.io/a/external-secrets:v0.9.8-ubi-boringssl"),
            (
                "a.tf",
                concat!("rsa_encrypted_k", "ey = \"ieCx/NcW06PcT7Ep1X6LUTc/hLvUDYyzSZPPVCVPTVEohpeHASqC8uw5TzyO9U\""),
            ),
            ("a.yml", "secret: https://pay.vault.azure.net/secrets/db/ec96f02080254f109c51a1f14cdb1931"),
        ] {
            assert!(!only(text, path).is_some_and(|(_, _, kept)| kept), "{path}: {text}");
        }
    }
}
