//! Literals that stand where a name has its value and belong to something else: links that are public, entries of stores,
//! what getters are given, names that a list gives its values.

use super::assignment::{Assignment, Bond};
use crate::finding::Span;

/// Whether the literal is no value of its name.
pub(super) fn is_misfit(text: &[u8], found: &Assignment) -> bool {
    is_no_statement(text, found)
        || is_no_setter(text, found)
        || is_maker(text, found)
        || is_question(text, found)
        || is_method(text, found)
        || is_shell_test(text, found)
        || is_name_in_list(text, found)
        || is_entry(text, found.name)
        || is_index(text, found)
}

/// `And the invoice identified by 'inv1'`: SQL says before it whom it creates, alters or grants something.
fn is_no_statement(text: &[u8], found: &Assignment) -> bool {
    const REACH: usize = 240;
    const VERBS: &[&[u8]] = &[b"create", b"alter", b"grant", b"set", b"user", b"role"];
    let before = &text[found.name.start.saturating_sub(REACH)..found.name.start];
    let mut words = before.split(|byte| !byte.is_ascii_alphanumeric());
    found.name.of(text).contains(&b' ') && !words.any(|word| VERBS.iter().any(|verb| word.eq_ignore_ascii_case(verb)))
}

/// ``KEY `FK7662CE59` (`role_id`)``: an index of a table, by its name.
fn is_index(text: &[u8], found: &Assignment) -> bool {
    let columns = text[found.value.end..].strip_prefix(b"`").map(<[u8]>::trim_ascii_start);
    found.name.of(text).eq_ignore_ascii_case(b"key") && columns.is_some_and(|rest| rest.starts_with(b"(`"))
}

/// Who has the link to a public file in Firebase Storage or to a badge has the file, that is its purpose.
pub(super) fn is_in_public_link(text: &[u8], name: Span) -> bool {
    const LONGEST: usize = 160;
    let before = &text[name.start.saturating_sub(LONGEST)..name.start];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`(<>".contains(byte);
    let address = &before[before.iter().rposition(ends).map_or(0, |end| end + 1)..];
    let badge = [b".svg?".as_slice(), b"://img.shields.io/", b"alt=media"];
    !address.is_empty() && badge.iter().any(|mark| memchr::memmem::find(address, mark).is_some())
}

/// `test.pass("a", "b")`: what sets a pass takes nothing else, and of other methods of that name there are many. A constant in
/// capitals that takes several is made of them: `KERBEROS_PASSWORD("krbPw", "the password to use")`.
fn is_no_setter(text: &[u8], found: &Assignment) -> bool {
    let name = found.name.of(text);
    let constant = text[found.name.end..].starts_with(b"(\"") && !name.iter().any(u8::is_ascii_lowercase);
    let mut behind = text[found.value.end..].iter().skip_while(|byte| b"\\\"'` \n\t".contains(byte));
    found.bond == Bond::Call && (constant || name.ends_with(b".pass")) && behind.next() == Some(&b',')
}

/// `generateTokens("fuchsia")`, `client.get_auth_key("5a4981aa")`, `splitpasswd("user:x")`, `readPassword("New password: ")`:
/// what a maker or a getter is given is not what it gives, and .NET's user secrets are kept under an id.
fn is_maker(text: &[u8], found: &Assignment) -> bool {
    const VERBS: &[&str] = &["gen", "make", "get", "fetch", "find", "delete", "revoke", "read", "ask", "prompt"];
    const ALONE: &[&str] = &["generate", "split", "parse"];
    if found.bond != Bond::Call || !text[found.name.end..].starts_with(b"(") {
        return false;
    }
    let name = String::from_utf8_lossy(found.name.of(text));
    let method = name.rsplit('.').next().unwrap_or_default();
    let lower = method.to_ascii_lowercase();
    let verb = |verb: &&str| {
        lower.strip_prefix(*verb).is_some_and(|rest| {
            rest.starts_with('_') || method[verb.len()..].starts_with(|next: char| next.is_ascii_uppercase())
        })
    };
    VERBS.iter().any(verb) || ALONE.iter().any(|verb| lower.starts_with(verb)) || method == "AddUserSecrets"
}

/// `params.key?("x")`: Ruby asks whether there is one.
fn is_question(text: &[u8], found: &Assignment) -> bool {
    found.bond == Bond::Call && text[found.name.end..].starts_with(b"?(")
}

/// `$token->validate('client')`: what a method takes is the value of its object where the method sets it.
fn is_method(text: &[u8], found: &Assignment) -> bool {
    const SETTERS: &[&[u8]] = &[b"set", b"with", b"from", b"new", b"create", b"init", b"assign", b"put"];
    let Some(rest) = text[found.name.end..].strip_prefix(b"->") else { return false };
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let method = &rest[..length];
    let sets = SETTERS.iter().any(|verb| method.len() >= verb.len() && method[..verb.len()].eq_ignore_ascii_case(verb));
    length > 0 && rest[length..].starts_with(b"(") && !sets
}

/// `test "x$name" = "xyes"`: a letter before both sides, so that neither is empty.
fn is_shell_test(text: &[u8], found: &Assignment) -> bool {
    let letter = text[..found.name.start].strip_suffix(b"$").and_then(|before| before.last());
    let marked = |letter: &u8| matches!(letter, b'x' | b'X') && found.value.of(text).first() == Some(letter);
    let rest = &text[found.name.end..];
    rest.strip_prefix(b"\\").unwrap_or(rest).starts_with(b"\"") && letter.is_some_and(marked)
}

/// `<key>name</key>` before `<dict>`: in a property list a key is the name of what follows.
fn is_name_in_list(text: &[u8], found: &Assignment) -> bool {
    const VALUES: &[&[u8]] =
        &[b"<string", b"<dict", b"<array", b"<true", b"<false", b"<integer", b"<real", b"<data", b"<date"];
    let behind = text[found.value.end..].strip_prefix(b"</key>").map(<[u8]>::trim_ascii_start);
    found.bond == Bond::Markup
        && found.name.of(text) == b"key"
        && behind.is_some_and(|rest| VALUES.iter().any(|value| rest.starts_with(value)))
}

/// `remoteRef:` and `key:` under it: the key names an entry of a store, as manifests of Kubernetes do it.
fn is_entry(text: &[u8], name: Span) -> bool {
    const PARENTS: &[&[u8]] = &[b"remoteRef:", b"secretKeyRef:", b"configMapKeyRef:", b"extract:"];
    let before = text[..name.start].trim_ascii_end();
    let parent = |before: &[u8]| PARENTS.iter().any(|parent| before.ends_with(parent));
    name.of(text) == b"key" && before.len() < name.start && parent(before)
}
