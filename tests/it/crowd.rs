//! Many different values under one name that says little: ids, and no keys.

use crate::sandbox::Sandbox;

/// Digests that look drawn by chance, and are the same in each run.
fn digests(count: usize) -> Vec<String> {
    let mut state = 11_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b"0123456789abcdef"[(state >> 33) as usize % 16])
    };
    (0..count).map(|_| (0..32).map(|_| next()).collect()).collect()
}

fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    let ids = digests(8);
    let records: Vec<String> = ids
        .iter()
        .enumerate()
        .map(|(place, id)| format!("  ['id' => {place}, 'key' => '{id}', 'offsite' => true],\n"))
        .collect();
    sandbox.write("seeds/gateways.php", format!("<?php\n$all = [\n{}];\n", records.concat()));
    sandbox.write("tests/gateway.php", format!("<?php\n$config->gateway_key = '{}';\n", ids[3]));
    let named: Vec<String> = digests(16)[8..].iter().map(|key| format!("  {{\"api_key\": \"{key}\"}}")).collect();
    sandbox.write("customers.json", format!("[\n{}\n]\n", named.join(",\n")));
    sandbox
}

#[test]
fn ids_of_records_are_of_low_confidence_wherever_they_stand() {
    let sandbox = tree();
    let done = sandbox.keyrot("scan . --format json -v --as-of 2026-01-01");
    assert_eq!(done.stdout.matches("\"rule\"").count(), 8, "{}", done.stdout);
    assert!(!done.stdout.contains("gateway"), "{}", done.stdout);
    let low = sandbox.keyrot("scan . --format json --confidence low --as-of 2026-01-01");
    assert_eq!(low.stdout.matches("\"rule\"").count(), 17, "{}", low.stdout);
    let told = sandbox.keyrot("scan . -v").stdout;
    assert!(told.contains("lowered: 7 candidates: crowd"), "they are kept: {told}");
    assert!(!told.contains("dropped: 7 candidates: crowd"), "{told}");
    let alone = sandbox.keyrot("scan tests --format json");
    assert_eq!(alone.stdout.matches("\"rule\"").count(), 1, "nothing tells by itself that it is an id");
}

#[test]
fn a_crowd_does_not_depend_on_the_number_of_threads() {
    let sandbox = tree();
    let with = |jobs: u8| sandbox.keyrot(&format!("scan . --format json --jobs {jobs} --as-of 2026-01-01")).stdout;
    assert_eq!(with(1), with(2));
}

/// One value in each of eight files, none of which tells anything by itself.
fn scattered(name: &str, files: &[&str], values: &[impl AsRef<str>]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (file, value) in files.iter().zip(values) {
        sandbox.write(file, format!("const text = {{ \"{name}\": \"{}\" }};\n", value.as_ref()));
    }
    sandbox
}

fn reported(sandbox: &Sandbox) -> usize {
    sandbox.keyrot("scan . --format json --as-of 2026-01-01").stdout.matches("\"rule\"").count()
}

const RECORDS: [&str; 8] = ["r/a.js", "r/b.js", "r/c.js", "s/d.js", "s/e.js", "s/f.js", "t/g.js", "t/h.js"];
const CATALOGUES: [&str; 7] =
    ["ui/da.js", "ui/sr-Latn.js", "ui/id.js", "ui/sl.js", "ui/is.js", "ui/messages.hu.js", "ui/cs.js"];
const WORDS: [&str; 7] = ["Adgangskode", "Lozinka", "KataSandi", "Geslovnik", "Lykilord", "Jelszava", "Hesloveden"];

#[test]
fn an_id_in_each_of_many_files_is_of_low_confidence() {
    let named = |name: &str| reported(&scattered(name, &RECORDS, &digests(8)));
    assert_eq!(named("gateway_key"), 0);
    assert_eq!(named("api_key"), 8, "the name says that they are keys");
    assert!(reported(&scattered("gateway_key", &RECORDS[..5], &digests(5))) > 3, "a handful may be keys");
    let kinds = ["a.js", "b.py", "c.rb", "d.go", "e.php", "f.ts", "g.cs", "h.kt"];
    assert_ne!(
        reported(&scattered("gateway_key", &kinds, &digests(8))),
        0,
        "records of one kind are in files of one kind"
    );
    let mixed: Vec<String> = digests(8).iter().enumerate().map(|(at, id)| id[at % 3 * 5..].to_owned()).collect();
    assert_ne!(reported(&scattered("gateway_key", &RECORDS, &mixed)), 0, "ids are of one length");
}

#[test]
fn a_translation_in_each_of_many_files_is_of_low_confidence() {
    assert_eq!(reported(&scattered("password", &CATALOGUES, &WORDS)), 0);
    let people = ["ui/anna.js", "ui/berta.js", "ui/carl.js", "ui/dora.js", "ui/emil.js", "ui/frank.js", "ui/gina.js"];
    assert_eq!(reported(&scattered("password", &people, &WORDS)), 7, "no file names a language");
    let keys: Vec<String> = digests(7).iter().map(|key| key[..12].to_owned()).collect();
    assert_ne!(reported(&scattered("password", &CATALOGUES, &keys)), 0, "random values are no words");
    let only = scattered("password", &CATALOGUES[..1], &WORDS[..1]);
    assert_eq!(reported(&only), 1);
    for file in &CATALOGUES[1..] {
        only.write(file, "const text = {};\n");
    }
    assert_eq!(reported(&only), 0, "the names of the files beside it tell what they are");
}

#[test]
fn changes_and_histories_know_translations_by_the_files_beside_them() {
    let sandbox = scattered("password", &CATALOGUES[1..], &["", "", "", "", "", ""]);
    sandbox.git(&["init", "-q", "-b", "main"]);
    sandbox.git(&["add", "-A"]);
    sandbox.git_at(1_700_000_001, &["commit", "-qm", "texts"]);
    let first = format!("const text = {{ \"password\": \"{}\" }};\n", WORDS[0]);
    let found = |arguments: &str| {
        sandbox.keyrot(&format!("scan {arguments} --format json --as-of 2026-01-01")).stdout.matches("\"rule\"").count()
    };
    for (file, count) in [("one.js", 1), ("ui/da.js", 0)] {
        sandbox.write(file, &first);
        sandbox.git(&["add", "-A"]);
        assert_eq!(found("--staged"), count, "{file}");
        sandbox.git_at(1_700_000_002, &["commit", "-qm", "more"]);
        assert_eq!(found("--diff HEAD~1..HEAD"), count, "{file}");
        sandbox.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
    for (file, word) in CATALOGUES.iter().zip(WORDS) {
        sandbox.write(file, first.replace(WORDS[0], word));
    }
    sandbox.git(&["add", "-A"]);
    sandbox.git_at(1_700_000_003, &["commit", "-qm", "all"]);
    assert_eq!(found("--history"), 0);
}

#[test]
fn what_translations_into_many_languages_share_is_of_low_confidence() {
    let key = digests(1)[0].clone();
    let under = |folder: &str, count: usize| {
        let files: Vec<String> = CATALOGUES[..count].iter().map(|file| file.replace("ui/", folder)).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        reported(&scattered("api_key", &files, &vec![&key; count]))
    };
    assert_eq!(under("src/lang/", 7), 0);
    assert_eq!(under("src/lang/", 5), 5, "a handful may be the settings of a few countries");
    assert_eq!(under("config/", 7), 7, "settings of countries are not shown to everyone");
}

#[test]
fn what_counts_on_from_file_to_file_is_of_low_confidence() {
    let counted: Vec<String> = (3..11).map(|number| format!("XqzwvkjtrBpMf20{number}")).collect();
    assert_eq!(reported(&scattered("gateway_key", &RECORDS, &counted)), 0);
    assert_eq!(reported(&scattered("password", &RECORDS, &counted)), 8, "people number passwords");
}

#[test]
fn a_crowd_over_files_depends_neither_on_their_order_nor_on_threads() {
    let sandbox = scattered("gateway_key", &RECORDS, &digests(8));
    for (file, word) in CATALOGUES.iter().zip(WORDS) {
        sandbox.write(file, format!("text(\"password\", \"{word}\");\n"));
    }
    let run = |jobs: u8, format: &str| {
        sandbox.keyrot(&format!("scan . --format {format} --jobs {jobs} --confidence low --as-of 2026-01-01")).stdout
    };
    for format in ["json", "jsonl"] {
        assert_eq!(run(1, format), run(4, format));
        assert!(run(1, format).contains("\"low\""), "{}", run(1, format));
    }
}
