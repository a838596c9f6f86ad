//! Answers that were lost: nothing is sent twice, and nothing is forgotten.

use jiff::SignedDuration;
use jiff_sqlx::ToSqlx as _;
use voxanne_clock::Clock;
use voxanne_ids::MessageId;
use voxanne_notification::Timing;
use voxanne_tenant::Tenant;

use crate::{
    stage::{NEVER, Stage, hasty, stays},
    twilio::{ACME, PATIENT},
};

#[tokio::test]
async fn a_lost_answer_is_found_in_twilios_list() {
    let (stage, twilio) = Stage::start().await;
    stage.edge.goes_deaf();
    twilio.fault("timeout_after_accept", Some(1)).await;
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    stage.reaches(&stage.acme, "delivered").await;
    stays("one text", || async {
        twilio.taken(PATIENT).await.len() == 1
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_told_by_the_callback() {
    let timing = Timing {
        unknown_grace: NEVER,
        ..hasty()
    };
    let (stage, twilio) = Stage::start_with(timing).await;
    twilio.fault("timeout_after_accept", Some(1)).await;
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    stage.reaches(&stage.acme, "delivered").await;
    stays("one text", || async {
        twilio.taken(PATIENT).await.len() == 1
    })
    .await;
    let announced = stage.announced(stage.acme.org()).await;
    let kinds: Vec<_> = announced.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["message.queued", "message.sent", "message.delivered"]
    );
}

#[tokio::test]
async fn while_the_outcome_is_unknown_nothing_is_sent() {
    let timing = Timing {
        unknown_grace: NEVER,
        ..hasty()
    };
    let (stage, twilio) = Stage::start_with(timing).await;
    twilio.fault("error", Some(1)).await;
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    let message = stage.reaches(&stage.acme, "unknown").await;
    assert_eq!(
        message.cause,
        "Twilio has not said whether it took the text"
    );
    stage
        .send(&stage.acme, PATIENT, "Hello again")
        .await
        .unwrap();
    stays("no text", || async {
        twilio.taken(PATIENT).await.is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_text_that_never_arrived_is_sent_again_once() {
    let (stage, twilio) = Stage::start().await;
    twilio.fault("down", Some(1)).await;
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    stage.reaches(&stage.acme, "delivered").await;
    assert_eq!(twilio.taken(PATIENT).await.len(), 1);
}

#[tokio::test]
async fn a_process_that_died_before_the_call_loses_nothing() {
    let (stage, twilio) = Stage::start().await;
    plant(&stage, &stage.acme).await;
    stage.reaches(&stage.acme, "delivered").await;
    assert_eq!(twilio.taken(PATIENT).await.len(), 1);
}

#[tokio::test]
async fn a_process_that_died_after_the_call_sends_nothing_twice() {
    let (stage, twilio) = Stage::start().await;
    let sid = twilio.send(ACME, PATIENT, "Hello").await;
    plant(&stage, &stage.acme).await;
    stage.reaches(&stage.acme, "delivered").await;
    let taken = twilio.taken(PATIENT).await;
    assert_eq!(
        (taken.len(), taken[0]["sid"].as_str()),
        (1, Some(sid.as_str()))
    );
}

/// A message as a process leaves it that dies while sending, its lease run out.
async fn plant(stage: &Stage, tenant: &Tenant) {
    let ago = Clock::system().now() - SignedDuration::from_secs(5);
    sqlx::query(
        "INSERT INTO notification.message (org_id, id, kind, to_number, body, state, cause,
           error_code, attempt, waits, looks, sent_again, run_at, attempted_at, former_sids,
           asked_at, created_at, updated_at)
         VALUES ($1, $2, 'direct', $3, 'Hello', 'sending', '', 0, 1, 0, 0, false, $4, $4, '{}',
           $4, $4, $4)",
    )
    .bind(tenant.org())
    .bind(MessageId::new())
    .bind(PATIENT)
    .bind(ago.to_sqlx())
    .execute(&mut stage.owner().await)
    .await
    .unwrap();
}
