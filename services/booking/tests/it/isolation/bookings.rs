//! The rpcs of `BookingService`.

use voxanne_proto::booking::v1::{self as proto, create_booking_request::Who};

use super::{Fence, PHONE};
use crate::desk::{TEN, proto_at};

const DAY: (&str, &str) = ("2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z");

pub(super) async fn rpcs(fence: &mut Fence) {
    existing(fence).await;
    creation(fence).await;
    slots(fence).await;
    slot_ids(fence).await;
    holds(fence).await;
    sees!(fence, globex, bookings.list_bookings, bookings, 0);
}

async fn existing(fence: &mut Fence) {
    let booking = fence.theirs.id.clone();
    same_as_unknown!(fence, bookings.get_booking, booking.clone(), |id| {
        proto::GetBookingRequest { id: id.clone() }
    });
    same_as_unknown!(fence, bookings.confirm_booking, booking.clone(), |id| {
        proto::ConfirmBookingRequest { id, version: None }
    });
    same_as_unknown!(fence, bookings.cancel_booking, booking.clone(), |id| {
        proto::CancelBookingRequest {
            id,
            version: None,
            reason: String::new(),
        }
    });
    same_as_unknown!(fence, bookings.reschedule_booking, booking.clone(), |id| {
        proto::RescheduleBookingRequest {
            id,
            starts_at: proto_at(TEN),
            ..Default::default()
        }
    });
    same_as_unknown!(fence, bookings.mark_booking, booking, |id| {
        proto::MarkBookingRequest {
            id,
            mark: proto::Mark::Arrived.into(),
            ..Default::default()
        }
    });
}

async fn holds(fence: &mut Fence) {
    let wanted = fence.acme.wanted(DAY.0, DAY.1);
    let found = fence.desk.slots(&fence.acme.tenant, wanted).await;
    let slot = found.unwrap().slots.remove(3).slot_id;
    let stolen = proto::CreateHoldRequest {
        slot_id: slot.clone(),
        call_id: String::new(),
    };
    let request = fence.desk.ask(&fence.globex.tenant, stolen);
    let refused = fence.desk.holds().create_hold(request).await.unwrap_err();
    let problem = voxanne_problem::Problem::from(refused);
    assert_eq!(problem.violations[0].code, "SLOT_UNKNOWN");
    fence.seen.insert("createhold".to_owned());
    let request = proto::CreateHoldRequest {
        slot_id: slot,
        call_id: String::new(),
    };
    let request = fence.desk.ask(&fence.acme.tenant, request);
    let held = fence.desk.holds().create_hold(request).await.unwrap();
    let hold = held.into_inner().hold.unwrap().id;
    same_as_unknown!(fence, holds.release_hold, hold, |id| {
        proto::ReleaseHoldRequest {
            id,
            call_id: String::new(),
        }
    });
}

async fn creation(fence: &mut Fence) {
    let mine = fence.globex.booking("2026-12-02T11:00:00Z", PHONE);
    same_as_unknown!(
        fence,
        bookings.create_booking,
        fence.acme.service.clone(),
        |id| {
            proto::CreateBookingRequest {
                service_id: id,
                ..mine.clone()
            }
        }
    );
    same_as_unknown!(
        fence,
        bookings.create_booking,
        fence.acme.provider.clone(),
        |id| {
            proto::CreateBookingRequest {
                provider_id: id,
                ..mine.clone()
            }
        }
    );
    same_as_unknown!(
        fence,
        bookings.create_booking,
        fence.patient.clone(),
        |id| {
            proto::CreateBookingRequest {
                who: Some(Who::PatientId(id)),
                ..mine.clone()
            }
        }
    );
}

async fn slots(fence: &mut Fence) {
    let wanted = fence.globex.wanted(DAY.0, DAY.1);
    same_as_unknown!(
        fence,
        bookings.find_slots,
        fence.acme.service.clone(),
        |id| {
            proto::FindSlotsRequest {
                service_id: id,
                ..wanted.clone()
            }
        }
    );
    same_as_unknown!(
        fence,
        bookings.find_slots,
        fence.acme.provider.clone(),
        |id| {
            proto::FindSlotsRequest {
                provider_id: id,
                ..wanted.clone()
            }
        }
    );
    let free = fence
        .desk
        .slots(&fence.globex.tenant, wanted)
        .await
        .unwrap()
        .slots;
    let at_ten = free.iter().any(|slot| slot.starts_at == proto_at(TEN));
    assert!(at_ten, "what acme has given away is free at globex");
}

async fn slot_ids(fence: &mut Fence) {
    let wanted = fence.acme.wanted(DAY.0, DAY.1);
    let slots = fence
        .desk
        .slots(&fence.acme.tenant, wanted)
        .await
        .unwrap()
        .slots;
    let stolen = proto::CreateBookingRequest {
        slot_id: slots[0].slot_id.clone(),
        who: fence.globex.booking(TEN, PHONE).who,
        ..Default::default()
    };
    let problem = fence
        .desk
        .book(&fence.globex.tenant, stolen)
        .await
        .unwrap_err();
    assert_eq!(problem.violations[0].code, "SLOT_UNKNOWN");
}
