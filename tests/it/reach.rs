//! Keys that stand where others do not look: in encodings, in layers, in containers.

use std::io::Write;
use std::sync::OnceLock;

use keyrot::finding::{Finding, Origin, Skip, SkipReason};
use keyrot::rule::RuleSet;
use keyrot::scan::{self, Engine, Limits, Options, Outcome, Progress, Worker};
use keyrot::secret::{FingerprintKey, KeyKind};
use keyrot::source::{self, Source, WorkTree};

use super::sandbox::{Sandbox, github_token};

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let rules = || ["github-pat-classic", "generic-password"].map(str::to_owned);
    ENGINE.get_or_init(|| Engine::new(&RuleSet::builtin().select(&rules(), &[]).unwrap()))
}

pub fn scan(path: &str, bytes: &[u8], limits: Limits) -> Outcome {
    let fingerprint = FingerprintKey::new(KeyKind::Run, b"test");
    let options = Options { fingerprint, show_secrets: true, limits };
    let mut worker = Worker::new(engine(), &options);
    worker.scan(&Origin::File { path: path.to_owned() }, bytes);
    worker.finish()
}

/// The first thing that was left out.
pub fn first(outcome: &Outcome) -> Skip {
    outcome.skipped.iter().next().unwrap()
}

fn clear(finding: &Finding) -> &str {
    finding.secret.as_ref().unwrap().clear.as_ref().unwrap().as_str()
}

/// Where the token was found, after checking that it is the only finding.
fn found_at(path: &str, bytes: &[u8]) -> String {
    let outcome = scan(path, bytes, Limits::default());
    assert_eq!(outcome.findings.len(), 1, "{path}: {:#?}", outcome.skipped);
    assert_eq!(clear(&outcome.findings[0]), github_token());
    outcome.findings[0].location.label()
}

fn text() -> Vec<u8> {
    format!("# settings\nexport GITHUB_TOKEN={}\n", github_token()).into_bytes()
}

pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn seven_zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let size = u8::try_from(bytes.len()).unwrap();
    assert!(size < 128, "one byte states the size");
    let mut names: Vec<u8> = format!("{name}\0").encode_utf16().flat_map(u16::to_le_bytes).collect();
    names.insert(0, 0);
    let mut header = vec![1, 4, 6, 0, 1, 9, size, 0, 7, 11, 1, 0, 1, 1, 0, 12, size, 0, 8, 0, 0, 5, 1, 17];
    header.push(u8::try_from(names.len()).unwrap());
    header.extend(names);
    header.extend([0, 0]);
    let mut start = Vec::new();
    start.extend((bytes.len() as u64).to_le_bytes());
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc32fast::hash(&header).to_le_bytes());
    let mut archive = vec![0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4];
    archive.extend(crc32fast::hash(&start).to_le_bytes());
    [archive, start, bytes.to_vec(), header].concat()
}

pub fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for (name, bytes) in members {
        archive.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, bytes.len()).bytes());
        archive.extend(*bytes);
        archive.extend(vec![b'\n'; bytes.len() % 2]);
    }
    archive
}

pub fn cpio(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in members.iter().chain(&[("TRAILER!!!", b"".as_slice())]) {
        let fields = [1, 0o10_0644, 0, 0, 1, 0, bytes.len(), 0, 0, 0, 0, name.len() + 1, 0];
        archive.extend(b"070701");
        archive.extend(fields.iter().map(|field| format!("{field:08X}")).collect::<String>().bytes());
        archive.extend(name.bytes().chain([0]));
        archive.resize(archive.len().next_multiple_of(4), 0);
        archive.extend(*bytes);
        archive.resize(archive.len().next_multiple_of(4), 0);
    }
    archive
}

/// The old form, as GNU cpio writes it on a machine of either byte order.
fn old_cpio(members: &[(&str, &[u8])], word: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in members.iter().chain(&[("TRAILER!!!", b"".as_slice())]) {
        let number = |number: usize| u16::try_from(number).unwrap();
        let fields = [0o070_707, 0, 0, 0o10_0644, 0, 0, 1, 0, 0, 0, number(name.len() + 1), 0, number(bytes.len())];
        archive.extend(fields.iter().flat_map(|field| word(*field)));
        for part in [[name.as_bytes(), &[0]].concat().as_slice(), bytes] {
            archive.extend(part);
            archive.resize(archive.len().next_multiple_of(2), 0);
        }
    }
    archive
}

pub fn rpm(payload: &[u8]) -> Vec<u8> {
    let header = |store: &[u8]| {
        let mut header = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        header.extend(u32::try_from(store.len()).unwrap().to_be_bytes());
        [header, store.to_vec()].concat()
    };
    let mut package = vec![0; 96];
    package[..4].copy_from_slice(&[0xed, 0xab, 0xee, 0xdb]);
    package.extend(header(b"sig"));
    package.resize(package.len().next_multiple_of(8), 0);
    package.extend(header(b"name\0version\0"));
    [package, payload.to_vec()].concat()
}

pub fn asar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let table = format!(r#"{{"files":{{"lib":{{"files":{{"{name}":{{"size":{},"offset":"0"}}}}}}}}}}"#, bytes.len());
    let padded = table.len().next_multiple_of(4);
    let mut archive = Vec::new();
    for number in [4, padded + 8, padded + 4, table.len()] {
        archive.extend(u32::try_from(number).unwrap().to_le_bytes());
    }
    archive.extend(table.bytes());
    archive.resize(16 + padded, 0);
    [archive, bytes.to_vec()].concat()
}

#[test]
fn every_kind_of_container_is_told_by_its_content() {
    let text = text();
    let short = format!("TOKEN={}\n", github_token());
    let properties: &[(&str, &[u8])] = &[("c.properties", &text)];
    assert_eq!(found_at("a.bin", &zip(properties)), "a.bin!/c.properties:2:21");
    assert_eq!(found_at("a.bin", &tar(properties)), "a.bin!/c.properties:2:21");
    assert_eq!(found_at("a.log.gz", &gzip(&text)), "a.log.gz!/a.log:2:21");
    assert_eq!(found_at("a.tgz", &gzip(&tar(properties))), "a.tgz!/c.properties:2:21");
    assert_eq!(found_at("a.7z", &seven_zip("c.env", short.as_bytes())), "a.7z!/c.env:1:7");
    assert_eq!(found_at("a.zst", &zstd::encode_all(text.as_slice(), 1).unwrap()), "a.zst!/a:2:21");
    let mut bzip = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip.write_all(&text).unwrap();
    assert_eq!(found_at("a.bz2", &bzip.finish().unwrap()), "a.bz2!/a:2:21");
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(&text).unwrap();
    let xz = xz.finish().unwrap();
    assert_eq!(found_at("a.xz", &xz), "a.xz!/a:2:21");
    assert_eq!(found_at("a.deb", &ar(&[("data.tar", &tar(properties))])), "a.deb!/data.tar!/c.properties:2:21");
    assert_eq!(found_at("a.cpio", &cpio(properties)), "a.cpio!/c.properties:2:21");
    assert_eq!(found_at("a.cpio", &old_cpio(properties, u16::to_le_bytes)), "a.cpio!/c.properties:2:21");
    assert_eq!(found_at("a.cpio", &old_cpio(properties, u16::to_be_bytes)), "a.cpio!/c.properties:2:21");
    assert_eq!(found_at("a.rpm", &rpm(&gzip(&cpio(properties)))), "a.rpm!/c.properties:2:21");
    assert_eq!(found_at("app.asar", &asar("main.js", &text)), "app.asar!/lib/main.js:2:21");
    assert_eq!(found_at("a.zip", &zip(&[("b.jar", &zip(properties))])), "a.zip!/b.jar!/c.properties:2:21");
    let installer = [b"MZ\x00\x01\x02".repeat(200), zip(properties)].concat();
    assert_eq!(found_at("setup.exe", &installer), "setup.exe!/c.properties:2:21");
}

/// A value over and over, so that every method has something to pack.
fn packed(method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("c.env", zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
    writer.write_all(&[vec![b'#'; 5000], b"\n".to_vec(), text()].concat()).unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn members_are_read_whatever_they_are_packed_with() {
    use zip::CompressionMethod as M;
    for method in [M::Stored, M::Deflated, M::Bzip2, M::Zstd] {
        let archive = packed(method);
        assert!(method == M::Stored || archive.len() < 1000, "{method} packs");
        assert_eq!(found_at("a.zip", &archive), "a.zip!/c.env:3:21", "{method}");
    }
    let mut old = liblzma::write::XzEncoder::new_stream(
        Vec::new(),
        liblzma::stream::Stream::new_lzma_encoder(&liblzma::stream::LzmaOptions::new_preset(1).unwrap()).unwrap(),
    );
    old.write_all(&text()).unwrap();
    assert_eq!(found_at("a.lzma", &old.finish().unwrap()), "a.lzma!/a:2:21");
}

/// Archives of 7-Zip with the methods that no library here can write; each holds `c.env` with one password.
const OF_SEVEN_ZIP: [(&str, &[u8]); 3] = [
    ("lzma.zip", include_bytes!("../../fixtures/reach/lzma.zip")),
    ("ppmd.zip", include_bytes!("../../fixtures/reach/ppmd.zip")),
    ("xz.zip", include_bytes!("../../fixtures/reach/xz.zip")),
];

#[test]
fn members_that_seven_zip_packed_are_read() {
    for (path, bytes) in OF_SEVEN_ZIP {
        let outcome = scan(path, bytes, Limits::default());
        assert_eq!(outcome.findings.len(), 1, "{path}: {:#?}", outcome.skipped);
        assert_eq!(outcome.findings[0].location.label(), format!("{path}!/c.env:2:13"));
    }
}

#[test]
fn a_member_whose_decoder_asks_for_too_much_memory_is_refused() {
    let claim = |bytes: &[u8], at: usize, claimed: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + claimed.len()].copy_from_slice(claimed);
        bytes
    };
    let start = 30 + "c.env".len();
    let [(_, lzma), (_, ppmd), _] = OF_SEVEN_ZIP;
    let hostile = [claim(lzma, start + 5, &(512_u32 << 20).to_le_bytes()), claim(ppmd, start, &[0xf5, 0x0f])];
    for bytes in hostile {
        let outcome = scan("a.zip", &bytes, Limits::default());
        let SkipReason::Damaged(why) = &first(&outcome).reason else { panic!("{:?}", outcome.skipped) };
        assert!(why.contains("mib of memory"), "{why}");
    }
}

#[test]
fn a_header_of_xz_that_asks_for_too_much_memory_is_refused() {
    let options = |dictionary| {
        let mut options = liblzma::stream::LzmaOptions::new_preset(1).unwrap();
        options.dict_size(dictionary);
        options
    };
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(&options(512 << 20));
    let stream = liblzma::stream::Stream::new_stream_encoder(&filters, liblzma::stream::Check::Crc32).unwrap();
    let mut xz = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    xz.write_all(&text()).unwrap();
    let outcome = scan("a.xz", &xz.finish().unwrap(), Limits::default());
    assert!(matches!(first(&outcome).reason, SkipReason::Damaged(_)), "{:?}", outcome.skipped);
}

#[test]
fn lower_layers_of_an_image_keep_what_upper_ones_delete() {
    let text = text();
    let lower = gzip(&tar(&[("app/.env", &text)]));
    let upper = gzip(&tar(&[("app/.wh..env", b"")]));
    let image = tar(&[("blobs/sha256/aa", &lower), ("blobs/sha256/bb", &upper), ("manifest.json", b"[]")]);
    assert_eq!(found_at("image.tar", &image), "image.tar!/blobs/sha256/aa!/app/.env:2:21");
}

#[test]
fn databases_show_their_tables() {
    let mut database = include_bytes!("../../fixtures/reach/settings.db").to_vec();
    let token = github_token();
    for mark in [b'@', b'#', b'%'] {
        let place = database.windows(8).position(|part| part == [mark; 8]);
        if let Some(at) = place {
            let length = database[at..].iter().take_while(|byte| **byte == mark).count();
            database[at..at + length].copy_from_slice(&token.as_bytes()[..length]);
            // A long value goes on where its overflow page does.
            if let Some(more) = database.windows(4).position(|part| part == [mark; 4]).filter(|_| length < 40) {
                database[more..more + 40 - length].copy_from_slice(&token.as_bytes()[length..]);
            }
        }
    }
    let outcome = scan("settings.db", &database, Limits::default());
    let places: Vec<String> = outcome.findings.iter().map(|one| one.location.label()).collect();
    let expected = ["settings.db!/settings:1:42", "settings.db!/page:41:3014", "settings.db!/page/42:1:14"];
    assert_eq!(places, expected, "{:?}", outcome.skipped);
}

#[test]
fn encodings_map_back_to_the_stored_bytes() {
    let text = String::from_utf8(text()).unwrap();
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let outcome = scan("a.txt", &utf16, Limits::default());
    let finding = &outcome.findings[0];
    assert_eq!(finding.context.layers, ["utf-16be"]);
    let region = finding.location.region.unwrap();
    assert_eq!((region.start.line, region.start.column, region.bytes.len()), (2, 21, 80));
    let stored: Vec<u8> = github_token().encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(region.bytes.of(&utf16), stored);
    assert_eq!(found_at("bom.txt", format!("\u{feff}{text}").as_bytes()), "bom.txt:2:21");
    let latin = [b"# Schl\xfcssel\n".to_vec(), text.into_bytes()].concat();
    assert_eq!(found_at("latin.txt", &latin), "latin.txt:3:21");
}

#[test]
fn layers_are_named_and_point_at_the_original() {
    let token = github_token();
    let base64 = |bytes: &[u8]| data_encoding::BASE64.encode(bytes);
    let line = format!("GITHUB_TOKEN={token} # the token of the build");
    let cases: Vec<(String, Vec<&str>)> = vec![
        (format!("a: 1\nb: {}\n", base64(line.as_bytes())), vec!["base64"]),
        (format!("b: {}\n", base64(base64(line.as_bytes()).as_bytes())), vec!["base64", "base64"]),
        (format!("b: {}\n", data_encoding::HEXLOWER.encode(line.as_bytes())), vec!["hex"]),
        (format!("b: {}\n", base64(&gzip(line.as_bytes()))), vec!["base64", "gzip"]),
        (format!("{{\"log\":\"line\\n{token}\\n\"}}"), vec!["escape"]),
        (format!("/login?next=%2F%3Ftoken%3D{token}"), vec!["percent"]),
        (format!("k = \"{}\" +\n    \"{}\"\n", &token[..4], &token[4..]), vec!["concat"]),
        (format!("k = \"{}\"\n    \"{}\"\n", &token[..14], &token[14..]), vec!["concat"]),
    ];
    for (text, layers) in cases {
        let outcome = scan("a.txt", text.as_bytes(), Limits::default());
        assert_eq!(outcome.findings.len(), 1, "{text}: {:#?}", outcome.findings);
        let finding = &outcome.findings[0];
        assert_eq!(clear(finding), token, "{text}");
        assert_eq!(finding.context.layers, layers, "{text}");
        let region = finding.location.region.unwrap();
        assert!(region.bytes.end <= text.len() && !region.bytes.is_empty());
        let snippet = &finding.location.snippet.as_ref().unwrap().text;
        assert!(!snippet.contains(&token[4..20]), "{snippet}");
    }
}

#[test]
fn keys_split_over_constants_are_put_together_and_every_piece_is_masked() {
    let token = github_token();
    let (prefix, head, tail) = (&token[..4], &token[4..12], &token[12..]);
    let texts = [
        format!("A = \"{prefix}\"\nB = \"{head}{tail}\"\nkey = A + B\n"),
        format!("B = \"{head}{tail}\"\nother = 1\nA = \"{prefix}\"\nconnect(user, A + B)\n"),
        format!("A='{prefix}'\nB='{head}{tail}'\ncurl -H \"X-Token: ${{A}}${{B}}\"\n"),
        format!("A = '{head}{tail}'\nurl = f\"token={prefix}{{A}}\"\n"),
        format!("const A = '{prefix}{head}';\nconst B = '{tail}';\nsend(`${{A}}${{B}}`);\n"),
        format!("key = '{prefix}'\nkey += '{head}{tail}'\n"),
    ];
    for text in texts {
        let outcome = scan("a.txt", text.as_bytes(), Limits::default());
        assert_eq!(outcome.findings.len(), 1, "{text}: {:#?}", outcome.findings);
        let finding = &outcome.findings[0];
        assert_eq!((clear(finding), finding.context.layers.as_slice()), (token.as_str(), &["concat"][..]), "{text}");
        let places = finding.related.iter().map(|one| &one.location).chain([&finding.location]);
        let mut pieces: Vec<&str> = Vec::new();
        for place in places {
            let bytes = place.region.unwrap().bytes;
            pieces.push(&text[bytes.start..bytes.end]);
            let shown = &place.snippet.as_ref().unwrap().text;
            assert!(!shown.contains(&tail[..8]) && !shown.contains(head), "{shown}");
        }
        assert!(pieces[0].len() <= pieces[1].len(), "the finding stands where most of it is: {pieces:?}");
        pieces.sort_by_key(|piece| token.find(piece));
        assert_eq!(pieces.concat(), token, "{text}");
    }
}

#[test]
fn a_constant_that_names_itself_is_put_together_once() {
    let text =
        "TOKEN_PATH='/etc'\nTOKEN_PATH=\"$TOKEN_PATH:$TOKEN_PATH\"\nexport TOKEN_PATH=\"$TOKEN_PATH/$TOKEN_PATH\"\n";
    let outcome = scan("start.sh", text.as_bytes(), Limits::default());
    assert_eq!((outcome.findings.len(), outcome.skipped.len()), (0, 0));
}

#[test]
fn a_key_that_the_outer_text_shows_is_reported_once() {
    let token = github_token();
    for text in [
        format!("{{\"a\":\"{{\\\"token\\\":\\\"{token}\\\"}}\"}}"),
        format!("url = https://x/?a=%20&token={token}&b=%3D"),
        format!("<p>&quot;{token}&quot;</p>"),
        format!("x = \"{token}\" + \"tail\""),
    ] {
        let outcome = scan("a.txt", text.as_bytes(), Limits::default());
        assert_eq!(outcome.findings.len(), 1, "{text}");
        assert_eq!(outcome.findings[0].context.layers, Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn compiled_code_and_programs() {
    let token = github_token();
    let mut class = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 65, 0, 2, 1, 0, 40];
    class.extend(token.bytes());
    let outcome = scan("A.class", &class, Limits::default());
    assert_eq!(outcome.findings[0].context.layers, ["java-class"]);
    assert_eq!(outcome.findings[0].location.region.unwrap().bytes.start, 13);
    let program = [b"\x7fELF\x02\x01\x01\0\0\0\0\0".to_vec(), token.into_bytes(), vec![0; 9]].concat();
    let outcome = scan("tool", &program, Limits::default());
    assert_eq!((outcome.findings.len(), &first(&outcome).reason), (0, &SkipReason::Binary));
    let outcome = scan("tool", &program, Limits { binaries: true, ..Limits::default() });
    assert_eq!(outcome.findings[0].context.layers, ["strings"]);
}

/// The limit that bit, after checking that exactly one did.
fn bitten(bytes: &[u8], limits: Limits) -> String {
    let outcome = scan("a", bytes, limits);
    let limits: Vec<String> = outcome
        .skipped
        .iter()
        .filter_map(|skip| match skip.reason {
            SkipReason::Limit(text) => Some(text),
            _ => None,
        })
        .collect();
    assert_eq!(limits.len(), 1, "{:?}", outcome.skipped);
    limits[0].clone()
}

#[test]
fn every_limit_bites_and_says_so() {
    let default = Limits::default();
    let nested = (0..12).fold(text(), |inner, _| zip(&[("a", &inner)]));
    assert_eq!(bitten(&nested, default.clone()), "max-archive-depth is 8");
    let many: Vec<(String, Vec<u8>)> = (0..30).map(|index| (index.to_string(), b"x".to_vec())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let limits = Limits { archive_members: 20, ..default.clone() };
    assert_eq!(bitten(&zip(&many), limits), "max-archive-members is 20");
    let bomb = gzip(&vec![b'a'; 20 << 20]);
    assert_eq!(bitten(&bomb, default.clone()), "max-archive-ratio is 500");
    let limits = Limits { archive_bytes: 1 << 20, ..default.clone() };
    assert_eq!(bitten(&bomb, limits), "max-archive-bytes is 1048576");
    let layered =
        (0..7).fold("token of the build".to_owned(), |inner, _| data_encoding::BASE64.encode(inner.as_bytes()));
    assert_eq!(bitten(layered.as_bytes(), default.clone()), "max-layers is 5");
    let keys = format!("{} ", github_token()).repeat(9);
    let limits = Limits { matches: 4, ..default };
    assert_eq!(bitten(keys.as_bytes(), limits), "max-matches is 4, 5 more in this text");
}

#[test]
fn damaged_containers_give_what_they_can_and_a_reason() {
    let whole = tar(&[("a.env", &text()), ("b.env", &vec![b'x'; 4000])]);
    let outcome = scan("a.tar", &whole[..2000], Limits::default());
    assert_eq!(outcome.findings.len(), 1);
    assert!(outcome.skipped.iter().any(|skip| matches!(skip.reason, SkipReason::Damaged(_))), "{:?}", outcome.skipped);
    let fake = [b"PK\x03\x04 is how a zip begins\n".to_vec(), text()].concat();
    assert_eq!(scan("a.txt", &fake, Limits::default()).findings.len(), 1);
}

/// A folder with one file, through the loop that reads files.
fn scan_file(name: &str, bytes: &[u8]) -> Outcome {
    struct Silent;
    impl Progress for Silent {
        fn total(&self, _: u64) {}
        fn advance(&self) {}
    }
    let sandbox = Sandbox::new();
    sandbox.write(name, bytes);
    let source = Source::WorkTree(WorkTree::open(sandbox.path()).unwrap());
    let reading = source::Options { jobs: 1, ..source::Options::default() };
    let fingerprint = FingerprintKey::new(KeyKind::Run, b"test");
    let options = Options { fingerprint, show_secrets: true, limits: Limits::default() };
    scan::run(&source, source.list(&reading).unwrap(), &reading, engine(), &options, &Silent).unwrap()
}

#[test]
fn a_large_file_is_opened_as_a_small_one_is() {
    let filler = "all work and no play makes a dull text. ".repeat(60_000);
    let large = [filler.as_bytes(), b"\n", &text()].concat();
    let noise: Vec<u8> = (0..3_000_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let utf32: Vec<u8> = std::iter::once(0xfeff)
        .chain(String::from_utf8(large.clone()).unwrap().chars().map(u32::from))
        .flat_map(u32::to_le_bytes)
        .collect();
    let program = [b"\x7fELF\0\0".as_slice(), &noise, &zip(&[("a.env", &text())])].concat();
    let mut code = vec![0xcb, 0x0d, b'\r', b'\n', 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    code.extend(std::iter::repeat_n(0, 2_000_000));
    let constant = format!("token={}", github_token());
    code.extend([b'z', u8::try_from(constant.len()).unwrap()]);
    code.extend(constant.bytes());
    let encoded = data_encoding::BASE64.encode(&large);
    for (name, bytes, place) in [
        ("a.txt", large.clone(), "a.txt:3"),
        ("b.txt", utf32, "b.txt:3"),
        ("c.tar", tar(&[("a.env", &large)]), "c.tar!/a.env:3"),
        ("d.tgz", gzip(&tar(&[("n.bin", &noise), ("a.env", &text())])), "d.tgz!/a.env:2"),
        ("e.zip", zip(&[("n.bin", &noise), ("a.env", &large)]), "e.zip!/a.env:3"),
        ("f.bin", program.clone(), "f.bin!/a.env:2"),
        ("g.tar", tar(&[("f.bin", &program)]), "g.tar!/f.bin!/a.env:2"),
        ("h.pyc", code, "h.pyc:1"),
        // A run is not cut at the end of a window, wherever in it the key stands.
        ("i.txt", format!("{}\n{encoded}\n", "x y ".repeat(200_000)).into_bytes(), "i.txt:2"),
    ] {
        let outcome = scan_file(name, &bytes);
        assert_eq!(outcome.findings.len(), 1, "{name}: {:?}", outcome.skipped);
        assert_eq!(clear(&outcome.findings[0]), github_token());
        assert_eq!(outcome.findings[0].location.label().rsplit_once(':').map(|(place, _)| place), Some(place));
    }
}
