//! Binary files that are keys as a whole.

use crate::sandbox::Sandbox;

/// A PKCS#12 file as far as anyone without its password can tell.
fn pkcs12() -> Vec<u8> {
    let head =
        [0x30, 0x82, 1, 0, 2, 1, 3, 0x30, 0x82, 0, 0xF0, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1, 0xA0, 0];
    [&head[..], &[7; 236]].concat()
}

#[test]
fn a_keystore_is_found_by_its_content() {
    let sandbox = Sandbox::new();
    sandbox.write("certs/server.bin", pkcs12());
    let done = sandbox.keyrot("scan .");
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stdout.contains("keystore-pkcs12") && done.stdout.contains("certs/server.bin"), "{}", done.stdout);
    let json = sandbox.keyrot("scan . --format json").stdout;
    assert!(json.contains("the file itself, 260 bytes") && json.contains("\"redacted\": \"********\""), "{json}");
    assert_eq!(sandbox.keyrot("scan . --exclude-rule keystore-pkcs12").code, 0);
    for format in ["json", "sarif", "html", "gitlab", "markdown"] {
        assert_eq!(sandbox.keyrot(&format!("scan . --format {format}")).code, 1, "{format}");
    }
}

#[test]
fn a_keystore_that_was_deleted_stands_in_history() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("server.p12", pkcs12());
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "-qm", "one"]);
    sandbox.git(&["rm", "-q", "server.p12"]);
    sandbox.git(&["commit", "-qm", "two"]);
    assert_eq!(sandbox.keyrot("scan .").code, 0);
    let done = sandbox.keyrot("scan --history");
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stdout.contains("server.p12"), "{}", done.stdout);
}

/// The whole object is looked through, however long what stands before the private part is.
#[test]
fn a_json_web_key_may_be_long() {
    let letters = |count: usize| "x7Kq9vLw2Rz4Tn8Bp3".chars().cycle().take(count).collect::<String>();
    let sandbox = Sandbox::new();
    sandbox.write("a.json", format!(r#"{{"kty":"RSA","n":"{}","d":"{}"}}"#, letters(1366), letters(171)));
    sandbox.write("b.json", format!(r#"[{{"kty":"RSA","n":"{}"}},{{"d":"{}"}}]"#, letters(342), letters(171)));
    let done = sandbox.keyrot("scan . --rule private-key-jwk");
    assert!(done.stderr.contains("1 finding in"), "{}", done.stderr);
    assert!(done.stdout.contains("a.json"), "{}", done.stdout);
}
