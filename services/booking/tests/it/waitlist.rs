//! Waiting for time to become free.

mod fitting;
mod listing;
mod passing;
mod persons;

use futures_util::future::join_all;
use voxanne_problem::Problem;
use voxanne_proto::booking::v1::{self as proto, join_waitlist_request::Who};
use voxanne_testkit::{eventually, two_orgs};

use crate::desk::{Clinic, Desk, TEN};

const TAKER: &str = "+14155550100";
const ELEVEN: &str = "2026-12-02T11:00:00Z";

/// Somebody who wants the clinic's service on the day of [`TEN`].
fn wish(clinic: &Clinic, name: &str) -> proto::JoinWaitlistRequest {
    proto::JoinWaitlistRequest {
        service_id: clinic.service.clone(),
        from_date: "2026-12-02".into(),
        to_date: "2026-12-02".into(),
        who: Some(Who::Patient(proto::BookedPatient {
            name: name.into(),
            phone: "+14155550177".into(),
            ..Default::default()
        })),
        ..Default::default()
    }
}

async fn try_join(
    desk: &Desk,
    clinic: &Clinic,
    request: proto::JoinWaitlistRequest,
) -> Result<proto::WaitlistEntry, Problem> {
    let request = desk.ask(&clinic.tenant, request);
    let answer = desk.waitlist().join_waitlist(request).await?;
    Ok(answer.into_inner().entry.unwrap())
}

async fn join(desk: &Desk, clinic: &Clinic, name: &str) -> String {
    let entry = try_join(desk, clinic, wish(clinic, name)).await.unwrap();
    assert_eq!((&*entry.state, entry.offer), ("waiting", None));
    entry.id
}

async fn list(desk: &Desk, clinic: &Clinic) -> Vec<proto::WaitlistEntry> {
    let request = desk.ask(&clinic.tenant, proto::ListWaitlistRequest::default());
    let answer = desk.waitlist().list_waitlist(request).await.unwrap();
    answer.into_inner().entries
}

async fn entry(desk: &Desk, clinic: &Clinic, id: &str) -> proto::WaitlistEntry {
    let all = list(desk, clinic).await;
    all.into_iter().find(|one| one.id == id).unwrap()
}

/// The entry, once it has this state.
async fn becomes(desk: &Desk, clinic: &Clinic, id: &str, state: &str) -> proto::WaitlistEntry {
    eventually(&format!("the entry is {state}"), || async {
        entry(desk, clinic, id).await.state == state
    })
    .await;
    entry(desk, clinic, id).await
}

async fn accept(
    desk: &Desk,
    clinic: &Clinic,
    id: &str,
    version: Option<i64>,
) -> Result<proto::AcceptOfferResponse, Problem> {
    let request = proto::AcceptOfferRequest {
        id: id.into(),
        version,
    };
    let request = desk.ask(&clinic.tenant, request);
    Ok(desk.waitlist().accept_offer(request).await?.into_inner())
}

async fn leave(desk: &Desk, clinic: &Clinic, id: &str) -> Result<(), Problem> {
    let request = proto::LeaveWaitlistRequest { id: id.into() };
    let request = desk.ask(&clinic.tenant, request);
    desk.waitlist().leave_waitlist(request).await?;
    Ok(())
}

async fn take(desk: &Desk, clinic: &Clinic, start: &str) -> String {
    let booking = clinic.booking(start, TAKER);
    desk.book(&clinic.tenant, booking).await.unwrap().id
}

/// Starts offered at this moment, each with its entry's patient.
async fn live(desk: &Desk, clinic: &Clinic) -> Vec<(String, String)> {
    let all = list(desk, clinic).await.into_iter();
    all.filter_map(|one| Some((one.offer?.local_time, one.patient?.name)))
        .collect()
}

#[tokio::test]
async fn a_cancelled_visit_is_offered_to_the_first_in_rank_and_booked_by_accepting() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let later = join(&desk, &clinic, "Later").await;
    let urgent = proto::JoinWaitlistRequest {
        priority: 5,
        note: "toothache".into(),
        ..wish(&clinic, "Urgent")
    };
    let urgent = try_join(&desk, &clinic, urgent).await.unwrap().id;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    let offered = becomes(&desk, &clinic, &urgent, "offered").await;
    let offer = offered.offer.unwrap();
    assert_eq!(
        (&*offer.local_time, &*offer.provider_id),
        ("2026-12-02T10:00", &*clinic.provider)
    );
    assert_eq!(entry(&desk, &clinic, &later).await.state, "waiting");
    // Nobody else gets it meanwhile.
    let rival = clinic.booking(TEN, "+14155550199");
    let refused = desk.book(&clinic.tenant, rival).await.unwrap_err();
    assert_eq!(refused.reason, "SLOT_TAKEN");

    let accepted = accept(&desk, &clinic, &urgent, Some(offered.version)).await;
    let accepted = accepted.unwrap();
    let booked = accepted.booking.unwrap();
    assert_eq!(
        (&*booked.status, &*booked.local_time, &*booked.notes),
        ("booked", "2026-12-02T10:00", "toothache")
    );
    assert_eq!(booked.patient.unwrap().name, "Urgent");
    let entry = accepted.entry.unwrap();
    assert_eq!((&*entry.state, entry.booking_id), ("booked", booked.id));
    assert_eq!(desk.count("booking.hold").await, 0);
    let kinds = desk.events(&clinic.tenant).await.into_iter();
    let kinds: Vec<_> = kinds.map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        [
            "booking.created",
            "waitlist.changed",
            "waitlist.changed",
            "booking.cancelled",
            "waitlist.offered",
            "booking.created",
            "waitlist.changed"
        ]
    );
}

#[tokio::test]
async fn an_offer_is_told_by_ids_and_times_only() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let id = join(&desk, &clinic, "Ada Lovelace").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    let offer = becomes(&desk, &clinic, &id, "offered").await.offer.unwrap();
    let events = desk.events(&clinic.tenant).await;
    let (_, data) = events
        .iter()
        .find(|(kind, _)| kind == "waitlist.offered")
        .unwrap();
    let expires = voxanne_clock::from_proto(&offer.expires_at.unwrap()).unwrap();
    assert_eq!(
        *data,
        serde_json::json!({
            "entryId": id,
            "version": 2,
            "holdId": offer.hold_id,
            "startsAt": "2026-12-02T10:00:00Z",
            "endsAt": "2026-12-02T10:30:00Z",
            "providerId": clinic.provider,
            "serviceId": clinic.service,
            "expiresAt": expires,
        })
    );
}

/// Trap 26: of two who accept in the same millisecond one books; the others are told politely and
/// nothing has changed.
#[tokio::test]
async fn trap_26_two_accepts_in_one_millisecond_make_one_booking() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let id = join(&desk, &clinic, "First").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    becomes(&desk, &clinic, &id, "offered").await;
    let answers = join_all((0..16).map(|_| accept(&desk, &clinic, &id, None))).await;
    let (booked, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((booked.len(), refused.len()), (1, 15));
    for refused in refused.into_iter().map(Result::unwrap_err) {
        assert_eq!(refused.reason, "OFFER_OVER", "{refused:?}");
    }
    assert_eq!(entry(&desk, &clinic, &id).await.version, 3);
    assert_eq!(active_bookings(&desk).await, 1);
}

/// Trap 26: a slot is offered to one at a time, so that everybody answering at once books it once.
#[tokio::test]
async fn trap_26_a_blast_never_double_books() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let mut ids = Vec::new();
    for number in 0..8 {
        ids.push(join(&desk, &clinic, &format!("Waiting {number}")).await);
    }
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    becomes(&desk, &clinic, &ids[0], "offered").await;
    assert_eq!(live(&desk, &clinic).await.len(), 1, "one live offer a slot");
    let blast = ids.iter().flat_map(|id| [id, id, id]);
    let rivals = (0..8).map(|rival| {
        let request = clinic.booking(TEN, &format!("+1415555030{rival}"));
        desk.book(&clinic.tenant, request)
    });
    let (answers, rivals) = tokio::join!(
        join_all(blast.map(|id| accept(&desk, &clinic, id, None))),
        join_all(rivals)
    );
    let booked = answers.iter().filter(|one| one.is_ok()).count();
    assert_eq!(booked, 1);
    assert!(rivals.iter().all(Result::is_err), "it was held all along");
    assert_eq!(active_bookings(&desk).await, 1);
}

async fn active_bookings(desk: &Desk) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM booking.booking WHERE status = 'booked'")
        .fetch_one(&mut desk.database.owner().await)
        .await
        .unwrap()
}

async fn release(desk: &Desk, clinic: &Clinic, id: String) {
    let call_id = String::new();
    let request = proto::ReleaseHoldRequest { id, call_id };
    let request = desk.ask(&clinic.tenant, request);
    desk.holds().release_hold(request).await.unwrap();
}
