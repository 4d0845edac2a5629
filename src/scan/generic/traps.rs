//! What public trees that nobody had looked at brought up: lines that hold no secret.

use super::tests::only;

#[test]
fn what_further_trees_brought_up_is_no_secret() {
    for (path, text) in [
        ("l10n/bs.js", concat!("\"Database passw", "ord\" : \"Lozinka baze\",")),
        ("core/l10n/eu.js", concat!("\"Passw", "ord\" : \"Pasahitza\",")),
        ("a.js", concat!("\"Weak passw", "ord\" : \"Pasahitz ahula\",")),
        ("imports/i18n/data/nl.json", concat!("\"s3-access-k", "ey\": \"S3-toegangssleutel\",")),
        ("a.rb", "authorization = '1000;1842651133440156177166;AP4JY+Or4xRonEAOERAyMzQzOTEz;authorize'"),
        ("a.py", concat!("client.get_bgp_auth_k", "ey(\"5a4981aa-9653-4bd1-bef5-d6bff52042e4\")")),
        ("a.ts", concat!("await lab.getSecr", "et(\"MSIDLABB2C-MSAapp9-App7\")")),
        ("a.plist", "<key>LPLF93JG7M</key><dict>"),
        ("a.yml", "key: cibw-v3.3.1-manylinux_x86_64"),
        ("a.json", concat!("\"asset", "Token\": \"Purple62/v4/08/0a/04/080a0430-c2cc-2577-f491-9e0a09c58ffe/x\"")),
        ("package-lock.json", concat!("\"@a/tok", "ens\": \"15.0.0-canary.bc9ae6c9c.0\",")),
        ("a.php", concat!("$engineTok", "en = 'Arachne\\/5\\.x7Kq';")),
        ("a.py", concat!("tok", "en = '?sv=2016-05-31&ss=b&srt=sco&sp=rwdl&sig=****'")),
        ("a.sql", "  KEY `FK7662CE5915CEC7AB` (`role_id`),"),
        ("a.js", concat!("psu:\"psu-Brah-IN\",ps", "w:\"psw-Latn-VU\",pt:\"pt-Latn-BR\"")),
        ("a.cs", concat!("Lab.FetchUserPassw", "ord(\"msidlabciam6\")")),
        ("app/Language/nl-NL.ini", concat!("input.enter_passw", "ord=\"Voer wachtwoord in\"")),
        ("ios/Podfile.lock", "EXAppleAuthentication: 709a807fe7f48ac6986a2ceed206ee6a8baf28df"),
        ("A.java", concat!("new Object[]{\"pass", "DATA\", \"saltKEYbcx7\", 16777216}")),
        ("A.java", concat!("KERBEROS_PASSW", "ORD(\"krbPw7x\", \"kerberosPassword\"),")),
        ("a.sh", concat!("gpg_signing_k", "ey=348FFC4C")),
        ("a.md", concat!("cleanup (`--key-file` and `--set-passw", "ord`) [#4313] [#1290]")),
        ("a.cs", concat!("builder.AddUserSecr", "ets(\"acme-Api9x\");")),
        ("a.ts", concat!("sign('', 'test_secr", "et') => 'f7f9bd47fb987337b5796fdc1fdb9ba2'")),
        ("a.py", concat!("secret_access_k", "ey = 'HEAoMK2.../...ku8'")),
        ("a.sh", concat!("apt-key adv --recv-k", "eys 0xB1998361219BD9C9")),
        ("a.feature", "And the product identified by 'pip_ean1' has GTIN='4006381333931'"),
        ("A_da.java", concat!("{ \"Passw", "ord\", \"Adgangskode\" },")),
        ("de.lproj/Localizable.strings", concat!("\"Passw", "ord\" = \"Gastpass teilen\";")),
        ("de_DE/storefront.de-DE.json", concat!("\"profilePassw", "ordCurrent\": \"Aktuelles Kennwort\",")),
        (
            "a.js",
            concat!(
                "var k",
                "ey = utilAesDecrypt('5c875730b09c6b422433e807e1ff060b6536c791dbfffcffc4c6b18a1bdba1f1');"
            ),
        ),
        ("a.js", concat!("var TOKEN_HEAD", "ER = 'Guacamole-Tunnel-Token';")),
        ("a.go", concat!("Secr", "et: `<enc-v1>7uBP9yqtdnVAhoA243GSv8nOXBWygqzaaEdq9Kqla`,")),
        ("a.bot", concat!("\"secretK", "ey\": \"g5JuL0b9kgMJBgf5e0kg5A==!qBbCZmxMVdupsWsGlxTdLGw/NRgNrSa5\"")),
    ] {
        assert!(!only(text, path).is_some_and(|(_, _, kept)| kept), "{path}: {text}");
    }
}

/// Those of the lines that give a finding, where they should not, or none, where they should.
fn wrong(lines: &[(&str, String)], wanted: bool) -> Vec<String> {
    let differs = |(path, text): &&(&str, String)| only(text, path).is_some_and(|(_, _, kept)| kept) != wanted;
    lines.iter().filter(differs).map(|(path, text)| format!("{path}: {text}")).collect()
}

/// A line with the word that announces a name put together, so that no scan of this file reads it.
fn line(text: &str) -> String {
    text.replace('~', "")
}

#[test]
fn what_stands_beside_a_secret_or_instead_of_it_is_none() {
    let traps = [
        ("A.kt", "\"master_k~ey\" : \"z8RUxnaAGu___REDACTED___k+BQL9o\","),
        ("A.cs", "ClientSecr~et = \"obfuscated\","),
        ("a.md", "Public k~ey: age1helqcqsh9464r8chnwc2fzj8uv7vr5ntnsft0tn45v2xtz0hpfwq98cmsg"),
        ("a.md", "Public k~ey: x7Kq9vLw2Rz4Tn8Bp3x7Lw2q"),
        ("A.java", "b.setExternalK~ey(\"kbtsf-343453:1235\");"),
        ("a.php", "$cart_k~ey = '9f86d081884c7d659a2feaa0c55ad015';"),
        ("a.py", "('PW~D', 'PWD (Sherwood, Montana, US)'),"),
        ("bun.lock", "\"pgp~ass\": [\"pgpass@1.0.5\", \"\", {}]"),
        (
            "a.html",
            "<div squidex-tok~en=\"ewogICJ1IjogImh0dHBzOi8vbG9jYWxob3N0OjUwMDEiLAogICJhIjogInRlc3QiLAogICJzIjogInRlc3QiCn0=\">",
        ),
        ("a.json", "\"passw~ord\": \"md5$seasalt$1e9bf2bf5606aa5c39852cc30f0f6f22\""),
        ("a.md", "gpg --sign-k~ey 0x0A9AF2115F4687BD29803A206B73A36E6026DFCA"),
        ("a.md", "The client is strong named. The public key tok~en is 89e7d7c5feba84ce"),
        ("a.ts", "k~ey: 'yyyy-MM-dd_HH:mm_12H',"),
        ("a.rb", "assert_equal({ checksum_sha256:, k~ey: \"gems/sandworm-2.0.0.gem\","),
        ("a.go", "Tok~en: `{\"kubernetes.io\":{\"pod\":{\"name\":\"notmypod\"}}}`,"),
        ("a.ts", "tok~en: \"seeded-v1\","),
        ("a.py", "<input name=\"csrfmiddlewaretok~en\" value=\"Z783HTL5Bc2J54WhAtEeR3eefM1FBkq0EbTfNnYnepFGuJSO\">"),
        ("A.java", "assertEquals(\"ACME_TAG1\", toOSStyleK~ey(\"acme.tag1.tag11\"));"),
        ("a.yml", "cred~entials: secret:foo/bar9x2#creds7"),
        ("a.go", "\"input_tok~ens\": 9223372036854775807,"),
        ("a.go", "\"home-login.microsoftonline.com-refreshtok~en-04b07795-8ddb-461a-bbee-02f9e1bf7b46--\": x"),
        ("a.go", "t.Setenv(\"AWS_SESSION_TOK~EN\", \"AQoDYXdzEJr...test-session-token\")"),
        ("a.yml", "aptly --default-k~ey 7D061A4AA61436B40713D42EFF054DACD908493A"),
        ("a.go", "pw, err := p.ReadPassw~ord(\"Acme password: \")"),
        ("a.php", "'tok~en'  => 'crwdns10476:0crwdne10476:0',"),
        ("a.yml", "client_secr~et: '$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$JNRBzwAo0ek5qKn5'"),
        (
            "a.json",
            r#""secretD~ata": "{\"value\":\"4pf9K2jWSCcHC+CwsZP/qidN5pSm==\",\"salt\":\"1/qNkZ5kr77jOMOBPBogGw==\"}","#,
        ),
        ("A.java", "assertTrue(items.containsK~ey(\"A03MvHHogjR.ou\"));"),
        ("a.rb", "expect(params.k~ey?(\"A03MvHHogjR8x\"))"),
        ("a.txt", "CHAP-Passw~ord = 0x70170db9ab2baad7ca45b3ef9cd844eccd"),
        ("a.txt", "MPPE-Send-K~ey = 0x9bf7a4b1b020fdcde6021f34cbe774d8e31b5c8c7b08f1a7"),
        ("a.txt", r#"User-Passw~ord = "\323\006\334\020\236\%\004Z\005\246""#),
        ("a.php", "$this->assertTrue($tok~en->validate('xxyyzz.aaa.bbccdd.123'));"),
        ("configure", "if test \"x$ac_cv_header_pw~d_h\" = \"xyes9qk\"; then"),
        ("a.c", "char tok~en[] = \"libdir='\";"),
        ("a.conf", "ntlm auth = mschapv2-and-ntlmv2-only"),
        ("i18n_global_tet.properties", r"confirm_passw~ord=Konfirma se\u00f1a"),
        ("a.json", "{\"passw~ord\": \"pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw=\", \"salt\": \"kq7v\"}"),
        ("a.log", "{\"client_tok~en\":\"hmac-sha256:bd6dd75911924ab82f9dcfa7adae6b821423f067\","),
        ("a.json", "\"postman-tok~en\": \"0db2b611-6e61-4c07-80cf-72a25b5dbff9\","),
        ("a.rs", ".header(\"sec-websocket-k~ey\", \"6D69KGBOr4Re+Nj6zx9aQA==\")"),
        ("a.json", "\"uplink_tok~en\":\"CiIKIAoUZXVpLWE4NDA0MTFiN2M0YzQxNTASCKhAQRt8TEFQEO\""),
        ("a.md", "Fix leaking cred~entials GHSA-h4mf-4v27-hggj"),
        ("a.dict", "kw_attr_oauth_access_tok~en=\"\\x00\\x1b\""),
        ("a.php", "'passw~ord' => EC::createK~ey('Ed25519')->getPublicKey(),"),
        ("a.yml", "      pass~: coffee-v1"),
        ("a.kt", "senderK~ey = \"5e3EIqg3JfooZnLQ2qHIcBarbassQ4qXblai0\","),
        ("a.py", "'Contents': [{'K~ey': \"%C3%A7%C3%B6s%25asd%08\"}],"),
        ("a.yml", "git config --global user.signingk~ey 64CBBC8173D76B3F"),
        ("a.sh", "if test \"$linkmode,$pass~\" = \"lib,link\"; then"),
        ("a.js", "'Lock-Tok~en': 'urn:uuid:a515cfa4-5da4-22e1-f5b5-00a0451e6bf7'"),
        ("a.md", "/etc/passw~d: 429b225650b912a2ee067b0a4cf1e949"),
        ("sonar.properties", "sonar.projectK~ey=chef_chef_AYcDc8pZJ4YHsO5MtIxx"),
        ("a.json", "\"RequestTok~en\": \"08ac298e-7cea-4d5f-89f4-ee88a4674425\","),
        (
            "a.rb",
            "passw~ord => '6ce97688468f231845d9d982f1f10832ca0c6728a77bac51c548af99ebd9b9c62bcba15112a0c7a7e34effbb2e92635650c79c51517d72b083a4eb2a513f51ad'",
        ),
    ];
    assert_eq!(wrong(&traps.map(|(path, text)| (path, line(text))), false), Vec::<String>::new());
}

#[test]
fn secrets_of_like_form_stay() {
    let secrets = [
        ("A.kt", "\"master_k~ey\" : \"z8RUxnaAGu_x7Kq9_k+BQL9o\","),
        ("a.json", "{\"encryption_k~ey\": \"pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw=\", \"salt\": \"kq7v\"}"),
        ("A.cs", "ClientSecr~et = \"x7Kq9vLw2Rz4Tn8Bp3\","),
        ("A.cs", "public k~ey: \"x7Kq9vLw2Rz4Tn8Bp3x7Lw2q\""),
        ("A.java", "b.setSigningK~ey(\"kbtsfx-343453:1235qKz\");"),
        ("a.php", "$app_k~ey = '9f86d081884c7d659a2feaa0c55ad015';"),
        ("a.py", "('pw~d', 'PWDx9KqvLw!2'),"),
        ("a.lock", "\"pgp~ass\": [\"kq7v@1.0xZ5\", \"\", {}]"),
        // `{"u": "https://localhost:5001", "k": "x7Kq9vLw2Rz4Tn8Bp3x7Lw2q"}`
        (
            "a.html",
            "<div squidex-tok~en=\"eyJ1IjogImh0dHBzOi8vbG9jYWxob3N0OjUwMDEiLCAiayI6ICJ4N0txOXZMdzJSejRUbjhCcDN4N0x3MnEifQ==\">",
        ),
        ("a.json", "\"passw~ord\": \"md5$sea!Salt9x\""),
        ("a.py", "private_k~ey = \"0x0A9AF2115F4687BD29803A206B73A36E6026DFCA0A9AF2115F4687BD29803A20\""),
        ("a.md", "The access tok~en is 89e7d7c5feba84ce89e7d7c5"),
        ("a.ts", "k~ey: 'yyx7-MM9vLw2Rz4Tn8Bp3',"),
        ("a.go", "Tok~en: `{\"pod\":{\"name\":\"x7Kq9vLw2Rz4Tn8Bp3\"}}`,"),
        ("a.ts", "tok~en: \"x7kq9vLw2Rz4-v1\","),
        ("a.py", "<input name=\"sessiontok~en\" value=\"Z783HTL5Bc2J54WhAtEeR3eefM1FBkq0EbTfNnYnepFGuJSO\">"),
        ("A.java", "assertEquals(\"ACME_TAG1\", toStyleK~ey(\"kq7vr.z2mlx8Tn.9tqk\"));"),
        ("a.yml", "passw~ord: secret:foo!bar9x2"),
        ("a.go", "\"access_tok~en\": \"9223372036854775807\","),
        ("a.go", "\"acme-refreshtok~en-04b07795-8ddb-461a-bbee-02f9e1bf7b46\""),
        ("a.go", "t.Setenv(\"AWS_SESSION_TOK~EN\", \"AQoDYXdzEJr.test-session-tok9x7Kq.vLw2\")"),
        ("a.yml", "acme --access-k~ey 7d061a4aa61436b40713d42eff054dacd908493a"),
        ("a.go", "p.SetPassw~ord(\"x7Kq!vLw2\")"),
        ("a.php", "'tok~en'  => 'crxdnq10476:0Qrwdnz10476x7',"),
        ("a.yml", "client_secr~et: '$kq7vRz2m-x7Kq9vLw2$Rz4Tn8Bp3'"),
        ("a.json", r#""secretD~ata": "{\"value\":\"x7Kq9vLw2Rz4Tn8Bp3\",\"user\":\"kqvz\"}","#),
        ("A.java", "cipher.setK~ey(\"A03MvHHogjR8x7Kq9vLw2Rz4Tn8\");"),
        ("a.txt", "control.Yubikey-K~ey := 0x70170db9ab2baad7ca45b3ef9cd844ec"),
        ("a.txt", "chap_passw~ord = 0x70170db9ab2baad7ca45b3ef9cd844eccd"),
        ("a.md", "X-Api-K~ey: 9bf7a4b1b020fdcde6021f34cbe774d8e31b5c8c7b08f1a7"),
        ("a.txt", r#"User-Passw~ord = "kq7\101vRz2m""#),
        ("a.php", "$tok~en->setValue('x7Kq9vLw2Rz4Tn8Bp3');"),
        ("a.sh", "test \"$tok~en\" = \"x7Kq9vLw2Rz4Tn8Bp3\""),
        ("i18n_global_tet.properties", r"confirm_passw~ord=x7Kq!vLw2"),
        ("a.json", "\"post-tok~en\": \"0db2b611-6e61-4c07-80cf-72a25b5dbff9\","),
        ("a.c", "k~ey = \"\\x62\\x7f\\x46\\x0e\\x08\\x10\\x4a\\x10\","),
        ("a.yml", "      pass~: xqvzk-v1"),
        // Who knows it can log in (RFC 5802).
        ("A.java", "\"saltedpassw~ord=\\\"mT0yyUUxnlJaC99HXgRTSYlbuqa4FSGtJCJfTMvjYCE=\\\"]\","),
        ("a.md", "passw~d: 429b225650b912a2ee067b0a4cf1e949"),
        ("sonar.properties", "sonar.api.k~ey=chef_chef_AYcDc8pZJ4YHsO5MtIxx"),
        ("a.json", "\"AuthTok~en\": \"08ac298e-7cea-4d5f-89f4-ee88a4674425\","),
    ];
    assert_eq!(wrong(&secrets.map(|(path, text)| (path, line(text))), true), Vec::<String>::new());
}
