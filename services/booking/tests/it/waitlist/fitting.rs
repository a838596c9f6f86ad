//! What becomes free, and whom it is offered to.

use voxanne_events::{Doorbell, Log, New};
use voxanne_pg::OrgTx;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::{eventually, two_orgs};

use super::{ELEVEN, TAKER, becomes, entry, join, list, live, release, take, try_join, wish};
use crate::desk::{Desk, TEN, at, proto_at};

#[tokio::test]
async fn only_who_fits_is_offered_what_is_free() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let other = desk.provider(&clinic.tenant, "Dr. Who").await.id;
    let long = desk.service(&clinic.tenant, "Long", (60, 0, 0)).await;
    let booking = take(&desk, &clinic, TEN).await;
    take(&desk, &clinic, "2026-12-02T10:30:00Z").await;
    let unfit: [&dyn Fn(&mut proto::JoinWaitlistRequest); 4] = [
        &|one| one.part_of_day = "afternoon".into(),
        &|one| {
            one.from_date = "2026-12-03".into();
            one.to_date = "2026-12-10".into();
        },
        &|one| one.provider_id.clone_from(&other),
        &|one| one.service_id.clone_from(&long),
    ];
    for (number, change) in unfit.iter().enumerate() {
        let mut request = wish(&clinic, &format!("Unfit {number}"));
        request.priority = 9;
        change(&mut request);
        try_join(&desk, &clinic, request).await.unwrap();
    }
    // This one is seen elsewhere at ten.
    let elsewhere = proto::CreateBookingRequest {
        provider_id: other.clone(),
        who: Some(proto::create_booking_request::Who::Patient(
            proto::BookedPatient {
                name: "Busy".into(),
                phone: "+14155550177".into(),
                ..Default::default()
            },
        )),
        ..clinic.booking(TEN, TAKER)
    };
    desk.book(&clinic.tenant, elsewhere).await.unwrap();
    let busy = proto::JoinWaitlistRequest {
        priority: 9,
        ..wish(&clinic, "Busy")
    };
    try_join(&desk, &clinic, busy).await.unwrap();
    let fit = join(&desk, &clinic, "Fit").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    becomes(&desk, &clinic, &fit, "offered").await;
    let expected = ("2026-12-02T10:00".to_owned(), "Fit".to_owned());
    assert_eq!(live(&desk, &clinic).await, [expected]);
}

#[tokio::test]
async fn an_hour_is_offered_to_two_who_want_half_of_it() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let long = desk.service(&clinic.tenant, "Long", (60, 0, 0)).await;
    let hour = proto::CreateBookingRequest {
        service_id: long,
        ..clinic.booking(TEN, TAKER)
    };
    let hour = desk.book(&clinic.tenant, hour).await.unwrap().id;
    for name in ["First", "Second", "Third"] {
        join(&desk, &clinic, name).await;
    }
    desk.cancel(&clinic.tenant, &hour).await.unwrap();
    let wanted = [("10:00", "First"), ("10:30", "Second")]
        .map(|(time, name)| (format!("2026-12-02T{time}"), name.to_owned()));
    eventually("two are offered a half each", || async {
        live(&desk, &clinic).await == wanted
    })
    .await;
}

#[tokio::test]
async fn the_time_that_a_moved_booking_leaves_is_offered() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let other = desk.provider(&clinic.tenant, "Dr. Who").await.id;
    let booking = take(&desk, &clinic, TEN).await;
    let id = join(&desk, &clinic, "First").await;
    let away = proto::RescheduleBookingRequest {
        id: booking,
        provider_id: other,
        starts_at: proto_at(ELEVEN),
        ..Default::default()
    };
    desk.reschedule(&clinic.tenant, away).await.unwrap();
    let offer = becomes(&desk, &clinic, &id, "offered").await.offer.unwrap();
    assert_eq!(
        (&*offer.local_time, &*offer.provider_id),
        ("2026-12-02T10:00", &*clinic.provider),
        "where it was, not where it is"
    );
}

#[tokio::test]
async fn a_slot_that_was_held_and_given_back_is_offered() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let wanted = clinic.wanted(TEN, ELEVEN);
    let slot_id = desk.slots(&clinic.tenant, wanted).await.unwrap().slots[0]
        .slot_id
        .clone();
    let request = proto::CreateHoldRequest {
        slot_id,
        call_id: String::new(),
    };
    let request = desk.ask(&clinic.tenant, request);
    let held = desk.holds().create_hold(request).await.unwrap();
    let id = held.into_inner().hold.unwrap().id;
    let first = join(&desk, &clinic, "First").await;
    release(&desk, &clinic, id).await;
    becomes(&desk, &clinic, &first, "offered").await;
}

/// A booking's cancellation in one clinic is no news for another's waitlist, and an event that says
/// nothing useful holds nobody up.
#[tokio::test]
async fn what_is_free_at_one_clinic_is_offered_at_no_other() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let (acme, globex) = (desk.clinic(&acme).await, desk.clinic(&globex).await);
    let theirs = join(&desk, &globex, "Theirs").await;
    let poison = New {
        kind: "booking.cancelled",
        at: at(TEN),
        data: serde_json::json!({}),
    };
    let pool = desk.database.pool("booking");
    let tx = OrgTx::begin(&pool, &acme.tenant).await.unwrap();
    let log = Log::new(Doorbell::silent());
    log.commit(tx, vec![poison]).await.unwrap();
    let booking = take(&desk, &acme, TEN).await;
    let ours = join(&desk, &acme, "Ours").await;
    desk.cancel(&acme.tenant, &booking).await.unwrap();
    becomes(&desk, &acme, &ours, "offered").await;
    assert_eq!(entry(&desk, &globex, &theirs).await.state, "waiting");
    assert_eq!(list(&desk, &globex).await.len(), 1);
}
