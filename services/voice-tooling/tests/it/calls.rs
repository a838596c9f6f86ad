//! What Vapi says of calls.

use voxanne_events::{Doorbell, Log, New};
use voxanne_ids::BookingId;
use voxanne_pg::OrgTx;
use voxanne_proto::voice_tooling::v1::{Call, GetCallRequest, ListCallsRequest, RecordCallRequest};
use voxanne_tenant::Tenant;
use voxanne_testkit::{eventually, two_orgs};

use crate::stage::Stage;

fn at(seconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: 1_700_000_000 + seconds,
        nanos: 0,
    }
}

fn report(id: &str) -> [RecordCallRequest; 3] {
    let about = RecordCallRequest {
        vapi_call_id: id.into(),
        caller_number: "+15558675310".into(),
        ..RecordCallRequest::default()
    };
    [
        RecordCallRequest {
            status: "in-progress".into(),
            at: Some(at(1)),
            ..about.clone()
        },
        RecordCallRequest {
            status: "ended".into(),
            ended_reason: "customer-ended-call".into(),
            at: Some(at(61)),
            ..about.clone()
        },
        RecordCallRequest {
            status: "ended".into(),
            ended_reason: "customer-ended-call".into(),
            started_at: Some(at(0)),
            ended_at: Some(at(60)),
            transcript: "AI: Hello\nUser: Hi".into(),
            summary: "A greeting.".into(),
            at: Some(at(70)),
            ..about
        },
    ]
}

async fn record(stage: &Stage, tenant: &Tenant, message: RecordCallRequest) {
    let request = stage.ask(tenant, message);
    stage.client().record_call(request).await.unwrap();
}

async fn list(stage: &Stage, tenant: &Tenant, limit: u32, cursor: String) -> (Vec<Call>, String) {
    let request = stage.ask(tenant, ListCallsRequest { limit, cursor });
    let page = stage
        .client()
        .list_calls(request)
        .await
        .unwrap()
        .into_inner();
    (page.calls, page.next_cursor)
}

async fn show(stage: &Stage, tenant: &Tenant, id: &str) -> Call {
    let request = stage.ask(tenant, GetCallRequest { id: id.into() });
    let shown = stage.client().get_call(request).await.unwrap();
    shown.into_inner().call.unwrap()
}

#[tokio::test]
async fn any_order_and_any_repetition_end_in_the_same_call() {
    let stage = Stage::start().await;
    let mut calls = Vec::new();
    for order in [vec![0, 1, 2], vec![2, 1, 0, 0, 2], vec![1, 0, 2, 1, 1]] {
        let (org, _) = two_orgs();
        for index in order {
            record(&stage, &org, report("v")[index].clone()).await;
        }
        let (listed, _) = list(&stage, &org, 0, String::new()).await;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].transcript, "", "a list has no transcripts");
        let mut call = show(&stage, &org, &listed[0].id).await;
        assert_eq!(
            (call.status.as_str(), call.transcript.as_str()),
            ("ended", "AI: Hello\nUser: Hi")
        );
        assert_eq!(
            (call.started_at, call.ended_at),
            (Some(at(0)), Some(at(60)))
        );
        let kinds = stage.event_kinds(org.org()).await;
        for kind in ["call.started", "call.ended"] {
            assert_eq!(
                kinds.iter().filter(|one| *one == kind).count(),
                1,
                "{kinds:?}"
            );
        }
        call.id.clear();
        calls.push(call);
    }
    assert!(calls.windows(2).all(|pair| pair[0] == pair[1]), "{calls:?}");
}

#[tokio::test]
async fn a_repetition_is_not_announced() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    for message in report("v").into_iter().chain(report("v")) {
        record(&stage, &acme, message).await;
    }
    let events = stage.events(acme.org()).await;
    let kinds: Vec<_> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["call.started", "call.ended", "call.updated"]);
    let (listed, _) = list(&stage, &acme, 0, String::new()).await;
    assert_eq!(
        events[1].1,
        serde_json::json!({"callId": listed[0].id, "vapiCallId": "v", "status": "ended"})
    );
}

#[tokio::test]
async fn a_transcript_of_five_megabytes_is_cut_with_a_mark() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    let long = RecordCallRequest {
        transcript: "User: and then ".repeat(5 << 16),
        ..report("v")[2].clone()
    };
    assert!(long.transcript.len() > 4_500_000);
    record(&stage, &acme, long.clone()).await;
    record(&stage, &acme, long).await;
    let (listed, _) = list(&stage, &acme, 0, String::new()).await;
    let transcript = show(&stage, &acme, &listed[0].id).await.transcript;
    assert!(transcript.len() <= 1 << 20 && transcript.ends_with("[cut]"));
}

#[tokio::test]
async fn calls_are_listed_newest_first_in_pages() {
    let stage = Stage::start().await;
    let (acme, _) = two_orgs();
    for id in ["v1", "v2", "v3"] {
        record(&stage, &acme, report(id)[0].clone()).await;
    }
    let (first, cursor) = list(&stage, &acme, 2, String::new()).await;
    let (rest, end) = list(&stage, &acme, 2, cursor).await;
    let ids: Vec<_> = first
        .iter()
        .chain(&rest)
        .map(|call| call.vapi_call_id.as_str())
        .collect();
    assert_eq!(ids, ["v3", "v2", "v1"]);
    assert_eq!(end, "");
}

/// Commits `patient.erased` as the booking service does.
async fn erase(stage: &Stage, tenant: &Tenant, booking: BookingId) {
    let tx = OrgTx::begin(&stage.db.pool("booking"), tenant).await;
    let erased = New {
        kind: "patient.erased",
        at: "2026-11-22T12:00:00Z".parse().unwrap(),
        data: serde_json::json!({"patientId": "pat_1", "bookingIds": [booking]}),
    };
    let log = Log::new(Doorbell::silent());
    log.commit(tx.unwrap(), vec![erased]).await.unwrap();
}

#[tokio::test]
async fn nothing_is_kept_of_a_call_whose_patient_is_erased() {
    let stage = Stage::start().await;
    let (acme, globex) = two_orgs();
    let booking = BookingId::new();
    for tenant in [&acme, &globex] {
        record(&stage, tenant, report("v")[2].clone()).await;
    }
    sqlx::query(
        "INSERT INTO voice_tooling.tool_run (org_id, vapi_call_id, tool_call_id, name, outcome, text,
           settled, booking_id, milliseconds, at)
         SELECT org_id, 'v', 't', 'bookClinicAppointment', 'result', 'Booked for Ada.', true, $1, 5, now()
         FROM voice_tooling.call",
    )
    .bind(booking)
    .execute(&mut stage.db.owner().await)
    .await
    .unwrap();
    erase(&stage, &acme, booking).await;
    let (listed, _) = list(&stage, &acme, 0, String::new()).await;
    eventually("the call is empty", || async {
        show(&stage, &acme, &listed[0].id)
            .await
            .transcript
            .is_empty()
    })
    .await;
    // Vapi tells it again.
    record(&stage, &acme, report("v")[2].clone()).await;
    let left = show(&stage, &acme, &listed[0].id).await;
    assert_eq!(
        (&*left.transcript, &*left.summary, &*left.caller_number),
        ("", "", "")
    );
    assert_eq!((&*left.status, &*left.tools[0].text), ("ended", ""));
    let (others, _) = list(&stage, &globex, 0, String::new()).await;
    let other = show(&stage, &globex, &others[0].id).await;
    assert_eq!(other.tools[0].text, "Booked for Ada.");
}
