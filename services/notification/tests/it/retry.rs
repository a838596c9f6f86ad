//! Sending again what failed.

use voxanne_problem::Problem;
use voxanne_proto::notification::v1::{Message, RetryMessageRequest};
use voxanne_tenant::Tenant;
use voxanne_testkit::eventually;

use crate::{
    stage::Stage,
    twilio::{OUT_OF_REACH, PATIENT},
};

pub(crate) async fn retry(stage: &Stage, tenant: &Tenant, id: &str) -> Result<Message, Problem> {
    let id = id.to_owned();
    let request = stage.request(tenant, RetryMessageRequest { id });
    let answer = stage.client().retry_message(request).await?;
    Ok(answer.into_inner().message.unwrap())
}

#[tokio::test]
async fn an_undelivered_text_can_be_sent_again() {
    let (stage, twilio) = Stage::start().await;
    stage
        .send(&stage.acme, OUT_OF_REACH, "Hello")
        .await
        .unwrap();
    let message = stage.reaches(&stage.acme, "undelivered").await;
    let queued = retry(&stage, &stage.acme, &message.id).await.unwrap();
    assert_eq!((queued.state.as_str(), queued.error_code), ("queued", 0));
    eventually("Twilio has a second text", || async {
        twilio.taken(OUT_OF_REACH).await.len() == 2
    })
    .await;
    stage.reaches(&stage.acme, "undelivered").await;
}

#[tokio::test]
async fn what_was_delivered_cannot() {
    let (stage, twilio) = Stage::start().await;
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    let message = stage.reaches(&stage.acme, "delivered").await;
    let problem = retry(&stage, &stage.acme, &message.id).await.unwrap_err();
    assert_eq!(problem.reason, "NOT_RETRYABLE");
    assert_eq!(twilio.taken(PATIENT).await.len(), 1);
}
