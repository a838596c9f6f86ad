//! Working through committed events, each once, however often the process dies.
//!
//! A consumer's effect and its progress commit in one transaction. Organisations are worked through
//! one after the other, each under its own scope; a lock on the progress row keeps two replicas
//! from doing the same work.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, Pool, SystemTx};
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use crate::{Event, Heard, Log, New, Rings, read};

/// Organisations looked at in one round.
const ORGS: i64 = 200;
/// The poll while the doorbell works: it only makes up for a ring that was lost.
const UNHURRIED: Duration = Duration::from_secs(1);

/// What a consumer does with the events of one organisation, inside one transaction.
pub trait Consume: Send + Sync + 'static {
    /// Its name in `events.progress`; renaming starts from the beginning.
    const NAME: &'static str;
    /// The kinds of events it does anything about; others are passed over when it looks.
    const KINDS: &'static [&'static str];
    /// The service it runs in, whose roles it uses.
    const SERVICE: &'static str;
    /// How long it lets events gather once one has rung. Where nobody waits for the effect, a busy
    /// clinic's events then share a transaction.
    const GATHERS: Duration = Duration::ZERO;
    /// Events of one organisation worked through in one transaction; fewer where each takes long
    /// and others wait for its locks.
    const BATCH: u32 = 100;

    /// Does what `event` asks for through `tx` and says what it announces in turn. An error rolls
    /// the batch back and is tried again at the next round.
    fn consume(
        &self,
        tx: &mut OrgTx,
        event: &Event,
    ) -> impl Future<Output = Result<Vec<New>, Problem>> + Send;
}

/// Runs `consumer` until `shutdown`: at once when the doorbell rings about its kinds of events, else
/// every `poll`, and less often while rings are heard.
pub async fn run<C: Consume>(
    consumer: C,
    source: Source,
    poll: Duration,
    shutdown: CancellationToken,
) {
    let mut rings = source.rings.subscribe_to(C::KINDS);
    let mut looked = Instant::now();
    let mut rang = None;
    while !shutdown.is_cancelled() {
        // All are looked at now and then however much rings: a ring may have been lost.
        if rang.is_none() || looked.elapsed() >= UNHURRIED + C::GATHERS {
            (rang, looked) = (None, Instant::now());
        }
        let more = match round(&consumer, &source, rang.take()).await {
            Ok(more) => more,
            Err(problem) => {
                tracing::warn!(consumer = C::NAME, %problem, "events wait");
                false
            }
        };
        if !more {
            let pause = if source.rings.are_heard() {
                poll.max(UNHURRIED)
            } else {
                poll
            };
            let wait = wait(&mut rings, pause, C::GATHERS);
            rang = shutdown.run_until_cancelled(wait).await.flatten();
        }
    }
}

/// Where events come from and where announcements go.
#[derive(Clone, Debug)]
pub struct Source {
    pub pool: Pool,
    pub rings: Rings,
    pub log: Log,
}

/// The organisations that rang; `None` when all are to be looked at.
async fn wait(rings: &mut Heard, pause: Duration, gathers: Duration) -> Option<BTreeSet<OrgId>> {
    match tokio::time::timeout(pause, rings.recv()).await {
        Ok(Ok(org)) => {
            tokio::time::sleep(gathers).await;
            let mut rang = rings.drain()?;
            rang.insert(org);
            Some(rang)
        }
        Ok(Err(RecvError::Lagged(_))) | Err(_) => None,
        // Nobody will ever ring, so the poll is all there is.
        Ok(Err(RecvError::Closed)) => {
            tokio::time::sleep(pause).await;
            None
        }
    }
}

/// Works through what is new to the organisations that `rang`, or to all; `true` when there is more
/// than one batch of it.
async fn round<C: Consume>(
    consumer: &C,
    source: &Source,
    rang: Option<BTreeSet<OrgId>>,
) -> Result<bool, Problem> {
    let mut more = false;
    let mut first_failure = None;
    let orgs = match rang {
        Some(orgs) => orgs.into_iter().collect(),
        None => behind::<C>(&source.pool).await?,
    };
    for org in orgs {
        match batch(consumer, source, org).await {
            Ok(rest) => more |= rest,
            // One organisation's poison must not hold up the others.
            Err(problem) => {
                problem.log();
                tracing::warn!(consumer = C::NAME, org.id = %org, %problem, "events wait");
                first_failure.get_or_insert(problem);
            }
        }
    }
    match first_failure {
        Some(problem) if !more => Err(problem),
        _ => Ok(more),
    }
}

async fn behind<C: Consume>(pool: &Pool) -> Result<Vec<OrgId>, Problem> {
    let load = async {
        let mut tx = SystemTx::begin(pool, C::SERVICE, "find organisations with news").await?;
        let orgs = sqlx::query_scalar(
            "SELECT counter.org_id FROM events.counter
             LEFT JOIN events.progress
               ON progress.org_id = counter.org_id AND progress.consumer = $1
             WHERE counter.seq > coalesce(progress.seq, 0)
             ORDER BY random() LIMIT $2",
        )
        .bind(C::NAME)
        .bind(ORGS)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(orgs)
    };
    let found: Result<_, sqlx::Error> = load.await;
    found.map_err(voxanne_pg::problem)
}

async fn batch<C: Consume>(consumer: &C, source: &Source, org: OrgId) -> Result<bool, Problem> {
    let mut tx = OrgTx::begin(&source.pool, &Tenant::for_job(org, C::NAME))
        .await
        .map_err(voxanne_pg::problem)?;
    let Some(after) = lock_progress::<C>(&mut tx)
        .await
        .map_err(voxanne_pg::problem)?
    else {
        return Ok(false);
    };
    let events = read::list_after(&mut tx, after, C::BATCH)
        .await
        .map_err(voxanne_pg::problem)?;
    let Some(last) = events.last().map(|event| event.seq) else {
        return Ok(false);
    };
    let mut announced = Vec::new();
    for event in &events {
        let span = tracing::info_span!("event.consume", consumer = C::NAME, org.id = %org);
        if let Some(trace) = &event.trace {
            voxanne_telemetry::trace::continue_from(&span, trace);
        }
        announced.extend(consumer.consume(&mut tx, event).instrument(span).await?);
    }
    save_progress::<C>(&mut tx, last)
        .await
        .map_err(voxanne_pg::problem)?;
    let is_full = events.len() == C::BATCH as usize;
    source
        .log
        .commit(tx, announced)
        .await
        .map_err(voxanne_pg::problem)?;
    Ok(is_full)
}

/// Locks the progress row; `None` when another replica holds it.
async fn lock_progress<C: Consume>(tx: &mut OrgTx) -> Result<Option<i64>, sqlx::Error> {
    if let Some(seq) = try_lock_progress::<C>(tx).await? {
        return Ok(Some(seq));
    }
    // There is no row yet, or it is locked.
    sqlx::query(
        "INSERT INTO events.progress (org_id, consumer, seq) VALUES ($1, $2, 0)
         ON CONFLICT (org_id, consumer) DO NOTHING",
    )
    .bind(tx.org())
    .bind(C::NAME)
    .execute(&mut **tx)
    .await?;
    try_lock_progress::<C>(tx).await
}

async fn try_lock_progress<C: Consume>(tx: &mut OrgTx) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT seq FROM events.progress WHERE org_id = $1 AND consumer = $2
         FOR UPDATE SKIP LOCKED",
    )
    .bind(tx.org())
    .bind(C::NAME)
    .fetch_optional(&mut **tx)
    .await
}

async fn save_progress<C: Consume>(tx: &mut OrgTx, seq: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE events.progress SET seq = $3 WHERE org_id = $1 AND consumer = $2")
        .bind(tx.org())
        .bind(C::NAME)
        .bind(seq)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
