//! What is fuzzed. The cargo-fuzz targets and the short run of the ordinary tests call the same functions.

use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use keyrot::date::Length;
use keyrot::diagnostic::SourceText;
use keyrot::finding::{Finding, Origin};
use keyrot::lifecycle::import::Mapping;
use keyrot::lifecycle::inventory::{self, Form};
use keyrot::lifecycle::{self, Input, Inventory, Owners, due};
use keyrot::migrate::{self, Known, Plan};
use keyrot::report::{self, Format, RenderOptions, Thresholds, saved};
use keyrot::rule::{RuleSet, gitleaks};
use keyrot::scan::{Ancestor, Engine, Limits, Options, Worker};
use keyrot::secret::{FingerprintKey, KeyKind};
use keyrot::source::git;
use keyrot::source::git::history::{self, Layout, Part, Same};
use keyrot::suppress::Baseline;

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&RuleSet::builtin()))
}

fn options(limits: Limits) -> Options {
    Options { fingerprint: FingerprintKey::new(KeyKind::Run, b"fuzz"), show_secrets: false, limits }
}

/// One rule alone: what stands before the rules then costs most of the time.
fn narrow() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let only = ["github-pat-classic".to_owned()];
        Engine::new(&RuleSet::builtin().select(&only, &[]).expect("the rule is built in"))
    })
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("it is in range")
}

/// Limits that keep one input short.
fn small() -> Limits {
    Limits { archive_bytes: 4 << 20, archive_members: 200, binaries: true, ..Limits::default() }
}

/// Encodings, layers, containers, the matcher and the filters, as one blob of a source.
pub fn scan(data: &[u8]) {
    search(engine(), data);
}

fn search(engine: &Engine, data: &[u8]) {
    let options = options(small());
    let mut worker = Worker::new(engine, &options);
    worker.scan(&Origin::File { path: "input".to_owned() }, data);
    let outcome = worker.finish();
    for finding in &outcome.findings {
        check_place(finding);
    }
}

fn check_place(finding: &Finding) {
    // A store is found as a whole.
    let Some(region) = finding.location.region else { return };
    assert!(region.bytes.start <= region.bytes.end);
    assert!(region.start <= region.end, "{region:?}");
}

/// The same bytes read in small windows.
pub fn stream(data: &[u8]) {
    let options = options(Limits { window: 512, overlap: 64, ..small() });
    let mut worker = Worker::new(engine(), &options);
    let container = [gzip_stored(data), data.to_vec()].concat();
    worker.scan(&Origin::File { path: "input".to_owned() }, &container);
    worker.finish();
}

/// A gzip member with one stored block: what it holds is longer than a window, so it is streamed.
fn gzip_stored(data: &[u8]) -> Vec<u8> {
    let data = &data[..data.len().min(usize::from(u16::MAX))];
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    member.extend(length.to_le_bytes());
    member.extend((!length).to_le_bytes());
    member.extend(data);
    member
}

/// Rule files: what loads must also search.
pub fn rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut set = RuleSet::default();
    if set.add_file(SourceText { path: "rules.toml".to_owned(), text: text.to_owned() }).is_ok() {
        let engine = Engine::new(&set);
        let options = options(small());
        let mut worker = Worker::new(&engine, &options);
        worker.scan(&Origin::File { path: "input".to_owned() }, data);
    }
}

/// Configuration files, and files of owners.
pub fn config(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Owners::read(text).of("src/main.rs");
        let source = SourceText { path: "keyrot.toml".to_owned(), text: text.to_owned() };
        if let Err(error) = keyrot::config::parse(source, std::path::Path::new("."), &keyrot::config::Files::Disk) {
            let _ = error.to_string();
        }
    }
}

/// How each kind of container begins.
const HEADS: [&[u8]; 17] = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"7z\xbc\xaf\x27\x1c\0\x04",
    b"\x1f\x8b\x08\0",
    b"BZh91AY&SY",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"\xed\xab\xee\xdb",
    b"!<arch>\n",
    b"070701",
    b"070707",
    b"\xc7\x71",
    b"SQLite format 3\0",
    b"%PDF-1.7\n",
    b"\xca\xfe\xba\xbe\0\0\0",
    b"\xcb\x0d\r\n\0\0\0\0\0\0\0\0\0\0\0\0\xe3",
    b"\x04\0\0\0",
];

/// The archive readers: the bytes as they are, and behind the beginning of the container that the first byte chooses.
pub fn archive(data: &[u8]) {
    search(narrow(), data);
    if let Some((&choice, rest)) = data.split_first() {
        let head = HEADS[usize::from(choice) % HEADS.len()];
        search(narrow(), &[head, rest].concat());
    }
}

/// The decoders: the bytes in the coat that the first byte chooses, beside a keyword.
pub fn decode(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else { return };
    let base64 = || data_encoding::BASE64.encode(rest).into_bytes();
    let inside = |before: &str, text: Vec<u8>, after: &str| [before.as_bytes(), &text, after.as_bytes()].concat();
    let text = match choice % 9 {
        0 => inside("token = \"", base64(), "\"\n"),
        1 => inside("x: ", data_encoding::HEXLOWER.encode(rest).into_bytes(), "\n"),
        2 => inside("kind: Secret\ndata:\n  ghp_: ", base64(), "\n"),
        3 => inside("Content-Transfer-Encoding: quoted-printable\n\nghp_=\n", rest.to_vec(), "\n"),
        4 => inside("\\u0067ghp_\\\"", rest.to_vec(), "\\n"),
        5 => inside("&quot;ghp_%3a%2f%2f", rest.to_vec(), "&#x2f;"),
        6 => inside("A = \"ghp_\"; B = \"", rest.to_vec(), "\"; K = A + B + \"x\"\n"),
        7 => rest.iter().flat_map(|byte| [0, *byte]).collect(),
        _ => inside("data:text/plain;base64,", base64(), "'"),
    };
    search(narrow(), &text);
}

/// A table of the user's own, some columns of which are lists, dates, or values.
fn mapping() -> Mapping {
    let fields = ["id", "name", "owner", "scopes", "tags", "status", "created", "expires", "last_used", "revoked"];
    Mapping {
        name: "acme".to_owned(),
        wrap: Some("data".to_owned()),
        fields: fields.map(|field| (field.to_owned(), field.to_uppercase())).to_vec(),
        values: vec!["SECRET".to_owned()],
        never: vec!["no end".to_owned()],
        unset: vec!["?".to_owned()],
        day_end: true,
        ..Mapping::default()
    }
}

/// Inventories and the exports of all vendors, of keys, of people and of teams; the audit, and what is written from them.
/// `#` begins an own inventory, `=` a table that a mapping reads, `&` several files between NUL bytes.
pub fn inventory(data: &[u8]) {
    let input = |name: &str, bytes: &[u8]| Input { path: name.to_owned(), bytes: bytes.to_vec(), written: None };
    let (inputs, mappings) = match data.split_first() {
        Some((b'#', rest)) => (vec![input("input.toml", rest)], Vec::new()),
        Some((b'=', rest)) => (vec![input("input", rest)], vec![mapping()]),
        Some((b'&', rest)) => {
            (rest.split(|&byte| byte == 0).take(4).map(|part| input("input", part)).collect(), Vec::new())
        }
        _ => (vec![input("input", data)], Vec::new()),
    };
    let Ok(inventory) = Inventory::read(inputs, &mappings) else { return };
    for name in inventory.directory.people() {
        assert!(inventory.directory.find(&name).is_some(), "{name}");
    }
    for key in &inventory.keys {
        let _ = inventory.location(key.place);
    }
    let mut options = lifecycle::Options::new(now());
    options.scope = lifecycle::Scope::All;
    let audit = lifecycle::audit(Vec::new(), &inventory, &options);
    assert!(audit.findings.iter().all(|finding| !finding.message.is_empty()));
    let list = due::list(&inventory, &options, Length::days(30));
    let _ = (due::csv(&list), due::json(&list, now()), due::calendar(&list, now()));
    for form in [Form::Toml, Form::Json, Form::Csv] {
        let _ = inventory::write(&inventory.keys, "fuzz", now(), form);
    }
}

/// Identifiers that hold a time, as rules name them.
const KINDS: [&str; 6] = ["uuid", "ulid", "objectid", "ksuid", "snowflake-discord", "snowflake-twitter"];

/// Dates and identifiers that keys state about themselves: tokens, certificates, SSH keys, signed addresses.
pub fn claims(data: &[u8]) {
    for kind in KINDS {
        let _ = keyrot::claims::read(data, Some(kind));
    }
    let _ = keyrot::claims::read(data, None);
}

/// Commits, tags and trees.
pub fn objects(data: &[u8]) {
    let id = git::Id::null(git::Hash::Sha1);
    if let Some(commit) = git::Commit::parse(id, data) {
        let _ = commit.time();
    }
    let _ = (git::stated_time(data), git::message(data), git::tag_target(data));
    for entry in git::entries(data, git::Hash::Sha1).chain(git::entries(data, git::Hash::Sha256)) {
        let _ = (entry.id(), entry.head(), git::path_text(entry.name));
    }
}

/// Objects of packs that are told as changes of others: an untrusted delta, a tree that is read by what it took over, and a
/// text that is searched by what its ancestor led to. Both must give what reading the whole gives.
pub fn packs(data: &[u8]) {
    let Some((&split, rest)) = data.split_first() else { return };
    let (base, commands) = rest.split_at(rest.len() * usize::from(split) / 256);
    let (mut object, mut same) = (Vec::new(), Vec::new());
    let _ = history::apply(base, commands, &mut object, &mut same);
    // Its commands alone, behind a header that fits.
    if history::apply(
        base,
        &[size(base.len()), size(built(commands)), commands.to_vec()].concat(),
        &mut object,
        &mut same,
    )
    .is_ok()
    {
        for stretch in &same {
            let from = stretch.from..stretch.from + stretch.length;
            assert_eq!(object[stretch.at..stretch.at + stretch.length], base[from]);
        }
        for hash in [git::Hash::Sha1, git::Hash::Sha256] {
            let (layout, entries) = tree(base, hash, None);
            let (_, found) = tree(&object, hash, Some((&layout, &same, &entries)));
            assert_eq!(found, tree(&object, hash, None).1);
        }
        version(base, &object, &same);
    }
}

/// A number as the header of a delta writes it.
fn size(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or(0));
    bytes
}

/// How many bytes the commands of a delta make, as far as they are complete.
fn built(mut commands: &[u8]) -> usize {
    let mut length = 0;
    while let Some((&command, rest)) = commands.split_first() {
        let copies = command & 0x80 != 0;
        let arguments = (0..7).filter(|bit| command >> bit & 1 == 1);
        let taken = if copies { arguments.clone().count() } else { usize::from(command) };
        let Some((own, rest)) = rest.split_at_checked(taken) else { break };
        if copies {
            let parts = arguments.zip(own).filter(|(bit, _)| *bit > 3);
            let stated = parts.map(|(bit, byte)| usize::from(*byte) << (8 * (bit - 4))).sum();
            length += if stated == 0 { 0x1_0000 } else { stated };
        } else {
            length += taken;
        }
        commands = rest;
    }
    length
}

/// A tree that was read: its layout, what was copied from it, and its entries by name and id.
type Read<'r> = (&'r Layout, &'r [Same], &'r [Vec<u8>]);

fn tree(bytes: &[u8], hash: git::Hash, base: Option<Read<'_>>) -> (Layout, Vec<Vec<u8>>) {
    let mut entries = Vec::new();
    let layout = Layout::read(bytes, hash, base.map(|(layout, same, _)| (layout, same)), |part| match part {
        Part::Kept(run) => entries.extend_from_slice(&base.expect("only a base is kept of").2[run]),
        Part::Fresh(entry) => entries.push([entry.name, entry.oid().as_bytes()].concat()),
    });
    (layout, entries)
}

fn version(base: &[u8], object: &[u8], same: &[Same]) {
    let options = options(small());
    let origin = Origin::File { path: "\0".to_owned() };
    let sighted = |ancestor: Option<Ancestor<'_>>| {
        let mut worker = Worker::brief(engine(), &options);
        worker.scan_version(&origin, object, ancestor, false);
        let told = worker.take_sightings().into_iter();
        told.map(|one| format!("{} {}", one.rule.as_str(), one.secret.fingerprint)).collect::<Vec<_>>()
    };
    let mut first = Worker::brief(engine(), &options);
    if let Some(trace) = first.scan_version(&origin, base, None, true) {
        assert_eq!(sighted(Some(Ancestor { trace: &trace, same })), sighted(None));
    }
}

/// How files of other scanners are called.
const FOREIGN: [&str; 9] = [
    ".gitleaks.toml",
    ".gitleaksignore",
    ".secrets.baseline",
    ".gitguardian.yaml",
    ".talismanrc",
    ".pre-commit-config.yaml",
    ".gitlab-ci.yml",
    "trufflehog.yaml",
    "trufflehog-exclude.txt",
];

/// Files of other scanners, whose kind the first byte chooses, and what they become.
pub fn migrate(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let path = FOREIGN[usize::from(choice) % FOREIGN.len()];
    let source = SourceText { path: path.to_owned(), text: text.to_owned() };
    let items = migrate::read(migrate::Kind::of(path).expect("it is known by its name"), &source);
    let _ = (Plan::references(&items).count(), migrate::with_local_hook(text));
    let known = Known { ignores: &[], values: &[], honour: &[] };
    let set = RuleSet::default();
    let plan = Plan::new(vec![(path.to_owned(), items)], &known, &set);
    if let Ok(written) = plan.configuration("") {
        let source = SourceText { path: "keyrot.toml".to_owned(), text: written };
        let read = keyrot::config::parse(source, std::path::Path::new("."), &keyrot::config::Files::Disk);
        assert!(read.is_ok(), "{}", read.err().map(|error| error.to_string()).unwrap_or_default());
    }
    let _ = (plan.rule_files(|_| String::new()), plan.asked(), plan.places_in_history(), plan.runs());
    if let Ok(config) = gitleaks::read(source) {
        let mut set = RuleSet::default();
        set.import(gitleaks::translate(config, &RuleSet::default()));
    }
}

/// The lines that a change adds: texts between NUL bytes, the last of which is the new one.
pub fn hunks(data: &[u8]) {
    let mut texts: Vec<Vec<u8>> = data.split(|&byte| byte == 0).take(4).map(<[u8]>::to_vec).collect();
    let new = texts.pop().unwrap_or_default();
    let lines = git::AddedLines::between(&texts, &new);
    if texts.is_empty() || texts.contains(&new) {
        assert_eq!(lines.touch(None), texts.is_empty(), "what stood there before is not added");
    }
}

/// Baselines: what can be read is written so that it reads the same.
pub fn baseline(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = |text: String| Baseline::read(SourceText { path: "baseline.toml".to_owned(), text });
    if let Ok(baseline) = read(text.to_owned()) {
        let written = baseline.text();
        let again = read(written.clone()).expect("what was written can be read");
        assert_eq!(again.text(), written);
    }
}

/// Saved reports, merged and written in every format.
pub fn saved(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(one) = saved::read("report.json", "report.json", text) else { return };
    let (report, provenance) = saved::merge(vec![one], engine_rules(), Thresholds::default());
    for format in Format::ALL {
        let options = RenderOptions { provenance: provenance.clone(), ..RenderOptions::default() };
        report::render(&report, *format, &options, &mut std::io::sink()).expect("nothing fails in memory");
    }
}

fn engine_rules() -> &'static [keyrot::rule::Rule] {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(RuleSet::builtin).rules()
}
