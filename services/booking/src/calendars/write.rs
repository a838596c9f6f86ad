//! Writing one booking into one calendar.

use voxanne_events::New;
use voxanne_ids::BookingId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

use super::{
    Calendars, Connection, Link,
    conflict::Change,
    due,
    event::{Appointment, id_of},
    google::{Call, Google, answer::Event, failure::Failure},
    news,
    store::events::{self, Plan, Wrote},
};
use crate::{Error, availability::Span};

/// What came of a plan.
struct Done {
    what: Option<&'static str>,
    event: Option<Event>,
    span: Option<Span>,
    /// What somebody had done to the event before we wrote it again.
    found: Option<Change>,
}

impl Done {
    const NOTHING: Self = Self {
        what: None,
        event: None,
        span: None,
        found: None,
    };
    const DELETED: Self = Self {
        what: Some("deleted"),
        ..Self::NOTHING
    };

    const fn written(event: Event, appointment: &Appointment) -> Self {
        Self {
            what: Some("event"),
            event: Some(event),
            span: Some(appointment.span),
            found: None,
        }
    }
}

impl Calendars {
    /// Brings a leased booking and its calendar together.
    pub(super) async fn write(
        &self,
        link: &Link,
        connection: Connection,
        booking: BookingId,
    ) -> Result<(), Problem> {
        let job = Self::job(connection.org);
        let mut tx = OrgTx::begin(&self.pool, &job).await.map_err(Error::from)?;
        let plan = events::plan(&mut tx, connection, booking)
            .await
            .map_err(Error::from)?;
        tx.commit().await.map_err(Error::from)?;
        let Some(plan) = plan else {
            return Ok(());
        };
        match link.carry_out(connection, booking, &plan).await {
            Ok(done) => self.record(connection, (booking, plan.asked), &done).await,
            Err(failure) => self.fail(link, connection, (booking, &plan), failure).await,
        }
    }

    async fn record(
        &self,
        connection: Connection,
        (booking, asked): (BookingId, i64),
        done: &Done,
    ) -> Result<(), Problem> {
        let now = self.clock.now();
        let wrote = Wrote {
            what: done.what,
            etag: done.event.as_ref().map(|event| event.etag.as_str()),
            updated: done.event.as_ref().and_then(|event| event.updated),
            span: done.span,
        };
        let job = Self::job(connection.org);
        let mut tx = OrgTx::begin(&self.pool, &job).await.map_err(Error::from)?;
        let is_ours = events::record(&mut tx, (connection, booking, asked), &wrote, now).await;
        if !is_ours.map_err(Error::from)? {
            return Ok(());
        }
        match done.what {
            Some("event") => tx.note("calendar.event_written", [booking.as_uuid()]),
            Some(_) => tx.note("calendar.event_deleted", [booking.as_uuid()]),
            None => {}
        }
        let conflict = |change| news::conflict((connection.provider, booking), change, now);
        let news: Vec<New> = done.found.map(conflict).into_iter().collect();
        self.log.commit(tx, news).await.map_err(Error::from)?;
        Ok(())
    }

    async fn fail(
        &self,
        link: &Link,
        connection: Connection,
        (booking, plan): (BookingId, &Plan),
        failure: Failure,
    ) -> Result<(), Problem> {
        if failure == Failure::Withdrawn {
            // The booking stays due, and is written once somebody has consented again.
            self.degrade(connection).await?;
        }
        if matches!(failure, Failure::Refused(_) | Failure::Unreadable) {
            tracing::error!(booking.id = %booking, failure = failure.word(), "Google refused an event");
        }
        // While nobody is asked, nothing has failed.
        let spared = i32::from(matches!(failure, Failure::Paused(_)));
        let failures = plan.failures.saturating_sub(spared).max(0);
        let pauses = (failures.max(1), link.timing.retry_after);
        let next = due::after_failure(self.clock.now(), pauses, failure.wait());
        let job = Self::job(connection.org);
        let mut tx = OrgTx::begin(&self.pool, &job).await.map_err(Error::from)?;
        events::put_off(&mut tx, (connection, booking), (failures, next))
            .await
            .map_err(Error::from)?;
        tx.commit().await.map_err(Error::from)?;
        Ok(())
    }
}

impl Link {
    async fn carry_out(
        &self,
        connection: Connection,
        booking: BookingId,
        plan: &Plan,
    ) -> Result<Done, Failure> {
        let ours = &plan.ours;
        match &plan.appointment {
            // An insert whose answer never came may be there all the same.
            None if !ours.is_written && plan.failures <= 1 => Ok(Done::NOTHING),
            None => self.delete(connection, booking).await,
            Some(appointment) if !ours.is_written => self.insert(connection, appointment).await,
            // Confirming, say, changes nothing that stands in a calendar.
            Some(appointment) if ours.span == Some(appointment.span) => Ok(Done::NOTHING),
            Some(appointment) => self.change(connection, appointment, plan).await,
        }
    }

    async fn insert(
        &self,
        connection: Connection,
        appointment: &Appointment,
    ) -> Result<Done, Failure> {
        let call = Call::insert(appointment.new_body());
        match self.call(connection, call).await {
            Ok(answer) => Ok(Done::written(Google::event(&answer)?, appointment)),
            Err(Failure::Exists) => self.adopt(connection, appointment).await,
            Err(failure) => Err(failure),
        }
    }

    /// The event is there: from an attempt of ours that nobody answered, or deleted before.
    async fn adopt(
        &self,
        connection: Connection,
        appointment: &Appointment,
    ) -> Result<Done, Failure> {
        let id = id_of(appointment.booking);
        let answer = self.call(connection, Call::get(&id)).await?;
        let event = Google::event(&answer)?;
        let change = Call::patch(&id, appointment.body(), Some(&event.etag));
        let answer = self.call(connection, change).await?;
        Ok(Done::written(Google::event(&answer)?, appointment))
    }

    async fn change(
        &self,
        connection: Connection,
        appointment: &Appointment,
        plan: &Plan,
    ) -> Result<Done, Failure> {
        let id = id_of(appointment.booking);
        let etag = Some(plan.ours.etag.as_str()).filter(|etag| !etag.is_empty());
        let call = Call::patch(&id, appointment.body(), etag);
        match self.call(connection, call).await {
            Ok(answer) => Ok(Done::written(Google::event(&answer)?, appointment)),
            Err(Failure::Changed) => self.overwrite(connection, appointment, plan).await,
            Err(Failure::Missing | Failure::Gone) => self.insert(connection, appointment).await,
            Err(failure) => Err(failure),
        }
    }

    /// Somebody changed the event since we wrote it. The booking has changed as well and is what
    /// counts; that theirs was written over is told.
    async fn overwrite(
        &self,
        connection: Connection,
        appointment: &Appointment,
        plan: &Plan,
    ) -> Result<Done, Failure> {
        let id = id_of(appointment.booking);
        let answer = self.call(connection, Call::get(&id)).await?;
        let theirs = Google::event(&answer)?;
        let span = theirs.span(&jiff::tz::TimeZone::UTC);
        let found = if theirs.is_cancelled {
            Some(Change::Deleted)
        } else {
            // It may be our own write, whose answer never came.
            let is_known = span == plan.ours.span || span == Some(appointment.span);
            (!is_known).then_some(Change::Moved)
        };
        let call = Call::patch(&id, appointment.body(), Some(&theirs.etag));
        let answer = self.call(connection, call).await?;
        let is_told = found.is_some() && found == plan.ours.told;
        Ok(Done {
            found: found.filter(|_| !is_told),
            ..Done::written(Google::event(&answer)?, appointment)
        })
    }

    async fn delete(&self, connection: Connection, booking: BookingId) -> Result<Done, Failure> {
        let id = id_of(booking);
        match self.call(connection, Call::delete(&id)).await {
            Ok(_) | Err(Failure::Missing | Failure::Gone) => Ok(Done::DELETED),
            Err(failure) => Err(failure),
        }
    }
}
