//! One answer to each tool call, whatever happens.

use std::time::{Duration, Instant};

use serde_json::json;
use voxanne_gateway::limits::Settings;
use voxanne_ids::OrgId;

use super::{CALL, WEBHOOK, call, said, send, tool_calls};
use crate::edge::Edge;

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
async fn trap_28_the_organisation_is_the_assistants_and_never_the_models() {
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
async fn who_calls_tools_too_often_hears_a_sentence() {
    let limits = Settings {
        caller: "1/h burst 3".parse().unwrap(),
        tool: "1/h burst 5".parse().unwrap(),
        ..Settings::default()
    };
    let edge = Edge::limited(limits).await;
    let (acme, globex) = (OrgId::new(), OrgId::new());
    edge.voice.owns(acme, "asst_1");
    edge.voice.owns(globex, "asst_2");
    let ask = async |assistant: &str, caller: &str, tool: &str| {
        let mut message = tool_calls(assistant, json!([call("a", tool, json!({}))]));
        message["customer"] = json!({ "number": caller });
        let answer = send(&edge, WEBHOOK, message).await;
        let (text, done) = said(&answer.results()[0]);
        assert!(done || text.contains("too many requests"), "{text}");
        done
    };
    for expected in [true, true, true, false] {
        assert_eq!(ask("asst_1", "+14155550001", "holdSlot").await, expected);
    }
    assert!(
        !ask("asst_1", "+1 415 555 0001", "sendSms").await,
        "the caller's own limit"
    );
    assert!(
        ask("asst_2", "+14155550001", "holdSlot").await,
        "elsewhere it counts anew"
    );
    for expected in [true, true, false] {
        assert_eq!(ask("asst_1", "+14155550002", "holdSlot").await, expected);
    }
    assert!(
        ask("asst_1", "+14155550003", "sendSms").await,
        "another tool goes on"
    );
    assert_eq!(edge.voice.ran().len(), 7, "what is refused is not run");
}
