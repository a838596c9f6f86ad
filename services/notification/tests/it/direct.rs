//! Texts that a member of the clinic writes.

use jiff::SignedDuration;
use voxanne_idempotency::{Fingerprint, Key, KeyedRequest};
use voxanne_notification::Timing;
use voxanne_problem::Problem;
use voxanne_proto::notification::v1::SendMessageRequest;
use voxanne_testkit::eventually;

use crate::{
    retry::retry,
    stage::{Stage, hasty, webhook},
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
    let timing = Timing {
        retry_after: SignedDuration::from_millis(500),
        ..hasty()
    };
    let (stage, twilio) = Stage::start_with(timing).await;
    // The first has to wait, and the others must not pass it by.
    twilio.fault("rate_limited", Some(1)).await;
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
async fn two_processes_share_the_work() {
    const TEXTS: usize = 40;
    let (stage, twilio) = Stage::start().await;
    let _second = stage.second().await;
    let number = |n: usize| format!("+155586753{n:02}");
    for n in 0..TEXTS {
        let tenant = if n % 2 == 0 {
            &stage.acme
        } else {
            &stage.globex
        };
        stage.send(tenant, &number(n), "Hello").await.unwrap();
    }
    eventually("all are delivered", || async {
        let mut all = stage.messages(&stage.acme).await;
        all.extend(stage.messages(&stage.globex).await);
        all.iter()
            .filter(|message| message.state == "delivered")
            .count()
            == TEXTS
    })
    .await;
    for n in 0..TEXTS {
        assert_eq!(twilio.taken(&number(n)).await.len(), 1, "{n}");
    }
}

#[tokio::test]
async fn trap_25_a_text_that_cannot_be_worked_on_holds_up_none_of_a_hundred() {
    const TEXTS: usize = 100;
    let (stage, twilio) = Stage::start().await;
    let number = |n: usize| format!("+15558675{n:03}");
    let poison = number(TEXTS / 2);
    let trigger = format!(
        "CREATE FUNCTION notification.poison() RETURNS trigger LANGUAGE plpgsql
           AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$;
         CREATE TRIGGER poison BEFORE UPDATE ON notification.message FOR EACH ROW
           WHEN (new.state = 'sending' AND new.to_number = '{poison}')
           EXECUTE FUNCTION notification.poison()"
    );
    let mut owner = stage.database.owner().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(trigger))
        .execute(&mut owner)
        .await
        .unwrap();
    for n in 0..TEXTS {
        stage.send(&stage.acme, &number(n), "Hello").await.unwrap();
    }
    let delivered = || async {
        let count = "SELECT count(*) FROM notification.message WHERE state = 'delivered'";
        let count: i64 = sqlx::query_scalar(count)
            .fetch_one(&mut stage.database.owner().await)
            .await
            .unwrap();
        usize::try_from(count).unwrap()
    };
    eventually("all others are delivered", || async {
        delivered().await == TEXTS - 1
    })
    .await;
    assert!(twilio.taken(&poison).await.is_empty());
    sqlx::raw_sql("DROP TRIGGER poison ON notification.message")
        .execute(&mut owner)
        .await
        .unwrap();
    eventually("it is delivered too", || async {
        delivered().await == TEXTS
    })
    .await;
    assert_eq!(twilio.taken(&poison).await.len(), 1);
}

#[tokio::test]
async fn without_an_account_a_text_waits_until_one_is_connected() {
    let (stage, twilio) = Stage::start().await;
    let newcomer = voxanne_testkit::staff(voxanne_ids::OrgId::new());
    stage.edge.knows(ACME, &webhook(&newcomer));
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

#[tokio::test]
async fn a_text_that_waited_for_hours_fails_and_can_be_asked_for_again() {
    let (stage, twilio) = Stage::start().await;
    let newcomer = voxanne_testkit::staff(voxanne_ids::OrgId::new());
    stage.edge.knows(ACME, &webhook(&newcomer));
    let queued = stage.send(&newcomer, PATIENT, "Hello").await.unwrap();
    sqlx::query(
        "UPDATE notification.message SET asked_at = asked_at - interval '5 hours', run_at = now()",
    )
    .execute(&mut stage.owner().await)
    .await
    .unwrap();
    let failed = stage.reaches(&newcomer, "failed").await;
    assert_eq!(failed.cause, "it waited too long to be of use");
    stage.upstreams.connect(newcomer.org(), credential(ACME));
    retry(&stage, &newcomer, &queued.id).await.unwrap();
    stage.reaches(&newcomer, "delivered").await;
    assert_eq!(twilio.taken(PATIENT).await.len(), 1);
}
