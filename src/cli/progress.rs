//! A progress bar on standard error, only on a terminal and only when the run is long.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use keyrot::scan::Progress;

/// Runs shorter than this show no bar.
const PATIENCE: Duration = Duration::from_millis(800);

/// Hears from the scan and draws.
pub(crate) struct Bar {
    bar: ProgressBar,
    started: std::time::Instant,
}

impl Bar {
    pub(crate) fn new(shown: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{spinner} {pos}/{len} files {wide_bar} {eta}");
        bar.set_style(style.expect("the template is constant"));
        if shown {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        Self { bar, started: std::time::Instant::now() }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn total(&self, items: u64) {
        self.bar.inc_length(items);
    }

    fn advance(&self) {
        if self.bar.is_hidden() || self.started.elapsed() < PATIENCE {
            return self.bar.update(|state| state.set_pos(state.pos() + 1));
        }
        self.bar.inc(1);
    }
}
