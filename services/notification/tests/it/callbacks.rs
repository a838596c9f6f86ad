//! What Twilio says afterwards, in any order and any number of times.

use voxanne_problem::Problem;
use voxanne_proto::notification::v1::RecordStatusRequest;
use voxanne_tenant::Tenant;
use voxanne_testkit::eventually;

use crate::{
    stage::{NEVER, Stage, hasty, stays, webhook},
    twilio::{OUT_OF_REACH, PATIENT},
};

pub(crate) fn told(message_id: &str, sid: &str, status: &str) -> RecordStatusRequest {
    RecordStatusRequest {
        message_id: message_id.to_owned(),
        sid: sid.to_owned(),
        status: status.to_owned(),
        error_code: 0,
    }
}

async fn tell(stage: &Stage, tenant: &Tenant, report: RecordStatusRequest) -> Result<(), Problem> {
    let request = stage.request(&webhook(tenant), report);
    stage.client().record_status(request).await?;
    Ok(())
}

#[tokio::test]
async fn repeated_and_reversed_callbacks_end_the_same() {
    let (stage, twilio) = Stage::start().await;
    twilio.fault("duplicate_callbacks", Some(1)).await;
    twilio.fault("reorder_callbacks", Some(1)).await;
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    eventually("all four callbacks were answered", || async {
        let taken = twilio.taken(PATIENT).await;
        let callbacks = taken
            .first()
            .map(|text| text["callbacks"].as_array().unwrap().len());
        callbacks == Some(4)
    })
    .await;
    let message = stage.reaches(&stage.acme, "delivered").await;
    assert!(message.cause.is_empty());
    let announced = stage.announced(stage.acme.org()).await;
    let kinds: Vec<_> = announced.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["message.queued", "message.sent", "message.delivered"]
    );
}

#[tokio::test]
async fn an_undelivered_text_says_why() {
    let (stage, _twilio) = Stage::start().await;
    stage
        .send(&stage.acme, OUT_OF_REACH, "Hello")
        .await
        .unwrap();
    let message = stage.reaches(&stage.acme, "undelivered").await;
    assert_eq!(message.error_code, 30003);
    assert_eq!(message.cause, "the phone was off or out of reach");
    let announced = stage.announced(stage.acme.org()).await;
    assert_eq!(
        announced.last().unwrap(),
        &("message.failed".to_owned(), "undelivered".to_owned())
    );
}

#[tokio::test]
async fn a_callback_without_our_id_is_known_by_twilios() {
    let (stage, twilio) = Stage::start().await;
    stage.edge.goes_deaf();
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    stage.reaches(&stage.acme, "sent").await;
    let taken = twilio.taken(PATIENT).await;
    let sid = taken[0]["sid"].as_str().unwrap();
    let foreign = tell(&stage, &stage.globex, told("", sid, "delivered"))
        .await
        .unwrap_err();
    let unknown = tell(&stage, &stage.globex, told("", "SM0", "delivered"))
        .await
        .unwrap_err();
    assert_eq!(foreign.reason, "MESSAGE_NOT_FOUND");
    assert_eq!(foreign.to_string(), unknown.to_string());
    tell(&stage, &stage.acme, told("", sid, "something new"))
        .await
        .unwrap();
    assert_eq!(stage.messages(&stage.acme).await[0].state, "sent");
    tell(&stage, &stage.acme, told("", sid, "delivered"))
        .await
        .unwrap();
    assert_eq!(stage.messages(&stage.acme).await[0].state, "delivered");
}

#[tokio::test]
async fn a_callback_may_come_before_the_answer() {
    let timing = voxanne_notification::Timing {
        twilio_timeout: jiff::SignedDuration::from_secs(10),
        lease: NEVER,
        ..hasty()
    };
    let (stage, twilio) = Stage::start_with(timing).await;
    stage.edge.goes_deaf();
    twilio.fault("slow", Some(1)).await;
    let message = stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    stage.reaches(&stage.acme, "sending").await;
    let sid = "SM0123456789abcdef0123456789abcdef";
    tell(&stage, &stage.acme, told(&message.id, sid, "sent"))
        .await
        .unwrap();
    stage.reaches(&stage.acme, "sent").await;
    // From now on Twilio's id alone tells which message is meant.
    tell(&stage, &stage.acme, told("", sid, "delivered"))
        .await
        .unwrap();
    eventually("Twilio answers", || async {
        twilio.taken(PATIENT).await.len() == 1
    })
    .await;
    stays("delivered", || async {
        stage.messages(&stage.acme).await[0].state == "delivered"
    })
    .await;
    assert_eq!(stage.announced(stage.acme.org()).await.len(), 3);
}

#[tokio::test]
async fn a_failure_by_opt_out_is_remembered() {
    let (stage, twilio) = Stage::start().await;
    stage.edge.goes_deaf();
    let message = stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    stage.reaches(&stage.acme, "sent").await;
    let taken = twilio.taken(PATIENT).await;
    let mut report = told(&message.id, taken[0]["sid"].as_str().unwrap(), "failed");
    report.error_code = 21610;
    tell(&stage, &stage.acme, report).await.unwrap();
    stage.reaches(&stage.acme, "suppressed").await;
    stage.send(&stage.acme, PATIENT, "Hello?").await.unwrap();
    eventually("the next text is suppressed", || async {
        stage.messages(&stage.acme).await[0].state == "suppressed"
    })
    .await;
    assert_eq!(twilio.taken(PATIENT).await.len(), 1);
}
