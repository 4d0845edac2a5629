//! Values that something else fills in: variables of templates and shells, and what stands in the environment.

/// `${X}`, `$X`, `%X%`, `{{ x }}`, `<x>`, `[x]`, `#{x}`, `$(x)`, `@x@`, `__X__`: the whole value, or a template's opening
/// inside it.
pub(super) fn is_template(text: &str) -> bool {
    let wrapped = |open: &str, close: &str| {
        text.len() > open.len() + close.len() - 1 && text.starts_with(open) && text.ends_with(close)
    };
    let name = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    text.contains("${")
        || text.contains("{{")
        || text.contains("$(")
        || text.contains("#{")
        || interpolates(text)
        // What Crowdin puts around a text that is translated in its place.
        || (text.starts_with("crwdns") && text.contains("crwdne"))
        || text.contains("<%")
        || text.contains("%{")
        || wrapped("<", ">")
        || wrapped("&lt;", "&gt;")
        || wrapped("[", "]")
        || (wrapped("{", "}") && is_field(&text[1..text.len() - 1]))
        || (wrapped("{$", "}") && name(&text[2..text.len() - 1]))
        || wrapped("(", ")")
        || (wrapped("%", "%") && name(text.trim_matches('%')))
        || (wrapped("@", "@") && name(text.trim_matches('@')))
        || (wrapped("__", "__") && name(text))
        || variable(text).is_some_and(|rest| name(&rest.trim_end_matches(':').replace(['[', ']'], "_")))
        || scoped(text).is_some_and(name)
        || is_function(text)
}

/// The name of a shell's variable, of which Compose writes the dollar twice.
fn variable(text: &str) -> Option<&str> {
    text.strip_prefix("$$").or_else(|| text.strip_prefix('$'))
}

/// `best{$i}`, `{$this->secret}`: what PHP fills in.
fn interpolates(text: &str) -> bool {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b"_->[]'".contains(&byte);
    text.split_once("{$").and_then(|(_, rest)| rest.split_once('}')).is_some_and(|(inner, _)| {
        inner.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && inner.bytes().all(name)
    })
}

/// `$var(password)`, `$hdr(X-Data)`: what Kamailio and other servers fill in by a class and a name.
fn is_function(text: &str) -> bool {
    let name = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte));
    let inner = text.strip_prefix('$').and_then(|rest| rest.strip_suffix(')'));
    inner.and_then(|inner| inner.split_once('(')).is_some_and(|(class, inner)| {
        !class.is_empty() && class.bytes().all(|byte| byte.is_ascii_alphabetic()) && name(inner)
    })
}

/// The name of `$env:NAME`: `PowerShell` writes where a variable is looked for before it.
fn scoped(text: &str) -> Option<&str> {
    const SCOPES: &[&str] = &["env", "global", "local", "private", "script", "using"];
    let (scope, name) = text.strip_prefix('$')?.split_once(':')?;
    SCOPES.contains(&scope).then_some(name)
}

/// What a template's braces hold: a name, with a path, a default or a format behind it.
fn is_field(text: &str) -> bool {
    text.is_empty() || text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.: /|,'\"()[]{}".contains(&byte))
}

/// What stands elsewhere: in the environment or a file.
pub(super) fn is_elsewhere(text: &str) -> bool {
    ["env:", "env[", "env(", "%env(", "file://", "os.environ", "process.env"]
        .iter()
        .any(|place| text.starts_with(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_passwords_with_their_signs() {
        for value in [
            "$token",
            "$$sa_password",
            "$env:db_pass",
            "best{$i}",
            "a{$this->secret}",
            "$var(password)",
            "$hdr(x-data)",
        ] {
            assert!(is_template(value), "{value}");
        }
        for value in ["kq7{$vr!z2m}", "kq7v{$}rz", "$kq7v!rz(2m)", "$$kq7v!rz", "kq7v$(", "$(kq7v"] {
            assert_eq!(is_template(value), value.contains("$("), "{value}");
        }
    }
}
