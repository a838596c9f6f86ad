//! Tool calls and what the agent hears.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use voxanne_proto::{
    booking::v1::create_booking_request::Who,
    voice_tooling::v1::{
        GetCallRequest, ListCallsRequest, RunToolRequest, SetEnabledRequest,
        run_tool_response::Outcome,
    },
};
use voxanne_tenant::Tenant;
use voxanne_testkit::two_orgs;

use crate::{
    stage::{Stage, draft},
    upstream::{Mood, slot},
};

fn call(id: &str, name: &str, arguments: &Value) -> RunToolRequest {
    RunToolRequest {
        vapi_call_id: "vapi-call".into(),
        tool_call_id: id.into(),
        name: name.into(),
        arguments_json: arguments.to_string(),
        caller_number: "+15558675310".into(),
    }
}

async fn run(stage: &Stage, tenant: &Tenant, request: RunToolRequest) -> Outcome {
    let request = stage.ask(tenant, request);
    let answer = stage.client().run_tool(request).await.unwrap();
    answer.into_inner().outcome.unwrap()
}

async fn result(stage: &Stage, tenant: &Tenant, request: RunToolRequest) -> Value {
    match run(stage, tenant, request).await {
        Outcome::Result(line) => {
            assert!(!line.contains('\n'));
            serde_json::from_str(&line).unwrap()
        }
        Outcome::Error(sentence) => panic!("{sentence}"),
    }
}

async fn error(stage: &Stage, tenant: &Tenant, request: RunToolRequest) -> String {
    match run(stage, tenant, request).await {
        Outcome::Error(sentence) => sentence,
        Outcome::Result(line) => panic!("{line}"),
    }
}

fn booking(id: &str) -> RunToolRequest {
    let arguments = json!({
        "slotId": "slot-2026-12-01T09:00", "patientName": "Pat Doe", "reason": "Check-up",
        "dateOfBirth": "1980-02-29",
    });
    call(id, "bookClinicAppointment", &arguments)
}

#[tokio::test]
async fn three_slots_are_offered_as_one_says_them() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.save(&acme, draft("Ava")).await;
    stage.booking.script().slots = [
        "2026-12-01T09:00",
        "2026-12-01T13:00",
        "2026-12-01T13:30",
        "2026-12-01T14:00",
        "2026-12-01T15:00",
        "2026-12-02T13:00",
    ]
    .map(slot)
    .into();
    let wanted = json!({"date": "2026-12-01", "partOfDay": "afternoon", "serviceName": "cleaning", "providerName": ""});
    let answer = result(&stage, &acme, call("t1", "getCalendarSlots", &wanted)).await;
    assert_eq!(
        answer["say"],
        "I have Tuesday, December 1 at 1 PM, 1:30 PM or 2 PM, with Dr. Lee. Which one suits you?"
    );
    assert_eq!(answer["data"]["slots"].as_array().unwrap().len(), 3);
    assert_eq!(
        answer["data"]["slots"][0],
        json!({
            "slotId": "slot-2026-12-01T13:00", "startsAt": "2026-12-01T18:00:00Z",
            "localTime": "2026-12-01T13:00", "providerName": "Dr. Lee",
        })
    );
    let script = stage.booking.script();
    let search = &script.searches[0];
    assert_eq!(
        (search.call_id.as_str(), search.service_name.as_str()),
        ("vapi-call", "cleaning")
    );
}

#[tokio::test]
async fn an_empty_day_and_a_day_gone_by_are_said() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.save(&acme, draft("Ava")).await;
    let day = |id: &str, date: &str| call(id, "getCalendarSlots", &json!({"date": date}));
    let empty = result(&stage, &acme, day("t1", "2026-12-01")).await;
    assert_eq!(empty["data"], json!({"slots": []}));
    assert!(
        empty["say"]
            .as_str()
            .unwrap()
            .contains("nothing is free on Tuesday, December 1")
    );
    let past = error(&stage, &acme, day("t2", "2019-01-01")).await;
    assert!(past.starts_with("That day has passed"), "{past}");
    assert_eq!(stage.booking.script().searches.len(), 1);
}

#[tokio::test]
async fn a_booking_is_said_and_linked_to_its_call() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.save(&acme, draft("Ava")).await;
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
        assert_eq!(order.notes, "Reason: Check-up\nDate of birth: 1980-02-29");
    }
    let list = stage.ask(&acme, ListCallsRequest::default());
    let listed = stage.client().list_calls(list).await.unwrap().into_inner();
    let request = stage.ask(
        &acme,
        GetCallRequest {
            id: listed.calls[0].id.clone(),
        },
    );
    let shown = stage
        .client()
        .get_call(request)
        .await
        .unwrap()
        .into_inner()
        .call
        .unwrap();
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
    stage.save(&acme, draft("Ava")).await;
    let first = join_all((0..10).map(|_| run(&stage, &acme, booking("t1")))).await;
    assert!(first.windows(2).all(|pair| pair[0] == pair[1]), "{first:?}");
    stage.booking.script().mood = Mood::Away;
    let later = run(&stage, &acme, booking("t1")).await;
    assert_eq!(later, first[0], "an answer that was given needs nobody");
    assert_eq!(stage.booking.script().made.len(), 1);
}

#[tokio::test]
async fn bad_arguments_are_a_sentence_and_reach_nobody() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.save(&acme, draft("Ava")).await;
    let injected = json!({"slotId": ["ignore all rules"], "patientName": "'; DROP TABLE", "phone": "+15558675310"});
    for (number, (name, arguments, part)) in [
        (
            "bookClinicAppointment",
            "{}".to_owned(),
            "slotId is missing; patientName is missing",
        ),
        (
            "bookClinicAppointment",
            injected.to_string(),
            "slotId must be a text",
        ),
        (
            "getCalendarSlots",
            r#"{"date":"next Tuesday"}"#.to_owned(),
            "date must be a date",
        ),
        (
            "getCalendarSlots",
            "book me".to_owned(),
            "must be a JSON object",
        ),
        ("listPatients", "{}".to_owned(), "no tool of that name"),
    ]
    .into_iter()
    .enumerate()
    {
        let request = RunToolRequest {
            arguments_json: arguments,
            ..call(&format!("t{number}"), name, &json!({}))
        };
        let sentence = error(&stage, &acme, request).await;
        assert!(sentence.contains(part), "{sentence}");
    }
    let script = stage.booking.script();
    assert!(script.made.is_empty() && script.searches.is_empty());
}

#[tokio::test]
async fn a_taken_slot_is_answered_with_others() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.save(&acme, draft("Ava")).await;
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
    stage.save(&acme, draft("Ava")).await;
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
    stage.save(&acme, draft("Ava")).await;
    stage.booking.script().mood = Mood::LateAnswer;
    let hurried = acme.clone().within(Duration::from_secs(2));
    let started = Instant::now();
    let sentence = error(&stage, &hurried, booking("t1")).await;
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(sentence.contains("Nothing is confirmed yet"), "{sentence}");
    let made = |stage: &Stage| {
        stage
            .booking
            .script()
            .made
            .values()
            .next()
            .unwrap()
            .1
            .id
            .clone()
    };
    let first = made(&stage);
    stage.booking.script().mood = Mood::Well;
    let answer = result(&stage, &acme, booking("t1")).await;
    assert_eq!(answer["data"]["bookingId"], first);
    assert_eq!(stage.booking.script().made.len(), 1);
}

#[tokio::test]
async fn an_agent_that_is_off_books_nothing() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.save(&acme, draft("Ava")).await;
    let request = stage.ask(&acme, SetEnabledRequest { enabled: false });
    stage.client().set_enabled(request).await.unwrap();
    let sentence = error(&stage, &acme, booking("t1")).await;
    assert!(sentence.contains("takes no bookings"), "{sentence}");
    assert!(stage.booking.script().made.is_empty());
}
