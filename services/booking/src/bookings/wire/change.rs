//! Changes of bookings on the wire.

use voxanne_ids::BookingId;
use voxanne_privacy::Private;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::LONGEST_REASON;
use crate::{
    bookings::{Wish, change::Ask},
    fields::{Unacceptable, free_text},
};

impl Ask {
    pub(crate) fn confirm(id: BookingId, request: &proto::ConfirmBookingRequest) -> Self {
        Self {
            id,
            wish: Wish::Confirm,
            seen: request.version,
            reason: Private::default(),
        }
    }

    pub(crate) fn cancel(
        id: BookingId,
        request: &proto::CancelBookingRequest,
    ) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let reason = bad.take(
            "reason",
            "REASON",
            free_text(&request.reason, LONGEST_REASON),
        );
        let reason = bad.finish(reason)?;
        Ok(Self {
            id,
            wish: Wish::Cancel,
            seen: request.version,
            reason,
        })
    }

    pub(crate) fn mark(
        id: BookingId,
        request: &proto::MarkBookingRequest,
    ) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let wish = match request.mark() {
            proto::Mark::Approved => Some(Wish::Approve),
            proto::Mark::Declined => Some(Wish::Decline),
            proto::Mark::Arrived => Some(Wish::Arrive),
            proto::Mark::Completed => Some(Wish::Complete),
            proto::Mark::NoShow => Some(Wish::NoShow),
            proto::Mark::Unspecified => None,
        };
        let wish = bad.take(
            "mark",
            "REQUIRED",
            wish.ok_or(Unacceptable("must be given")),
        );
        let reason = bad.take(
            "reason",
            "REASON",
            free_text(&request.reason, LONGEST_REASON),
        );
        let ask = (|| {
            Some(Self {
                id,
                wish: wish?,
                seen: request.version,
                reason: reason?,
            })
        })();
        bad.finish(ask)
    }
}
