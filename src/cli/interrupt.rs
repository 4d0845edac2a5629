//! Ctrl-C: the first one ends the scan with a report of what there is, the second one ends the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::Context;
use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// Whether the user asked to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Begins to listen, or goes on listening: the process has one such flag.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        const KILLED_BY_SIGINT: i32 = 130;
        static LISTENING: OnceLock<Interrupt> = OnceLock::new();
        if let Some(this) = LISTENING.get() {
            return Ok(this.clone());
        }
        let this = LISTENING.get_or_init(Self::default).clone();
        // The order matters: the first signal finds the flag unset, sets it, and only the next one shuts down.
        flag::register_conditional_shutdown(SIGINT, KILLED_BY_SIGINT, Arc::clone(&this.0))
            .and_then(|_| flag::register(SIGINT, Arc::clone(&this.0)))
            .context("cannot listen for Ctrl-C")?;
        Ok(this)
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
