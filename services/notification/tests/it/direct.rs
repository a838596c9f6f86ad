//! Texts that a member of the clinic writes.

use voxanne_idempotency::{Fingerprint, Key, KeyedRequest};
use voxanne_problem::Problem;
use voxanne_proto::notification::v1::SendMessageRequest;
use voxanne_testkit::eventually;

use crate::{
    stage::Stage,
    twilio::{ACME, PATIENT, credential},
};

#[tokio::test]
async fn a_text_is_sent_to_a_number_as_people_write_it() {
    let (stage, twilio) = Stage::start().await;
    let queued = stage
        .send(&stage.acme, "(555) 867-5310", "We open at 9.")
        .await
        .unwrap();
    assert_eq!(
        (queued.state.as_str(), queued.to.as_str()),
        ("queued", PATIENT)
    );
    let message = stage.reaches(&stage.acme, "delivered").await;
    assert_eq!(
        (
            message.kind.as_str(),
            message.booking_id.as_str(),
            message.id
        ),
        ("direct", "", queued.id)
    );
    assert_eq!(twilio.taken(PATIENT).await[0]["body"], "We open at 9.");
}

#[tokio::test]
async fn a_bad_field_is_named() {
    let (stage, _twilio) = Stage::start().await;
    let refused = stage.send(&stage.acme, "nobody", "").await.unwrap_err();
    let problem = Problem::from(refused);
    let fields: Vec<_> = problem.violations.iter().map(|v| v.field.clone()).collect();
    assert_eq!(fields, ["to", "body"]);
}

#[tokio::test]
async fn a_key_sends_one_text_however_often_it_comes() {
    let (stage, twilio) = Stage::start().await;
    let ask = async |tenant, body: &str| {
        let message = SendMessageRequest {
            to: PATIENT.to_owned(),
            body: body.to_owned(),
        };
        let mut request = stage.request(tenant, message);
        let keyed = KeyedRequest {
            key: Key::parse("k-1").unwrap(),
            fingerprint: Fingerprint::of(&[body.as_bytes()]),
        };
        keyed.attach(&mut request);
        stage.client().send_message(request).await
    };
    let first = ask(&stage.acme, "Hello").await.unwrap().into_inner();
    let again = ask(&stage.acme, "Hello").await.unwrap().into_inner();
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.message, again.message);
    let other = Problem::from(ask(&stage.acme, "Bye").await.unwrap_err());
    assert_eq!(other.reason, "IDEMPOTENCY_KEY_REUSED");
    let elsewhere = ask(&stage.globex, "Hi").await.unwrap().into_inner();
    assert!(!elsewhere.replayed, "a key is one organisation's own");
    stage.reaches(&stage.acme, "delivered").await;
    stage.reaches(&stage.globex, "delivered").await;
    assert_eq!(twilio.taken(PATIENT).await.len(), 2);
}

#[tokio::test]
async fn texts_to_one_number_keep_their_order() {
    let (stage, twilio) = Stage::start().await;
    for body in ["1", "2", "3"] {
        stage.send(&stage.acme, PATIENT, body).await.unwrap();
    }
    eventually("all are sent", || async {
        twilio.taken(PATIENT).await.len() == 3
    })
    .await;
    let taken = twilio.taken(PATIENT).await;
    let bodies: Vec<_> = taken
        .iter()
        .rev()
        .map(|text| text["body"].clone())
        .collect();
    assert_eq!(bodies, ["1", "2", "3"]);
}

#[tokio::test]
async fn without_an_account_a_text_waits_until_one_is_connected() {
    let (stage, twilio) = Stage::start().await;
    let newcomer = voxanne_testkit::staff(voxanne_ids::OrgId::new());
    stage.edge.knows(ACME, &newcomer);
    stage.send(&newcomer, PATIENT, "Hello").await.unwrap();
    eventually("the cause is told", || async {
        let messages = stage.messages(&newcomer).await;
        messages[0].cause == "no Twilio account is connected"
    })
    .await;
    assert!(twilio.taken(PATIENT).await.is_empty());
    stage.upstreams.connect(newcomer.org(), credential(ACME));
    stage.reaches(&newcomer, "delivered").await;
}
