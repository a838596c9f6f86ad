//! What is left of texts to a patient who is erased.

use serde_json::json;
use voxanne_testkit::eventually;

use crate::{
    stage::Stage,
    twilio::{OUT_OF_REACH, PATIENT},
};

#[tokio::test]
async fn a_text_of_an_erased_patient_keeps_neither_number_nor_words() {
    let (stage, _twilio) = Stage::start().await;
    let booking = stage.book(&stage.acme, PATIENT).await;
    let sent = stage.reaches(&stage.acme, "delivered").await;
    assert_eq!(sent.to, PATIENT);
    assert_ne!(sent.body, "");
    stage.book(&stage.globex, PATIENT).await;
    stage.reaches(&stage.globex, "delivered").await;
    // Of another clinic, and about a booking of the same id.
    sqlx::query("UPDATE notification.message SET booking_id = $1")
        .bind(booking)
        .execute(&mut stage.owner().await)
        .await
        .unwrap();
    let erased = json!({"patientId": "pat_1", "bookingIds": [booking]});
    stage.commit(&stage.acme, "patient.erased", erased).await;
    eventually("the text is empty", || async {
        stage.messages(&stage.acme).await[0].to.is_empty()
    })
    .await;
    let left = stage.messages(&stage.acme).await.remove(0);
    assert_eq!((&*left.body, &*left.state), ("", "delivered"));
    assert_eq!(stage.count("to_number <> '' AND body <> ''").await, 1);
}

/// A text that failed could be sent again, and there is nobody to send it to.
#[tokio::test]
async fn a_text_that_failed_is_forgotten_as_well() {
    let (stage, _twilio) = Stage::start().await;
    let booking = stage.book(&stage.acme, OUT_OF_REACH).await;
    stage.reaches(&stage.acme, "undelivered").await;
    let erased = json!({"patientId": "pat_1", "bookingIds": [booking]});
    stage.commit(&stage.acme, "patient.erased", erased).await;
    eventually("the text is empty", || async {
        stage.count("to_number = '' AND body = ''").await == 1
    })
    .await;
}

/// Where a text is in flight its number is what it is found by at Twilio; it goes afterwards.
#[tokio::test]
async fn a_text_in_flight_is_forgotten_when_it_has_landed() {
    let (stage, _twilio) = Stage::start().await;
    let booking = stage.book(&stage.acme, PATIENT).await;
    stage.reaches(&stage.acme, "delivered").await;
    sqlx::query(
        "UPDATE notification.message SET state = 'unknown', run_at = now() + interval '1 hour'",
    )
    .execute(&mut stage.owner().await)
    .await
    .unwrap();
    let erased = json!({"patientId": "pat_1", "bookingIds": [booking]});
    stage.commit(&stage.acme, "patient.erased", erased).await;
    eventually("it is to be forgotten", || async {
        stage.count("erased AND to_number <> ''").await == 1
    })
    .await;
    sqlx::query("UPDATE notification.message SET run_at = now()")
        .execute(&mut stage.owner().await)
        .await
        .unwrap();
    eventually("it is forgotten", || async {
        stage
            .count("state <> 'unknown' AND to_number = '' AND body = ''")
            .await
            == 1
    })
    .await;
}
