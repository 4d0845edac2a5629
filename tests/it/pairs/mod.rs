//! Every form that a pair leaks in: where both halves stand, and the traps of each form.

mod forms;
mod judgement;
mod projects;
mod seed;
mod traps;
mod variants;

use keyrot::finding::{Finding, Origin, Role};
use keyrot::rule::RuleSet;
use keyrot::scan::{Engine, Limits, Options, Worker};
use keyrot::secret::{FingerprintKey, KeyKind};

/// The halves of the invented pair.
const LEFT: &str = "kx7fq2mlw9a";
const RIGHT: &str = "9tz4hc81bqe";
const USER: &str = LEFT;
const PASS: &str = RIGHT;
/// `USER:PASS` in base64.
const BASE64: &str = "a3g3ZnEybWx3OWE6OXR6NGhjODFicWU=";

/// Everything that the built-in rules find in a text.
fn scan(path: &str, text: &str) -> Vec<Finding> {
    static ENGINE: std::sync::OnceLock<Engine> = std::sync::OnceLock::new();
    let engine = ENGINE.get_or_init(|| Engine::new(&RuleSet::builtin()));
    let options = Options {
        fingerprint: FingerprintKey::new(KeyKind::Run, b"test"),
        show_secrets: true,
        limits: Limits::default(),
    };
    let mut worker = Worker::new(engine, &options);
    worker.scan(&Origin::File { path: path.to_owned() }, text.as_bytes());
    worker.finish().findings
}

/// The findings that show a key by default: not only a note, and not of low confidence.
fn shown(path: &str, text: &str) -> Vec<Finding> {
    use keyrot::finding::{Confidence, Severity};
    let shown = |finding: &Finding| finding.severity > Severity::Info && finding.confidence > Confidence::Low;
    scan(path, text).into_iter().filter(|finding| shown(finding) && finding.secret.is_some()).collect()
}

/// Those of them that a form of pairs gave: single values have rules and tests of their own.
fn paired(path: &str, text: &str) -> Vec<Finding> {
    shown(path, text).into_iter().filter(|finding| finding.context.form.is_some()).collect()
}

/// The value in clear.
fn clear(finding: &Finding) -> String {
    let secret = finding.secret.as_ref().expect("it has a secret");
    secret.clear.as_ref().expect("the test asks for it").as_str().to_owned()
}

/// What stands where the half is said to stand.
fn half<'t>(finding: &Finding, role: Role, text: &'t str) -> Option<&'t str> {
    let related = finding.related.iter().find(|related| related.role == role)?;
    let bytes = related.location.region.expect("halves have a region").bytes;
    text.get(bytes.start..bytes.end)
}
