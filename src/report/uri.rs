//! Paths as URI references.

use std::fmt::Write as _;

/// The path as a relative URI reference: everything but unreserved characters, `/` and the few harmless delimiters is
/// percent-encoded, the colon too (in a first segment it would read as a scheme).
pub(super) fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    // A path that begins with two slashes would read as a host.
    if uri.starts_with("//") { format!(".{uri}") } else { uri }
}

/// Whether a text can stand where a consumer wants an absolute URI.
pub(super) fn is_absolute(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && !text.contains([' ', '{', '}', '<', '>', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(encode("a b/ü%[1].txt"), "a%20b/%C3%BC%25%5B1%5D.txt");
        assert_eq!(encode("c:x/lib.zip!/y"), "c%3Ax/lib.zip!/y");
        assert_eq!(encode("//host/x"), ".//host/x");
    }
}
