//! What a host name says about the worth of a key: live hosts, and those that nobody outside can reach.

use super::lexer;
use crate::finding::Span;

/// Kinds of hosts, from worthless to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A name that documents and templates use.
    Reserved,
    /// This machine.
    Loopback,
    /// A private network, or a name without a dot.
    Private,
    /// Anything else.
    Public,
}

/// Judges a host name, with or without a port.
pub fn class(host: &str) -> Class {
    let host = host.to_ascii_lowercase();
    let name = without_port(&host);
    if is_loopback(name) {
        Class::Loopback
    } else if is_reserved(name) {
        Class::Reserved
    } else if is_private(name) {
        Class::Private
    } else {
        Class::Public
    }
}

fn without_port(host: &str) -> &str {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or(inner);
    }
    if host.matches(':').count() > 1 { host } else { host.split(':').next().unwrap_or(host) }
}

fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name.ends_with(".localhost")
        || name.starts_with("127.")
        || matches!(name, "::1" | "0.0.0.0" | "host.docker.internal")
}

fn is_reserved(name: &str) -> bool {
    const ENDS: &[&str] = &[".example", ".invalid", ".test", ".example.com", ".example.org", ".example.net", ".tld"];
    const WORDS: &[&str] = &[
        "example",
        "host",
        "hostname",
        "server",
        "your",
        "yourhost",
        "yourdomain",
        "yourserver",
        "mydomain",
        "myhost",
        "domain",
        "foo",
        "bar",
        "foobar",
        "acme",
        "contoso",
        "somehost",
        "somewhere",
        "placeholder",
        "test",
        "xxx",
        "myserver",
        "mycompany",
        "yourcompany",
        "company",
        "h",
        "site",
        "mysite",
        "proxy",
        "proxyserver",
        "proxyhost",
    ];
    let labels = || name.split(['.', '-', '_']).filter(|label| !label.is_empty());
    ENDS.iter().any(|end| name.ends_with(end) || name == &end[1..])
        || labels().any(|label| {
            matches!(label, "example" | "your" | "yourdomain" | "mydomain" | "yourcompany" | "placeholder")
        })
        || name.split('.').next().is_some_and(|first| WORDS.contains(&first) && name.split('.').count() <= 2)
        || name.split('.').rev().nth(1).is_some_and(|second| {
            matches!(
                second,
                "foo" | "bar" | "foobar" | "domain" | "company" | "acme" | "contoso" | "mycompany" | "somewhere"
            )
        })
        || name.contains(['<', '{', '$', '%', '*'])
        || name.is_empty()
}

fn is_private(name: &str) -> bool {
    if let Ok(address) = name.parse::<std::net::Ipv4Addr>() {
        return address.is_private() || address.is_link_local() || address.is_documentation();
    }
    if let Ok(address) = name.parse::<std::net::Ipv6Addr>() {
        return (address.segments()[0] & 0xfe00) == 0xfc00 || (address.segments()[0] & 0xffc0) == 0xfe80;
    }
    !name.contains('.')
        || [".local", ".internal", ".lan", ".home", ".corp", ".svc"].iter().any(|end| name.ends_with(end))
}

/// The host of the address that stands nearest to `span`, within some lines: first after it, then before it.
pub fn near(text: &[u8], span: Span) -> Option<(String, Span)> {
    const AROUND: usize = 400;
    let end = text.len().min(span.end + AROUND);
    let after = lexer::find(&text[span.end..end], b"://").map(|found| span.end + found);
    let start = span.start.saturating_sub(AROUND);
    let before = text[start..span.start].windows(3).rposition(|part| part == b"://").map(|found| start + found);
    let lines = |place: usize| {
        let (from, to) = if place < span.start { (place, span.start) } else { (span.end, place) };
        memchr::memchr_iter(b'\n', &text[from..to]).count()
    };
    let mut nearest: Vec<usize> = [before, after].into_iter().flatten().filter(|&place| lines(place) <= 5).collect();
    nearest.sort_by_key(|&place| lines(place));
    let takes = |place: &usize| !has_userinfo(text, *place) && !is_origin(text, *place);
    nearest.into_iter().filter(takes).find_map(|place| of_url(text, place))
}

/// Whether the address stands in a header that says where a request comes from: `Referer: http://a.io`.
fn is_origin(text: &[u8], colon: usize) -> bool {
    const REACH: usize = 32;
    let before = &text[colon.saturating_sub(REACH)..colon];
    let scheme = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let sign = |byte: &&u8| byte.is_ascii_whitespace() || b"\"':=,".contains(byte);
    let signs = before[..before.len() - scheme].iter().rev().take_while(sign).count();
    let name = before[..before.len() - scheme - signs].to_ascii_lowercase();
    signs > 0 && (name.ends_with(b"referer") || name.ends_with(b"origin"))
}

/// Whether the address takes a pair of its own along.
fn has_userinfo(text: &[u8], colon: usize) -> bool {
    const LONGEST: usize = 255;
    let rest = &text[colon + 3..text.len().min(colon + 3 + LONGEST)];
    let ends = |byte: &u8| byte.is_ascii_control() || b"/?#\"'`<>".contains(byte);
    let authority = rest.split(ends).next().unwrap_or_default();
    // Blanks stand in an authority only inside the braces of a template.
    let braced = authority.contains(&b'{');
    let end = authority.iter().position(|&byte| byte == b' ' && !braced).unwrap_or(authority.len());
    authority[..end].contains(&b'@')
}

/// The host of the address whose `://` stands at `colon`, and the stretch from its scheme to the host's end.
pub fn of_url(text: &[u8], colon: usize) -> Option<(String, Span)> {
    let end = text.len().min(colon + 3 + 255);
    let rest = &text[colon + 3..end];
    let stop = rest
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b".-_:@[]%".contains(byte)))
        .unwrap_or(rest.len());
    let from = rest[..stop].iter().rposition(|&byte| byte == b'@').map_or(0, |at| at + 1);
    let host = std::str::from_utf8(&rest[from..stop]).ok().filter(|host| host.len() > 1)?;
    // What looks like a port and is none belongs to a userinfo that goes on with other signs.
    let port = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or("", |(_, port)| port);
    if !port.starts_with('%') && !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut start = colon;
    while start > 0 && colon - start < 24 && text[start - 1].is_ascii_alphanumeric() {
        start -= 1;
    }
    Some((host.trim_end_matches('.').to_owned(), Span::new(start, colon + 3 + stop)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        for (host, expected) in [
            ("localhost:5432", Class::Loopback),
            ("127.0.0.1", Class::Loopback),
            ("[::1]:443", Class::Loopback),
            ("api.example.com", Class::Reserved),
            ("my-example.io", Class::Reserved),
            ("h.invalid", Class::Reserved),
            ("10.1.2.3:80", Class::Private),
            ("db", Class::Private),
            ("fd00::1", Class::Private),
            ("db.prod.internal", Class::Private),
            ("workspace.alphamoon.ai", Class::Public),
            ("8.8.8.8", Class::Public),
            ("testing.acme-corp.io", Class::Public),
        ] {
            assert_eq!(class(host), expected, "{host}");
        }
    }

    #[test]
    fn a_referer_is_not_where_a_request_goes() {
        let host = |text: &str| near(text.as_bytes(), Span::new(text.len(), text.len())).map(|found| found.0);
        let text = "curl http://localhost:8080/login -H \"Referer: http://login.acme.io/x\" -d ";
        assert_eq!(host(text), None, "the nearest one before is no target");
        assert_eq!(host("curl http://a.io/login -d ").as_deref(), Some("a.io"));
    }

    #[test]
    fn the_nearest_address_on_few_lines() {
        let text = b"get(\"https://a.io/x\",\n  auth=(1, 2))\nget(\"https://b.io\")";
        let auth = lexer::find(text, b"auth").expect("it is there");
        assert_eq!(near(text, Span::new(auth, auth + 12)).map(|found| found.0).as_deref(), Some("a.io"));
    }
}
