//! Who asks too often waits, and nobody else does.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::http::Method;
use futures_util::future::join_all;
use secrecy::SecretString;
use serde_json::json;
use tokio::sync::Notify;
use voxanne_gateway::limits::Settings;
use voxanne_proto::{
    booking::v1::{ListBookingsRequest, ListBookingsResponse},
    notification::v1::{Message, SendMessageRequest, SendMessageResponse},
};
use voxanne_testkit::{eventually, redis_url};

use super::fixture::{Api, Behind, Person, Reply, reply};
use crate::fake::{Rpcs, nowhere};

pub(super) fn limits(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Behind::default().limits;
    change(&mut settings);
    settings
}

/// A booking service that counts how often it is asked.
pub(super) fn booking() -> (Rpcs, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let rpcs = Rpcs::default().unary(
        "/voxanne.booking.v1.BookingService/ListBookings",
        move |_: tonic::Request<ListBookingsRequest>| {
            counted.fetch_add(1, Ordering::SeqCst);
            async { Ok(ListBookingsResponse::default()) }
        },
    );
    (rpcs, asked)
}

pub(super) async fn list(api: &Api, person: &Person) -> Reply {
    reply(api.call(person, Method::GET, &person.path("/bookings"))).await
}

/// Redis, a Redis that is away, and none.
fn redises() -> [Option<SecretString>; 3] {
    let nobody = format!("redis://{}", nowhere()).into();
    [Some(redis_url()), Some(nobody), None]
}

pub(super) fn assert_limited(got: &Reply, limit: &str) {
    assert_eq!(got.problem(), (429, "RATE_LIMITED".to_owned()));
    assert_eq!(got.header("ratelimit-limit"), limit);
    assert_eq!(got.header("ratelimit-remaining"), "0");
    let wait: u64 = got.header("retry-after").parse().expect("seconds");
    assert!((1..=3600).contains(&wait), "{got:?}");
    assert!(!got.header("ratelimit-reset").is_empty(), "{got:?}");
}

#[tokio::test]
async fn a_loud_organisation_is_refused_before_any_service_and_the_others_are_not() {
    for redis in redises() {
        let (rpcs, asked) = booking();
        let behind = Behind {
            redis,
            limits: limits(|limits| limits.org = "1/min burst 40".parse().unwrap()),
            ..Behind::booking(rpcs)
        };
        let api = behind.start().await;
        let loud = Person::new("staff");
        let quiet: Vec<_> = (0..9).map(|_| Person::new("staff")).collect();
        let mut refused = 0;
        for round in 0..30 {
            let flood = (0..10).map(|_| list(&api, &loud));
            let answers = join_all(flood).await;
            for got in answers.iter().filter(|got| got.status == 429) {
                assert_limited(got, "40");
                refused += 1;
            }
            let got = list(&api, &quiet[round % 9]).await;
            assert_eq!(got.status, 200, "{got:?}");
        }
        // A minute's refill may fall into the test.
        assert!((258..=260).contains(&refused), "{refused}");
        assert!((70..=72).contains(&asked.load(Ordering::SeqCst)));
        // Another session of another member of it has no budget of its own.
        let colleague = Person {
            org: loud.org,
            ..Person::new("owner")
        };
        assert_eq!(list(&api, &colleague).await.status, 429);
    }
}

#[tokio::test]
async fn a_member_has_a_budget_whatever_session_they_use() {
    let (rpcs, _) = booking();
    let behind = Behind {
        redis: Some(redis_url()),
        limits: limits(|limits| limits.user = "1/h burst 3".parse().unwrap()),
        ..Behind::booking(rpcs)
    };
    let api = behind.start().await;
    let member = Person::new("staff");
    let elsewhere = Person {
        session: Person::new("staff").session,
        ..member
    };
    for (person, remaining) in [(&member, "2"), (&elsewhere, "1"), (&member, "0")] {
        let got = list(&api, person).await;
        assert_eq!(got.status, 200);
        assert_eq!(got.header("ratelimit-limit"), "3");
        assert_eq!(got.header("ratelimit-remaining"), remaining);
    }
    assert_limited(&list(&api, &elsewhere).await, "3");
    let colleague = Person {
        org: member.org,
        ..Person::new("staff")
    };
    assert_eq!(list(&api, &colleague).await.status, 200);
}

#[tokio::test]
async fn replicas_share_what_is_allowed() {
    let person = Person::new("staff");
    let mut answers = 0;
    for _ in 0..2 {
        let (rpcs, _) = booking();
        let behind = Behind {
            redis: Some(redis_url()),
            limits: limits(|limits| limits.user = "1/h burst 5".parse().unwrap()),
            ..Behind::booking(rpcs)
        };
        let api = behind.start().await;
        for _ in 0..4 {
            answers += usize::from(list(&api, &person).await.status == 200);
        }
    }
    assert_eq!(answers, 5);
}

#[tokio::test]
async fn nobody_chooses_the_address_they_are_counted_by() {
    for (proxies, refused) in [("", true), ("127.0.0.0/8", false), ("10.0.0.0/8", true)] {
        let behind = Behind {
            limits: limits(|limits| {
                limits.address = "1/h burst 3".parse().unwrap();
                limits.proxies = proxies.parse().unwrap_or_default();
            }),
            ..Behind::default()
        };
        let api = behind.start().await;
        let mut last = 0;
        for hop in 0..10 {
            let request = api.request(Method::GET, "/config.json");
            let got = reply(request.header("x-forwarded-for", format!("1.2.3.{hop}"))).await;
            last = got.status;
        }
        assert_eq!(last == 429, refused, "{proxies}");
        // Of a list only what our own proxy wrote counts.
        let mut last = 0;
        for hop in 0..10 {
            let request = api.request(Method::GET, "/config.json");
            let forged = format!("9.9.9.{hop}, 7.7.7.7");
            last = reply(request.header("x-forwarded-for", forged))
                .await
                .status;
        }
        assert_eq!(last, 429, "{proxies}");
    }
}

#[tokio::test]
async fn strangers_with_bad_tokens_are_counted_by_their_address() {
    let (rpcs, _) = booking();
    let behind = Behind {
        limits: limits(|limits| limits.address = "1/h burst 5".parse().unwrap()),
        ..Behind::booking(rpcs)
    };
    let api = behind.start().await;
    let person = Person::new("staff");
    for number in 0..8 {
        let request = api.request(Method::GET, &person.path("/bookings"));
        let got = reply(request.bearer_auth(format!("a.b.c{number}"))).await;
        let expected = if number < 5 { 401 } else { 429 };
        assert_eq!(got.status, expected, "{number}");
    }
    for _ in 0..20 {
        let got = reply(api.request(Method::GET, "/healthz")).await;
        assert_eq!(got.status, 200, "a probe is always answered");
    }
}

#[tokio::test]
async fn texts_to_one_number_have_a_limit_however_it_is_written() {
    let notification = Rpcs::default().unary(
        "/voxanne.notification.v1.NotificationService/SendMessage",
        |_: tonic::Request<SendMessageRequest>| async {
            Ok(SendMessageResponse {
                message: Some(Message::default()),
                replayed: false,
            })
        },
    );
    let behind = Behind {
        notification: Some(notification),
        limits: limits(|limits| limits.recipient = "1/h burst 2".parse().unwrap()),
        ..Behind::default()
    };
    let api = behind.start().await;
    let (person, other) = (Person::new("staff"), Person::new("staff"));
    let send = |person: Person, to: &'static str| {
        let request = api.call(&person, Method::POST, &person.path("/messages"));
        reply(request.json(&json!({ "to": to, "body": "Hello" })))
    };
    assert_eq!(send(person, "+1 415 555 0123").await.status, 201);
    assert_eq!(send(person, "+14155550123").await.status, 201);
    assert_limited(&send(person, "+1 (415) 555-0123").await, "2");
    assert_eq!(send(person, "+14155550124").await.status, 201);
    assert_eq!(send(other, "+14155550123").await.status, 201);
}

#[tokio::test]
async fn what_is_too_much_at_once_is_refused_and_the_rest_is_finished() {
    let (go_on, asked) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (told, counted) = (go_on.clone(), asked.clone());
    let rpcs = Rpcs::default().unary(
        "/voxanne.booking.v1.BookingService/ListBookings",
        move |_: tonic::Request<ListBookingsRequest>| {
            counted.fetch_add(1, Ordering::SeqCst);
            let told = told.clone();
            async move {
                told.notified().await;
                Ok(ListBookingsResponse::default())
            }
        },
    );
    let behind = Behind {
        limits: limits(|limits| limits.in_flight = NonZeroUsize::new(2).unwrap()),
        ..Behind::booking(rpcs)
    };
    let api = behind.start().await;
    let person = Person::new("staff");
    let slow = async { tokio::join!(list(&api, &person), list(&api, &person)) };
    let meanwhile = async {
        eventually("both are worked on", || async {
            asked.load(Ordering::SeqCst) == 2
        })
        .await;
        let flood = (0..20).map(|_| list(&api, &person));
        for got in join_all(flood).await {
            assert_eq!(got.problem(), (503, "OVERLOADED".to_owned()));
            assert_eq!(got.header("retry-after"), "1");
        }
        for path in ["/healthz", "/readyz"] {
            let got = reply(api.request(Method::GET, path)).await;
            assert!(!got.text.contains("OVERLOADED"), "{path}");
        }
        let webhook = reply(api.request(Method::POST, "/api/webhooks/vapi")).await;
        assert_eq!(webhook.status, 401, "webhooks have places of their own");
        go_on.notify_one();
        go_on.notify_one();
        eventually("the flood is over", || async {
            go_on.notify_one();
            list(&api, &person).await.status == 200
        })
        .await;
    };
    let ((one, two), ()) = tokio::join!(slow, meanwhile);
    assert_eq!((one.status, two.status), (200, 200));
    assert_eq!(
        asked.load(Ordering::SeqCst),
        3,
        "nothing of the flood came through"
    );
}
