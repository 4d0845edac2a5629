//! A progress bar on standard error, only on a terminal and only when the run is long.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use keyrot::scan::Progress;

use super::interrupt::Interrupt;

/// Runs shorter than this show no bar.
const PATIENCE: Duration = Duration::from_millis(800);

/// Hears from the scan and draws.
pub(crate) struct Bar {
    drawn: ProgressBar,
    started: std::time::Instant,
    interrupt: Interrupt,
}

impl Bar {
    pub(crate) fn new(shown: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{spinner} {pos}/{len} files {wide_bar} {eta}");
        bar.set_style(style.expect("the template is constant"));
        if shown {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        Self { drawn: bar, started: std::time::Instant::now(), interrupt: Interrupt::default() }
    }

    /// The same bar of a run that ends when the user asks for it.
    pub(crate) fn stopped_by(self, interrupt: Interrupt) -> Self {
        Self { interrupt, ..self }
    }

    pub(crate) fn finish(&self) {
        self.drawn.finish_and_clear();
    }
}

impl Progress for Bar {
    fn total(&self, items: u64) {
        self.drawn.inc_length(items);
    }

    fn advance(&self) {
        if self.drawn.is_hidden() || self.started.elapsed() < PATIENCE {
            return self.drawn.update(|state| state.set_pos(state.pos() + 1));
        }
        self.drawn.inc(1);
    }

    fn is_stopped(&self) -> bool {
        self.interrupt.is_set()
    }
}
