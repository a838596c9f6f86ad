//! Booking a series: all of it or none, unless what cannot be had may be left out.

use jiff::{Timestamp, tz::TimeZone};
use voxanne_events::New;
use voxanne_idempotency::{
    KeyedRequest,
    record::{self, Claim},
};
use voxanne_ids::{PatientId, ProviderId, SeriesId, ServiceId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::{Permission, Tenant};

use super::{
    answer::{self, Answer, Missing},
    occurrences::{Occurrence, Rhythm, occurrences},
    store,
};
use crate::{
    Desk, Error,
    availability::{
        find::WhichService,
        store::{Which, list_providers},
    },
    bookings::{
        Booking, Source, answer as booked,
        book::{self, NewBooking, Who},
        store::{rollback_to, savepoint},
        target::{Overbook, Target},
    },
    contention,
    error::What,
    fields::CallRef,
    rights, services,
};

pub(crate) const OPERATION: &str = "booking.create_series";
const NO_SUCH_TIME: &str = "NO_SUCH_TIME";

/// A request for a series.
#[derive(Clone)]
pub(crate) struct NewSeries {
    pub(crate) service: ServiceId,
    /// `None`: any, if possible the same for all.
    pub(crate) provider: Option<ProviderId>,
    pub(crate) starts_at: Timestamp,
    pub(crate) rhythm: Rhythm,
    pub(crate) who: Who,
    pub(crate) notes: Private<String>,
    pub(crate) source: Source,
    /// Books the others when some cannot be had.
    pub(crate) skip_taken: bool,
}

impl Desk {
    /// Books `new`. With a key, the first answer is also the answer to every repetition.
    #[tracing::instrument(name = "series.book", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn book_series(
        &self,
        tenant: &Tenant,
        new: &NewSeries,
        keyed: Option<&KeyedRequest>,
    ) -> Result<proto::CreateSeriesResponse, Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        contention::settle(|| self.book_series_once(tenant, new, keyed)).await
    }

    async fn book_series_once(
        &self,
        tenant: &Tenant,
        new: &NewSeries,
        keyed: Option<&KeyedRequest>,
    ) -> Result<proto::CreateSeriesResponse, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if let Some(keyed) = keyed
            && let Claim::Replay(kept) = record::claim(&mut tx, OPERATION, keyed).await?
        {
            let again = answer::replay(&kept);
            if let Ok(shown) = &again {
                let bookings = shown.bookings.iter();
                let ids = bookings.filter_map(|one| one.id.parse().ok());
                let ids = ids.map(|id: voxanne_ids::BookingId| id.as_uuid());
                tx.note("booking.repeated", ids);
            }
            tx.commit().await?;
            return again;
        }
        let (answer, events) = self.book_all(&mut tx, tenant, new).await?;
        let records = answer.records();
        if !records.is_empty() {
            tx.note("booking.created", records);
        }
        let (kept, given) = answer.give();
        if let Some(keyed) = keyed {
            record::keep(&mut tx, OPERATION, keyed, &kept).await?;
        }
        self.log.commit(tx, events).await?;
        given
    }

    /// One visit after the other, in order of time.
    async fn book_all(
        &self,
        tx: &mut OrgTx,
        tenant: &Tenant,
        new: &NewSeries,
    ) -> Result<(Answer, Vec<New>), Error> {
        let id = SeriesId::new();
        let zone = zone(tx, new).await?;
        savepoint(tx, "before_series").await?;
        let mut run = Run {
            patient: book::patient(tx, &new.who).await?,
            provider: new.provider,
            bookings: Vec::new(),
            missing: Vec::new(),
            events: Vec::new(),
        };
        for occurrence in occurrences(&zone, new.starts_at, new.rhythm) {
            match self.book_one(tx, tenant, (new, &run), occurrence).await? {
                Ok((booking, events)) => run.take(id, booking, events),
                Err(reason) => run.missing.push(Missing { occurrence, reason }),
            }
        }
        let is_short = !run.missing.is_empty() && !new.skip_taken;
        if is_short || run.bookings.is_empty() {
            // Not even the patient is left behind.
            rollback_to(tx, "before_series").await?;
            return Ok((Answer::none(&run.missing), Vec::new()));
        }
        for booking in &run.bookings {
            store::join(tx, booking.id, id).await?;
        }
        let answer = Answer::Booked {
            id,
            bookings: run.bookings,
            missing: run.missing,
        };
        Ok((answer, run.events))
    }

    /// Books one visit, or says why it cannot be had.
    async fn book_one(
        &self,
        tx: &mut OrgTx,
        tenant: &Tenant,
        (new, run): (&NewSeries, &Run),
        occurrence: Occurrence,
    ) -> Result<Result<(Booking, Vec<New>), String>, Error> {
        let Some(starts_at) = occurrence.starts_at else {
            return Ok(Err(NO_SUCH_TIME.to_owned()));
        };
        let mut refused = String::new();
        for providers in run.providers(new) {
            let one = run.booking(new, providers, starts_at);
            match self.attempt(tx, tenant, &one).await {
                Ok((booked::Answer::Booked(booking) | booked::Answer::Had(booking), events)) => {
                    return Ok(Ok((*booking, events)));
                }
                Ok((booked::Answer::SlotTaken { .. }, _)) => "SLOT_TAKEN".clone_into(&mut refused),
                Ok((booked::Answer::PatientBusy, _)) => "PATIENT_BUSY".clone_into(&mut refused),
                Err(Error::Refused(problem)) => refused = reason(problem)?,
                Err(error) => return Err(error),
            }
        }
        Ok(Err(refused))
    }
}

/// How far the booking of a series has come.
struct Run {
    patient: PatientId,
    /// Who is preferred: who was asked for, else who has the first visit.
    provider: Option<ProviderId>,
    bookings: Vec<Booking>,
    missing: Vec<Missing>,
    events: Vec<New>,
}

impl Run {
    fn take(&mut self, id: SeriesId, mut booking: Booking, events: Vec<New>) {
        self.provider.get_or_insert(booking.provider);
        booking.series = Some(id);
        self.bookings.push(booking);
        let number = self.bookings.len();
        self.events.extend(events.into_iter().map(|mut event| {
            event.data["seriesId"] = id.to_string().into();
            event.data["seriesNumber"] = number.into();
            event
        }));
    }

    /// Whom to ask for the next visit, one after the other.
    fn providers(&self, new: &NewSeries) -> Vec<Which> {
        let preferred = self.provider.map(Which::One);
        let other = new.provider.is_none().then_some(Which::Any);
        preferred.into_iter().chain(other).collect()
    }

    fn booking(&self, new: &NewSeries, providers: Which, starts_at: Timestamp) -> NewBooking {
        NewBooking {
            target: Some(Target {
                service: WhichService::One(new.service),
                providers,
                starts_at,
                field: "startsAt",
            }),
            hold: None,
            who: Who::Known(self.patient),
            notes: new.notes.clone(),
            source: new.source,
            call: CallRef::default(),
            overbook: Overbook::default(),
        }
    }
}

/// The clock by which the visits stay where they are: that of the provider asked for, else of the
/// first by name.
async fn zone(tx: &mut OrgTx, new: &NewSeries) -> Result<TimeZone, Error> {
    let service = WhichService::One(new.service);
    let service = services::store::choose(tx, &service).await?;
    let which = new.provider.map_or(Which::Any, Which::One);
    let found = list_providers(tx, &service, &which).await?;
    let first = found.first().ok_or(Error::NotFound(What::Provider))?;
    TimeZone::get(&first.time_zone).map_err(|_gone| Error::Unreadable("zone"))
}

/// Why a start was refused. Anything but its time is the fault of the whole request.
fn reason(problem: Problem) -> Result<String, Error> {
    match problem.violations.as_slice() {
        [one] if one.field == "startsAt" => Ok(one.code.to_string()),
        _ => Err(problem.into()),
    }
}
