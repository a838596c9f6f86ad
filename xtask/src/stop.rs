//! The signals that ask the runner to end, and everything it started with it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// How often anything that waits looks again.
const TICK: Duration = Duration::from_millis(50);

static REQUESTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Starts to listen for Ctrl-C, SIGTERM and the end of the terminal.
pub(crate) fn listen() -> Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&REQUESTED))
            .context("cannot listen for signals")?;
    }
    Ok(())
}

/// Lets the runner outlive its terminal: SIGHUP is received and means nothing.
pub(crate) fn outlive_terminal() -> Result<()> {
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&REQUESTED))
            .context("cannot listen for signals")?;
    }
    signal_hook::flag::register(SIGHUP, Arc::default()).context("cannot listen for SIGHUP")?;
    Ok(())
}

pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Fails with [`Stopped`] once an end was asked for, so start-up unwinds from
/// wherever it is and drops what it holds.
pub(crate) fn check() -> Result<()> {
    if requested() {
        return Err(Stopped.into());
    }
    Ok(())
}

/// Waits a moment; the pace of every loop that polls.
pub(crate) fn tick() {
    std::thread::sleep(TICK);
}

/// An end that was asked for, which is no failure to report.
#[derive(Debug)]
pub(crate) struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stopped {}
