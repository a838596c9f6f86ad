//! What Vapi sends: proof first, then one answer to each tool call whatever happens.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use voxanne_clock::Clock;
use voxanne_ids::OrgId;

use crate::edge::{Edge, VAPI_SECRET};

const WEBHOOK: &str = "/api/webhooks/vapi";
const CALL: &str = "019a0000-0000-7000-8000-000000000001";

struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    fn results(&self) -> &Vec<Value> {
        assert_eq!(self.status, 200);
        self.body["results"].as_array().expect("a list of results")
    }
}

async fn post(edge: &Edge, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let http = reqwest::Client::builder().build().expect("a client");
    let mut request = http.post(edge.url(path)).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.expect("the gateway answers");
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"]
        .to_str()
        .expect("text")
        .to_owned();
    let expected = if status < 400 {
        "application/json"
    } else {
        "application/problem+json"
    };
    assert_eq!(kind, expected);
    let body = response.bytes().await.expect("a body");
    Answer {
        status,
        body: serde_json::from_slice(&body).expect("JSON"),
    }
}

async fn send(edge: &Edge, path: &str, message: Value) -> Answer {
    let body = json!({ "message": message }).to_string().into_bytes();
    post(edge, path, &[("x-vapi-secret", VAPI_SECRET)], body).await
}

fn tool_calls(assistant: &str, calls: Value) -> Value {
    json!({
        "type": "tool-calls",
        "timestamp": 1_795_168_800_000_i64,
        "call": { "id": CALL, "assistantId": assistant, "customer": { "number": "+14155550123" } },
        "toolCallList": calls,
    })
}

fn call(id: &str, name: &str, arguments: Value) -> Value {
    json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } })
}

fn said(result: &Value) -> (&str, bool) {
    match (result["result"].as_str(), result["error"].as_str()) {
        (Some(text), None) => (text, true),
        (None, Some(text)) => (text, false),
        _ => panic!("either a result or an error: {result}"),
    }
}

#[tokio::test]
async fn arguments_come_as_an_object_as_text_or_as_nonsense() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    edge.voice.owns(acme, "asst_1");
    let calls = json!([
        call("call_1", "holdSlot", json!({"slotId": "s"})),
        call("call_2", "holdSlot", json!(r#"{"slotId":"s"}"#)),
        call("call_3", "holdSlot", json!("nonsense")),
        {"id": "call_4", "name": "holdSlot", "parameters": {"slotId": "s"}},
        call("call_1", "holdSlot", json!({"slotId": "s"})),
    ]);
    let answer = send(&edge, WEBHOOK, tool_calls("asst_1", calls)).await;
    let results = answer.results();
    assert_eq!(results.len(), 4);
    for (place, result) in results.iter().enumerate() {
        assert_eq!(result["toolCallId"], format!("call_{}", place + 1));
        assert_eq!(result["name"], "holdSlot");
        let (text, done) = said(result);
        assert_eq!(done, place != 2, "{result}");
        assert!(!text.contains('\n'));
    }
    let ran = edge.voice.ran();
    assert_eq!(ran.len(), 3);
    for (org, caller, wanted) in ran {
        assert_eq!((org, caller), (acme, format!("call:{CALL}")));
        assert_eq!(wanted.vapi_call_id, CALL);
        assert_eq!(wanted.arguments_json, r#"{"slotId":"s"}"#);
        assert_eq!(wanted.caller_number, "+14155550123");
    }
}

#[tokio::test]
async fn one_bad_call_does_not_spoil_the_others() {
    let edge = Edge::start().await;
    edge.voice.owns(OrgId::new(), "asst_1");
    let calls = json!([
        call("a", "practiceInfo", json!({})),
        call("b", "breaks", json!({})),
        call("c", "refuses", json!({})),
        call("d", "manyLines", json!({})),
        call("e", "busy", json!({})),
        call("", "practiceInfo", json!({})),
        call("g", "", json!({})),
    ]);
    let answer = send(&edge, WEBHOOK, tool_calls("asst_1", calls)).await;
    let outcomes: Vec<_> = answer.results().iter().map(said).collect();
    assert_eq!(outcomes[0], (r#"{"say":"practiceInfo","data":{}}"#, true));
    assert!(!outcomes[1].1 && !outcomes[1].0.contains("broken"));
    assert_eq!(outcomes[2], ("That time was just taken.", false));
    assert_eq!(outcomes[3], (r#"{ "say": "one" }"#, true));
    assert!(outcomes[4..].iter().all(|(_, done)| !done));
    assert_eq!(outcomes.len(), 7);
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_answered_in_time_beside_the_others() {
    let edge = Edge::start().await;
    edge.voice.owns(OrgId::new(), "asst_1");
    let mut calls: Vec<_> = (0..12)
        .map(|n| call(&format!("slow_{n}"), "neverEnds", json!({})))
        .collect();
    calls.insert(0, call("quick", "practiceInfo", json!({})));
    let started = Instant::now();
    let answer = send(&edge, WEBHOOK, tool_calls("asst_1", calls.into())).await;
    assert!(started.elapsed() < Duration::from_millis(7500));
    let results = answer.results();
    assert_eq!(results.len(), 13);
    assert!(said(&results[0]).1);
    assert!(
        results[1..]
            .iter()
            .all(|result| said(result).0.contains("too long"))
    );
}

#[tokio::test]
async fn the_organisation_is_the_assistants_and_never_the_models() {
    let edge = Edge::start().await;
    let (acme, globex) = (OrgId::new(), OrgId::new());
    edge.voice.owns(acme, "asst_1");
    edge.voice.owns(globex, "asst_2");
    let calls = json!([call(
        "a",
        "holdSlot",
        json!({"orgId": globex, "assistantId": "asst_2"})
    )]);
    let mut message = tool_calls("asst_1", calls);
    message["assistant"] = json!({"id": "asst_2", "metadata": {"orgId": globex}});
    send(&edge, WEBHOOK, message).await;
    assert_eq!(edge.voice.ran()[0].0, acme);
}

#[tokio::test]
async fn an_unknown_assistant_is_told_so_and_asked_for_once() {
    let edge = Edge::start().await;
    for _ in 0..3 {
        let calls = json!([
            call("a", "holdSlot", json!({})),
            call("b", "holdSlot", json!({}))
        ]);
        let answer = send(&edge, WEBHOOK, tool_calls("nobodys", calls)).await;
        assert_eq!(answer.results().len(), 2);
        assert!(answer.results().iter().all(|result| !said(result).1));
    }
    assert_eq!(edge.voice.asked(), 1);
    assert!(edge.voice.ran().is_empty());
    let calls = json!([call("a", "holdSlot", json!({}))]);
    let mut nameless = tool_calls("x", calls);
    nameless["call"] = json!({"id": CALL, "assistantId": null});
    assert!(!said(&send(&edge, WEBHOOK, nameless).await.results()[0]).1);
}

#[tokio::test]
async fn with_the_service_away_every_call_gets_a_sentence() {
    let edge = Edge::without(&["voice-tooling"]).await;
    let calls = json!([
        call("a", "holdSlot", json!({})),
        call("b", "sendSms", json!({}))
    ]);
    let answer = send(&edge, WEBHOOK, tool_calls("asst_1", calls)).await;
    assert_eq!(answer.results().len(), 2);
    assert!(answer.results().iter().all(|result| !said(result).1));
    let report =
        json!({"type": "end-of-call-report", "call": {"id": CALL, "assistantId": "asst_1"}});
    assert_eq!(
        send(&edge, WEBHOOK, report).await.status,
        503,
        "a sender that repeats, repeats this"
    );
}

#[tokio::test]
async fn a_tools_own_url_answers_the_same_envelope() {
    let edge = Edge::start().await;
    edge.voice.owns(OrgId::new(), "asst_1");
    for (path, name) in [
        ("/api/vapi/tools/get-calendar-slots", "getCalendarSlots"),
        ("/api/vapi/tools/getCalendarSlots", "getCalendarSlots"),
        ("/api/vapi/tools/get-calendar-slots", ""),
    ] {
        let calls = json!([call("a", name, json!({}))]);
        let answer = send(&edge, path, tool_calls("asst_1", calls)).await;
        assert!(said(&answer.results()[0]).1);
    }
    let ran = edge.voice.ran();
    assert!(
        ran.iter()
            .all(|(_, _, wanted)| wanted.name == "getCalendarSlots")
    );
    assert_eq!(ran.len(), 3);
}

#[tokio::test]
async fn nothing_is_done_without_proof() {
    let edge = Edge::start().await;
    edge.voice.owns(OrgId::new(), "asst_1");
    let message = tool_calls("asst_1", json!([call("a", "holdSlot", json!({}))]));
    let body = json!({ "message": message }).to_string().into_bytes();
    let bearer = format!("Bearer {VAPI_SECRET}");
    let at = Clock::system().now().as_second().to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, VAPI_SECRET.as_bytes());
    let tag = hex::encode(hmac::sign(&key, &[at.as_bytes(), b".", &body].concat()));
    let old = (Clock::system().now().as_second() - 301).to_string();
    let old_tag = hex::encode(hmac::sign(&key, &[old.as_bytes(), b".", &body].concat()));
    for (headers, status) in [
        (vec![("x-vapi-secret", VAPI_SECRET)], 200),
        (vec![("authorization", &*bearer)], 200),
        (vec![("x-timestamp", &*at), ("x-signature", &*tag)], 200),
        (
            vec![("x-timestamp", &*old), ("x-signature", &*old_tag)],
            401,
        ),
        (vec![("x-timestamp", &*at), ("x-signature", &*old_tag)], 401),
        (vec![("x-vapi-secret", "wrong")], 401),
        (vec![("x-vapi-secret", "")], 401),
        (vec![], 401),
    ] {
        for path in [WEBHOOK, "/api/vapi/tools/hold-slot"] {
            let answer = post(&edge, path, &headers, body.clone()).await;
            assert_eq!(answer.status, status, "{headers:?}");
            if status == 401 {
                assert_eq!(answer.body["code"], "WEBHOOK_NOT_AUTHENTIC");
            }
        }
    }
    assert_eq!(edge.voice.ran().len(), 6);
}

#[tokio::test]
async fn a_body_has_a_size_and_a_form() {
    let edge = Edge::start().await;
    let secret = [("x-vapi-secret", VAPI_SECRET)];
    for (body, status, code) in [
        (b"{".to_vec(), 400, "MALFORMED_JSON"),
        (b"[]".to_vec(), 400, "MALFORMED_JSON"),
        (b"\xff".to_vec(), 400, "MALFORMED_JSON"),
        (Vec::new(), 400, "MALFORMED_JSON"),
        (vec![b' '; 8 * 1024 * 1024 + 1], 413, "BODY_TOO_LARGE"),
    ] {
        let answer = post(&edge, WEBHOOK, &secret, body).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (status, &code.into())
        );
    }
    // Far above what other routes read.
    let mut large = json!({"message": {"type": "conversation-update"}});
    large["message"]["messages"] = "x".repeat(7 * 1024 * 1024).into();
    let answer = post(&edge, WEBHOOK, &secret, large.to_string().into_bytes()).await;
    assert_eq!((answer.status, answer.body), (200, json!({})));
}

#[tokio::test]
async fn news_of_calls_are_passed_on() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    edge.voice.owns(acme, "asst_1");
    let about =
        json!({"id": CALL, "assistantId": "asst_1", "customer": {"number": "+14155550123"}});
    for message in [
        json!({"type": "status-update", "status": "in-progress", "call": about}),
        json!({"type": "end-of-call-report", "endedReason": "customer-ended-call", "call": about,
            "startedAt": "2026-11-20T10:00:00.000Z", "endedAt": "2026-11-20T10:01:30.500Z",
            "timestamp": 1_795_168_800_000_i64,
            "artifact": {"transcript": "AI: Hello\n"}, "analysis": {"summary": "Booked."}}),
        json!({"type": "hang", "call": about}),
        json!({"type": "status-update", "status": "ended", "call": {"id": CALL, "assistantId": "nobodys"}}),
        json!({"type": null}),
    ] {
        let answer = send(&edge, WEBHOOK, message).await;
        assert_eq!((answer.status, answer.body), (200, json!({})));
    }
    let told = edge.voice.told();
    assert_eq!(told.len(), 2);
    assert!(
        told.iter()
            .all(|(org, news)| *org == acme && news.vapi_call_id == CALL)
    );
    assert_eq!(told[0].1.status, "in-progress");
    let report = &told[1].1;
    assert_eq!(
        (&*report.status, &*report.transcript),
        ("ended", "AI: Hello\n")
    );
    assert_eq!(
        (&*report.ended_reason, &*report.summary),
        ("customer-ended-call", "Booked.")
    );
    assert_eq!(report.ended_at.map(|at| at.nanos), Some(500_000_000));
    assert_eq!(report.at.map(|at| at.seconds), Some(1_795_168_800));
}

#[tokio::test]
async fn a_call_to_a_number_without_an_assistant_hears_a_sentence() {
    let edge = Edge::start().await;
    let message = json!({"type": "assistant-request", "call": {"id": CALL, "assistantId": null}});
    let answer = send(&edge, WEBHOOK, message).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body["error"].is_string());
}
