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
