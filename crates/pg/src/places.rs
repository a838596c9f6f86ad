//! Who may use a connection: so many at once, the others in turn, and nobody waits in vain.

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

/// Whoever waits for a connection is told to come again after this, however the work goes on. No
/// caller waits much longer for the whole answer.
const LONGEST: Duration = Duration::from_secs(8);
/// When none of the connections in use was given back for so long, none is about to be. Work that
/// many began at once may all take a second on a small machine that has much else to do.
const STALLED: Duration = Duration::from_secs(2);
/// Requests that may wait for each connection: more could not be served before `LONGEST` is over.
const WAITING: usize = 64;

/// The places of a pool, as many as it has connections.
#[derive(Debug)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
    moved: Arc<Moved>,
}

/// When a place was last taken or given back.
#[derive(Debug)]
struct Moved(Mutex<Instant>);

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    moved: Arc<Moved>,
    _permit: OwnedSemaphorePermit,
}

/// How somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// A client waits, who had better be told at once what cannot be done.
    Request,
    /// Nobody waits, and what was begun outside the database should be written down.
    Job,
}

impl Places {
    pub(crate) fn new(connections: u32) -> Self {
        let connections = usize::try_from(connections).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(connections)),
            waiting: AtomicUsize::new(0),
            most_waiting: connections.saturating_mul(WAITING),
            moved: Arc::new(Moved(Mutex::new(Instant::now()))),
        }
    }

    /// Waits for a place for as long as it is likely to come.
    pub(crate) async fn take(&self, patience: Patience) -> Result<Place, sqlx::Error> {
        if let Ok(permit) = self.free.clone().try_acquire_owned() {
            return Ok(self.place(permit));
        }
        let _waiting = Waiting::among(self)?;
        let end = Instant::now() + LONGEST;
        let mut permit = std::pin::pin!(self.free.clone().acquire_owned());
        loop {
            let until = match patience {
                Patience::Request => end.min(self.moved.at() + STALLED),
                Patience::Job => end,
            };
            if until <= Instant::now() {
                return Err(used_up("none came in time"));
            }
            if let Ok(permit) = timeout_at(until, permit.as_mut()).await {
                // The semaphore is never closed.
                return permit.map(|permit| self.place(permit)).map_err(used_up);
            }
        }
    }

    fn place(&self, permit: OwnedSemaphorePermit) -> Place {
        self.moved.note();
        Place {
            moved: self.moved.clone(),
            _permit: permit,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.moved.note();
    }
}

impl Moved {
    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn at(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of those who wait.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn among(places: &'a Places) -> Result<Self, sqlx::Error> {
        let before = places.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Self(&places.waiting);
        if before >= places.most_waiting {
            return Err(used_up("too many wait already"));
        }
        Ok(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// All connections are in use. It is told apart from a Postgres that does not answer: the service
/// is well, and the same call may work in a moment.
#[derive(Debug)]
pub(crate) struct UsedUp(String);

impl fmt::Display for UsedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "every connection of the pool is in use: {}", self.0)
    }
}

impl std::error::Error for UsedUp {}

impl UsedUp {
    pub(crate) fn is(error: &sqlx::Error) -> bool {
        matches!(error, sqlx::Error::Io(error)
            if error.get_ref().is_some_and(|inner| inner.is::<Self>()))
    }
}

fn used_up(why: impl fmt::Display) -> sqlx::Error {
    sqlx::Error::Io(io::Error::other(UsedUp(why.to_string())))
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, future::join_all};

    use super::*;

    fn is_refused(taken: &Result<Place, sqlx::Error>) -> bool {
        taken.as_ref().is_err_and(UsedUp::is)
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_places_that_nobody_gives_back() {
        let places = Places::new(2);
        let held = [
            places.take(Patience::Request).await.unwrap(),
            places.take(Patience::Request).await.unwrap(),
        ];
        let began = Instant::now();
        let all = join_all((0..20).map(|_| places.take(Patience::Request))).await;
        assert!(all.iter().all(is_refused));
        assert!(began.elapsed() < STALLED * 2);
        for _ in 0..20 {
            let at_once = places.take(Patience::Request).now_or_never();
            assert!(is_refused(&at_once.expect("nothing is waited for")));
        }
        drop(held);
        assert!(places.take(Patience::Request).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_while_work_goes_on_gets_a_place() {
        let places = Places::new(1);
        // Slower than is good, and never stalled.
        let long = STALLED * 9 / 10;
        let work = async || {
            let place = places.take(Patience::Request).await?;
            tokio::time::sleep(long).await;
            drop(place);
            Ok::<(), sqlx::Error>(())
        };
        let (a, b, c) = tokio::join!(work(), work(), work());
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        let waits = join_all((0..10).map(|_| work())).await;
        let served = waits.iter().filter(|done| done.is_ok()).count();
        let begun = LONGEST.as_millis() / long.as_millis() + 1;
        assert_eq!(
            served as u128, begun,
            "the others are told when {LONGEST:?} are over"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_has_patience() {
        let places = Places::new(1);
        let held = places.take(Patience::Job).await.unwrap();
        let began = Instant::now();
        assert!(is_refused(&places.take(Patience::Job).await));
        assert!(began.elapsed() >= LONGEST);
        let wait = places.take(Patience::Job);
        let give_back = async {
            tokio::time::sleep(STALLED * 2).await;
            drop(held);
        };
        let (taken, ()) = tokio::join!(wait, give_back);
        assert!(taken.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_has_an_end() {
        let places = Places::new(1);
        let _held = places.take(Patience::Request).await.unwrap();
        let mut queue: Vec<_> = (0..WAITING)
            .map(|_| Box::pin(places.take(Patience::Request)))
            .collect();
        for one in &mut queue {
            assert!(one.as_mut().now_or_never().is_none(), "it waits");
        }
        let more = places.take(Patience::Request).now_or_never();
        assert!(is_refused(&more.expect("it does not")));
        drop(queue);
        assert!(places.take(Patience::Request).now_or_never().is_none());
    }
}
