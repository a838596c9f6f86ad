//! One intent has one effect and one answer.

mod counting;

use std::sync::atomic::Ordering;

use axum::http::Method;
use serde_json::{Value, json};
use voxanne_ids::{BookingId, ServiceId};
use voxanne_testkit::{eventually, redis_url};

use self::counting::Counting;
use super::fixture::{Api, Person, Reply, reply};

fn new_booking(notes: &str) -> Value {
    json!({
        "serviceId": ServiceId::from_uuid(uuid::Uuid::nil()),
        "startsAt": "2026-12-01T09:00:00Z",
        "patient": { "name": "Ada", "phone": "+14155550123" },
        "notes": notes,
    })
}

async fn book(api: &Api, person: &Person, key: &str, body: &Value) -> Reply {
    let request = api.call(person, Method::POST, &person.path("/bookings"));
    reply(request.header("x-idempotency-key", key).json(body)).await
}

fn is_replay(reply: &Reply) -> bool {
    reply.header("idempotency-replayed") == "true"
}

#[tokio::test]
async fn a_repeated_booking_gets_the_first_answer_from_redis() {
    let counting = Counting::default();
    let api = counting.behind(Some(redis_url())).await;
    let person = Person::new("staff");
    let first = book(&api, &person, "k1", &new_booking("")).await;
    assert_eq!((first.status, is_replay(&first)), (201, false), "{first:?}");
    let again = book(&api, &person, "k1", &new_booking("")).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert!(is_replay(&again), "{again:?}");
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(
        counting.created.load(Ordering::SeqCst),
        1,
        "booking was asked once"
    );
    let records = counting.records.lock().expect("one holder").len();
    assert_eq!(records, 1, "and was given the key");

    let other = book(&api, &person, "k1", &new_booking("with other words")).await;
    assert_eq!(other.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
    let elsewhere = Person::new("staff");
    let theirs = book(&api, &elsewhere, "k1", &new_booking("")).await;
    assert!(!is_replay(&theirs), "keys are an organisation's own");
}

#[tokio::test]
async fn without_redis_the_service_decides() {
    let counting = Counting::default();
    let nobody = format!("redis://{}", crate::fake::nowhere()).into();
    for redis in [None, Some(nobody)] {
        counting.created.store(0, Ordering::SeqCst);
        counting.records.lock().expect("one holder").clear();
        let api = counting.behind(redis).await;
        let person = Person::new("staff");
        let first = book(&api, &person, "k1", &new_booking("")).await;
        assert_eq!((first.status, is_replay(&first)), (201, false), "{first:?}");
        let again = book(&api, &person, "k1", &new_booking("")).await;
        assert_eq!((again.status, is_replay(&again)), (201, true), "{again:?}");
        assert_eq!(again.text, first.text, "byte for byte");
        assert_eq!(
            counting.created.load(Ordering::SeqCst),
            2,
            "booking was asked both times"
        );
    }
}

#[tokio::test]
async fn a_refusal_is_repeated_byte_for_byte_with_and_without_redis() {
    let counting = Counting::default();
    let person = Person::new("staff");
    let mut texts = Vec::new();
    for redis in [Some(redis_url()), None] {
        let api = counting.behind(redis).await;
        for _ in 0..2 {
            let got = book(&api, &person, "k1", &new_booking("taken")).await;
            assert_eq!(got.problem(), (409, "SLOT_TAKEN".to_owned()));
            assert_eq!(got.json()["alternatives"][0]["slotId"], "s1");
            texts.push(got.text);
        }
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn fifty_copies_of_one_request_get_one_answer() {
    let counting = Counting::default();
    let api = counting.behind(Some(redis_url())).await;
    let person = Person::new("staff");
    let body = new_booking("");
    let copies = (0..50).map(|_| book(&api, &person, "k1", &body));
    let answers = futures_util::future::join_all(copies).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
    }
    let replays = answers.iter().filter(|answer| is_replay(answer)).count();
    assert_eq!(replays, 49);
}

#[tokio::test]
async fn copies_of_a_booking_all_reach_the_service_that_decides() {
    let counting = Counting::default();
    let api = counting.behind(Some(redis_url())).await;
    let person = Person::new("staff");
    let body = new_booking("both");
    // Each waits in the service until the other is there too.
    let (one, other) = tokio::join!(
        book(&api, &person, "k1", &body),
        book(&api, &person, "k1", &body)
    );
    assert_eq!((one.status, other.status), (201, 201), "{one:?} {other:?}");
    assert_eq!(one.text, other.text);
    assert_ne!(is_replay(&one), is_replay(&other));
}

#[tokio::test]
async fn a_repetition_waits_for_the_first_request() {
    let counting = Counting::default();
    let api = counting.behind(Some(redis_url())).await;
    let person = Person::new("owner");
    let add = || async {
        let request = api.call(&person, Method::POST, &person.path("/providers"));
        let request = request.header("idempotency-key", "k1");
        reply(request.json(&json!({ "name": "Dr. Lee" }))).await
    };
    let (first, second) = tokio::join!(add(), async {
        let second = add();
        counting.go_on.notify_one();
        second.await
    });
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.text, second.text);
    assert_ne!(
        is_replay(&first),
        is_replay(&second),
        "one of them was carried out"
    );
    assert_eq!(counting.providers.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_repetition_does_not_wait_for_ever() {
    let counting = Counting::default();
    let api = counting.behind(Some(redis_url())).await;
    let person = Person::new("owner");
    let add = || async {
        let request = api.call(&person, Method::POST, &person.path("/providers"));
        let request = request.header("idempotency-key", "k1");
        reply(request.json(&json!({ "name": "Dr. Lee" }))).await
    };
    let both = [add(), add()].map(Box::pin);
    let (early, _, rest) = futures_util::future::select_all(both).await;
    assert_eq!(early.problem(), (409, "IDEMPOTENCY_IN_PROGRESS".to_owned()));
    assert_eq!(early.header("retry-after"), "1");
    counting.go_on.notify_one();
    for first in rest {
        assert_eq!(first.await.status, 201);
    }
}

#[tokio::test]
async fn an_effect_is_finished_though_its_client_left() {
    let counting = Counting::default();
    let api = counting.behind(Some(redis_url())).await;
    let person = Person::new("owner");
    let request = || {
        let request = api.call(&person, Method::POST, &person.path("/providers"));
        request
            .header("idempotency-key", "k1")
            .json(&json!({ "name": "Dr. Lee" }))
    };
    let left = request()
        .timeout(std::time::Duration::from_millis(300))
        .send()
        .await;
    assert!(left.is_err(), "the client gave up");
    counting.go_on.notify_one();
    let again = reply(request()).await;
    assert_eq!((again.status, is_replay(&again)), (201, true), "{again:?}");
    assert_eq!(counting.providers.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_that_may_change_is_not_kept() {
    let counting = Counting::default();
    let api = counting.behind(Some(redis_url())).await;
    let person = Person::new("staff");
    let cancel = |body: Value| {
        let path = person.path(&format!("/bookings/{}/cancel", BookingId::new()));
        let request = api.call(&person, Method::POST, &path);
        request.header("idempotency-key", "k1").json(&body)
    };
    let request = cancel(json!({ "reason": 7 }));
    let retry = request.try_clone().expect("a body in memory");
    assert_eq!(reply(request).await.problem(), (400, "INVALID".to_owned()));
    assert_eq!(reply(retry).await.problem(), (400, "INVALID".to_owned()));

    let request = cancel(json!({}));
    let retry = request.try_clone().expect("a body in memory");
    assert_eq!(
        reply(request).await.problem(),
        (503, "UNAVAILABLE".to_owned())
    );
    eventually(
        "the same request works once the service is back",
        || async {
            reply(retry.try_clone().expect("a body in memory"))
                .await
                .status
                == 200
        },
    )
    .await;
}

#[tokio::test]
async fn a_malformed_key_is_refused() {
    let api = Counting::default().behind(None).await;
    let person = Person::new("staff");
    let request = || {
        api.call(&person, Method::POST, &person.path("/bookings"))
            .json(&new_booking(""))
    };
    for bad in [
        request().header("x-idempotency-key", "a b"),
        request().header("x-idempotency-key", "k".repeat(256)),
        request()
            .header("x-idempotency-key", "a")
            .header("idempotency-key", "b"),
        request()
            .header("idempotency-key", "a")
            .header("idempotency-key", "a"),
    ] {
        let got = reply(bad).await;
        assert_eq!(got.problem(), (400, "IDEMPOTENCY_KEY_INVALID".to_owned()));
    }
}
