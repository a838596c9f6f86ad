//! Twilio says no, or cannot be reached.

use voxanne_testkit::{eventually, free_addr};

use crate::{
    stage::{Stage, hasty, stays},
    twilio::{ACME, NOT_A_NUMBER, OPTED_OUT, PATIENT, TwilioSide, credential},
};

#[tokio::test]
async fn an_unreachable_twilio_makes_a_text_wait() {
    let addr = free_addr();
    let stage = Stage::start_before(addr, hasty()).await;
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    eventually("the cause is told", || async {
        let messages = stage.messages(&stage.acme).await;
        messages[0].state == "queued" && messages[0].cause == "Twilio cannot be reached"
    })
    .await;
    let twilio = TwilioSide::start(addr).await;
    let message = stage.reaches(&stage.acme, "delivered").await;
    assert!(message.cause.is_empty());
    assert_eq!(twilio.taken(PATIENT).await.len(), 1);
}

#[tokio::test]
async fn a_limited_account_is_asked_again() {
    let (stage, twilio) = Stage::start().await;
    twilio.fault("rate_limited", Some(3)).await;
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    stage.reaches(&stage.acme, "delivered").await;
    assert_eq!(twilio.taken(PATIENT).await.len(), 1);
}

#[tokio::test]
async fn refused_credentials_hold_up_one_clinic_only() {
    let (stage, twilio) = Stage::start().await;
    let mut wrong = credential(ACME);
    wrong
        .secrets
        .insert("authToken".to_owned(), "stale".to_owned());
    stage.upstreams.connect(stage.acme.org(), wrong);
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    eventually("the cause is told", || async {
        let messages = stage.messages(&stage.acme).await;
        messages[0].state == "queued"
            && messages[0].cause == "Twilio refuses the clinic's credentials"
    })
    .await;
    stage.send(&stage.globex, PATIENT, "Hello").await.unwrap();
    stage.reaches(&stage.globex, "delivered").await;
    stage.upstreams.connect(stage.acme.org(), credential(ACME));
    stage.reaches(&stage.acme, "delivered").await;
    assert_eq!(twilio.taken(PATIENT).await.len(), 2);
}

#[tokio::test]
async fn somebody_who_opted_out_is_not_texted_again() {
    let (stage, twilio) = Stage::start().await;
    stage.send(&stage.acme, OPTED_OUT, "Hello").await.unwrap();
    let message = stage.reaches(&stage.acme, "suppressed").await;
    assert_eq!(message.error_code, 21610);
    // Twilio would refuse this one too; that it carries no code shows that it was not asked.
    stage.send(&stage.acme, OPTED_OUT, "Hello?").await.unwrap();
    eventually("the next is suppressed too", || async {
        let messages = stage.messages(&stage.acme).await;
        messages[0].state == "suppressed" && messages[0].error_code == 0
    })
    .await;
    let elsewhere: i64 =
        sqlx::query_scalar("SELECT count(*) FROM notification.opt_out WHERE org_id = $1")
            .bind(stage.globex.org())
            .fetch_one(&mut stage.owner().await)
            .await
            .unwrap();
    assert_eq!(elsewhere, 0, "an opt-out is one clinic's own");
    assert!(twilio.taken(OPTED_OUT).await.is_empty());
}

#[tokio::test]
async fn a_number_that_is_none_fails_for_good() {
    let (stage, twilio) = Stage::start().await;
    stage
        .send(&stage.acme, NOT_A_NUMBER, "Hello")
        .await
        .unwrap();
    let message = stage.reaches(&stage.acme, "failed").await;
    assert_eq!(message.error_code, 21211);
    assert_eq!(message.cause, "it is not a number that can be texted");
    stays("failed", || async {
        stage.messages(&stage.acme).await[0].state == "failed"
    })
    .await;
    assert!(twilio.taken(NOT_A_NUMBER).await.is_empty());
}
