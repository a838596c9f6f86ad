//! Series on the wire.

use voxanne_clock::to_proto;
use voxanne_ids::SeriesId;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1::{self as proto, create_series_request};

use super::{
    answer::Missing,
    book::NewSeries,
    cancel::{Kept, Rest},
    occurrences::Rhythm,
};
use crate::{
    availability::slot::local_text,
    bookings::{book::Who, wire::source},
    fields::{self, free_text},
    patients,
};

const LONGEST_NOTES: usize = 2000;
const LONGEST_REASON: usize = 500;
const MOST: u32 = 26;
const MOST_WEEKS: u32 = 26;
const MOST_DAYS: u32 = MOST_WEEKS * 7;

impl TryFrom<&proto::CreateSeriesRequest> for NewSeries {
    type Error = Problem;

    fn try_from(request: &proto::CreateSeriesRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let service = fields::id(&mut bad, "serviceId", &request.service_id);
        let provider = fields::optional_id(&mut bad, "providerId", &request.provider_id);
        let starts_at = fields::moment(&mut bad, "startsAt", request.starts_at.as_ref());
        let rhythm = rhythm(&mut bad, request);
        let who = who(&mut bad, request.who.as_ref());
        let notes = bad.take("notes", "NOTES", free_text(&request.notes, LONGEST_NOTES));
        let source = source(&mut bad, &request.source);
        let new = (|| {
            Some(Self {
                service: service?,
                provider: provider?,
                starts_at: starts_at?,
                rhythm: rhythm?,
                who: who?,
                notes: notes?,
                source: source?,
                skip_taken: request.skip_taken,
            })
        })();
        bad.finish(new)
    }
}

fn rhythm(bad: &mut Violations, request: &proto::CreateSeriesRequest) -> Option<Rhythm> {
    if !(1..=MOST).contains(&request.count) {
        bad.add("count", "RANGE", "must be from 1 to 26");
    }
    let days = match (request.every_weeks, request.every_days) {
        (0, 0) => {
            bad.add("every", "REQUIRED", "must have `weeks` or `days`");
            return None;
        }
        (1..=MOST_WEEKS, 0) => request.every_weeks * 7,
        (0, 1..=MOST_DAYS) => request.every_days,
        (_, 0) => {
            bad.add("every.weeks", "RANGE", "must be from 1 to 26");
            return None;
        }
        (0, _) => {
            bad.add("every.days", "RANGE", "must be from 1 to 182");
            return None;
        }
        _ => {
            bad.add("every", "CONFLICT", "must have `weeks` or `days`, not both");
            return None;
        }
    };
    Some(Rhythm {
        every_days: i32::try_from(days).ok()?,
        count: i32::try_from(request.count).ok()?,
    })
}

fn who(bad: &mut Violations, who: Option<&create_series_request::Who>) -> Option<Who> {
    match who {
        None => {
            bad.add("patient", "REQUIRED", "must be given, or `patientId`");
            None
        }
        Some(create_series_request::Who::Patient(patient)) => {
            patients::wire::read(bad, "patient.", patient).map(Who::Named)
        }
        Some(create_series_request::Who::PatientId(id)) => {
            fields::id(bad, "patientId", id).map(Who::Known)
        }
    }
}

impl Rest {
    pub(crate) fn read(
        id: SeriesId,
        request: &proto::CancelSeriesRequest,
    ) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let from = match request.from.as_ref() {
            None => Some(None),
            at => fields::moment(&mut bad, "from", at).map(Some),
        };
        let reason = free_text(&request.reason, LONGEST_REASON);
        let reason = bad.take("reason", "REASON", reason);
        let rest = (|| {
            Some(Self {
                id,
                from: from?,
                reason: reason?,
            })
        })();
        bad.finish(rest)
    }
}

impl From<Missing> for proto::NotBooked {
    fn from(missing: Missing) -> Self {
        Self {
            local_time: local_text(missing.occurrence.local_time),
            starts_at: missing.occurrence.starts_at.map(to_proto),
            reason: missing.reason,
        }
    }
}

impl From<Kept> for proto::Kept {
    fn from(kept: Kept) -> Self {
        Self {
            booking_id: kept.booking.to_string(),
            starts_at: Some(to_proto(kept.starts_at)),
            reason: kept.reason,
        }
    }
}
