//! What Vapi tells of calls.

use serde_json::json;
use voxanne_ids::OrgId;

use super::{CALL, WEBHOOK, send};
use crate::edge::Edge;

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
