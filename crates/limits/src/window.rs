//! At most so many attempts within a stretch of time, counted exactly.

use std::{collections::VecDeque, fmt, num::NonZeroU32, str::FromStr, time::Duration};

use crate::{
    InvalidRate,
    rate::{Per, count_per, micros},
};

/// No stretch of this length sees more attempts than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub(crate) at_most: NonZeroU32,
    pub(crate) within: Duration,
}

impl Window {
    /// One of `replicas` equal parts, and never nothing.
    pub(crate) fn share(self, replicas: NonZeroU32) -> Self {
        let at_most = NonZeroU32::new(self.at_most.get() / replicas);
        Self {
            at_most: at_most.unwrap_or(NonZeroU32::MIN),
            ..self
        }
    }
}

impl FromStr for Window {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (at_most, within) = count_per(text.trim()).ok_or(InvalidRate::Window)?;
        Ok(Self { at_most, within })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.at_most, Per(self.within))
    }
}

/// One attempt in what is counted under `key`.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Holds nothing that tells who it is.
    pub key: String,
    pub window: Window,
}

/// An attempt that was counted, for taking it back when it turns out to be none.
#[derive(Debug)]
pub struct Ticket {
    pub(crate) keys: Vec<String>,
    /// What this process counted it under, and when.
    pub(crate) places: Vec<String>,
    pub(crate) at: u64,
    /// When Redis counted it, if it did.
    pub(crate) shared_at: Option<u64>,
}

/// How long an attempt at `now` has to wait; `past` is newest first.
pub(crate) fn wait(window: Window, past: &VecDeque<u64>, now: u64) -> Option<Duration> {
    let place = usize::try_from(window.at_most.get() - 1).unwrap_or(usize::MAX);
    let oldest = past.get(place)?;
    let free = oldest.saturating_add(micros(window.within));
    (free > now).then(|| Duration::from_micros(free - now))
}

/// Notes an attempt that was let through.
pub(crate) fn note(window: Window, past: &mut VecDeque<u64>, now: u64) {
    past.push_front(now);
    past.truncate(usize::try_from(window.at_most.get()).unwrap_or(usize::MAX));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_window_is_written_as_it_is_read() {
        for text in ["10/15min", "50/h", "3/s"] {
            assert_eq!(text.parse::<Window>().unwrap().to_string(), text);
        }
        for text in ["10", "10/day", "0/h", "10/15min burst 3"] {
            assert_eq!(text.parse::<Window>(), Err(InvalidRate::Window), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_window_sees_one_too_many_and_nobody_waits_for_nothing(
            at_most in 1..20u32,
            pauses in prop::collection::vec(0..20_000_000u64, 1..200),
        ) {
            let at_most = NonZeroU32::new(at_most).unwrap();
            let window = Window { at_most, within: Duration::from_secs(60) };
            let (mut past, mut let_through, mut now) = (VecDeque::new(), Vec::new(), 0u64);
            for pause in pauses {
                now += pause;
                let recent = let_through.iter().filter(|at| now - **at < 60_000_000).count();
                match wait(window, &past, now) {
                    Some(_) => prop_assert_eq!(recent, at_most.get() as usize),
                    None => {
                        prop_assert!(recent < at_most.get() as usize);
                        note(window, &mut past, now);
                        let_through.push(now);
                    }
                }
            }
        }
    }
}
