//! Keys that a text writes in pieces: byte by byte, or put together by a format string.

use keyrot::scan::Limits;

use super::reach::scan;
use super::sandbox::{Sandbox, github_token};

/// The layers, and the stretch of the text that the finding points at, after checking that it is the only one.
fn found(text: &str) -> (Vec<&'static str>, String) {
    let outcome = scan("a.txt", text.as_bytes(), Limits::default());
    assert_eq!((outcome.findings.len(), outcome.skipped.len()), (1, 0), "{text}");
    let finding = &outcome.findings[0];
    assert_eq!(finding.secret.as_ref().unwrap().clear.as_ref().unwrap().as_str(), github_token());
    let bytes = finding.location.region.unwrap().bytes;
    (finding.context.layers.clone(), text[bytes.start..bytes.end].to_owned())
}

#[test]
fn keys_written_byte_by_byte_are_found_where_they_are_written() {
    let token = github_token();
    let write = |one: &dyn Fn(u8) -> String, between: &str| token.bytes().map(one).collect::<Vec<_>>().join(between);
    let prefixed = write(&|byte| format!("0x{byte:02x}"), ", ");
    let lines = prefixed.replace(", 0x68", ",\n    0x68");
    let decimal = write(&|byte| byte.to_string(), ", ");
    let (colons, blanks) = (write(&|byte| format!("{byte:02x}"), ":"), write(&|byte| format!("{byte:02x}"), " "));
    for (text, layer, place) in [
        (format!("static const char k[] = {{{prefixed}, 0x00}};\n"), "bytes", &prefixed),
        (format!("k := []byte{{\n    {lines},\n}}\n"), "bytes", &lines),
        (format!("k = bytes([{decimal}])\n"), "bytes", &decimal),
        (format!("k = Buffer.from([\n  {decimal}\n])\n"), "bytes", &decimal),
        (format!("k = {colons}\n"), "hex", &colons),
        (format!("key: {blanks}\n"), "hex", &blanks),
    ] {
        assert_eq!(found(&text), (vec![layer], place.clone()), "{text}");
    }
}

#[test]
fn keys_that_a_format_string_puts_together_are_found() {
    let token = github_token();
    let (head, tail) = token.split_at(9);
    for text in [
        format!("A = \"{head}\"\nB = \"{tail}\"\nkey = \"%s%s\" % (A, B)\n"),
        format!("A = \"{head}\"\nB = \"{tail}\"\nsend(\"{{}}{{}}\".format(A, B))\n"),
        format!("String A = \"{head}\";\nString B = \"{tail}\";\nString k = String.format(\"%s%s\", A, B);\n"),
        format!("const A = \"{head}\"\nconst B = \"{tail}\"\nk := fmt.Sprintf(\"%s%s\", A, B)\n"),
        format!("github_token = \"%s%s\" % (\"{head}\", \"{tail}\")\n"),
    ] {
        assert_eq!(found(&text), (vec!["concat"], tail.to_owned()), "{text}");
    }
}

#[test]
fn base32_and_uuencode_are_read() {
    let line = format!("export GITHUB_TOKEN={}", github_token());
    let encoded = data_encoding::BASE32.encode(line.as_bytes());
    assert_eq!(found(&format!("k: {encoded}\n")).0, ["base32"]);
    let letter = |value: u32| char::from(if value == 0 { b'`' } else { u8::try_from(value).unwrap() + b' ' });
    let lines: String = line
        .as_bytes()
        .chunks(45)
        .map(|part| {
            let groups = part.chunks(3).flat_map(|three| {
                let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(*three.get(at).unwrap_or(&0)));
                [18, 12, 6, 0].map(|shift| letter(bits >> shift & 63))
            });
            std::iter::once(letter(u32::try_from(part.len()).unwrap())).chain(groups).chain(['\n']).collect::<String>()
        })
        .collect();
    assert_eq!(found(&format!("# x\nbegin 644 a.sh\n{lines}`\nend\n")).0, ["uuencode"]);
}

#[test]
fn a_key_in_pieces_is_one_key_though_it_is_written_in_percents() {
    let tail = "Z7qRv2mLx9Tz4hC81bQeKq5wLp0sVd3nYf6uGjHa8Mk";
    let text = format!(
        "auto k =\n    \"?se=2031-12-12T18:57:47Z&si{}={}\"\n    \"{}%3D&sp=rwd&spr=https&sv=2023-01-03&sr=b\";\n",
        "g",
        &tail[..12],
        &tail[12..]
    );
    let sandbox = Sandbox::new();
    sandbox.write("a.cc", text);
    let done = sandbox.keyrot("scan --no-config --exit-zero .");
    assert!(done.stderr.contains("1 finding in 1 files"), "{}", done.stderr);
    assert!(done.stdout.contains("azure-storage-sas"), "{}", done.stdout);
}
