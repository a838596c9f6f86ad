//! Counting in Redis, where all replicas count together.
//!
//! The scripts are the rules of `gcra.rs` and `window.rs` once more, because only there can looking
//! and counting be one step; a test compares them.

use std::time::Duration;

use redis::{RedisResult, Script, aio::ConnectionManager};

use crate::{Attempt, Demand, Ticket, gcra, limiter::Answer, rate::micros};

/// Attempts are rare, and slow by themselves: Redis may take so many times as long for them.
const FOR_ATTEMPTS: u32 = 5;

/// All or nothing: a request that one rate refuses takes nothing of the others.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answer, due, all = {}, {}, true
for i, key in ipairs(KEYS) do
  local increment, depth = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  local backlog = math.max((tonumber(redis.call('GET', key)) or 0) - now, 0)
  local room = math.floor(math.max(depth - backlog, 0) / increment)
  local granted = math.min(tonumber(ARGV[3 * i]), room)
  all = all and granted > 0
  answer[2 * i - 1], answer[2 * i] = granted, backlog
  due[i] = backlog + granted * increment
end
if all then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', now + due[i]), 'PX', math.ceil(due[i] / 1000) + 1)
  end
end
return answer
";

/// Answers the wait, which is 0 when the attempts were counted, and the time they were counted at.
const ATTEMPT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait = 0
for i, key in ipairs(KEYS) do
  local oldest = tonumber(redis.call('LINDEX', key, ARGV[2 * i - 1] - 1))
  if oldest then wait = math.max(wait, oldest + ARGV[2 * i] - now) end
end
if wait == 0 then
  for i, key in ipairs(KEYS) do
    redis.call('LPUSH', key, string.format('%.0f', now))
    redis.call('LTRIM', key, 0, ARGV[2 * i - 1] - 1)
    redis.call('PEXPIRE', key, math.ceil(ARGV[2 * i] / 1000))
  end
end
return {wait, now}
";

const FORGIVE: &str = r"
for _, key in ipairs(KEYS) do redis.call('LREM', key, 1, ARGV[1]) end
";

pub(crate) struct Shared {
    redis: ConnectionManager,
    /// A Redis that is slower than this is treated as away.
    patience: Duration,
    take: Script,
    attempt: Script,
    forgive: Script,
}

impl Shared {
    pub(crate) fn new(redis: ConnectionManager, patience: Duration) -> Self {
        Self {
            redis,
            patience,
            take: Script::new(TAKE),
            attempt: Script::new(ATTEMPT),
            forgive: Script::new(FORGIVE),
        }
    }

    /// Takes a lease of each, or nothing.
    pub(crate) async fn take(&self, demands: &[&Demand]) -> Option<Vec<Answer>> {
        let mut call = self.take.prepare_invoke();
        for demand in demands {
            call.key(format!("limit:{}", demand.key))
                .arg(demand.rate.increment())
                .arg(gcra::depth(demand.rate))
                .arg(demand.rate.lease());
        }
        let mut redis = self.redis.clone();
        let numbers: Vec<u64> = within(self.patience, call.invoke_async(&mut redis)).await?;
        let answers = demands.iter().zip(numbers.chunks_exact(2));
        let answers = answers.map(|(demand, pair)| Answer {
            rate: demand.rate,
            granted: u32::try_from(pair[0]).unwrap_or(u32::MAX),
            backlog: pair[1],
        });
        Some(answers.collect())
    }

    /// Counts the attempts and says when, or how long to wait.
    pub(crate) async fn attempt(&self, attempts: &[Attempt]) -> Option<Result<u64, Duration>> {
        let mut call = self.attempt.prepare_invoke();
        for Attempt { key, window } in attempts {
            call.key(format!("attempts:{key}"))
                .arg(window.at_most.get())
                .arg(micros(window.within));
        }
        let mut redis = self.redis.clone();
        let patience = self.patience.saturating_mul(FOR_ATTEMPTS);
        let (wait, at): (u64, u64) = within(patience, call.invoke_async(&mut redis)).await?;
        if wait > 0 {
            return Some(Err(Duration::from_micros(wait)));
        }
        Some(Ok(at))
    }

    /// Takes counted attempts back. One that stays counted errs on the safe side.
    pub(crate) async fn forgive(&self, ticket: &Ticket) {
        let Some(at) = ticket.shared_at else { return };
        let mut call = self.forgive.prepare_invoke();
        for key in &ticket.keys {
            call.key(format!("attempts:{key}"));
        }
        call.arg(at);
        let mut redis = self.redis.clone();
        let patience = self.patience.saturating_mul(FOR_ATTEMPTS);
        let _forgiven = within(patience, call.invoke_async::<()>(&mut redis)).await;
    }
}

async fn within<T>(patience: Duration, call: impl Future<Output = RedisResult<T>>) -> Option<T> {
    match tokio::time::timeout(patience, call).await {
        Ok(Ok(value)) => Some(value),
        Ok(Err(error)) => {
            tracing::debug!(%error, "limits are counted here: Redis is away");
            None
        }
        Err(_) => {
            tracing::debug!("limits are counted here: Redis is slow");
            None
        }
    }
}
