//! Many at once for one slot, and one intent many times.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet};

async fn book(
    fleet: &Fleet,
    clinic: &Clinic,
    slot: &Value,
    phone: &str,
    key: Option<&str>,
) -> (StatusCode, bool, String) {
    let mut request = fleet
        .http
        .post(format!(
            "http://{}{}",
            fleet.gateway,
            clinic.path("/bookings")
        ))
        .bearer_auth(&clinic.token)
        .json(&json!({
            "serviceId": clinic.service,
            "providerId": slot["providerId"],
            "startsAt": slot["startsAt"],
            "patient": { "name": "Pat Doe", "phone": phone },
        }));
    if let Some(key) = key {
        request = request.header("X-Idempotency-Key", key);
    }
    let answer = request.send().await.expect("the gateway answers");
    let replayed = answer
        .headers()
        .get("idempotency-replayed")
        .is_some_and(|value| value == "true");
    (
        answer.status(),
        replayed,
        answer.text().await.expect("a body"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_callers_for_one_slot_make_one_booking() {
    let fleet = Fleet::start().await;
    let clinic = Clinic::open(&fleet, "acme").await;
    let slot = clinic.slots(&fleet).await.swap_remove(0);
    let phones: Vec<_> = (0..64)
        .map(|caller| format!("+1415555{:04}", 2000 + caller))
        .collect();
    let answers = join_all(
        phones
            .iter()
            .map(|phone| book(&fleet, &clinic, &slot, phone, None)),
    )
    .await;
    let count = |wanted: StatusCode| {
        answers
            .iter()
            .filter(|(status, ..)| *status == wanted)
            .count()
    };
    assert_eq!(
        (count(StatusCode::CREATED), count(StatusCode::CONFLICT)),
        (1, 63),
        "{answers:?}"
    );
    for (_, _, body) in answers
        .iter()
        .filter(|(status, ..)| *status == StatusCode::CONFLICT)
    {
        let problem: Value = serde_json::from_str(body).expect("a problem is JSON");
        assert_eq!(problem["code"], "SLOT_TAKEN");
        assert!(
            problem["alternatives"]
                .as_array()
                .is_some_and(|others| !others.is_empty())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_copies_of_one_request_make_one_booking_and_one_answer() {
    let fleet = Fleet::start().await;
    let clinic = Clinic::open(&fleet, "acme").await;
    for (round, redis) in [(0, true), (1, false)] {
        if !redis {
            fleet.stop_redis();
        }
        let slot = clinic.slots(&fleet).await.swap_remove(0);
        let key = format!("one-intent-{round}");
        let copies = (0..50).map(|_| book(&fleet, &clinic, &slot, "+14155552671", Some(&key)));
        let answers = join_all(copies).await;
        for (status, _, body) in &answers {
            assert_eq!(
                (*status, body),
                (StatusCode::CREATED, &answers[0].2),
                "redis: {redis}"
            );
        }
        let first = answers.iter().filter(|(_, replayed, _)| !replayed).count();
        assert_eq!(
            first, 1,
            "every answer but the first says that it is a repetition"
        );
    }
    let path = "/bookings?limit=200";
    let (_, list) = clinic
        .call(&fleet, reqwest::Method::GET, path, Value::Null)
        .await;
    assert_eq!(
        list["items"].as_array().map(Vec::len),
        Some(2),
        "one booking for each key"
    );
}
