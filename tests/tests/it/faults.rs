//! Any one process may die, and Redis may go and come back: nothing accepted is lost or doubled.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_testkit::{eventually, eventually_within};
use voxanne_tests::{Clinic, Fleet, SERVICES, Socket};

/// Bookings of one run; a fault strikes once a quarter of them is accepted, while others are in
/// flight.
const RUN: usize = 200;
const AT_ONCE: usize = 8;
/// A debug build on a busy machine hands over some dozens of texts a second.
const TEXTS: Duration = Duration::from_secs(150);

#[tokio::test(flavor = "multi_thread")]
async fn trap_23_killing_any_one_process_loses_and_doubles_nothing() {
    let fleet = Fleet::start().await;
    let clinic = busy_clinic(&fleet).await;
    let mut ledger = Ledger::default();
    for victim in ["gateway"].into_iter().chain(SERVICES) {
        let strike = || {
            fleet.kill(victim);
            fleet.revive(victim);
        };
        run(&fleet, &clinic, &mut ledger, victim, strike).await;
    }
    settle(&fleet, &clinic, &ledger).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn losing_redis_loses_and_doubles_nothing() {
    let fleet = Fleet::start().await;
    let clinic = busy_clinic(&fleet).await;
    let mut ledger = Ledger::default();
    run(&fleet, &clinic, &mut ledger, "redis-away", || {
        fleet.stop_redis();
    })
    .await;
    let (status, _) = fleet.call(Method::GET, "/readyz", "", Value::Null).await;
    assert_eq!(status, StatusCode::OK, "Redis only makes things fast");
    run(&fleet, &clinic, &mut ledger, "redis-back", || {
        fleet.start_redis();
    })
    .await;
    settle(&fleet, &clinic, &ledger).await;
}

/// What was accepted: the booking of each key.
#[derive(Default)]
struct Ledger(BTreeMap<String, String>);

async fn busy_clinic(fleet: &Fleet) -> Clinic {
    let clinic = Clinic::open(fleet, "acme").await;
    clinic.never_close(fleet).await;
    for name in ["Dr. Two", "Dr. Three"] {
        let (status, answer) = clinic
            .call(fleet, Method::POST, "/providers", json!({ "name": name }))
            .await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
    }
    clinic
}

/// Books [`RUN`] slots, several at once, and lets `strike` hit in between.
async fn run(fleet: &Fleet, clinic: &Clinic, ledger: &mut Ledger, name: &str, strike: impl Fn()) {
    let slots = clinic.slots(fleet).await;
    assert!(slots.len() >= RUN, "only {} slots are free", slots.len());
    let base = ledger.0.len();
    let accepted = AtomicUsize::new(0);
    let (accepted, strike) = (&accepted, &strike);
    let all: Vec<_> = stream::iter(slots[..RUN].iter().enumerate())
        .map(|(place, slot)| async move {
            let key = format!("{name}-{}", base + place);
            let booking = insist(fleet, clinic, slot, &key, base + place).await;
            if accepted.fetch_add(1, Ordering::SeqCst) == RUN / 4 {
                strike();
            }
            (key, booking)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    ledger.0.extend(all);
}

/// Repeats one intent under one key until it is accepted, as a client does that lost the answer.
async fn insist(fleet: &Fleet, clinic: &Clinic, slot: &Value, key: &str, patient: usize) -> String {
    let accepted = std::sync::Mutex::new(None);
    let body = json!({
        "serviceId": clinic.service,
        "providerId": slot["providerId"],
        "startsAt": slot["startsAt"],
        "patient": { "name": "Pat Doe", "phone": format!("+1415{:07}", 5_552_000 + patient) },
    });
    eventually("the booking is accepted", || async {
        let sent = fleet
            .http
            .post(format!(
                "http://{}{}",
                fleet.gateway,
                clinic.path("/bookings")
            ))
            .bearer_auth(&clinic.token)
            .header("X-Idempotency-Key", key)
            .json(&body)
            .send()
            .await;
        let Ok(answer) = sent else { return false };
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        let fatal = status.is_client_error()
            && !text.contains("IDEMPOTENCY_IN_PROGRESS")
            && status != StatusCode::TOO_MANY_REQUESTS;
        assert!(!fatal, "{status}: {text}");
        let booking: Option<Value> = serde_json::from_str(&text).ok();
        *accepted.lock().expect("one task") = booking
            .filter(|_| status == StatusCode::CREATED)
            .and_then(|booking| booking["id"].as_str().map(str::to_owned));
        accepted.lock().expect("one task").is_some()
    })
    .await;
    accepted
        .into_inner()
        .expect("one task")
        .expect("it was accepted")
}

/// Waits for the dust and compares: bookings, texts and events, each exactly once.
async fn settle(fleet: &Fleet, clinic: &Clinic, ledger: &Ledger) {
    fleet.ready().await;
    let accepted: BTreeSet<&String> = ledger.0.values().collect();
    assert_eq!(
        accepted.len(),
        ledger.0.len(),
        "two intents got one booking"
    );
    let stored = count_bookings(fleet, clinic).await;
    assert_eq!(
        stored,
        accepted.len(),
        "bookings that nobody asked for, or lost ones"
    );
    // A text whose sender was killed is looked for at Twilio before it is sent again.
    eventually_within(TEXTS, "every booking has its text", || async {
        clinic.texts(fleet).await.len() >= accepted.len()
    })
    .await;
    let mut texts: BTreeMap<String, u32> = BTreeMap::new();
    for text in clinic.texts(fleet).await {
        *texts.entry(text["to"].to_string()).or_default() += 1;
    }
    let doubled: Vec<_> = texts.iter().filter(|(_, count)| **count != 1).collect();
    assert_eq!(
        doubled,
        Vec::<(&String, &u32)>::new(),
        "patients who were texted twice"
    );
    assert_eq!(texts.len(), accepted.len());
    every_event_once(fleet, clinic, &accepted).await;
}

async fn count_bookings(fleet: &Fleet, clinic: &Clinic) -> usize {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let path = format!("/bookings?limit=200{cursor}");
        let (status, page) = clinic.call(fleet, Method::GET, &path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        count += page["items"].as_array().map_or(0, Vec::len);
        match page["nextCursor"].as_str() {
            Some(next) if !next.is_empty() => cursor = format!("&cursor={next}"),
            _ => return count,
        }
    }
}

/// Replays the whole log: numbers without a gap, one `booking.created` and one `message.sent` each.
async fn every_event_once(fleet: &Fleet, clinic: &Clinic, accepted: &BTreeSet<&String>) {
    let (mut socket, head) = Socket::open(fleet, clinic).await;
    socket.send(&json!({ "type": "resume", "after": 0 })).await;
    let mut seen: BTreeMap<(String, String), u32> = BTreeMap::new();
    let mut last = 0;
    // Every message is sent before its text is seen, but its event may be a moment behind.
    while last < head || seen_of(&seen, "message.sent") < accepted.len() {
        let Some(event) = socket.within(Duration::from_secs(30)).await else {
            panic!(
                "the log ends at {last} of {head}, {} texts",
                seen_of(&seen, "message.sent")
            );
        };
        assert_eq!(
            event["seq"].as_i64(),
            Some(last + 1),
            "a gap or a repetition: {event}"
        );
        last += 1;
        let about = event["data"]["bookingId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let name = event["event"].as_str().unwrap_or_default().to_owned();
        *seen.entry((name, about)).or_default() += 1;
    }
    for booking in accepted {
        for name in ["booking.created", "message.sent"] {
            let count = seen.get(&(name.to_owned(), (*booking).clone()));
            assert_eq!(count, Some(&1), "{name} of {booking}");
        }
    }
}

fn seen_of(seen: &BTreeMap<(String, String), u32>, name: &str) -> usize {
    seen.keys().filter(|(event, _)| event == name).count()
}
