//! Reading one calendar: what has changed, or everything.
//!
//! Each page is one transaction. What stands in the row is where the reading goes on, whoever does
//! it; Google's sync token moves on only when the last page was read.

mod sweeping;

use std::collections::HashMap;

use jiff::Timestamp;
use voxanne_events::New;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

use self::sweeping::{is_as_seen, is_fresh, is_time_to_sweep, sweep};
use super::{
    Calendars, Connection, Link,
    conflict::Change,
    due,
    google::{
        Call,
        failure::Failure,
        page::{self, From, Next, Page},
    },
    mirror::{self, Findings},
    news,
    store::{
        busy, events,
        reading::{self, Reading},
    },
};
use crate::Error;

/// Pages of one turn; a larger calendar goes on in the next.
const PAGES: usize = 40;

/// How a turn goes on after a page.
enum Turn {
    /// With another page; of changes, with this page token.
    More(Option<String>),
    Complete,
    /// Somebody else is at it, or the calendar is connected no more.
    Over,
}

impl Calendars {
    /// Reads a leased calendar.
    pub(super) async fn sync(&self, link: &Link, connection: Connection) -> Result<(), Problem> {
        let began = self.clock.now();
        let mut page = None;
        for _ in 0..PAGES {
            let Some(reading) = self.begin(link, connection).await? else {
                return Ok(());
            };
            let from = match (&reading.sync_token, reading.sweeping_since) {
                (Some(token), _) => From::Token(token),
                (None, since) => From::Start(since.unwrap_or(began)),
            };
            let token = page.as_deref().or(reading.page_token.as_deref());
            let call = Call::list(page::query(from, token));
            let answer = link.call(connection, call).await;
            let read = answer.and_then(|answer| Page::read(answer).ok_or(Failure::Unreadable));
            match read {
                Ok(told) => match self
                    .apply(link, (connection, &reading), told, began)
                    .await?
                {
                    Turn::More(next) => page = next,
                    Turn::Complete => return self.watch(link, connection).await,
                    Turn::Over => return Ok(()),
                },
                // A token that is too old, or one of a page that Google forgot.
                Err(Failure::Gone | Failure::Refused(400)) if !is_fresh(&reading) => {
                    self.begin_anew(link, connection).await?;
                    page = None;
                }
                Err(failure) => return self.give_up(link, (connection, &reading), failure).await,
            }
        }
        self.pause(connection).await
    }

    /// Where the reading goes on; begins to read everything when it is time to.
    async fn begin(&self, link: &Link, connection: Connection) -> Result<Option<Reading>, Problem> {
        let now = self.clock.now();
        let mut tx = self.tx(connection).await?;
        let found = reading::lock(&mut tx, connection)
            .await
            .map_err(Error::from)?;
        let Some(mut found) = found else {
            return Ok(None);
        };
        if is_time_to_sweep(&found, now) {
            sweep(&mut found, now);
        }
        self.keep(&mut tx, link, (connection, &found)).await?;
        tx.commit().await.map_err(Error::from)?;
        Ok(Some(found))
    }

    async fn begin_anew(&self, link: &Link, connection: Connection) -> Result<(), Problem> {
        let mut tx = self.tx(connection).await?;
        let found = reading::lock(&mut tx, connection)
            .await
            .map_err(Error::from)?;
        if let Some(mut found) = found {
            sweep(&mut found, self.clock.now());
            self.keep(&mut tx, link, (connection, &found)).await?;
            tx.commit().await.map_err(Error::from)?;
        }
        Ok(())
    }

    async fn keep(
        &self,
        tx: &mut OrgTx,
        link: &Link,
        (connection, reading): (Connection, &Reading),
    ) -> Result<(), Problem> {
        let now = self.clock.now();
        let until = now.saturating_add(link.timing.lease).unwrap_or(now);
        let saved = reading::save(tx, connection, reading, until).await;
        Ok(saved.map_err(Error::from)?)
    }

    /// Does what a page tells, and notes how far the reading is with it.
    async fn apply(
        &self,
        link: &Link,
        (connection, seen): (Connection, &Reading),
        page: Page,
        began: Timestamp,
    ) -> Result<Turn, Problem> {
        let mut tx = self.tx(connection).await?;
        let found = reading::lock(&mut tx, connection)
            .await
            .map_err(Error::from)?;
        let Some(mut reading) = found.filter(|now| is_as_seen(now, seen)) else {
            return Ok(Turn::Over);
        };
        let mut news = self
            .take(&mut tx, (connection, reading.sweep), &page)
            .await?;
        let next = match page.next {
            Next::Page(token) if reading.sync_token.is_some() => {
                self.log.commit(tx, news).await.map_err(Error::from)?;
                return Ok(Turn::More(Some(token)));
            }
            Next::Page(token) => {
                reading.page_token = Some(token);
                self.keep(&mut tx, link, (connection, &reading)).await?;
                self.log.commit(tx, news).await.map_err(Error::from)?;
                return Ok(Turn::More(None));
            }
            Next::Sync(token) => token,
        };
        let now = self.clock.now();
        let mut synced_at = began;
        if reading.sync_token.is_none() {
            news.extend(self.end_sweep(&mut tx, connection, &reading).await?);
            synced_at = reading.sweeping_since.take().unwrap_or(began);
            reading.swept_at = Some(synced_at);
            reading.page_token = None;
        }
        reading.sync_token = Some(next);
        if reading.failures >= due::TOLD_AFTER {
            news.push(news::connected(connection.provider, now));
        }
        self.keep(&mut tx, link, (connection, &reading)).await?;
        let next = due::next_poll(now, link.timing.poll);
        let finished = reading::finish(&mut tx, connection, (synced_at, now, next)).await;
        finished.map_err(Error::from)?;
        self.log.commit(tx, news).await.map_err(Error::from)?;
        Ok(Turn::Complete)
    }

    async fn take(
        &self,
        tx: &mut OrgTx,
        (connection, sweep): (Connection, i64),
        page: &Page,
    ) -> Result<Vec<New>, Problem> {
        let candidates = mirror::candidates(page);
        let ours = events::list(tx, connection, &candidates)
            .await
            .map_err(Error::from)?;
        let found = mirror::read(page, &HashMap::from_iter(ours));
        keep_findings(tx, (connection, sweep), &found)
            .await
            .map_err(Error::from)?;
        Ok(self.contradict(tx, connection, &found.conflicts).await?)
    }

    /// Notes and tells what somebody did to events of ours. The booking stays as it is.
    async fn contradict(
        &self,
        tx: &mut OrgTx,
        connection: Connection,
        conflicts: &[(voxanne_ids::BookingId, Change, String)],
    ) -> Result<Vec<New>, Error> {
        let now = self.clock.now();
        let mut news = Vec::new();
        for (booking, change, etag) in conflicts {
            events::contradict(tx, (connection, *booking), (*change, etag)).await?;
            tx.note("calendar.conflict", [booking.as_uuid()]);
            news.push(news::conflict(
                (connection.provider, *booking),
                *change,
                now,
            ));
        }
        Ok(news)
    }

    /// What everything did not contain is gone, though nobody told us so.
    async fn end_sweep(
        &self,
        tx: &mut OrgTx,
        connection: Connection,
        reading: &Reading,
    ) -> Result<Vec<New>, Problem> {
        let sweep = reading.sweep;
        busy::forget_unmet(tx, connection, sweep)
            .await
            .map_err(Error::from)?;
        let unmet = events::list_unmet(tx, connection, sweep, self.clock.now()).await;
        let gone = |booking| (booking, Change::Deleted, String::new());
        let gone: Vec<_> = unmet.map_err(Error::from)?.into_iter().map(gone).collect();
        Ok(self.contradict(tx, connection, &gone).await?)
    }

    /// What is known stays as it was and grows old; nothing is taken for free.
    async fn give_up(
        &self,
        link: &Link,
        (connection, reading): (Connection, &Reading),
        failure: Failure,
    ) -> Result<(), Problem> {
        if failure == Failure::Withdrawn {
            return self.degrade(connection).await;
        }
        let now = self.clock.now();
        let counted = i32::from(!matches!(failure, Failure::Paused(_)));
        let failures = reading.failures.saturating_add(counted);
        let trouble = news::Trouble::Unreachable;
        let is_told = failures >= due::TOLD_AFTER;
        let mut news = Vec::new();
        if is_told && reading.failures < due::TOLD_AFTER {
            news.push(news::degraded(connection.provider, trouble, now));
        }
        let pauses = (failures.max(1), link.timing.retry_after);
        let next = due::after_failure(now, pauses, failure.wait());
        let cause = if is_told { trouble.words() } else { "" };
        let mut tx = self.tx(connection).await?;
        if reading::lock(&mut tx, connection)
            .await
            .map_err(Error::from)?
            .is_some()
        {
            let put_off = reading::put_off(&mut tx, connection, (failures, cause), next).await;
            put_off.map_err(Error::from)?;
            self.log.commit(tx, news).await.map_err(Error::from)?;
        }
        Ok(())
    }

    /// Lets others have a turn.
    async fn pause(&self, connection: Connection) -> Result<(), Problem> {
        let mut tx = self.tx(connection).await?;
        let found = reading::lock(&mut tx, connection)
            .await
            .map_err(Error::from)?;
        if let Some(found) = found {
            let now = self.clock.now();
            let put_off = reading::put_off(&mut tx, connection, (found.failures, ""), now).await;
            put_off.map_err(Error::from)?;
            tx.commit().await.map_err(Error::from)?;
        }
        Ok(())
    }

    pub(super) async fn tx(&self, connection: Connection) -> Result<OrgTx, Problem> {
        let job = Self::job(connection.org);
        Ok(OrgTx::begin(&self.pool, &job).await.map_err(Error::from)?)
    }
}

async fn keep_findings(
    tx: &mut OrgTx,
    (connection, sweep): (Connection, i64),
    found: &Findings,
) -> Result<(), sqlx::Error> {
    busy::keep(tx, connection, &found.busy, sweep).await?;
    busy::forget(tx, connection, &found.free).await?;
    events::meet(tx, connection, &found.met, sweep).await?;
    for (booking, etag) in &found.touched {
        events::touch(tx, (connection, *booking), etag).await?;
    }
    Ok(())
}
