//! How rates and windows are written, such as `600/min burst 200` and `10/15min`.

use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

/// So many in each stretch of time, steadily, and up to `burst` at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub(crate) count: NonZeroU32,
    pub(crate) per: Duration,
    pub(crate) burst: NonZeroU32,
}

impl Rate {
    /// Microseconds after which one more is allowed.
    pub(crate) fn increment(self) -> u64 {
        micros(self.per) / u64::from(self.count.get())
    }

    /// One of `replicas` equal parts, and never nothing.
    pub(crate) fn share(self, replicas: NonZeroU32) -> Self {
        Self {
            count: self.count,
            per: self.per.saturating_mul(replicas.get()),
            burst: NonZeroU32::new(self.burst.get() / replicas).unwrap_or(NonZeroU32::MIN),
        }
    }

    /// How many a replica fetches at a time: a twentieth of a burst, and 16 at most, so that few
    /// requests wait for Redis and little is held back from the other replicas.
    pub(crate) fn lease(self) -> u32 {
        (self.burst.get() / 20).clamp(1, 16)
    }
}

/// The text is no rate or window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRate {
    #[error("expected a rate such as `600/min burst 200`")]
    Rate,
    #[error("expected a number of attempts in a time, such as `10/15min`")]
    Window,
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let mut words = text.split_whitespace();
        let (count, per) = words.next().and_then(count_per).ok_or(InvalidRate::Rate)?;
        let burst = match (words.next(), words.next(), words.next()) {
            (None, None, None) => count,
            (Some("burst"), Some(burst), None) => burst.parse().map_err(|_| InvalidRate::Rate)?,
            _ => return Err(InvalidRate::Rate),
        };
        let rate = Self { count, per, burst };
        // Faster than the clock that counts it would mean without a limit.
        (rate.increment() > 0)
            .then_some(rate)
            .ok_or(InvalidRate::Rate)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} burst {}", self.count, Per(self.per), self.burst)
    }
}

/// Reads `10/15min`.
pub(crate) fn count_per(text: &str) -> Option<(NonZeroU32, Duration)> {
    let (count, per) = text.split_once('/')?;
    let digits = per.len() - per.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (times, unit) = per.split_at(digits);
    let times: u32 = match times {
        "" => 1,
        times => times.parse().ok().filter(|times| *times > 0)?,
    };
    let unit = match unit {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        _ => return None,
    };
    // A day is more than any rule needs, and far from where sums overflow.
    let seconds = u64::from(times) * unit;
    let count = count.parse().ok()?;
    (seconds <= 86_400).then_some((count, Duration::from_secs(seconds)))
}

/// Writes a stretch of time as it is read.
pub(crate) struct Per(pub(crate) Duration);

impl fmt::Display for Per {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (times, unit) = match seconds {
            _ if seconds.is_multiple_of(3600) => (seconds / 3600, "h"),
            _ if seconds.is_multiple_of(60) => (seconds / 60, "min"),
            _ => (seconds, "s"),
        };
        if times == 1 {
            return f.write_str(unit);
        }
        write!(f, "{times}{unit}")
    }
}

pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_as_it_is_read() {
        for text in [
            "600/min burst 200",
            "10/15min burst 10",
            "1/s burst 1",
            "5/h burst 7",
        ] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        assert_eq!(
            "60/min".parse::<Rate>().unwrap().to_string(),
            "60/min burst 60"
        );
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in [
            "",
            "600",
            "600/",
            "/min",
            "0/min",
            "600/day",
            "600/0min",
            "-1/min",
            "600/min burst",
            "600/min burst 0",
            "600/min burst 5 more",
            "600/min bust 5",
            "2000000/s",
            "1/25h",
            "1/99999999999s",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate::Rate), "{text}");
        }
    }

    #[test]
    fn a_share_is_never_nothing() {
        let rate: Rate = "10/min burst 2".parse().unwrap();
        let share = rate.share(NonZeroU32::new(3).unwrap());
        assert_eq!(share.burst.get(), 1);
        assert_eq!(share.increment(), 3 * rate.increment());
    }
}
