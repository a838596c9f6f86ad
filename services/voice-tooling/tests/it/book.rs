//! Booking by voice: once, whatever is repeated, late or taken.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use voxanne_proto::{
    booking::v1::create_booking_request::Who,
    voice_tooling::v1::{Call, GetCallRequest, ListCallsRequest},
};
use voxanne_tenant::Tenant;
use voxanne_testkit::two_orgs;

use crate::{
    runs::{booking, error, result, run},
    stage::Stage,
    upstream::Mood,
};

#[tokio::test]
async fn a_booking_is_said_and_linked_to_its_call() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.saved(&acme).await;
    let answer = result(&stage, &acme, booking("t1")).await;
    assert_eq!(
        answer["say"],
        "You are booked for Tuesday, December 1 at 9 AM with Dr. Lee."
    );
    assert_eq!(answer["data"]["startsAt"], "2026-12-01T14:00:00Z");
    assert_eq!(answer["data"]["localTime"], "2026-12-01T09:00");
    let booking_id = answer["data"]["bookingId"].as_str().unwrap();
    {
        let script = stage.booking.script();
        let (order, _) = script.made.values().next().unwrap();
        let Some(Who::Patient(patient)) = &order.who else {
            panic!("no patient")
        };
        assert_eq!(
            (patient.name.as_str(), patient.phone.as_str()),
            ("Pat Doe", "+15558675310")
        );
        assert_eq!(
            (order.source.as_str(), order.call_id.as_str()),
            ("voice", "vapi-call")
        );
        assert_eq!(order.notes, "Reason: Check-up");
        assert_eq!(patient.date_of_birth, "1980-02-29");
    }
    let shown = only_call(&stage, &acme).await;
    assert_eq!(shown.booking_ids, [booking_id]);
    assert_eq!(
        (
            shown.tools[0].name.as_str(),
            shown.tools[0].outcome.as_str()
        ),
        ("bookClinicAppointment", "result")
    );
    let kinds = stage.event_kinds(acme.org()).await;
    let kinds: Vec<_> = kinds
        .iter()
        .filter(|kind| kind.starts_with("call."))
        .collect();
    assert_eq!(kinds, ["call.started", "call.updated"]);
}

#[tokio::test]
async fn a_repeated_tool_call_books_once_and_hears_the_same() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.saved(&acme).await;
    let first = join_all((0..10).map(|_| run(&stage, &acme, booking("t1")))).await;
    assert!(first.windows(2).all(|pair| pair[0] == pair[1]), "{first:?}");
    stage.booking.script().mood = Mood::Away;
    let later = run(&stage, &acme, booking("t1")).await;
    assert_eq!(later, first[0], "an answer that was given needs nobody");
    assert_eq!(stage.booking.script().made.len(), 1);
}

#[tokio::test]
async fn a_taken_slot_is_answered_with_others() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.saved(&acme).await;
    stage.booking.script().mood = Mood::Taken;
    let sentence = error(&stage, &acme, booking("t1")).await;
    assert!(
        sentence.contains("Tuesday, December 1 at 9:30 AM"),
        "{sentence}"
    );
}

#[tokio::test]
async fn booking_that_is_away_is_a_sentence_and_the_same_call_works_later() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.saved(&acme).await;
    stage.booking.script().mood = Mood::Away;
    let sentence = error(&stage, &acme, booking("t1")).await;
    assert!(
        sentence.contains("could not reach the clinic's calendar"),
        "{sentence}"
    );
    stage.booking.script().mood = Mood::Well;
    result(&stage, &acme, booking("t1")).await;
}

#[tokio::test]
async fn a_late_booking_is_answered_in_time_and_found_by_the_same_call() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.saved(&acme).await;
    stage.booking.script().mood = Mood::LateAnswer;
    let hurried = acme.clone().within(Duration::from_secs(5));
    let started = Instant::now();
    let sentence = error(&stage, &hurried, booking("t1")).await;
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(sentence.contains("Nothing is confirmed yet"), "{sentence}");
    let made: Vec<_> = stage.booking.script().made.values().cloned().collect();
    let [(_, made)] = &made[..] else {
        panic!("{made:?}")
    };
    stage.booking.script().mood = Mood::Well;
    let answer = result(&stage, &acme, booking("t1")).await;
    assert_eq!(answer["data"]["bookingId"], made.id);
    assert_eq!(stage.booking.script().made.len(), 1);
}

async fn only_call(stage: &Stage, tenant: &Tenant) -> Call {
    let mut client = stage.client();
    let list = stage.ask(tenant, ListCallsRequest::default());
    let listed = client.list_calls(list).await.unwrap().into_inner();
    let id = listed.calls[0].id.clone();
    let shown = client
        .get_call(stage.ask(tenant, GetCallRequest { id }))
        .await;
    shown.unwrap().into_inner().call.unwrap()
}
