//! Every kind of event that any service can announce, heard by its clinic and by no other.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;
use voxanne_events::KINDS;
use voxanne_testkit::eventually;
use voxanne_tests::{Clinic, Fleet, Socket};

use super::{calendars, seq};
use crate::belongings::Belongings;

/// A text to it is accepted and never arrives.
const OUT_OF_REACH: &str = "+15005530003";

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_event_is_heard_by_its_own_clinic_only() {
    let fleet = Fleet::start().await;
    let (acme, globex) = tokio::join!(
        Belongings::gather(&fleet, "acme", "+12125550155", "+12125550142"),
        Belongings::gather(&fleet, "globex", "+12125550166", "+12125550143"),
    );
    // From here on both listen: what was is read again, what comes is heard as it comes.
    let mut sockets = Vec::new();
    for one in [&acme, &globex] {
        let (mut socket, _) = Socket::open(&fleet, &one.clinic).await;
        socket.send(&json!({ "type": "resume", "after": 0 })).await;
        sockets.push(socket);
    }
    for one in [&acme, &globex] {
        calendars::connect_and_lose(&fleet, one).await;
        change_a_booking(&fleet, one).await;
        see_to_people(&fleet, one).await;
        fail_to_send(&fleet, &one.clinic).await;
        fail_to_sync(&fleet, &one.clinic).await;
    }
    for (one, socket) in [&acme, &globex].into_iter().zip(&mut sockets) {
        let log = complete_log(&fleet, one).await;
        let heard = hear(socket, log.len()).await;
        assert_eq!(heard, log, "{} hears its own log", one.clinic.email);
    }
}

/// The kinds in a clinic's log, by number and id, once every kind is among them.
async fn complete_log(fleet: &Fleet, one: &Belongings) -> BTreeMap<i64, (String, String)> {
    let log = tokio::sync::Mutex::new(BTreeMap::new());
    let all: BTreeSet<&str> = KINDS.iter().copied().collect();
    eventually(
        "every kind of event has a case here that announces it",
        || async {
            let now = read(fleet, one).await;
            let kinds: BTreeSet<_> = now.values().map(|(kind, _)| kind.as_str()).collect();
            let complete = kinds == all;
            drop(kinds);
            *log.lock().await = now;
            complete
        },
    )
    .await;
    log.into_inner()
}

pub(super) async fn read(fleet: &Fleet, one: &Belongings) -> BTreeMap<i64, (String, String)> {
    let mut owner = PgConnection::connect(fleet.database.owner_url())
        .await
        .expect("Postgres answers");
    let rows: Vec<(i64, String, Uuid)> =
        sqlx::query_as("SELECT seq, type, id FROM events.event WHERE org_id = $1")
            .bind(one.org)
            .fetch_all(&mut owner)
            .await
            .expect("the owner reads every log");
    let named = |(seq, kind, id): (i64, String, Uuid)| (seq, (kind, id.simple().to_string()));
    rows.into_iter().map(named).collect()
}

/// The first `count` events that the socket is sent, which are contiguous from 1.
async fn hear(socket: &mut Socket, count: usize) -> BTreeMap<i64, (String, String)> {
    let mut heard = BTreeMap::new();
    while heard.len() < count {
        let event = socket.next().await;
        let expected = heard.keys().last().map_or(1, |last| last + 1);
        assert_eq!(
            (event["type"].as_str(), seq(&event)),
            (Some("event"), expected),
            "{event}"
        );
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let id = text("id");
        let id = id.split_once('_').map_or(id.as_str(), |(_, id)| id);
        heard.insert(expected, (text("event"), id.to_owned()));
    }
    heard
}

async fn change_a_booking(fleet: &Fleet, one: &Belongings) {
    act(fleet, one, "confirm", &one.booking, json!({})).await;
    // Moving the booking frees its time, which is offered to whoever waits.
    wait_for(fleet, one).await;
    let later = json!({ "slotId": one.later_slot });
    act(fleet, one, "reschedule", &one.booking, later).await;
    act(fleet, one, "cancel", &one.booking, json!({})).await;
    let requested = request(fleet, one).await;
    act(fleet, one, "approve", &requested, json!({})).await;
    let path = format!("/holds/{}", one.hold);
    let (status, answer) = one
        .clinic
        .call(fleet, Method::DELETE, &path, Value::Null)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    let [first, second] = &one.later_starts;
    for (verbs, starts_at) in [(&["arrive", "complete"][..], first), (&["no-show"], second)] {
        let booking = book(fleet, one, starts_at).await;
        let begun = "starts_at = now() - interval '1 minute', ends_at = now() + interval '1 hour'";
        set(fleet, &booking, begun).await;
        for verb in verbs {
            act(fleet, one, verb, &booking, json!({})).await;
        }
    }
}

/// Books a service that needs approval, as a program of the clinic's: what staff book they have
/// approved.
async fn request(fleet: &Fleet, one: &Belongings) -> String {
    let service = json!({ "name": "On request", "durationMinutes": 30, "approval": "approval" });
    let (status, service) = one
        .clinic
        .call(fleet, Method::POST, "/services", service)
        .await;
    assert_eq!(status, StatusCode::CREATED, "{service}");
    let key = json!({ "name": "Website", "scopes": ["bookings:write"] });
    let (status, key) = one.clinic.call(fleet, Method::POST, "/api-keys", key).await;
    assert_eq!(status, StatusCode::CREATED, "{key}");
    let program = Clinic {
        token: key["secret"].as_str().expect("it is shown once").to_owned(),
        service: service["id"].as_str().expect("an id").to_owned(),
        ..one.clinic.clone()
    };
    let mut program = Belongings {
        clinic: program,
        ..one.clone()
    };
    program.service.clone_from(&program.clinic.service);
    book(fleet, &program, &one.starts_at).await
}

async fn wait_for(fleet: &Fleet, one: &Belongings) {
    let (_, booking) = one
        .clinic
        .call(
            fleet,
            Method::GET,
            &format!("/bookings/{}", one.booking),
            Value::Null,
        )
        .await;
    let day = booking["localTime"]
        .as_str()
        .expect("a time")
        .split('T')
        .next();
    let wish = json!({
        "serviceId": one.service, "fromDate": day, "toDate": day, "patientId": one.patient,
    });
    let (status, answer) = one
        .clinic
        .call(fleet, Method::POST, "/waitlist", wish)
        .await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
}

async fn act(fleet: &Fleet, one: &Belongings, verb: &str, booking: &str, body: Value) {
    let path = format!("/bookings/{booking}/{verb}");
    let (status, answer) = one.clinic.call(fleet, Method::POST, &path, body).await;
    assert_eq!(status, StatusCode::OK, "{verb}: {answer}");
}

async fn book(fleet: &Fleet, one: &Belongings, starts_at: &str) -> String {
    let body = json!({
        "serviceId": one.service, "startsAt": starts_at,
        "patient": { "name": format!("Visitor {}", Uuid::new_v4()), "phone": "+12125550177" },
    });
    let (status, answer) = one
        .clinic
        .call(fleet, Method::POST, "/bookings", body)
        .await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    answer["id"].as_str().expect("an id").to_owned()
}

/// Changes a booking past the service's back: lets its time come, or puts it into a state.
async fn set(fleet: &Fleet, booking: &str, what: &str) {
    let id: voxanne_ids::BookingId = booking.parse().expect("an id");
    let mut owner = PgConnection::connect(fleet.database.owner_url())
        .await
        .expect("Postgres answers");
    let statement = format!("UPDATE booking.booking SET {what} WHERE id = $1");
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(id)
        .execute(&mut owner)
        .await
        .expect("the owner may");
}

/// Makes one patient of two, lets one go, and does what was to be done.
async fn see_to_people(fleet: &Fleet, one: &Belongings) {
    for (method, path, body) in [
        (
            Method::POST,
            format!("/patients/{}/merge", one.double),
            json!({ "intoId": one.patient }),
        ),
        (
            Method::DELETE,
            format!("/patients/{}", one.leaver),
            Value::Null,
        ),
        (
            Method::POST,
            format!("/tasks/{}/resolve", one.task),
            json!({ "outcome": "Called back" }),
        ),
    ] {
        let (status, answer) = one.clinic.call(fleet, method, &path, body).await;
        assert!(status.is_success(), "{path}: {answer}");
    }
}

async fn fail_to_send(fleet: &Fleet, clinic: &Clinic) {
    let text = json!({ "to": OUT_OF_REACH, "body": "Are you there?" });
    let (status, answer) = clinic.call(fleet, Method::POST, "/messages", text).await;
    assert!(status.is_success(), "{answer}");
}

async fn fail_to_sync(fleet: &Fleet, clinic: &Clinic) {
    let fault = json!({ "target": "vapi", "mode": "error", "count": 1 });
    let (status, answer) = fleet.sandbox(Method::POST, "/faults", fault).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let (status, answer) = clinic
        .call(fleet, Method::POST, "/agent/sync", Value::Null)
        .await;
    assert!(status.is_success(), "{answer}");
    eventually("Vapi has failed once", || async {
        let (_, faults) = fleet.sandbox(Method::GET, "/faults", Value::Null).await;
        faults["items"].as_array().is_none_or(Vec::is_empty)
    })
    .await;
}
