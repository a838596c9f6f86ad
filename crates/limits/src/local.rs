//! Counting in this process alone, for while Redis is away.

use std::{
    collections::{HashMap, VecDeque},
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{Attempt, Demand, Ticket, gcra, limiter::Answer, rate::micros, window};

/// Keys counted at once; a hundred bytes or so each.
const CAPACITY: usize = 100_000;
/// What all keys beyond the capacity are counted under: together, and not without a limit.
const CROWD: &str = "crowd";

#[derive(Default)]
pub(crate) struct Local {
    /// When each backlog is paid off.
    due: Mutex<HashMap<String, u64>>,
    /// The moments of attempts, newest first, and how long they matter.
    past: Mutex<HashMap<String, Past>>,
}

struct Past {
    within: u64,
    moments: VecDeque<u64>,
}

impl Local {
    /// Takes one of each from this replica's share, or nothing.
    pub(crate) fn take(&self, demands: &[&Demand], now: u64, replicas: NonZeroU32) -> Vec<Answer> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.len() + demands.len() > CAPACITY {
            due.retain(|_, at| *at > now);
        }
        let is_full = due.len() + demands.len() > CAPACITY;
        let answers: Vec<_> = demands
            .iter()
            .map(|demand| {
                let rate = demand.rate.share(replicas);
                let at = due.get(place(&due, is_full, &demand.key)).copied();
                let backlog = at.unwrap_or_default().saturating_sub(now);
                Answer {
                    rate,
                    granted: gcra::grant(rate, backlog, 1),
                    backlog,
                }
            })
            .collect();
        if answers.iter().all(|answer| answer.granted > 0) {
            for (demand, answer) in demands.iter().zip(&answers) {
                let key = place(&due, is_full, &demand.key).to_owned();
                due.insert(
                    key,
                    now + gcra::after(answer.rate, answer.backlog, answer.granted),
                );
            }
        }
        answers
    }

    /// Counts attempts against the share of one of `replicas`.
    pub(crate) fn attempt(
        &self,
        attempts: &[Attempt],
        now: u64,
        replicas: NonZeroU32,
    ) -> Result<Ticket, Duration> {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        if past.len() + attempts.len() > CAPACITY {
            past.retain(|_, past| {
                past.moments
                    .front()
                    .is_some_and(|at| at + past.within > now)
            });
        }
        let is_full = past.len() + attempts.len() > CAPACITY;
        let waits = attempts.iter().filter_map(|Attempt { key, window }| {
            let past = past.get(place(&past, is_full, key))?;
            window::wait(window.share(replicas), &past.moments, now)
        });
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        let mut places = Vec::with_capacity(attempts.len());
        for Attempt { key, window } in attempts {
            let key = place(&past, is_full, key).to_owned();
            let known = past.entry(key.clone()).or_insert_with(|| Past {
                within: micros(window.within),
                moments: VecDeque::new(),
            });
            window::note(window.share(replicas), &mut known.moments, now);
            places.push(key);
        }
        Ok(Ticket {
            keys: attempts.iter().map(|one| one.key.clone()).collect(),
            places,
            at: now,
            shared_at: None,
        })
    }

    pub(crate) fn forgive(&self, ticket: &Ticket) {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &ticket.places {
            let Some(known) = past.get_mut(key) else {
                continue;
            };
            if let Some(place) = known.moments.iter().position(|at| *at == ticket.at) {
                known.moments.remove(place);
            }
        }
    }
}

fn place<'a, V>(known: &HashMap<String, V>, is_full: bool, key: &'a str) -> &'a str {
    if is_full && !known.contains_key(key) {
        return CROWD;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: NonZeroU32 = NonZeroU32::MIN;

    fn demand(key: impl ToString) -> Demand {
        Demand {
            key: key.to_string(),
            rate: "1/h burst 3".parse().unwrap(),
        }
    }

    #[test]
    fn a_crowd_of_strangers_shares_what_is_left() {
        let local = Local::default();
        for number in 0..CAPACITY {
            assert_eq!(local.take(&[&demand(number)], 0, ONE)[0].granted, 1);
        }
        let let_in =
            (0..100).filter(|n| local.take(&[&demand(format!("new{n}"))], 1, ONE)[0].granted > 0);
        assert_eq!(let_in.count(), 3, "together they are one");
        assert_eq!(
            local.take(&[&demand(7)], 1, ONE)[0].granted,
            1,
            "who was known goes on"
        );
        let later = 4 * 3600 * 1_000_000;
        assert_eq!(local.take(&[&demand("new0")], later, ONE)[0].granted, 1);
        assert!(
            local.due.lock().unwrap().len() < 10,
            "what is paid off is forgotten"
        );
    }

    #[test]
    fn attempts_of_a_crowd_are_counted_together_too() {
        let local = Local::default();
        let attempt = |key: String| {
            let window = "2/h".parse().unwrap();
            [Attempt { key, window }]
        };
        for number in 0..CAPACITY {
            local.attempt(&attempt(number.to_string()), 0, ONE).unwrap();
        }
        let let_in = (0..9).filter(|n| local.attempt(&attempt(format!("new{n}")), 1, ONE).is_ok());
        assert_eq!(let_in.count(), 2);
    }
}
