//! Defects of keyrot and of the decoders it is built on: each costs the text it was met in, not the scan, and what is told of
//! it quotes nothing that was read.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use super::matcher::Scratch;
use super::worker::Worker;
use crate::finding::Origin;

thread_local! {
    /// How many texts, one within the other, this thread reads, and where the last of them broke.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static BROKE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Makes panics of the whole process tell where they happened and nothing else: their messages may quote texts that were read.
/// A backtrace, which names functions only, is added where `RUST_BACKTRACE` asks for it.
pub fn mask_panics() {
    panic::set_hook(Box::new(note));
}

fn note(info: &PanicHookInfo<'_>) {
    let place = info.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
    let backtrace = Backtrace::capture();
    let is_asked = backtrace.status() == BacktraceStatus::Captured;
    if DEPTH.get() == 0 || is_asked {
        let mut stderr = std::io::stderr().lock();
        let _ = writeln!(stderr, "error: a defect in keyrot{place}; please report it");
        if is_asked {
            let _ = writeln!(stderr, "{backtrace}");
        }
    }
    BROKE.set(Some(place));
}

/// What `work` returns, or where it broke.
fn contain(work: impl FnOnce()) -> Result<(), String> {
    DEPTH.set(DEPTH.get() + 1);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    done.map_err(|_: Box<dyn Any + Send>| BROKE.take().unwrap_or_default())
}

impl Worker<'_> {
    /// Reads a text, or a part of one. Where that breaks off, what was found before counts, and the text as not read.
    pub(super) fn contain(&mut self, origin: &Origin, read: impl FnOnce(&mut Self)) {
        if let Err(place) = contain(|| read(self)) {
            // Whatever it holds, it holds by halves.
            self.scratch = Scratch::default();
            self.trace = None;
            self.skip_unreadable(origin, format!("a defect in keyrot{place}; please report it"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;
    use crate::scan::{Engine, Limits, Options};
    use crate::secret::{FingerprintKey, KeyKind};

    #[test]
    fn a_text_that_breaks_the_scanner_counts_as_unread_and_costs_no_other() {
        let engine = Engine::new(&RuleSet::builtin());
        let fingerprint = FingerprintKey::new(KeyKind::Run, b"test");
        let options = Options { fingerprint, show_secrets: false, limits: Limits::default() };
        let mut worker = Worker::new(&engine, &options);
        let file = |path: &str| Origin::File { path: path.to_owned() };
        let key = format!("token = ghp_{}{}", "0Q9wErTyUiOpAsDfGhJkLzXcVbNm12", "3hqBT");
        worker.contain(&file("odd"), |worker| {
            worker.scan(&file("before"), key.as_bytes());
            worker.contain(&file("odd!/member"), |_| panic!("{key}"));
            worker.scan(&file("odd!/next"), key.as_bytes());
            panic!("{key}");
        });
        worker.scan(&file("behind"), key.as_bytes());
        let outcome = worker.finish();
        let found: Vec<&str> = outcome.findings.iter().map(|one| one.location.origin.path()).collect();
        assert_eq!(found, ["before", "odd!/next", "behind"]);
        let skipped: Vec<(String, bool, String)> = outcome
            .skipped
            .iter()
            .map(|one| (one.origin.path().to_owned(), one.reason.is_failure(), format!("{:?}", one.reason)))
            .collect();
        let told = "Unreadable(\"a defect in keyrot; please report it\")".to_owned();
        assert_eq!(skipped, [("odd!/member".to_owned(), true, told.clone()), ("odd".to_owned(), true, told)]);
    }
}
