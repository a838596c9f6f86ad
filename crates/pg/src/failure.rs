//! What a failed statement means to a caller.

use std::time::Duration;

use voxanne_problem::{Kind, Problem};

use crate::places::UsedUp;

/// Postgres is away, busy, or broke a deadlock: the same call may work in a moment. Anything else
/// is a fault of ours. Violated constraints become domain errors in each `store.rs`, before this.
///
/// Codes: <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
pub fn problem(error: sqlx::Error) -> Problem {
    let code = error
        .as_database_error()
        .and_then(|db| db.code())
        .unwrap_or_default()
        .into_owned();
    if UsedUp::is(&error) {
        return busy(error);
    }
    let away = matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
    );
    match code.as_str() {
        // serialization failure, deadlock, lock timeout, too many connections
        "40001" | "40P01" | "55P03" | "53300" => busy(error),
        "57014" => Problem::new(
            Kind::Timeout,
            "DEADLINE_EXCEEDED",
            "the answer took too long",
        )
        .caused_by(error),
        // class 08: connection; 57P0x: shutting down or starting; 25P03: idle too long
        "57P01" | "57P02" | "57P03" | "25P03" => Problem::unavailable(error),
        code if code.starts_with("08") || away => Problem::unavailable(error),
        _ => Problem::internal(error),
    }
}

fn busy(error: sqlx::Error) -> Problem {
    Problem::new(
        Kind::Unavailable,
        "BUSY",
        "too much at once, try again in a moment",
    )
    .retry_after(Duration::from_secs(1))
    .caused_by(error)
}
