//! Another organisation's message is exactly as unknown as one that never was.

use voxanne_ids::MessageId;
use voxanne_problem::Problem;

use crate::{
    callbacks::told,
    retry::retry,
    stage::{Stage, webhook},
    twilio::{ACME, GLOBEX, NOT_A_NUMBER},
};

#[tokio::test]
async fn a_foreign_message_cannot_be_listed_retried_or_reported() {
    let (stage, _twilio) = Stage::start().await;
    stage
        .send(&stage.acme, NOT_A_NUMBER, "Hello")
        .await
        .unwrap();
    let foreign = stage.reaches(&stage.acme, "failed").await;
    let unknown = MessageId::new().to_string();
    assert!(stage.messages(&stage.globex).await.is_empty());

    let here = retry(&stage, &stage.globex, &foreign.id).await.unwrap_err();
    let nowhere = retry(&stage, &stage.globex, &unknown).await.unwrap_err();
    assert_eq!(
        (here.kind, here.to_string()),
        (nowhere.kind, nowhere.to_string())
    );
    assert_eq!(here.reason, "MESSAGE_NOT_FOUND");

    let report = async |id: &str| {
        let request = stage.request(&webhook(&stage.globex), told(id, "SM1", "delivered"));
        let refused = stage.client().record_status(request).await.unwrap_err();
        Problem::from(refused)
    };
    let (here, nowhere) = (report(&foreign.id).await, report(&unknown).await);
    assert_eq!(
        (here.kind, here.to_string()),
        (nowhere.kind, nowhere.to_string())
    );
    assert_eq!(here.reason, "MESSAGE_NOT_FOUND");

    assert_eq!(
        stage.messages(&stage.acme).await,
        [foreign],
        "nothing changed"
    );
    assert!(stage.announced(stage.globex.org()).await.is_empty());
}

#[tokio::test]
async fn a_text_is_sent_with_ones_own_account_only() {
    let (stage, twilio) = Stage::start().await;
    for (tenant, to) in [
        (&stage.acme, "+15558675311"),
        (&stage.globex, "+15558675312"),
    ] {
        stage.send(tenant, to, "Hello").await.unwrap();
        stage.reaches(tenant, "delivered").await;
    }
    let accounts = [ACME, GLOBEX];
    for (to, account) in ["+15558675311", "+15558675312"].into_iter().zip(accounts) {
        let taken = twilio.taken(to).await;
        assert_eq!(
            (taken.len(), taken[0]["accountSid"].as_str()),
            (1, Some(account))
        );
    }
}
