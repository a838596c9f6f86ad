//! One booking, one text.

use voxanne_clock::to_proto;
use voxanne_testkit::eventually;

use crate::{
    stage::{Stage, booking, stays},
    twilio::PATIENT,
};

#[tokio::test]
async fn a_booking_is_confirmed_by_one_text() {
    let (stage, twilio) = Stage::start().await;
    let booking = stage.book(&stage.acme, PATIENT).await;
    let message = stage.reaches(&stage.acme, "delivered").await;
    assert_eq!(message.booking_id, booking.to_string());
    assert_eq!(
        (message.kind.as_str(), message.to.as_str()),
        ("booking_confirmation", PATIENT)
    );
    let taken = twilio.taken(PATIENT).await;
    assert_eq!(taken.len(), 1);
    assert_eq!(
        taken[0]["body"],
        "Acme: your appointment is booked for Tuesday, December 1 at 2:30 PM. Reply STOP to opt out."
    );
    let callback = taken[0]["statusCallback"].as_str().unwrap();
    assert!(
        callback.ends_with(&format!("?mid={}#rc=5&rp=all", message.id)),
        "{callback}"
    );
    let announced = stage.announced(stage.acme.org()).await;
    let expected = [
        ("message.queued", "queued"),
        ("message.sent", "sent"),
        ("message.delivered", "delivered"),
    ];
    let expected = expected.map(|(kind, state)| (kind.to_owned(), state.to_owned()));
    assert_eq!(announced, expected);
    assert!(stage.announced(stage.globex.org()).await.is_empty());
}

#[tokio::test]
async fn of_a_series_only_the_first_visit_is_confirmed() {
    let (stage, twilio) = Stage::start().await;
    for (number, phone) in [(1, PATIENT), (2, "+15558675312"), (3, "+15558675313")] {
        let visit = booking(phone);
        let data = serde_json::json!({"bookingId": visit.id, "seriesNumber": number});
        stage.upstreams.book(stage.acme.org(), visit);
        stage.announce_as(&stage.acme, data).await;
    }
    stage.book(&stage.acme, "+15558675311").await;
    // Texts to two people go out in any order.
    for phone in ["+15558675311", PATIENT] {
        eventually("a visit is confirmed", || async {
            twilio.taken(phone).await.len() == 1
        })
        .await;
    }
    assert_eq!(stage.messages(&stage.acme).await.len(), 2);
}

#[tokio::test]
async fn an_event_that_is_read_twice_makes_one_text() {
    let (mut stage, twilio) = Stage::start().await;
    stage.book(&stage.acme, PATIENT).await;
    stage.reaches(&stage.acme, "delivered").await;
    stage.stop().await;
    sqlx::query("UPDATE events.progress SET seq = 0")
        .execute(&mut stage.owner().await)
        .await
        .unwrap();
    stage.restart().await;
    stage.book(&stage.acme, "+15558675311").await;
    eventually("the later booking is confirmed", || async {
        twilio.taken("+15558675311").await.len() == 1
    })
    .await;
    assert_eq!(twilio.taken(PATIENT).await.len(), 1);
    assert_eq!(stage.messages(&stage.acme).await.len(), 2);
}

#[tokio::test]
async fn a_cancelled_or_past_booking_is_not_confirmed() {
    let (stage, twilio) = Stage::start().await;
    let mut cancelled = booking(PATIENT);
    cancelled.status = "cancelled".to_owned();
    let mut past = booking(PATIENT);
    past.starts_at = Some(to_proto("2020-01-01T00:00:00Z".parse().unwrap()));
    for (tenant, booking, cause) in [
        (&stage.acme, cancelled, "the booking was cancelled"),
        (&stage.globex, past, "the appointment has begun"),
    ] {
        let id = booking.id.parse().unwrap();
        stage.upstreams.book(tenant.org(), booking);
        stage.announce(tenant, id).await;
        let message = stage.reaches(tenant, "suppressed").await;
        assert_eq!(message.cause, cause);
        assert!(message.body.is_empty());
    }
    assert!(twilio.taken(PATIENT).await.is_empty());
}

#[tokio::test]
async fn another_clinics_booking_is_no_booking() {
    let (stage, twilio) = Stage::start().await;
    let foreign = booking(PATIENT);
    let id = foreign.id.parse().unwrap();
    stage.upstreams.book(stage.globex.org(), foreign);
    stage.announce(&stage.acme, id).await;
    let message = stage.reaches(&stage.acme, "failed").await;
    assert_eq!(message.cause, "the booking does not exist");
    assert!(twilio.taken(PATIENT).await.is_empty());
}

#[tokio::test]
async fn two_bookings_of_one_patient_are_confirmed_one_after_the_other() {
    let (stage, twilio) = Stage::start().await;
    for _ in 0..2 {
        stage.book(&stage.acme, PATIENT).await;
    }
    eventually("both are confirmed", || async {
        twilio.taken(PATIENT).await.len() == 2
    })
    .await;
    stays("two texts", || async {
        twilio.taken(PATIENT).await.len() == 2
    })
    .await;
}
