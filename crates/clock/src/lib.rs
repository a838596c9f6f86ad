//! Where the present moment comes from, and how a moment travels in a message.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

/// The present moment; tests hold one still.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Mutex<Timestamp>>>);

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `now` until [`Clock::set`] moves it.
    pub fn fixed(now: Timestamp) -> Self {
        Self(Some(Arc::new(Mutex::new(now))))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place the machine's clock is read"
    )]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => Timestamp::now(),
            Some(fixed) => *fixed.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock; the system clock stays as it is.
    pub fn set(&self, now: Timestamp) {
        if let Some(fixed) = &self.0 {
            *fixed.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
    }
}

/// A moment as `google.protobuf.Timestamp`, whose nanoseconds are never negative.
pub fn to_proto(at: Timestamp) -> prost_types::Timestamp {
    let (mut seconds, mut nanos) = (at.as_second(), at.subsec_nanosecond());
    if nanos < 0 {
        seconds -= 1;
        nanos += 1_000_000_000;
    }
    prost_types::Timestamp { seconds, nanos }
}

/// Reads a `google.protobuf.Timestamp`; moments outside the years -9999..9999 are refused.
pub fn from_proto(at: &prost_types::Timestamp) -> Result<Timestamp, jiff::Error> {
    Timestamp::new(at.seconds, at.nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_before_1970_keeps_its_nanoseconds_positive() {
        let at: Timestamp = "1969-12-31T23:59:59.25Z".parse().unwrap();
        let wire = to_proto(at);
        assert_eq!((wire.seconds, wire.nanos), (-1, 250_000_000));
        assert_eq!(from_proto(&wire).unwrap(), at);
    }

    #[test]
    fn a_fixed_clock_moves_only_when_set() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), clock.now());
        clock.set("2026-03-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.clone().now().to_string(), "2026-03-01T00:00:00Z");
    }
}
