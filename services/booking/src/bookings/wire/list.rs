//! Lists of bookings on the wire.

use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use crate::{
    bookings::{Booking, Status, list::Filter},
    fields::{self, Unacceptable},
    page::{Listed, Page},
};

/// There are no more.
const MOST_STATUSES: usize = 7;

impl TryFrom<proto::ListBookingsRequest> for Filter {
    type Error = Problem;

    fn try_from(request: proto::ListBookingsRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let mut moment = |field, at: Option<prost_types::Timestamp>| match at {
            None => Some(None),
            Some(at) => fields::moment(&mut bad, field, Some(&at)).map(Some),
        };
        let from = moment("from", request.from);
        let to = moment("to", request.to);
        let wanted = statuses(&mut bad, &request.statuses);
        let status = status(&mut bad, &request.status);
        let patient = fields::optional_id(&mut bad, "patientId", &request.patient_id);
        let provider = fields::optional_id(&mut bad, "providerId", &request.provider_id);
        let call = bad.take("callId", "CALL_ID", request.call_id.parse());
        let page = Page::read(&mut bad, request.limit, &request.cursor);
        let filter = (|| {
            Some(Self {
                from: from?,
                to: to?,
                status: status?,
                statuses: wanted?,
                provider: provider?,
                patient: patient?,
                call: call?,
                page: page?,
            })
        })();
        bad.finish(filter)
    }
}

const STATUSES: Unacceptable =
    Unacceptable("must be requested, booked, confirmed, arrived, completed, no_show or cancelled");

fn status(bad: &mut Violations, word: &str) -> Option<Option<Status>> {
    if word.is_empty() {
        return Some(None);
    }
    bad.take("status", "STATUS", Status::from_word(word).ok_or(STATUSES))
        .map(Some)
}

fn statuses(bad: &mut Violations, words: &[String]) -> Option<Vec<Status>> {
    if words.len() > MOST_STATUSES {
        bad.add("statuses", "STATUS", "must name each status once at most");
        return None;
    }
    let read = words.iter().map(|word| Status::from_word(word));
    let read: Option<Vec<_>> = read.collect();
    bad.take("statuses", "STATUS", read.ok_or(STATUSES))
}

impl From<Listed<Booking>> for proto::ListBookingsResponse {
    fn from(listed: Listed<Booking>) -> Self {
        Self {
            bookings: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
