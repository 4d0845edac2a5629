//! Containers and keys as a whole that stand encoded in a text.

use std::io::Write;

use keyrot::finding::SkipReason;
use keyrot::rule::RuleSet;
use keyrot::scan::{Engine, Limits, Options, Outcome, Worker};
use keyrot::secret::{FingerprintKey, KeyKind};
use zip::unstable::write::FileOptionsExt;

use super::reach::{gzip, scan, tar, zip};
use super::sandbox::{Sandbox, github_token};

fn base64(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}

fn text() -> Vec<u8> {
    format!("# settings\nexport GITHUB_TOKEN={}\n", github_token()).into_bytes()
}

/// The layers and the place of the token, after checking that it is the only finding and that nothing was left out.
fn found(text: &str) -> (Vec<&'static str>, String) {
    let outcome = scan("a.yaml", text.as_bytes(), Limits::default());
    assert_eq!((outcome.findings.len(), outcome.skipped.len()), (1, 0), "{text}: {:#?}", outcome.skipped);
    let finding = &outcome.findings[0];
    assert_eq!(finding.secret.as_ref().unwrap().clear.as_ref().unwrap().as_str(), github_token());
    (finding.context.layers.clone(), finding.location.label())
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn containers_in_base64_are_opened() {
    let (text, short) = (text(), format!("TOKEN={}\n", github_token()));
    let files: &[(&str, &[u8])] = &[("c.env", &text)];
    for (bytes, layers) in [
        (zip(files), vec!["base64", "zip"]),
        (gzip(&text), vec!["base64", "gzip"]),
        (gzip(&tar(files)), vec!["base64", "gzip", "tar"]),
        (tar(files), vec!["base64", "tar"]),
        (bzip2(&text), vec!["base64", "bzip2"]),
        (bzip2(&tar(files)), vec!["base64", "bzip2", "tar"]),
        (xz(&text), vec!["base64", "xz"]),
        (zstd::encode_all(text.as_slice(), 1).unwrap(), vec!["base64", "zstd"]),
        (super::reach::seven_zip("c.env", short.as_bytes()), vec!["base64", "7z"]),
        (zip(&[("inner.zip", &zip(files))]), vec!["base64", "zip"]),
    ] {
        let encoded = base64(&bytes);
        let place = |column| format!("a.yaml:2:{column}");
        assert_eq!(found(&format!("code:\n  inline: {encoded}\n")), (layers.clone(), place(11)), "{layers:?}");
        let wrapped: Vec<_> = encoded.as_bytes().chunks(76).map(String::from_utf8_lossy).collect();
        assert_eq!(found(&format!("code: |\n         {}\n", wrapped.join("\n         "))), (layers, place(10)));
        let secret = format!("kind: Secret\ndata: {{ a: {encoded} }}\n");
        assert_eq!(found(&secret).1, "a.yaml:2:12");
        // As databases dump it.
        let (layers, place) = found(&format!("VALUES (1,\n X'{}')", data_encoding::HEXUPPER.encode(&bytes)));
        assert_eq!((layers[0], place.as_str()), ("hex", "a.yaml:2:4"));
    }
}

#[test]
fn what_cannot_be_read_of_a_container_in_base64_is_said() {
    let reasons = |bytes: &[u8]| {
        let outcome = scan("a.yaml", format!("a: {}\n", base64(bytes)).as_bytes(), Limits::default());
        let skips: Vec<_> = outcome.skipped.iter().map(|skip| (skip.origin.path().to_owned(), skip.reason)).collect();
        (outcome.findings.len(), skips)
    };
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let locked = zip::write::SimpleFileOptions::default().with_deprecated_encryption(b"x").unwrap();
    writer.start_file("c.env", locked).unwrap();
    writer.write_all(&text()).unwrap();
    let locked = writer.finish().unwrap().into_inner();
    assert_eq!(reasons(&locked), (0, vec![("a.yaml!/c.env".to_owned(), SkipReason::Encrypted)]));
    let whole = gzip(
        &[text(), (0..9000_u32).flat_map(|at| format!("{:x} ", at.wrapping_mul(2_654_435_761)).into_bytes()).collect()]
            .concat(),
    );
    let (count, skips) = reasons(&whole[..whole.len() / 2]);
    assert!(count == 1 && matches!(skips[..], [(_, SkipReason::Damaged(_))]), "{count} {skips:?}");
    let picture = zip(&[("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\0"), ("c.env", &text())]);
    assert_eq!(reasons(&picture), (1, vec![("a.yaml!/a.png".to_owned(), SkipReason::Binary)]));
}

#[test]
fn what_a_container_in_base64_may_cost_is_bounded() {
    let bitten = |bytes: &[u8], limits: Limits| {
        let outcome = scan("a.yaml", format!("a: {}\n", base64(bytes)).as_bytes(), limits);
        let limits = outcome.skipped.iter().filter_map(|skip| match skip.reason {
            SkipReason::Limit(limit) => Some(limit),
            _ => None,
        });
        limits.last().unwrap()
    };
    let bomb = gzip(&vec![b'a'; 20 << 20]);
    assert_eq!(bitten(&bomb, Limits::default()), "a container in a text is read up to 1048576 bytes");
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(&vec![b'a'; 20 << 20]).unwrap();
    let told = "a container in a text is read up to 1048576 bytes";
    assert_eq!(bitten(&zlib.finish().unwrap(), Limits::default()), told, "its end was lost in silence before");
    let nested = (0..12).fold(text(), |inner, _| zip(&[("a", &inner)]));
    assert_eq!(bitten(&nested, Limits::default()), "max-archive-depth is 8");
    let many: Vec<(String, Vec<u8>)> = (0..30).map(|index| (index.to_string(), b"x".to_vec())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let limits = Limits { archive_members: 20, ..Limits::default() };
    assert_eq!(bitten(&zip(&many), limits), "max-archive-members is 20");
    let closed = Limits { layers: 0, ..Limits::default() };
    let outcome = scan("a.yaml", base64(&zip(&[("c.env", &text())])).as_bytes(), closed);
    assert_eq!((outcome.findings.len(), outcome.skipped.len()), (0, 0));
}

fn scan_for_keys(text: &str) -> Outcome {
    let ids = ["keystore-pkcs12", "private-key-der", "keystore-java", "private-key-pem"];
    let all = RuleSet::builtin();
    let known: Vec<String> = ids.iter().filter(|id| all.get(id).is_some()).map(|id| (*id).to_owned()).collect();
    let engine = Engine::new(&all.select(&known, &[]).unwrap());
    let fingerprint = FingerprintKey::new(KeyKind::Run, b"test");
    let options = Options { fingerprint, show_secrets: true, limits: Limits::default() };
    let mut worker = Worker::new(&engine, &options);
    worker.scan(&keyrot::finding::Origin::File { path: "a.yaml".to_owned() }, text.as_bytes());
    worker.finish()
}

/// A private key of an elliptic curve in PKCS#8.
fn der() -> Vec<u8> {
    let algorithm = [0x30, 0x13, 6, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1, 6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7];
    let inner = [&[0x30, 0x25, 2, 1, 1, 4, 0x20][..], &[7; 32]].concat();
    let body = [&[2, 1, 0][..], &algorithm, &[4, u8::try_from(inner.len()).unwrap()], &inner].concat();
    [&[0x30, u8::try_from(body.len()).unwrap()][..], &body].concat()
}

#[test]
fn keys_as_a_whole_are_found_in_base64() {
    let head =
        [0x30, 0x82, 1, 0, 2, 1, 3, 0x30, 0x82, 0, 0xF0, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1, 0xA0, 0];
    let pkcs12 = [&head[..], &[7; 236]].concat();
    let java = [
        b"\xFE\xED\xFE\xED\0\0\0\x02\0\0\0\x01\0\0\0\x01\0\x01a\0\0\x01\x80\0\0\0\0".as_slice(),
        &[0, 0, 0, 4, 9, 9, 9, 9, 0, 0, 0, 0],
    ]
    .concat();
    for (bytes, rule) in [(pkcs12, "keystore-pkcs12"), (der(), "private-key-der"), (java, "keystore-java")] {
        let encoded = base64(&bytes);
        for (text, place) in [
            (format!("a: 1\nkeystore: {encoded}\n"), "a.yaml:2:11"),
            (format!("kind: Secret\ndata:\n  k: {encoded}\n"), "a.yaml:3:6"),
            // Strings in a row are read as wrapped lines, and joined.
            (format!("k = \"{}\" +\n    \"{}\"\n", &encoded[..40], &encoded[40..]), "a.yaml:1:6"),
            (format!("kind: Secret\ndata:\n  k: {}\n", base64(&zip(&[("k", &bytes)]))), "a.yaml:3:6"),
        ] {
            let outcome = scan_for_keys(&text);
            assert_eq!(outcome.findings.len(), 1, "{rule}: {text} {:?}", outcome.skipped);
            let finding = &outcome.findings[0];
            assert_eq!((finding.rule.as_str(), finding.location.label().as_str()), (rule, place));
            assert_eq!(finding.secret.as_ref().unwrap().length, bytes.len());
            assert_eq!(finding.context.layers.last(), Some(&"base64"));
            let shown = &finding.location.snippet.as_ref().unwrap().text;
            assert!(!shown.contains(&encoded[..20]), "{shown}");
        }
    }
}

#[test]
fn the_body_of_a_key_in_pem_is_no_further_key() {
    let body = base64(&der());
    let (kind, dashes) = ("PRIVATE KEY", "-".repeat(5));
    for end in ["\n", "\\n"] {
        let text = format!(
            "{dashes}BEGIN {kind}{dashes}{end}{}{end}{}{end}{dashes}END {kind}{dashes}{end}",
            &body[..64],
            &body[64..]
        );
        let rules: Vec<String> = scan_for_keys(&text).findings.iter().map(|one| one.rule.to_string()).collect();
        assert!(!rules.contains(&"private-key-der".to_owned()), "{rules:?}");
    }
    let certificate = base64(&[&[0x30, 0x82, 1, 0, 0x30, 0x82, 0, 0xF0][..], &[7; 252]].concat());
    assert_eq!(scan_for_keys(&format!("c: {certificate}\n")).findings.len(), 0);
}

#[test]
fn a_keystore_in_a_secret_stands_in_history() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.write("secret.yaml", format!("a: {}\n", base64(&der())));
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "-qm", "one"]);
    sandbox.git(&["rm", "-q", "secret.yaml"]);
    sandbox.git(&["commit", "-qm", "two"]);
    let done = sandbox.keyrot("scan --history");
    assert!(done.code == 1 && done.stdout.contains("private-key-der"), "{}{}", done.stdout, done.stderr);
}

#[test]
fn keys_in_names_and_comments_of_archives_are_found() {
    let token = github_token();
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.set_comment(format!("built with GITHUB_TOKEN={token}")).unwrap();
    writer.start_file("a.txt", zip::write::SimpleFileOptions::default()).unwrap();
    let commented = writer.finish().unwrap().into_inner();
    let options = zip::write::FullFileOptions::default().with_file_comment(token.as_str());
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("a.txt", options).unwrap();
    let member = writer.finish().unwrap().into_inner();
    let named = format!("logs/{token}/a.txt");
    let also = format!("logs/{token}/b.txt");
    let members: &[(&str, &[u8])] = &[("logs/0.txt", b"x"), (&named, b"x"), (&also, b"x")];
    let mut header =
        flate2::GzBuilder::new().filename(format!("{token}.log")).write(Vec::new(), flate2::Compression::fast());
    header.write_all(b"x").unwrap();
    for (bytes, place) in [
        (commented, "a.bin!/comments:1:25"),
        (member, "a.bin!/comments:2:1"),
        (zip(members), "a.bin!/names:2:1"),
        (tar(members), "a.bin!/names:2:1"),
        (header.finish().unwrap(), "a.bin!/comments:1:1"),
    ] {
        let outcome = scan("a.bin", &bytes, Limits::default());
        let places: Vec<String> = outcome.findings.iter().map(|one| one.location.label()).collect();
        assert_eq!((places, outcome.skipped.len()), (vec![place.to_owned()], 0));
        assert!(!outcome.findings[0].location.snippet.as_ref().unwrap().text.contains(&token[4..20]));
        let text = format!("a: {}\n", base64(&bytes));
        assert_eq!(found(&text).1, "a.yaml:1:4");
    }
}
