//! One thing of every kind that a clinic can have, for tests that look for it over the fence.

use std::sync::Mutex;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;
use voxanne_ids::{BookingId, OrgId, SeriesId, SessionId, UserId};
use voxanne_testkit::eventually;
use voxanne_tests::{Clinic, Fleet};

/// A clinic and the ids of what it has.
#[derive(Clone, Debug)]
pub(crate) struct Belongings {
    pub(crate) clinic: Clinic,
    pub(crate) org: OrgId,
    pub(crate) user: Uuid,
    pub(crate) session: Uuid,
    /// The user, as the others are told of them.
    pub(crate) member: String,
    /// The session, as its user is told of it.
    pub(crate) sign_in: String,
    pub(crate) location: String,
    pub(crate) provider: String,
    pub(crate) service: String,
    pub(crate) room: String,
    /// A day far away that is closed.
    pub(crate) exception: String,
    /// A time far away of the room.
    pub(crate) block: String,
    pub(crate) patient: String,
    /// Known twice, to be made one with the patient.
    pub(crate) double: String,
    /// Wants to be erased.
    pub(crate) leaver: String,
    /// An open one, about the patient.
    pub(crate) task: String,
    pub(crate) booking: String,
    pub(crate) message: String,
    pub(crate) api_key: String,
    /// An open one.
    pub(crate) invitation: String,
    /// Twilio's id of the message.
    pub(crate) sid: String,
    pub(crate) call: String,
    /// Vapi's ids of the call and of the tool call that booked.
    pub(crate) vapi_call: String,
    pub(crate) tool_call: String,
    /// Both, with a blank between them.
    pub(crate) tool_run: String,
    /// A free slot, as an id and as a time.
    pub(crate) slot: String,
    pub(crate) starts_at: String,
    /// Another free one, hours later.
    pub(crate) later_slot: String,
    /// Two more.
    pub(crate) later_starts: [String; 2],
    /// Of yet another.
    pub(crate) hold: String,
    /// Which the booking is the one visit of.
    pub(crate) series: String,
    /// It waits for days on which nothing becomes free.
    pub(crate) waitlist_entry: String,
    pub(crate) caller: String,
    /// The version of its Twilio credential.
    pub(crate) credential: String,
}

impl Belongings {
    /// Opens a clinic called `name`, lets `caller` book by phone, registers a patient, and waits
    /// until all is still.
    pub(crate) async fn gather(fleet: &Fleet, name: &str, caller: &str, patient: &str) -> Self {
        let clinic = Clinic::open(fleet, name).await;
        let org: OrgId = clinic.org.parse().expect("an organisation's id");
        let (session, user) = session(fleet, org).await;
        let (vapi_call, tool_call, booking) = book_by_phone(fleet, &clinic, caller).await;
        let message = settled(fleet, &clinic, "/messages", ("state", "delivered")).await;
        let call = settled(fleet, &clinic, "/calls", ("status", "ended")).await;
        let [patient, double, leaver, task] = people(fleet, &clinic, patient).await;
        let (_, locations) = clinic
            .call(fleet, Method::GET, "/locations", Value::Null)
            .await;
        let api_key = json!({ "name": "Reporting", "scopes": ["bookings:read"] });
        let api_key = made(fleet, &clinic, "/api-keys", api_key).await;
        let guest = json!({ "email": format!("guest@{name}.example"), "role": "staff" });
        let [room, exception, block] = day(fleet, &clinic).await;
        let invitation = made(fleet, &clinic, "/invitations", guest).await;
        clinic.never_close(fleet).await;
        let slots = clinic.slots(fleet).await;
        let hold = hold_last(fleet, &clinic, &slots).await;
        let series = series_of(fleet, &booking).await;
        let waitlist_entry = wait(fleet, &clinic, &patient).await;
        let credential = credential(fleet, org).await;
        let sent = clinic.texts(fleet).await.swap_remove(0);
        Self {
            org,
            user,
            session,
            member: UserId::from_uuid(user).to_string(),
            sign_in: SessionId::from_uuid(session).to_string(),
            location: text(&locations["items"][0]["id"]),
            provider: clinic.provider.clone(),
            service: clinic.service.clone(),
            room,
            exception,
            block,
            patient,
            double,
            leaver,
            task,
            booking,
            api_key,
            invitation,
            message: text(&message["id"]),
            sid: text(&sent["sid"]),
            call: text(&call["id"]),
            tool_run: format!("{vapi_call} {tool_call}"),
            vapi_call,
            tool_call,
            slot: text(&slots[0]["slotId"]),
            starts_at: text(&slots[0]["startsAt"]),
            later_slot: text(&slots[20]["slotId"]),
            later_starts: [30, 40].map(|place: usize| text(&slots[place]["startsAt"])),
            hold,
            series,
            waitlist_entry,
            caller: caller.to_owned(),
            credential,
            clinic,
        }
    }

    /// What nobody outside the clinic may ever be shown.
    pub(crate) fn marks(&self) -> Vec<&str> {
        let clinic = &self.clinic;
        vec![
            &clinic.org,
            &clinic.email,
            &clinic.assistant,
            &clinic.account_sid,
            &clinic.auth_token,
            &clinic.from,
            &self.member,
            &self.location,
            &self.provider,
            &self.service,
            &self.room,
            &self.exception,
            &self.block,
            &self.patient,
            &self.double,
            &self.leaver,
            &self.task,
            &self.booking,
            &self.hold,
            &self.series,
            &self.waitlist_entry,
            &self.message,
            &self.call,
            &self.api_key,
            &self.invitation,
            &self.vapi_call,
            &self.tool_call,
            &self.caller,
        ]
    }
}

/// A room, a day that is closed and a time at which the room cannot be had.
async fn day(fleet: &Fleet, clinic: &Clinic) -> [String; 3] {
    let add = async |path: &str, body: Value| {
        let (status, made) = clinic.call(fleet, Method::POST, path, body).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        text(&made["id"])
    };
    let room = json!({ "name": "Quiet room", "kind": "quiet" });
    let room = add("/rooms", room).await;
    let exception = json!({ "date": "2099-06-01", "kind": "closed" });
    let exception = add("/exceptions", exception).await;
    let block = json!({
        "roomId": room,
        "startsAt": "2099-06-01T09:00:00Z",
        "endsAt": "2099-06-04T09:00:00Z",
        "reason": "Painting",
    });
    let block = add("/blocks", block).await;
    [room, exception, block]
}

/// An id of the same kind that nothing has.
pub(crate) fn unknown(id: &str) -> String {
    let fresh = Uuid::new_v4();
    match id.split_once('_') {
        // A slot's id is signed, so one that differs was never issued.
        Some(("slt", rest)) => {
            let (start, end) = rest.split_at(rest.len() / 2);
            let other = if end.starts_with('A') { 'B' } else { 'A' };
            format!("slt_{start}{other}{}", &end[1..])
        }
        Some((prefix, _)) => format!("{prefix}_{}", fresh.simple()),
        None if id.starts_with("SM") => format!("SM{}", fresh.simple()),
        None => fresh.to_string(),
    }
}

/// The id of a hold of the last of these slots.
async fn hold_last(fleet: &Fleet, clinic: &Clinic, slots: &[Value]) -> String {
    let slot = json!({ "slotId": slots[slots.len() - 1]["slotId"] });
    let (status, hold) = clinic.call(fleet, Method::POST, "/holds", slot).await;
    assert_eq!(status, StatusCode::CREATED, "{hold}");
    text(&hold["id"])
}

async fn session(fleet: &Fleet, org: OrgId) -> (Uuid, Uuid) {
    let mut owner = PgConnection::connect(fleet.database.owner_url())
        .await
        .expect("Postgres answers");
    sqlx::query_as("SELECT id, user_id FROM identity.session WHERE org_id = $1")
        .bind(org)
        .fetch_one(&mut owner)
        .await
        .expect("signing up opened a session")
}

/// Waits for days on which nothing becomes free.
async fn wait(fleet: &Fleet, clinic: &Clinic, patient: &str) -> String {
    let wish = json!({
        "serviceId": clinic.service, "fromDate": "2099-01-01", "toDate": "2099-01-02",
        "patientId": patient,
    });
    let (status, entry) = clinic.call(fleet, Method::POST, "/waitlist", wish).await;
    assert_eq!(status, StatusCode::CREATED, "{entry}");
    text(&entry["id"])
}

/// Makes the booking the one visit of a series.
async fn series_of(fleet: &Fleet, booking: &str) -> String {
    let series = SeriesId::new();
    let booking: BookingId = booking.parse().expect("a booking's id");
    let mut owner = PgConnection::connect(fleet.database.owner_url())
        .await
        .expect("Postgres answers");
    sqlx::query("UPDATE booking.booking SET series_id = $1 WHERE id = $2")
        .bind(series)
        .bind(booking)
        .execute(&mut owner)
        .await
        .expect("the owner may");
    series.to_string()
}

async fn credential(fleet: &Fleet, org: OrgId) -> String {
    let mut owner = PgConnection::connect(fleet.database.owner_url())
        .await
        .expect("Postgres answers");
    let version: i64 = sqlx::query_scalar(
        "SELECT version FROM identity.organization_api_credentials
         WHERE org_id = $1 AND provider = 'twilio'",
    )
    .bind(org)
    .fetch_one(&mut owner)
    .await
    .expect("the clinic has a Twilio account");
    version.to_string()
}

/// Lets `caller` book by phone: Vapi's ids of the call and the tool call, and the booking's id.
async fn book_by_phone(fleet: &Fleet, clinic: &Clinic, caller: &str) -> (String, String, String) {
    let script = json!({
        "assistantId": clinic.assistant, "from": caller, "keepOpen": true, "turns": [],
    });
    let (status, call) = fleet.sandbox(Method::POST, "/vapi/calls", script).await;
    assert_eq!(status, StatusCode::CREATED, "{call}");
    let call = text(&call["callId"]);
    use_tool(fleet, &call, "getCalendarSlots", json!({})).await;
    let wish = json!({ "slotId": "$slot:0", "patientName": "Philippa Wendelstein" });
    let (tool_call, told) = use_tool(fleet, &call, "bookClinicAppointment", wish).await;
    let path = format!("/vapi/calls/{call}/end");
    let (status, answer) = fleet.sandbox(Method::POST, &path, json!({})).await;
    assert!(status.is_success(), "{answer}");
    (call, tool_call, text(&told["data"]["bookingId"]))
}

/// Uses a tool until it gives a result: on a machine that is busy the agent may be told to ask
/// again.
async fn use_tool(fleet: &Fleet, call: &str, tool: &str, arguments: Value) -> (String, Value) {
    let path = format!("/vapi/calls/{call}/turns");
    let script = json!({ "turns": [{ "tool": tool, "arguments": arguments }] });
    let last = Mutex::new(Value::Null);
    eventually(&format!("{tool} gives a result"), || async {
        let (_, played) = fleet.sandbox(Method::POST, &path, script.clone()).await;
        let turn = played["turns"][0].clone();
        let done = !turn["result"].is_null();
        *last.lock().expect("one task") = turn;
        done
    })
    .await;
    let turn = last.into_inner().expect("one task");
    let told = match &turn["result"] {
        Value::String(line) => serde_json::from_str(line).expect("a result is JSON"),
        other => other.clone(),
    };
    (text(&turn["toolCallId"]), told)
}

/// A patient, the same patient under another name, one who wants to be erased, and a task about the
/// first.
async fn people(fleet: &Fleet, clinic: &Clinic, phone: &str) -> [String; 4] {
    let add = |name: &str| json!({ "name": name, "phone": phone });
    let patient = made(fleet, clinic, "/patients", add("Zebediah Quillfeather")).await;
    let double = made(fleet, clinic, "/patients", add("Zebedee Quillfeather")).await;
    let leaver = made(fleet, clinic, "/patients", add("Wilhelmina Farewell")).await;
    let callback = json!({ "patientId": patient, "note": "Please call after six" });
    let task = made(fleet, clinic, "/tasks", callback).await;
    [patient, double, leaver, task]
}

/// The id of what was made.
async fn made(fleet: &Fleet, clinic: &Clinic, path: &str, what: Value) -> String {
    let (status, made) = clinic.call(fleet, Method::POST, path, what).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    text(&made["id"])
}

/// The one item of a list, once its `state` is the last that it will have.
async fn settled(fleet: &Fleet, clinic: &Clinic, path: &str, state: (&str, &str)) -> Value {
    let (field, value) = state;
    let first = || async {
        let (_, list) = clinic.call(fleet, Method::GET, path, Value::Null).await;
        list["items"][0].clone()
    };
    eventually(path, || async { first().await[field] == value }).await;
    first().await
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("expected a text, not {value}"))
        .to_owned()
}
