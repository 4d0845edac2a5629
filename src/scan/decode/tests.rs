//! Every layer, in the coats that people write it in.

use super::*;

fn runs(text: &[u8]) -> Vec<Span> {
    let mut runs = Vec::new();
    crate::scan::run::find(text, &mut runs, &mut Vec::new());
    runs
}

/// All layers of a text in which every word of `keywords` is a keyword.
pub fn decode(text: &str, keywords: &[&str]) -> Vec<(Vec<&'static str>, String)> {
    let mut marks = Vec::new();
    let lower = text.to_ascii_lowercase();
    for keyword in keywords {
        let places = lower.match_indices(keyword);
        marks.extend(places.map(|(at, _)| Mark {
            span: Span::new(at, at + keyword.len()),
            trigger: None,
            is_general: false,
        }));
    }
    for (literal, trigger) in triggers() {
        let places = lower.match_indices(&literal);
        let trigger = Some(trigger);
        marks.extend(places.map(|(at, _)| Mark {
            span: Span::new(at, at + literal.len()),
            trigger,
            is_general: false,
        }));
    }
    marks.sort_by_key(|mark| mark.span);
    let layers = layers(text.as_bytes(), &runs(text.as_bytes()), &marks).texts;
    let shown = |layer: &Layer| String::from_utf8_lossy(layer.fresh.of(&layer.text)).into_owned();
    layers.iter().map(|layer| (layer.names.to_vec(), shown(layer))).collect()
}

fn only(text: &str, keywords: &[&str]) -> (String, String) {
    let layers = decode(text, keywords);
    assert_eq!(layers.len(), 1, "{text}: {layers:?}");
    (layers[0].0.join(" "), layers[0].1.clone())
}

#[test]
fn ordinary_text_has_no_layers() {
    let text = "fn token() -> &'static str { \"a-long_identifier/and/a/path/that/goes/on\" } // key\\n 100% && x";
    assert_eq!(decode(text, &["token", "key"]), []);
}

#[test]
fn base64_in_every_coat() {
    let plain = "user = admin, password = Zk93kd-2kf83, host = db1.internal.net";
    let std = data_encoding::BASE64.encode(plain.as_bytes());
    let bare = data_encoding::BASE64URL_NOPAD.encode(plain.as_bytes());
    for text in [std.clone(), format!("x: {std}\n"), format!("{{\"v\":\"{bare}\"}}"), format!("q={bare}&b=c")] {
        assert_eq!(only(&text, &[]), ("base64".to_owned(), plain.to_owned()), "{text}");
    }
    let wrapped: Vec<String> =
        std.as_bytes().chunks(44).map(|line| format!("    {}", String::from_utf8_lossy(line))).collect();
    assert_eq!(only(&format!("data: |\n{}\nnext: x\n", wrapped.join("\r\n")), &[]).1, plain);
    for (between, ends) in [("\",\n    \"", "\"]"), ("' +\n  '", "'"), ("\\n\"\n\"", "\""), ("','", "'")] {
        let lines: Vec<String> = std.as_bytes().chunks(44).map(|line| String::from_utf8_lossy(line).into()).collect();
        let quote = if ends.starts_with('"') { '"' } else { '\'' };
        let found = decode(&format!("data = [{quote}{}{ends}", lines.join(between)), &[]);
        assert!(found.contains(&(vec!["base64"], plain.to_owned())), "{between}: {found:?}");
    }
    let url = format!("src='data:text/plain;base64,{std}'");
    assert_eq!(only(&url, &[]), ("data-url".to_owned(), plain.to_owned()));
    let utf16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let command = format!("powershell -enc {}", data_encoding::BASE64.encode(&utf16));
    assert_eq!(only(&command, &[]), ("base64 utf-16le".to_owned(), plain.to_owned()));
}

#[test]
fn hexadecimal_of_text_but_not_hashes() {
    let plain = "password = Zk93kd-2kf83";
    assert_eq!(only(&data_encoding::HEXLOWER.encode(plain.as_bytes()), &[]).1, plain);
    // As databases dump what is no text to them.
    for before in ["(1,0x", "X'", "E'\\\\x", "'\\x"] {
        let dump = format!("INSERT INTO t VALUES {before}{}", data_encoding::HEXUPPER.encode(plain.as_bytes()));
        assert_eq!(only(&dump, &[]), ("hex".to_owned(), plain.to_owned()), "{before}");
    }
    assert_eq!(decode("da39a3ee5e6b4b0d3255bfef95601890afd80709", &[]), []);
}

#[test]
fn texts_written_byte_by_byte() {
    let plain = "token_Zk93kd-2kf83 sq";
    let write = |one: &dyn Fn(u8) -> String, between: &str| plain.bytes().map(one).collect::<Vec<_>>().join(between);
    let prefixed = |byte: u8| format!("0x{byte:02X}");
    let pair = |byte: u8| format!("{byte:02x}");
    let decimal = |byte: u8| byte.to_string();
    for (text, name) in [
        (format!("char k[] = {{{}}};", write(&prefixed, ", ")), "bytes"),
        (format!("k = [{}]", write(&prefixed, ",")), "bytes"),
        (format!("k: {}", write(&prefixed, " ")), "bytes"),
        (format!("char k[] = {{\n\t{},\n}};", write(&prefixed, ", ").replace(", 0x5F", ",\n\t0x5F")), "bytes"),
        (format!("k = bytes([{}])", write(&decimal, ", ")), "bytes"),
        (format!("k = new byte[] {{{}}}", write(&decimal, ",")), "bytes"),
        (format!("k=Buffer.from([\n  {}\n])", write(&decimal, ",\n  ")), "bytes"),
        (format!("\"data\": [{}]", write(&decimal, ",")), "bytes"),
        (format!("k={}", write(&pair, ":")), "hex"),
        (format!("k = {} .", write(&pair, " ")), "hex"),
    ] {
        assert_eq!(only(&text, &[]), (name.to_owned(), plain.to_owned()), "{text}");
    }
    let digest = "SHA1 Fingerprint=62:61:6D:6E:0F:87:7C:6B:7F:62:61:62:7A:6A:1B:6C:64:87:A6:65";
    let table =
        "{ 0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5, 0x30, 0x01, 0x67, 0x2b, 0xfe, 0xd7, 0xab, 0x76, 0xca }";
    let few = "[103, 104, 112, 95, 103, 104]";
    let counts = "[33, 40, 101, 102, 36, 33, 38, 40, 41, 36, 33, 34, 35, 36, 37, 38, 33, 41, 40]";
    for text in [digest, table, few, counts, "12:61:33", "a 0x40, 0x41 b", " 70 people, 65 men"] {
        assert_eq!(decode(text, &[]), [], "{text}");
    }
}

#[test]
fn base32_and_uuencode() {
    let plain = "user = admin, password = Zk93kd-2kf83, host = db1.internal.net";
    let text = data_encoding::BASE32.encode(plain.as_bytes());
    assert_eq!(only(&format!("k: {text}\n"), &[]), ("base32".to_owned(), plain.to_owned()));
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    assert_eq!(only(&lines.join("\n"), &[]).1, plain);
    assert_eq!(decode("otp: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXQJBSWY3DPEHPK3PXP", &[]), []);
    let lines = plain.as_bytes().chunks(45).map(uuencoded).collect::<String>();
    let file = format!("# x\nbegin 644 a.txt\n{lines}`\nend\n");
    assert_eq!(only(&file, &[]), ("uuencode".to_owned(), plain.to_owned()));
    assert_eq!(only(&file.replace('`', " "), &[]).1, plain);
    assert_eq!(decode("begin 640 things\nand another line of text that goes on\n", &[]), []);
}

/// One line as `uuencode` writes it.
fn uuencoded(part: &[u8]) -> String {
    let letter = |value: u8| if value == 0 { '`' } else { char::from(value + b' ') };
    let groups = part.chunks(3).flat_map(|three| {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(*three.get(at).unwrap_or(&0)));
        [18, 12, 6, 0].map(|shift| letter((bits >> shift & 63).to_le_bytes()[0]))
    });
    let length = u8::try_from(part.len()).expect("a line is short");
    std::iter::once(letter(length)).chain(groups).chain(['\n']).collect()
}

#[test]
fn compressed_base64() {
    use std::io::Write;
    let plain = "password = Zk93kd-2kf83 ".repeat(9);
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(plain.as_bytes()).expect("memory");
    let text = data_encoding::BASE64.encode(&zlib.finish().expect("memory"));
    assert_eq!(only(&text, &[]), ("base64 zlib".to_owned(), plain));
}

#[test]
fn jwt_payloads() {
    let part = |json: &str| data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
    let payload = r#"{"sub":"x","api_key":"example","exp":1}"#;
    let jwt = format!("{}.{}.sig", part(r#"{"alg":"HS256","typ":"JWT"}"#), part(payload));
    let layers = decode(&jwt, &[]);
    assert!(layers.contains(&(vec!["jwt"], payload.to_owned())), "{layers:?}");
}

#[test]
fn escapes_beside_keywords() {
    assert_eq!(only(r#"{"body":"{\"token\":\"abc\"}"}"#, &["token"]).1, r#"{"body":"{"token":"abc"}"}"#);
    assert_eq!(only(r"x\ntok_abc", &["tok_"]).1, "x\ntok_abc");
    assert_eq!(only(r"a='\x74\x6f\x6b\x5f\x61'", &[]).1, "a='tok_a'");
    assert_eq!(only(r"a='\u0074\u006f\u{6b}'", &[]).1, "a='tok'");
    assert_eq!(only(r"a='\164\157\153\61\62'", &[]).1, "a='tok12'");
    assert_eq!(only(r"a='\u{74}\u{6f}\u{6B}'", &[]).1, "a='tok'");
    assert_eq!(only(r"tokenizer = 'abc\/de\u002bx'", &["token"]).1, "tokenizer = 'abc/de+x'");
    assert_eq!(only("export token=abc\\\ndef", &["token"]).1, "export token=abcdef");
    assert_eq!(only("export token=abc\\\r\ndef", &["token"]).1, "export token=abcdef");
    // Properties and YAML leave out what indents the next line; a word that begins there is another one.
    assert_eq!(only("token=abc\\\n    def", &["token"]).1, "token=abcdef");
    assert_eq!(only("x --token \\\n    abc", &["token"]).1, "x --token     abc");
    assert_eq!(only("x --token=abc\\\n    --next", &["token"]).1, "x --token=abc    --next");
    assert_eq!(only("az login `\n  -p `\n  abc", &[]).1, "az login   -p   abc");
    assert_eq!(only("curl ^\r\n  -u a:b", &[]).1, "curl   -u a:b");
}

/// Seen in sources of `Jenkins` and `strongSwan`: the stretch that is decoded ends with the line, and the next is indented.
#[test]
fn a_line_that_goes_on_behind_the_decoded_stretch() {
    for ends in ["\\\n", "\\\r\n"] {
        for length in 2030..2060 {
            let text = format!("token=\\\"{}{ends}        bbbb\"\n", "a".repeat(length));
            let (_, shown) = only(&text, &["token"]);
            assert!(shown.starts_with("token=\"aaaa"), "{length}");
        }
    }
}

#[test]
fn percent_and_entities() {
    assert_eq!(only("r=postgres%3A%2F%2Fu%3Ap%40h", &[]), ("percent".to_owned(), "r=postgres://u:p@h".to_owned()));
    assert_eq!(only("/?q=token%3Dabc", &["token"]).1, "/?q=token=abc");
    assert_eq!(only("%67%68%70%5fabc", &[]).1, "ghp_abc");
    let page = "<a d='{&quot;token&quot;:&quot;abc&quot;}'>";
    assert_eq!(only(page, &["token"]), ("html".to_owned(), "<a d='{\"token\":\"abc\"}'>".to_owned()));
    assert_eq!(only("&#116;&#111;&#107;", &[]).1, "tok");
}

#[test]
fn joined_literals() {
    for text in [
        "k = \"sk_\" + \"live_abc\";",
        "k = 'sk_'+'live_abc';",
        "k = \"sk_\" +\n      \"live_abc\"",
        "$k = 'sk_' . 'live_abc';",
        "k = \"sk_\" \\\n    \"live_abc\"",
        "k = ('token sk_'\n     'live_abc')",
        "k = \"token sk_\"\n   + \"live_abc\"",
        "const char *k = \"token sk_\" \"live_abc\";",
        "K=\"token sk_\"'live_abc'",
        "k = ['token sk_', 'live_abc'].join('')",
        "k = ''.join(['token sk_', 'live_abc'])",
        "SELECT 'token sk_' || 'live_abc'",
    ] {
        let (name, joined) = only(text, &["token"]);
        assert_eq!(name, "concat");
        assert!(joined.contains("sk_live_abc"), "{joined}");
    }
}

#[test]
fn lists_are_not_joined() {
    let command = "curl --user \"$U:$token\" \"$URL\" > 'x'";
    let nested = "token=\"'` ".repeat(40);
    for text in [
        command,
        &nested,
        "k = ['token sk_', 'live_abc']",
        "f('token sk_', 'live_abc')",
        "k = ','.join(['token sk_', 'x'])",
    ] {
        assert_eq!(decode(text, &["token"]), [], "{text}");
    }
}

#[test]
fn constants_are_put_together() {
    for text in [
        "A = \"sk_\"; B = \"live_abc\"; token = A + B",
        "B = 'live_abc'\nA = 'sk_'\ntoken = f\"{A}{B}\"",
        "const A: &str = \"sk_\";\nconst B: &str = \"live_abc\";\nlet token = A + B;",
        "A=sk_\nB=\"live_abc\"\nA=\"sk_\"\nexport TOKEN=\"$A$B\"",
        "$a = 'sk_'; $b = 'live_abc'; $token = $a . $b;",
        "self.a = 'sk_'\nself.b = 'live_abc'\nself.token = self.a + \\\n   self.b",
        "token = A + 'live_abc'\nA = 'sk_'",
        "PREFIX = 'sk_token_'\nBODY = 'sk_live_abc'\nkey = PREFIX + BODY",
        "part = 'sk_token_'\npart += 'sk_live_abc'",
    ] {
        let layers = decode(text, &["token"]);
        let joined = layers.iter().filter(|(names, text)| *names == ["concat"] && text.contains("sk_live_abc"));
        assert_eq!(joined.count(), 1, "{text}: {layers:?}");
    }
}

#[test]
fn what_is_not_known_is_not_put_together() {
    for text in ["token = A + B", "A = 'x'; token = A + read()", "A = 'x'\ntoken = A", "token = 'a'; b = token"] {
        assert_eq!(decode(text, &["token"]), [], "{text}");
    }
}

#[test]
fn words_of_office_documents_are_whole() {
    let document = "<w:document xmlns:w=\"http://x/wordprocessingml/2006/main\"><w:p><w:r><w:t>token: ab</w:t></w:r>\
                    <w:r w:x=\"1\"><w:t>cd</w:t></w:r></w:p><w:p><w:t>next</w:t><w:tab/><w:t>one</w:t></w:p></w:document>";
    assert_eq!(only(document, &[]), ("office".to_owned(), "token: abcd\nnext\tone\n".to_owned()));
}

#[test]
fn quoted_printable_mail() {
    let mail = "Content-Transfer-Encoding: quoted-printable\r\n\r\np=61ssword=3Dchange=\r\nme\r\n--x";
    assert_eq!(only(mail, &[]), ("quoted-printable".to_owned(), "password=changeme\r".to_owned()));
}

#[test]
fn kubernetes_values_of_any_length() {
    let yaml = "kind: Secret\nmetadata:\n  name: db\ndata:\n  password: WmszZDlzITI=\n  user: YWRtaW4=\n---\n";
    let (name, text) = only(yaml, &[]);
    assert_eq!(name, "kube-secret");
    assert!(text.contains("password: Zk3d9s!2\n  user: admin\n"), "{text}");
}

#[test]
fn maps_lead_back_to_the_original() {
    let text = "aa %3A%2F%2F b";
    let marks = [Mark { span: Span::new(3, 12), trigger: Some(Trigger::Percent), is_general: false }];
    let layers = layers(text.as_bytes(), &[], &marks).texts;
    let layer = &layers[0];
    let at = layer.text.windows(3).position(|part| part == b"://").expect("it is decoded");
    assert_eq!(layer.map.span(Span::new(at, at + 3)), Span::new(3, 12));
    assert_eq!(layer.map.span(Span::new(at + 1, at + 2)), Span::new(6, 9));
}

proptest::proptest! {
    #[test]
    fn any_bytes_decode_without_panic_and_map_inside(
        text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400),
        places in proptest::collection::vec((0_usize..400, 0_u8..9), 0..6),
    ) {
        let kinds = [Trigger::Escape, Trigger::Percent, Trigger::Entity, Trigger::Concat, Trigger::Mail, Trigger::Kube, Trigger::Bytes, Trigger::Uuencode];
        let mut marks: Vec<Mark> = places
            .into_iter()
            .filter(|(at, _)| *at < text.len())
            .map(|(at, kind)| Mark { span: Span::new(at, at + 1), trigger: kinds.get(usize::from(kind)).copied(), is_general: kind % 2 == 0 })
            .collect();
        marks.sort_by_key(|mark| mark.span);
        let found = layers(&text, &runs(&text), &marks);
        for layer in found.texts.into_iter().chain(found.packed) {
            for at in 0..layer.text.len() {
                let span = layer.map.span(Span::new(at, layer.text.len()));
                proptest::prop_assert!(span.start <= span.end && span.end <= text.len());
            }
        }
    }
}
