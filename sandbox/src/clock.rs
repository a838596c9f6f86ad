//! The wall clock of the companies that the sandbox stands for.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox uses none of the project's crates and imitates machines with clocks of their own"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// `2026-11-22T10:00:00.000Z`, as Vapi writes it.
pub(crate) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Hands out milliseconds that never repeat, so that paging by creation time loses nothing.
#[derive(Default)]
pub(crate) struct UniqueMillis(AtomicI64);

impl UniqueMillis {
    pub(crate) fn next(&self) -> Timestamp {
        let now = now().as_millisecond();
        let last = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                Some(now.max(last + 1))
            })
            .unwrap_or(now);
        Timestamp::from_millisecond(now.max(last + 1)).unwrap_or(Timestamp::MAX)
    }
}
