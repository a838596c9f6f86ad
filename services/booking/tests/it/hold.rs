//! Holding slots.

use voxanne_events::{Doorbell, Log, New};
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::{eventually, two_orgs};

use crate::desk::{Clinic, Desk, TEN, bad_fields, proto_at};

const PHONE: &str = "+14155550123";

async fn slot(desk: &Desk, clinic: &Clinic, call: &str, start: &str) -> String {
    let end = "2026-12-02T17:00:00Z";
    let request = proto::FindSlotsRequest {
        call_id: call.into(),
        ..clinic.wanted(start, end)
    };
    let found = desk.slots(&clinic.tenant, request).await.unwrap();
    found.slots[0].slot_id.clone()
}

async fn hold(
    desk: &Desk,
    clinic: &Clinic,
    slot_id: &str,
    call: &str,
) -> Result<proto::Hold, Problem> {
    let request = proto::CreateHoldRequest {
        slot_id: slot_id.into(),
        call_id: call.into(),
    };
    let answer = desk
        .holds()
        .create_hold(desk.ask(&clinic.tenant, request))
        .await?;
    Ok(answer.into_inner().hold.unwrap())
}

async fn release(desk: &Desk, clinic: &Clinic, id: &str, call: &str) -> Result<(), Problem> {
    let request = proto::ReleaseHoldRequest {
        id: id.into(),
        call_id: call.into(),
    };
    desk.holds()
        .release_hold(desk.ask(&clinic.tenant, request))
        .await?;
    Ok(())
}

fn held(hold: &proto::Hold, clinic: &Clinic, call: &str) -> proto::CreateBookingRequest {
    proto::CreateBookingRequest {
        hold_id: hold.id.clone(),
        call_id: call.into(),
        who: clinic.booking(TEN, PHONE).who,
        ..Default::default()
    }
}

async fn expire_all(desk: &Desk) {
    sqlx::query("UPDATE booking.hold SET expires_at = now() - interval '1 second'")
        .execute(&mut desk.database.owner().await)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_held_slot_is_kept_from_others_and_booked_by_its_holder() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let slot_id = slot(&desk, &clinic, "call-1", TEN).await;
    let kept = hold(&desk, &clinic, &slot_id, "call-1").await.unwrap();
    assert!(kept.id.starts_with("hld_"));
    assert_eq!(kept.local_time, "2026-12-02T10:00");
    let offered = clinic.wanted(TEN, "2026-12-02T11:00:00Z");
    let offered = desk.slots(&clinic.tenant, offered).await.unwrap().slots;
    assert_eq!(
        offered[0].local_time, "2026-12-02T10:30",
        "it is offered to nobody else"
    );
    let other = clinic.booking(TEN, "+14155550199");
    let problem = desk.book(&clinic.tenant, other).await.unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN");
    let problem = hold(&desk, &clinic, &slot_id, "call-1").await.unwrap_err();
    assert_eq!(problem.reason, "SLOT_TAKEN");
    let booking = desk
        .book(&clinic.tenant, held(&kept, &clinic, "call-1"))
        .await
        .unwrap();
    assert_eq!(booking.local_time, "2026-12-02T10:00");
    assert_eq!(desk.count("booking.hold").await, 0);
    let events = desk.events(&clinic.tenant).await;
    let kinds: Vec<_> = events.iter().map(|(kind, _)| &**kind).collect();
    assert_eq!(kinds, ["booking.held", "booking.created"]);
}

/// Trap 10: a hold that has run out keeps nobody away, and one that is gone is no reason to refuse.
#[tokio::test]
async fn trap_10_an_expired_hold_keeps_nobody_away() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let slot_id = slot(&desk, &clinic, "call-1", TEN).await;
    let kept = hold(&desk, &clinic, &slot_id, "call-1").await.unwrap();
    expire_all(&desk).await;
    let offered = clinic.wanted(TEN, "2026-12-02T11:00:00Z");
    let offered = desk.slots(&clinic.tenant, offered).await.unwrap().slots;
    assert_eq!(offered[0].local_time, "2026-12-02T10:00");
    let problem = desk
        .book(&clinic.tenant, held(&kept, &clinic, "call-1"))
        .await
        .unwrap_err();
    assert_eq!(problem.reason, "HOLD_NOT_FOUND");
    let spelled = proto::CreateBookingRequest {
        hold_id: kept.id.clone(),
        call_id: "call-1".into(),
        ..clinic.booking(TEN, PHONE)
    };
    desk.book(&clinic.tenant, spelled)
        .await
        .expect("the time is free");
    eventually("the hold is taken away", || async {
        desk.count("booking.hold").await == 0
    })
    .await;
}

/// Trap 10: moving is as free as booking.
#[tokio::test]
async fn trap_10_a_visit_moves_to_where_a_hold_has_expired() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let eleven = clinic.booking("2026-12-02T11:00:00Z", PHONE);
    let visit = desk.book(&clinic.tenant, eleven).await.unwrap();
    let slot_id = slot(&desk, &clinic, "call-1", TEN).await;
    hold(&desk, &clinic, &slot_id, "call-1").await.unwrap();
    let to_ten = proto::RescheduleBookingRequest {
        id: visit.id,
        starts_at: proto_at(TEN),
        ..Default::default()
    };
    let refused = desk.reschedule(&clinic.tenant, to_ten.clone()).await;
    assert_eq!(refused.unwrap_err().reason, "SLOT_TAKEN");
    expire_all(&desk).await;
    let moved = desk.reschedule(&clinic.tenant, to_ten).await.unwrap();
    assert_eq!(moved.local_time, "2026-12-02T10:00");
}

/// I8: dashboards hear of the end of a hold that nobody wanted.
#[tokio::test]
async fn i8_a_hold_that_runs_out_is_said_to_be_free() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let slot_id = slot(&desk, &clinic, "", TEN).await;
    let kept = hold(&desk, &clinic, &slot_id, "").await.unwrap();
    expire_all(&desk).await;
    eventually("the end is told", || async {
        desk.events(&clinic.tenant).await.len() == 2
    })
    .await;
    let (kind, data) = desk.events(&clinic.tenant).await.pop().unwrap();
    assert_eq!(
        (&*kind, &data["holdId"], &data["providerId"]),
        (
            "booking.released",
            &kept.id.into(),
            &(&*clinic.provider).into()
        )
    );
    assert_eq!(desk.count("booking.claim").await, 0);
}

/// Trap 10: one caller cannot hold a whole day, not even with all requests at once.
#[tokio::test]
async fn trap_10_one_caller_holds_three_slots_at_most() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let offered = clinic.wanted(TEN, "2026-12-02T17:00:00Z");
    let slots = desk.slots(&clinic.tenant, offered).await.unwrap().slots;
    let holds = slots
        .iter()
        .take(8)
        .map(|one| hold(&desk, &clinic, &one.slot_id, ""));
    let (kept, refused): (Vec<_>, Vec<_>) = futures_util::future::join_all(holds)
        .await
        .into_iter()
        .partition(Result::is_ok);
    assert_eq!((kept.len(), refused.len()), (3, 5));
    for refused in refused {
        assert_eq!(refused.unwrap_err().reason, "TOO_MANY_HOLDS");
    }
    release(&desk, &clinic, &kept[0].as_ref().unwrap().id, "")
        .await
        .unwrap();
    let free = &slots[9].slot_id;
    hold(&desk, &clinic, free, "")
        .await
        .expect("one was given back");
}

/// D5: a hold that expires just while it is booked has one outcome.
#[tokio::test]
async fn of_a_booking_and_a_rival_at_expiry_one_gets_the_slot() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    for round in 0..4 {
        let start = format!("2026-12-02T{:02}:00:00Z", 10 + round);
        let slot_id = slot(&desk, &clinic, "call-1", &start).await;
        let kept = hold(&desk, &clinic, &slot_id, "call-1").await.unwrap();
        let rival = clinic.booking(&start, &format!("+1415555021{round}"));
        let (holder, rival, ()) = tokio::join!(
            desk.book(&clinic.tenant, held(&kept, &clinic, "call-1")),
            desk.book(&clinic.tenant, rival),
            expire_all(&desk),
        );
        assert!(!(holder.is_ok() && rival.is_ok()), "round {round}");
    }
    let overlaps: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM booking.claim one JOIN booking.claim two
           ON one.resource_id = two.resource_id AND one.owner_id <> two.owner_id
          AND one.busy && two.busy",
    )
    .fetch_one(&mut desk.database.owner().await)
    .await
    .unwrap();
    assert_eq!(overlaps, 0);
}

#[tokio::test]
async fn a_hold_is_good_in_its_call_and_organisation_only() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let (acme, globex) = (desk.clinic(&acme).await, desk.clinic(&globex).await);
    let slot_id = slot(&desk, &acme, "call-1", TEN).await;
    let problem = hold(&desk, &acme, &slot_id, "call-2").await.unwrap_err();
    assert_eq!(bad_fields(&problem), ["slotId SLOT_UNKNOWN"]);
    let problem = hold(&desk, &globex, &slot_id, "call-1").await.unwrap_err();
    assert_eq!(bad_fields(&problem), ["slotId SLOT_UNKNOWN"]);
    let kept = hold(&desk, &acme, &slot_id, "call-1").await.unwrap();
    for (clinic, call) in [(&acme, "call-2"), (&globex, "call-1")] {
        let problem = release(&desk, clinic, &kept.id, call).await.unwrap_err();
        assert_eq!(problem.reason, "HOLD_NOT_FOUND");
        let request = held(&kept, clinic, call);
        let problem = desk.book(&clinic.tenant, request).await.unwrap_err();
        assert_eq!(problem.reason, "HOLD_NOT_FOUND");
    }
    release(&desk, &acme, &kept.id, "call-1").await.unwrap();
    let again = release(&desk, &acme, &kept.id, "call-1").await.unwrap_err();
    assert_eq!(again.reason, "HOLD_NOT_FOUND");
    assert_eq!(desk.count("booking.claim").await, 0);
}

#[tokio::test]
async fn a_hold_of_another_slot_is_refused_and_stays() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let slot_id = slot(&desk, &clinic, "", TEN).await;
    let kept = hold(&desk, &clinic, &slot_id, "").await.unwrap();
    let request = proto::CreateBookingRequest {
        hold_id: kept.id,
        ..clinic.booking("2026-12-02T11:00:00Z", PHONE)
    };
    let problem = desk.book(&clinic.tenant, request).await.unwrap_err();
    assert_eq!(bad_fields(&problem), ["holdId OTHER_SLOT"]);
    assert_eq!(desk.count("booking.hold").await, 1);
    assert_eq!(desk.count("booking.booking").await, 0);
}

/// I8: holds end; those of a call with the call.
#[tokio::test]
async fn i8_what_a_call_held_is_free_after_it_has_ended() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let slot_id = slot(&desk, &clinic, "call-1", TEN).await;
    hold(&desk, &clinic, &slot_id, "call-1").await.unwrap();
    let slot_id = slot(&desk, &clinic, "", "2026-12-02T11:00:00Z").await;
    hold(&desk, &clinic, &slot_id, "").await.unwrap();
    let pool = desk.database.pool("voice-tooling");
    let ended = New {
        kind: "call.ended",
        at: desk.clock.now(),
        data: serde_json::json!({"callId": "call_1", "vapiCallId": "call-1"}),
    };
    let tx = OrgTx::begin(&pool, &clinic.tenant).await.unwrap();
    Log::new(Doorbell::silent())
        .commit(tx, vec![ended])
        .await
        .unwrap();
    eventually("the call's hold has ended, and no other", || async {
        desk.count("booking.hold").await == 1
    })
    .await;
    let events = desk.events(&clinic.tenant).await;
    assert_eq!(events.last().unwrap().0, "booking.released");
}
