//! The waitlist on the wire.

use jiff::civil::Date;
use voxanne_clock::to_proto;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1::{self as proto, join_waitlist_request};

use super::{Entry, Offered, PartOfDay, State, Wish, join::NewEntry, list::Filter};
use crate::{
    availability::slot::local_text,
    bookings::book::Who,
    fields::{self, Unacceptable, free_text},
    page::{Listed, Page},
    patients,
};

const LONGEST_NOTE: usize = 500;
const LONGEST_WAIT_DAYS: i32 = 400;
const HIGHEST_PRIORITY: u32 = 9;

impl TryFrom<&proto::JoinWaitlistRequest> for NewEntry {
    type Error = Problem;

    fn try_from(request: &proto::JoinWaitlistRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let service = fields::id(&mut bad, "serviceId", &request.service_id);
        let wish = wish(&mut bad, request);
        let priority = request.priority;
        if priority > HIGHEST_PRIORITY {
            bad.add("priority", "RANGE", "must be from 0 to 9");
        }
        let note = bad.take("note", "NOTES", free_text(&request.note, LONGEST_NOTE));
        let who = who(&mut bad, request.who.as_ref());
        let new = (|| {
            Some(Self {
                service: service?,
                wish: wish?,
                priority: i32::try_from(priority).ok()?,
                note: note?,
                who: who?,
            })
        })();
        bad.finish(new)
    }
}

fn wish(bad: &mut Violations, request: &proto::JoinWaitlistRequest) -> Option<Wish> {
    let provider = fields::optional_id(bad, "providerId", &request.provider_id);
    let from = date(bad, "fromDate", &request.from_date);
    let to = date(bad, "toDate", &request.to_date);
    let part = match request.part_of_day.as_str() {
        "" => Some(PartOfDay::Any),
        word => {
            let wrong = Unacceptable("must be any, morning, afternoon or evening");
            let part = PartOfDay::from_word(word).ok_or(wrong);
            bad.take("partOfDay", "ONE_OF", part)
        }
    };
    let (from, to) = (from?, to?);
    let days = (to - from).get_days();
    if days < 0 {
        bad.add("toDate", "RANGE", "must not be before `fromDate`");
    } else if days > LONGEST_WAIT_DAYS {
        bad.add(
            "toDate",
            "RANGE",
            "must be at most 400 days after `fromDate`",
        );
    }
    Some(Wish {
        provider: provider?,
        from,
        to,
        part: part?,
    })
}

fn date(bad: &mut Violations, field: &str, text: &str) -> Option<Date> {
    if text.is_empty() {
        bad.add(field, "REQUIRED", "must be given");
        return None;
    }
    let read = text.parse::<Date>().ok();
    let read = read.filter(|date| (1970..=9998).contains(&date.year()));
    let wrong = Unacceptable("must be a day, such as 2026-12-01");
    bad.take(field, "DATE", read.ok_or(wrong))
}

fn who(bad: &mut Violations, who: Option<&join_waitlist_request::Who>) -> Option<Who> {
    match who {
        None => {
            bad.add("patient", "REQUIRED", "must be given, or `patientId`");
            None
        }
        Some(join_waitlist_request::Who::Patient(patient)) => {
            patients::wire::read(bad, "patient.", patient).map(Who::Named)
        }
        Some(join_waitlist_request::Who::PatientId(id)) => {
            fields::id(bad, "patientId", id).map(Who::Known)
        }
    }
}

impl TryFrom<proto::ListWaitlistRequest> for Filter {
    type Error = Problem;

    fn try_from(request: proto::ListWaitlistRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let state = match request.state.as_str() {
            "" => Some(None),
            word => {
                let wrong = Unacceptable("must be waiting, offered, booked, declined or removed");
                let state = State::from_word(word).ok_or(wrong);
                bad.take("state", "STATUS", state).map(Some)
            }
        };
        let service = fields::optional_id(&mut bad, "serviceId", &request.service_id);
        let page = Page::read(&mut bad, request.limit, &request.cursor);
        let filter = (|| {
            Some(Self {
                state: state?,
                service: service?,
                page: page?,
            })
        })();
        bad.finish(filter)
    }
}

impl From<Entry> for proto::WaitlistEntry {
    fn from(entry: Entry) -> Self {
        let text = |id: Option<String>| id.unwrap_or_default();
        Self {
            id: entry.id.to_string(),
            state: entry.state.as_str().to_owned(),
            patient: Some(entry.patient.into()),
            service_id: entry.service.to_string(),
            service_name: entry.service_name,
            provider_id: text(entry.wish.provider.map(|id| id.to_string())),
            from_date: entry.wish.from.to_string(),
            to_date: entry.wish.to.to_string(),
            part_of_day: entry.wish.part.as_str().to_owned(),
            priority: entry.priority.unsigned_abs(),
            note: entry.note.into_exposed(),
            missed: entry.missed.unsigned_abs(),
            version: entry.version,
            created_at: Some(to_proto(entry.created_at)),
            offer: entry.offer.map(Into::into),
            booking_id: text(entry.booking.map(|id| id.to_string())),
        }
    }
}

impl From<Offered> for proto::WaitlistOffer {
    fn from(offer: Offered) -> Self {
        Self {
            hold_id: offer.hold.to_string(),
            starts_at: Some(to_proto(offer.visit.from)),
            ends_at: Some(to_proto(offer.visit.to)),
            local_time: local_text(offer.local_time),
            time_zone: offer.time_zone,
            provider_id: offer.provider.to_string(),
            expires_at: Some(to_proto(offer.expires_at)),
        }
    }
}

impl From<Listed<Entry>> for proto::ListWaitlistResponse {
    fn from(listed: Listed<Entry>) -> Self {
        Self {
            entries: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
