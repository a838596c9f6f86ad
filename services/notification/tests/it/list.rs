//! Listing messages.

use voxanne_ids::BookingId;
use voxanne_problem::Problem;
use voxanne_proto::notification::v1::{ListMessagesRequest, ListMessagesResponse};
use voxanne_tenant::Tenant;

use crate::{stage::Stage, twilio::PATIENT};

async fn list(
    stage: &Stage,
    tenant: &Tenant,
    request: ListMessagesRequest,
) -> Result<ListMessagesResponse, Problem> {
    let request = stage.request(tenant, request);
    Ok(stage.client().list_messages(request).await?.into_inner())
}

#[tokio::test]
async fn pages_follow_each_other_newest_first() {
    let (stage, _twilio) = Stage::start().await;
    let mut ids = Vec::new();
    for body in ["1", "2", "3"] {
        ids.push(stage.send(&stage.acme, PATIENT, body).await.unwrap().id);
    }
    let page = |cursor: String| ListMessagesRequest {
        limit: 2,
        cursor,
        booking_id: String::new(),
    };
    let first = list(&stage, &stage.acme, page(String::new()))
        .await
        .unwrap();
    let second = list(&stage, &stage.acme, page(first.next_cursor.clone()))
        .await
        .unwrap();
    let pages = first.messages.iter().chain(&second.messages);
    let listed: Vec<_> = pages.map(|message| message.id.clone()).collect();
    ids.reverse();
    assert_eq!((listed, second.next_cursor.as_str()), (ids, ""));
    // A cursor is a place and no right: elsewhere it leads past nothing.
    let elsewhere = list(&stage, &stage.globex, page(first.next_cursor))
        .await
        .unwrap();
    assert!(elsewhere.messages.is_empty());
}

#[tokio::test]
async fn the_messages_of_one_booking_can_be_asked_for() {
    let (stage, _twilio) = Stage::start().await;
    stage.send(&stage.acme, PATIENT, "Hello").await.unwrap();
    let booking = stage.book(&stage.acme, "+15558675311").await;
    voxanne_testkit::eventually("the confirmation is there", || async {
        stage.messages(&stage.acme).await.len() == 2
    })
    .await;
    let of = |booking: String| ListMessagesRequest {
        booking_id: booking,
        ..ListMessagesRequest::default()
    };
    let found = list(&stage, &stage.acme, of(booking.to_string()))
        .await
        .unwrap();
    assert_eq!(found.messages.len(), 1);
    assert_eq!(found.messages[0].booking_id, booking.to_string());
    let unknown = list(&stage, &stage.globex, of(BookingId::new().to_string()))
        .await
        .unwrap();
    let foreign = list(&stage, &stage.globex, of(booking.to_string()))
        .await
        .unwrap();
    assert_eq!(foreign, unknown);
}

#[tokio::test]
async fn a_bad_page_is_refused_by_field() {
    let (stage, _twilio) = Stage::start().await;
    let bad = ListMessagesRequest {
        limit: 201,
        cursor: "?".to_owned(),
        booking_id: "pat_1".to_owned(),
    };
    let problem = list(&stage, &stage.acme, bad).await.unwrap_err();
    let fields: Vec<_> = problem
        .violations
        .iter()
        .map(|v| v.field.as_str())
        .collect();
    assert_eq!(fields, ["limit", "bookingId", "cursor"]);
}
