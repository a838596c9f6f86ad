//! Counting together while Redis is there, and alone while it is not.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;
use redis::aio::ConnectionManager;
use tokio::time::Instant;
use voxanne_telemetry::names;

use crate::{Attempt, Rate, Standing, Ticket, gcra, local::Local, rate::micros, shared::Shared};

/// How long a Redis that failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);
/// Keys whose lease or refusal is remembered.
const CAPACITY: u64 = 100_000;
/// How long what was fetched may lie about before it is lost.
const LEASE: Duration = Duration::from_secs(60);

/// One of what is counted under `key`.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Holds nothing that tells who it is.
    pub key: String,
    pub rate: Rate,
}

/// What was asked for has to wait.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// Which demand was refused.
    pub place: usize,
    pub wait: Duration,
    pub standing: Standing,
}

/// How a demand was answered.
pub(crate) struct Answer {
    /// What it was measured by: alone this is a share of what the demand says.
    pub(crate) rate: Rate,
    pub(crate) granted: u32,
    /// Before what was granted.
    pub(crate) backlog: u64,
}

/// What a replica has fetched from Redis and not given out yet.
struct Lease {
    left: AtomicU32,
    /// The backlog that Redis has without what is left here.
    backlog: AtomicU64,
}

/// One that was granted, and the lease it came from.
type Given = (Standing, Option<Arc<Lease>>);

/// Of a request that no rate counts.
const UNLIMITED: Standing = Standing {
    limit: u32::MAX,
    remaining: u32::MAX,
    reset: Duration::ZERO,
};

/// Counts what is asked for.
pub struct Limiter {
    shared: Option<Shared>,
    /// Among how many what is allowed is divided while Redis is away.
    replicas: NonZeroU32,
    local: Local,
    leases: Cache<String, Arc<Lease>>,
    /// Until when nothing more is granted: a flood is refused without a word to Redis.
    refused: Cache<String, u64>,
    /// Until when Redis is left alone.
    paused: AtomicU64,
    started: Instant,
}

impl Limiter {
    /// Without Redis, and while it is slower than `patience`, each of `replicas` counts its share.
    pub fn new(redis: Option<ConnectionManager>, replicas: NonZeroU32, patience: Duration) -> Self {
        Self {
            shared: redis.map(|redis| Shared::new(redis, patience)),
            replicas,
            local: Local::default(),
            leases: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(LEASE)
                .build(),
            refused: Cache::new(CAPACITY),
            paused: AtomicU64::new(0),
            started: Instant::now(),
        }
    }

    /// Takes one of each, or nothing; answers how much is left of the one that is the nearest to
    /// its end.
    ///
    /// # Errors
    /// One of them has to wait.
    pub async fn take(&self, demands: &[Demand]) -> Result<Standing, Refused> {
        let now = self.now();
        let (mut given, missing) = self.give(demands);
        for (place, demand) in &missing {
            let until = self.refused.get(&demand.key).unwrap_or_default();
            if until > now {
                take_back(given);
                return Err(refused(*place, demand.rate, until - now));
            }
        }
        if !missing.is_empty() {
            match self.fetch(&missing, now).await {
                Ok(fetched) => given.extend(fetched.into_iter().map(|standing| (standing, None))),
                Err(refused) => {
                    take_back(given);
                    // Others may have fetched more than they need in the meantime.
                    let (again, missing) = self.give(demands);
                    if !missing.is_empty() {
                        take_back(again);
                        return Err(refused);
                    }
                    given = again;
                }
            }
        }
        let standings = given.into_iter().map(|(standing, _)| standing);
        let tightest = standings.min_by_key(|standing| standing.remaining);
        Ok(tightest.unwrap_or(UNLIMITED))
    }

    /// Gives out what was fetched before, and says what is missing.
    fn give<'a>(&self, demands: &'a [Demand]) -> (Vec<Given>, Vec<(usize, &'a Demand)>) {
        let (mut given, mut missing) = (Vec::with_capacity(demands.len()), Vec::new());
        for (place, demand) in demands.iter().enumerate() {
            let lease = self.leases.get(&demand.key);
            match lease.and_then(|lease| lease.one(demand.rate)) {
                Some((standing, lease)) => given.push((standing, Some(lease))),
                None => missing.push((place, demand)),
            }
        }
        (given, missing)
    }

    /// Counts one attempt under each key, or none.
    ///
    /// # Errors
    /// How long to wait for the next one.
    pub async fn attempt(&self, attempts: &[Attempt]) -> Result<Ticket, Duration> {
        let now = self.now();
        let Some(shared) = self.reachable(now) else {
            return self.local.attempt(attempts, now, self.replicas);
        };
        // Counted here as well: a Redis that comes and goes makes nobody's attempts forgotten.
        let ticket = self.local.attempt(attempts, now, NonZeroU32::MIN)?;
        match shared.attempt(attempts).await {
            Some(Ok(at)) => Ok(Ticket {
                shared_at: Some(at),
                ..ticket
            }),
            Some(Err(wait)) => {
                self.local.forgive(&ticket);
                Err(wait)
            }
            None => {
                self.pause(now);
                self.local.forgive(&ticket);
                self.local.attempt(attempts, now, self.replicas)
            }
        }
    }

    /// Takes attempts back that turned out to be none. They were counted by this limiter.
    pub async fn forgive(&self, ticket: Ticket) {
        self.local.forgive(&ticket);
        if let Some(shared) = &self.shared {
            shared.forgive(&ticket).await;
        }
    }

    async fn fetch(
        &self,
        missing: &[(usize, &Demand)],
        now: u64,
    ) -> Result<Vec<Standing>, Refused> {
        let demands: Vec<_> = missing.iter().map(|(_, demand)| *demand).collect();
        let answers = self.ask(&demands, now).await;
        let mut worst: Option<Refused> = None;
        for ((place, demand), answer) in missing.iter().zip(&answers) {
            if answer.granted > 0 {
                continue;
            }
            let wait = gcra::wait(answer.rate, answer.backlog);
            let refused = refused(*place, answer.rate, micros(wait));
            self.refused
                .insert(demand.key.clone(), now + micros(refused.wait));
            if worst.is_none_or(|worst| worst.wait < refused.wait) {
                worst = Some(refused);
            }
        }
        if let Some(worst) = worst {
            return Err(worst);
        }
        let answers = missing.iter().zip(answers);
        Ok(answers
            .map(|((_, demand), answer)| self.keep(&demand.key, &answer))
            .collect())
    }

    async fn ask(&self, demands: &[&Demand], now: u64) -> Vec<Answer> {
        if let Some(shared) = self.reachable(now) {
            match shared.take(demands).await {
                Some(answers) if answers.len() == demands.len() => return answers,
                _ => self.pause(now),
            }
        }
        if self.shared.is_some() {
            metrics::counter!(names::LIMITS_ALONE).increment(1);
        }
        self.local.take(demands, now, self.replicas)
    }

    /// Keeps what was granted beyond the one that was asked for.
    fn keep(&self, key: &str, answer: &Answer) -> Standing {
        let Answer { rate, granted, .. } = *answer;
        let backlog = gcra::after(rate, answer.backlog, granted);
        let mut standing = gcra::standing(rate, backlog);
        if granted > 1 {
            let lease = self.leases.get_with_by_ref(key, || {
                Arc::new(Lease {
                    left: AtomicU32::new(0),
                    backlog: AtomicU64::new(backlog),
                })
            });
            lease.backlog.store(backlog, Ordering::Relaxed);
            lease.left.fetch_add(granted - 1, Ordering::Relaxed);
            standing.remaining = standing.remaining.saturating_add(granted - 1);
        }
        standing
    }

    fn reachable(&self, now: u64) -> Option<&Shared> {
        let shared = self.shared.as_ref()?;
        (self.paused.load(Ordering::Relaxed) <= now).then_some(shared)
    }

    fn pause(&self, now: u64) {
        self.paused.store(now + micros(PAUSE), Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        micros(self.started.elapsed())
    }
}

impl Lease {
    /// Gives one out, if there is one.
    fn one(self: Arc<Self>, rate: Rate) -> Option<(Standing, Arc<Self>)> {
        let took = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        let left = took.ok()? - 1;
        let mut standing = gcra::standing(rate, self.backlog.load(Ordering::Relaxed));
        standing.remaining = standing.remaining.saturating_add(left).min(standing.limit);
        Some((standing, self))
    }
}

fn take_back(given: Vec<Given>) {
    for lease in given.into_iter().filter_map(|(_, lease)| lease) {
        lease.left.fetch_add(1, Ordering::Relaxed);
    }
}

fn refused(place: usize, rate: Rate, wait: u64) -> Refused {
    let wait = Duration::from_micros(wait);
    let standing = Standing {
        limit: rate.burst.get(),
        remaining: 0,
        reset: wait,
    };
    Refused {
        place,
        wait,
        standing,
    }
}
