//! Each clinic's dashboard hears its own clinic: every event once, in order, and nobody else's.

mod calendars;
mod kinds;

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;
use voxanne_tests::{Clinic, Fleet, Socket};

const EACH: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn two_clinics_that_book_at_once_each_hear_their_own() {
    let fleet = Fleet::start().await;
    let (acme, globex) = tokio::join!(Clinic::open(&fleet, "acme"), Clinic::open(&fleet, "globex"));
    let (mut at_acme, acme_start) = Socket::open(&fleet, &acme).await;
    let (mut at_globex, globex_start) = Socket::open(&fleet, &globex).await;

    let (mut of_acme, mut of_globex) = (Vec::new(), Vec::new());
    let (acme_slots, globex_slots) = tokio::join!(acme.slots(&fleet), globex.slots(&fleet));
    for turn in 0..EACH {
        let (one, other) = tokio::join!(
            book(&fleet, &acme, &acme_slots[turn], turn),
            book(&fleet, &globex, &globex_slots[turn], turn),
        );
        of_acme.push(one);
        of_globex.push(other);
    }

    let mut acme_heard = hear(&mut at_acme, acme_start, &of_acme).await;
    let globex_heard = hear(&mut at_globex, globex_start, &of_globex).await;
    // Acme's log grows longer than Globex's, so that its newest number is none of Globex's.
    let mut more = Vec::new();
    for slot in &acme_slots[EACH..2 * EACH] {
        more.push(book(&fleet, &acme, slot, EACH).await);
    }
    acme_heard.extend(hear(&mut at_acme, last(&acme_heard), &more).await);
    assert!(last(&acme_heard) > last(&globex_heard));

    // Acme resumes with a number that Globex was told, and gets Acme's events after it.
    let (mut again, _) = Socket::open(&fleet, &acme).await;
    let shared = last(&globex_heard);
    again
        .send(&json!({ "type": "resume", "after": shared }))
        .await;
    for expected in acme_heard.iter().filter(|event| seq(event) > shared) {
        assert_eq!(&again.next().await, expected);
    }
    // Globex resumes with a number that only Acme's log has reached.
    let (mut again, _) = Socket::open(&fleet, &globex).await;
    let after = last(&acme_heard);
    again
        .send(&json!({ "type": "resume", "after": after }))
        .await;
    assert_eq!(again.next().await["type"], "reload");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens_without_a_token_of_the_clinic() {
    let fleet = Fleet::start().await;
    let acme = Clinic::sign_up(&fleet, "acme").await;
    let forged = format!("{}AAAA", &acme.token[..acme.token.len() - 4]);
    for token in ["", "garbage", "a.b.c", &forged] {
        let refused = Socket::connect(&fleet, token).await;
        let Err(error) = refused else {
            panic!("`{token}` opened a socket");
        };
        let Error::Http(answer) = *error else {
            panic!("`{token}`: {error}");
        };
        assert_eq!(answer.status().as_u16(), 401, "{token}");
    }
    Socket::connect(&fleet, &acme.token)
        .await
        .expect("a member may listen");
}

/// Reads until everything about `bookings` was announced, contiguous from `start`.
async fn hear(socket: &mut Socket, start: i64, bookings: &[String]) -> Vec<Value> {
    let mut missing: BTreeSet<(&str, &str)> = bookings
        .iter()
        .flat_map(|id| ["booking.created", "message.delivered"].map(|event| (event, id.as_str())))
        .collect();
    let mut heard: Vec<Value> = Vec::new();
    while !missing.is_empty() {
        let event = socket.next().await;
        let expected = heard.last().map_or(start, seq) + 1;
        let place = (event["type"].as_str(), seq(&event));
        assert_eq!(place, (Some("event"), expected), "{event}");
        if let Some(id) = event["data"]["bookingId"].as_str() {
            assert!(bookings.iter().any(|own| own == id), "{event}");
            missing.retain(|announced| {
                *announced != (event["event"].as_str().unwrap_or_default(), id)
            });
        }
        heard.push(event);
    }
    heard
}

fn last(heard: &[Value]) -> i64 {
    seq(heard.last().expect("something was heard"))
}

async fn book(fleet: &Fleet, clinic: &Clinic, slot: &Value, turn: usize) -> String {
    let body = json!({
        "serviceId": clinic.service,
        "startsAt": slot["startsAt"],
        "patient": { "name": format!("Patient {turn}"), "phone": format!("+1415555{:04}", 2100 + turn) },
    });
    let (status, booking) = clinic.call(fleet, Method::POST, "/bookings", body).await;
    assert_eq!(status, StatusCode::CREATED, "{booking}");
    booking["id"].as_str().expect("an id").to_owned()
}

fn seq(event: &Value) -> i64 {
    event["seq"]
        .as_i64()
        .unwrap_or_else(|| panic!("an event has a number: {event}"))
}
