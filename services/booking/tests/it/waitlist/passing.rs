//! Offers that are declined, run out or withdrawn.

use sqlx::Connection as _;
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use super::{
    ELEVEN, TAKER, accept, becomes, entry, join, leave, list, live, release, take, try_join, wish,
};
use crate::desk::{Clinic, Desk, TEN};

/// Lets every live offer and its hold run out.
async fn run_out(desk: &Desk) {
    let mut owner = desk.database.owner().await;
    let mut tx = owner.begin().await.unwrap();
    for table in ["waitlist_offer", "hold"] {
        let statement =
            format!("UPDATE booking.{table} SET expires_at = now() - interval '1 second'");
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn decline(desk: &Desk, clinic: &Clinic, id: &str) -> Result<proto::WaitlistEntry, Problem> {
    let request = proto::DeclineOfferRequest {
        id: id.into(),
        version: None,
    };
    let request = desk.ask(&clinic.tenant, request);
    let answer = desk.waitlist().decline_offer(request).await?.into_inner();
    Ok(answer.entry.unwrap())
}

#[tokio::test]
async fn a_declined_slot_is_offered_to_the_next_and_to_nobody_twice() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let first = join(&desk, &clinic, "First").await;
    let second = join(&desk, &clinic, "Second").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    becomes(&desk, &clinic, &first, "offered").await;
    let declined = decline(&desk, &clinic, &first).await.unwrap();
    assert_eq!((&*declined.state, declined.offer), ("declined", None));
    // In the same transaction.
    assert_eq!(entry(&desk, &clinic, &second).await.state, "offered");
    let again = decline(&desk, &clinic, &first).await.unwrap_err();
    assert_eq!(again.reason, "OFFER_OVER");
    let late = accept(&desk, &clinic, &first, None).await.unwrap_err();
    assert_eq!(late.reason, "OFFER_OVER");
    decline(&desk, &clinic, &second).await.unwrap();
    assert_eq!(desk.count("booking.hold").await, 0);
    desk.book(&clinic.tenant, clinic.booking(TEN, TAKER))
        .await
        .expect("nobody wants it, so it is free");
}

#[tokio::test]
async fn who_lets_an_offer_run_out_goes_to_the_end_and_the_next_is_asked() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let urgent = proto::JoinWaitlistRequest {
        priority: 9,
        ..wish(&clinic, "Urgent")
    };
    let urgent = try_join(&desk, &clinic, urgent).await.unwrap().id;
    let other = join(&desk, &clinic, "Other").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    let offered = becomes(&desk, &clinic, &urgent, "offered").await;
    run_out(&desk).await;
    becomes(&desk, &clinic, &other, "offered").await;
    let missed = entry(&desk, &clinic, &urgent).await;
    assert_eq!(
        (&*missed.state, missed.missed, missed.version),
        ("waiting", 1, offered.version + 1)
    );
    let order: Vec<_> = list(&desk, &clinic)
        .await
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(
        order,
        [other.clone(), urgent.clone()],
        "at the end, not away"
    );
    let late = accept(&desk, &clinic, &urgent, None).await.unwrap_err();
    assert_eq!(late.reason, "OFFER_OVER");
    // Nobody is asked about one slot twice, or an empty list would be asked for ever.
    run_out(&desk).await;
    becomes(&desk, &clinic, &other, "waiting").await;
    assert_eq!(live(&desk, &clinic).await, []);
    assert_eq!(desk.count("booking.waitlist_offer").await, 2);
    // Another slot is another question, and who missed as many waits by rank.
    let elsewhere = take(&desk, &clinic, ELEVEN).await;
    desk.cancel(&clinic.tenant, &elsewhere).await.unwrap();
    becomes(&desk, &clinic, &urgent, "offered").await;
}

/// An offer that ran out while no process was there is ended by the next one.
#[tokio::test]
async fn an_offer_that_runs_out_while_nothing_runs_is_passed_on_by_the_next_process() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let first = join(&desk, &clinic, "First").await;
    let second = join(&desk, &clinic, "Second").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    becomes(&desk, &clinic, &first, "offered").await;
    desk.stop().await;
    run_out(&desk).await;
    let desk = desk.open_again().await;
    becomes(&desk, &clinic, &second, "offered").await;
    assert_eq!(entry(&desk, &clinic, &first).await.missed, 1);
}

#[tokio::test]
async fn staff_who_give_back_an_offers_hold_end_the_offer_and_the_entry_waits_on() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let first = join(&desk, &clinic, "First").await;
    let second = join(&desk, &clinic, "Second").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    let offer = becomes(&desk, &clinic, &first, "offered").await.offer;
    release(&desk, &clinic, offer.unwrap().hold_id).await;
    becomes(&desk, &clinic, &second, "offered").await;
    let waits = entry(&desk, &clinic, &first).await;
    assert_eq!((&*waits.state, waits.missed), ("waiting", 0));
}

#[tokio::test]
async fn what_a_caller_held_and_did_not_book_is_offered() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let wanted = clinic.wanted(TEN, ELEVEN);
    let slots = desk.slots(&clinic.tenant, wanted).await.unwrap().slots;
    let request = proto::CreateHoldRequest {
        slot_id: slots[0].slot_id.clone(),
        call_id: String::new(),
    };
    let request = desk.ask(&clinic.tenant, request);
    desk.holds().create_hold(request).await.unwrap();
    let first = join(&desk, &clinic, "First").await;
    assert_eq!(entry(&desk, &clinic, &first).await.state, "waiting");
    run_out(&desk).await;
    let offer = becomes(&desk, &clinic, &first, "offered").await.offer;
    assert_eq!(offer.unwrap().local_time, "2026-12-02T10:00");
}

#[tokio::test]
async fn an_entry_that_is_taken_off_gives_its_offer_to_the_next() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let first = join(&desk, &clinic, "First").await;
    let second = join(&desk, &clinic, "Second").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    becomes(&desk, &clinic, &first, "offered").await;
    leave(&desk, &clinic, &first).await.unwrap();
    leave(&desk, &clinic, &first)
        .await
        .expect("it is gone already");
    assert_eq!(entry(&desk, &clinic, &first).await.state, "removed");
    assert_eq!(entry(&desk, &clinic, &second).await.state, "offered");
    accept(&desk, &clinic, &second, None).await.unwrap();
    let over = leave(&desk, &clinic, &second).await.unwrap_err();
    assert_eq!(over.reason, "WAITLIST_ENTRY_OVER");
}

#[tokio::test]
async fn an_answer_is_for_the_offer_that_was_seen() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let id = join(&desk, &clinic, "First").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    let seen = becomes(&desk, &clinic, &id, "offered").await.version;
    let stale = accept(&desk, &clinic, &id, Some(seen - 1))
        .await
        .unwrap_err();
    assert_eq!(stale.reason, "STALE_VERSION");
    accept(&desk, &clinic, &id, Some(seen)).await.unwrap();
}

#[tokio::test]
async fn trap_25_an_offer_that_cannot_end_holds_up_no_other() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let (ten, eleven) = (
        take(&desk, &clinic, TEN).await,
        take(&desk, &clinic, ELEVEN).await,
    );
    let stuck = join(&desk, &clinic, "Stuck").await;
    desk.cancel(&clinic.tenant, &ten).await.unwrap();
    becomes(&desk, &clinic, &stuck, "offered").await;
    let passes = join(&desk, &clinic, "Passes").await;
    desk.cancel(&clinic.tenant, &eleven).await.unwrap();
    becomes(&desk, &clinic, &passes, "offered").await;
    let id = stuck.split_once('_').unwrap().1;
    let poison = format!(
        "CREATE FUNCTION booking.poison() RETURNS trigger LANGUAGE plpgsql
           AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$;
         CREATE TRIGGER poison BEFORE UPDATE ON booking.waitlist_entry FOR EACH ROW
           WHEN (old.id = '{id}') EXECUTE FUNCTION booking.poison()"
    );
    let mut owner = desk.database.owner().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(poison))
        .execute(&mut owner)
        .await
        .unwrap();
    run_out(&desk).await;
    assert_eq!(becomes(&desk, &clinic, &passes, "waiting").await.missed, 1);
    assert_eq!(entry(&desk, &clinic, &stuck).await.state, "offered");
    sqlx::raw_sql("DROP TRIGGER poison ON booking.waitlist_entry")
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(becomes(&desk, &clinic, &stuck, "waiting").await.missed, 1);
}
