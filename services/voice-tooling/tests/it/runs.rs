//! Tool calls and what the agent hears.

use serde_json::{Value, json};
use voxanne_proto::voice_tooling::v1::{
    RunToolRequest, SetEnabledRequest, run_tool_response::Outcome,
};
use voxanne_tenant::Tenant;
use voxanne_testkit::two_orgs;

use crate::{stage::Stage, upstream::slot};

pub(crate) fn call(id: &str, name: &str, arguments: &Value) -> RunToolRequest {
    RunToolRequest {
        vapi_call_id: "vapi-call".into(),
        tool_call_id: id.into(),
        name: name.into(),
        arguments_json: arguments.to_string(),
        caller_number: "+15558675310".into(),
    }
}

pub(crate) async fn run(stage: &Stage, tenant: &Tenant, request: RunToolRequest) -> Outcome {
    let request = stage.ask(tenant, request);
    let answer = stage.client().run_tool(request).await.unwrap();
    answer.into_inner().outcome.unwrap()
}

pub(crate) async fn result(stage: &Stage, tenant: &Tenant, request: RunToolRequest) -> Value {
    match run(stage, tenant, request).await {
        Outcome::Result(line) => {
            assert!(!line.contains('\n'));
            serde_json::from_str(&line).unwrap()
        }
        Outcome::Error(sentence) => panic!("{sentence}"),
    }
}

pub(crate) async fn error(stage: &Stage, tenant: &Tenant, request: RunToolRequest) -> String {
    match run(stage, tenant, request).await {
        Outcome::Error(sentence) => sentence,
        Outcome::Result(line) => panic!("{line}"),
    }
}

pub(crate) fn booking(id: &str) -> RunToolRequest {
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
    stage.saved(&acme).await;
    let afternoon = ["2026-12-01T13:00", "2026-12-01T13:30", "2026-12-01T14:00"];
    stage.booking.script().slots = afternoon.map(slot).into();
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
    assert_eq!(
        (search.date.as_str(), search.from_hour, search.to_hour),
        ("2026-12-01", 12, 17)
    );
    assert_eq!((search.limit, search.each_time_once), (3, true));
}

#[tokio::test]
async fn an_empty_day_and_a_day_gone_by_are_said() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.saved(&acme).await;
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
async fn trap_09_the_name_of_a_day_is_asked_of_booking_and_no_date_that_was_worked_out() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.saved(&acme).await;
    // The model was trained when this was next Tuesday's date.
    let wanted = json!({"day": "tuesday", "date": "2024-12-03"});
    result(&stage, &acme, call("t1", "getCalendarSlots", &wanted)).await;
    let phrase = json!({"day": "next tuesday"});
    let told = error(&stage, &acme, call("t2", "getCalendarSlots", &phrase)).await;
    assert!(told.contains("day must be one of"), "{told}");
    let script = stage.booking.script();
    let [search] = &*script.searches else {
        panic!("one search, not {:?}", script.searches)
    };
    assert_eq!((&*search.day, &*search.date), ("tuesday", ""));
}

#[tokio::test]
async fn bad_arguments_are_a_sentence_and_reach_nobody() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.saved(&acme).await;
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
async fn an_agent_that_is_off_books_nothing() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    stage.saved(&acme).await;
    let request = stage.ask(&acme, SetEnabledRequest { enabled: false });
    stage.client().set_enabled(request).await.unwrap();
    let sentence = error(&stage, &acme, booking("t1")).await;
    assert!(sentence.contains("takes no bookings"), "{sentence}");
    assert!(stage.booking.script().made.is_empty());
}
