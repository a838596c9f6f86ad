//! One intent, one booking.

use tonic::Request;
use voxanne_idempotency::{Fingerprint, Key, KeyedRequest};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::{eventually, two_orgs};

use crate::desk::{Clinic, Desk, TEN};

const PHONE: &str = "+14155550123";

fn keyed(desk: &Desk, clinic: &Clinic, body: &str) -> Request<proto::CreateBookingRequest> {
    let mut request = desk.ask(&clinic.tenant, clinic.booking(TEN, PHONE));
    let keyed = KeyedRequest {
        key: Key::parse("attempt-1").unwrap(),
        fingerprint: Fingerprint::of(&[body.as_bytes()]),
    };
    keyed.attach(&mut request);
    request
}

async fn send(
    desk: &Desk,
    request: Request<proto::CreateBookingRequest>,
) -> Result<proto::CreateBookingResponse, Problem> {
    Ok(desk.bookings().create_booking(request).await?.into_inner())
}

#[tokio::test]
async fn fifty_copies_under_one_key_make_one_booking_and_identical_answers() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let copies = (0..50).map(|_| send(&desk, keyed(&desk, &clinic, "body")));
    let answers = futures_util::future::join_all(copies).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.booking == answers[0].booking)
    );
    assert_eq!(desk.count("booking.booking").await, 1);
    assert_eq!(desk.events(&clinic.tenant).await.len(), 1);
}

#[tokio::test]
async fn a_key_is_good_for_one_request() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    send(&desk, keyed(&desk, &clinic, "body")).await.unwrap();
    let problem = send(&desk, keyed(&desk, &clinic, "another"))
        .await
        .unwrap_err();
    assert_eq!(
        (problem.kind, &*problem.reason),
        (Kind::Unprocessable, "IDEMPOTENCY_KEY_REUSED")
    );
}

#[tokio::test]
async fn a_taken_slot_stays_taken_under_its_key_and_is_free_under_another() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let first = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
    let refused = send(&desk, keyed(&desk, &clinic, "body"))
        .await
        .unwrap_err();
    assert_eq!(refused.reason, "SLOT_TAKEN");
    desk.cancel(&clinic.tenant, &first.id).await.unwrap();
    let again = send(&desk, keyed(&desk, &clinic, "body"))
        .await
        .unwrap_err();
    assert_eq!(
        (again.reason, again.extension),
        (refused.reason, refused.extension),
        "the same key gets the same answer"
    );
    desk.book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .expect("the slot is free");
}

#[tokio::test]
async fn a_request_that_was_refused_for_its_fields_may_use_its_key_again() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let mut bad = keyed(&desk, &clinic, "bad");
    bad.get_mut().service_id = "svc_00000000000000000000000000000000".into();
    assert_eq!(
        send(&desk, bad).await.unwrap_err().reason,
        "SERVICE_NOT_FOUND"
    );
    send(&desk, keyed(&desk, &clinic, "body"))
        .await
        .expect("nothing was kept");
}

#[tokio::test]
async fn a_key_means_something_else_in_another_organisation() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let (acme, globex) = (desk.clinic(&acme).await, desk.clinic(&globex).await);
    let one = send(&desk, keyed(&desk, &acme, "body")).await.unwrap();
    let two = send(&desk, keyed(&desk, &globex, "body")).await.unwrap();
    assert!(!two.replayed);
    assert_ne!(one.booking.unwrap().id, two.booking.unwrap().id);
}

/// Trap 12: the answer was lost after the commit; asking again gives it.
#[tokio::test]
async fn trap_12_an_answer_that_was_lost_is_given_again() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let request = || keyed(&desk, &clinic, "{}");
    let mut bookings = desk.bookings();
    let lost = {
        let first = bookings.create_booking(request());
        tokio::pin!(first);
        let committed = eventually("it is committed", || async {
            desk.count("booking.booking").await == 1
        });
        // Dropped with the answer on its way, or in hand when the machine was fast.
        tokio::select! {
            answer = &mut first => Some(answer.unwrap().into_inner().booking.unwrap().id),
            () = committed => None,
        }
    };
    let again = desk.bookings().create_booking(request()).await.unwrap();
    let again = again.into_inner();
    assert!(again.replayed);
    let booking = again.booking.unwrap();
    assert!(lost.is_none_or(|id| id == booking.id));
    assert_eq!(desk.count("booking.booking").await, 1);
    assert_eq!(desk.events(&clinic.tenant).await.len(), 1);
}

/// Trap 13: a key names the attempt, never the slot.
#[tokio::test]
async fn trap_13_a_cancelled_slot_can_be_booked_again() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let first = desk
        .bookings()
        .create_booking(keyed(&desk, &clinic, "{}"))
        .await;
    let first = first.unwrap().into_inner().booking.unwrap();
    desk.cancel(&clinic.tenant, &first.id).await.unwrap();
    let second = desk
        .book(&clinic.tenant, clinic.booking(TEN, PHONE))
        .await
        .unwrap();
    assert_ne!(second.id, first.id);
    let replayed = desk
        .bookings()
        .create_booking(keyed(&desk, &clinic, "{}"))
        .await;
    let replayed = replayed.unwrap().into_inner();
    assert!(
        replayed.replayed,
        "the first attempt's answer stays its answer"
    );
    assert_eq!(replayed.booking.unwrap().id, first.id);
}
