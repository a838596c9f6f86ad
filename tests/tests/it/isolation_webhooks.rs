//! A webhook speaks for the organisation whose secret signed it, whatever it says of others.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_tests::Fleet;

use crate::{belongings::Belongings, twilio};

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_reaches_the_organisation_that_it_proves() {
    let fleet = Fleet::start().await;
    let (acme, globex) = tokio::join!(
        Belongings::gather(&fleet, "acme", "+12125550155", "+12125550142"),
        Belongings::gather(&fleet, "globex", "+12125550166", "+12125550143"),
    );
    let theirs = &acme.clinic.auth_token;
    let own = &globex.clinic.auth_token;

    let forged = failed(&fleet, &acme, &acme.clinic.account_sid, own).await;
    assert_eq!(forged, (StatusCode::FORBIDDEN, "SIGNATURE_INVALID".into()));
    let about_another = failed(&fleet, &acme, &globex.clinic.account_sid, own).await;
    assert_eq!(
        about_another,
        (StatusCode::NOT_FOUND, "MESSAGE_NOT_FOUND".into())
    );

    // Anybody may say that an account is theirs; it makes them no owner of its messages.
    claim(&fleet, &globex, &acme).await;
    let claimed = failed(&fleet, &acme, &acme.clinic.account_sid, own).await;
    assert!(
        [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&claimed.0),
        "{claimed:?}"
    );
    assert_eq!(state_of(&fleet, &acme).await, "delivered");
    // The owner's own signature goes on to count. A message that was delivered stays so.
    let counted = failed(&fleet, &acme, &acme.clinic.account_sid, theirs).await;
    assert_eq!(counted.0, StatusCode::NO_CONTENT);
    assert_eq!(state_of(&fleet, &acme).await, "delivered");

    another_clinics_slot_is_not_booked(&fleet, &acme, &globex).await;
}

/// A model may fill anything into its arguments; the assistant alone says whose call it is.
async fn another_clinics_slot_is_not_booked(fleet: &Fleet, acme: &Belongings, globex: &Belongings) {
    let script = json!({
        "assistantId": globex.clinic.assistant,
        "from": "+12125550177",
        "turns": [
            { "tool": "bookClinicAppointment",
              "arguments": { "slotId": acme.slot, "patientName": "Ann Other" } },
            { "tool": "bookClinicAppointment",
              "arguments": { "slotId": acme.slot, "patientName": "Ann Other",
                             "orgId": acme.clinic.org, "org_id": acme.clinic.org } },
            { "tool": "getCalendarSlots",
              "arguments": { "orgId": acme.clinic.org, "providerId": acme.provider } },
        ],
    });
    let (status, call) = fleet.sandbox(Method::POST, "/vapi/calls", script).await;
    assert_eq!(status, StatusCode::CREATED, "{call}");
    for turn in &call["turns"].as_array().expect("turns")[..2] {
        assert!(turn["error"].is_string(), "{turn}");
    }
    let text = call.to_string();
    for mark in acme.marks() {
        assert!(!text.contains(mark), "the call shows {mark}: {text}");
    }
    for clinic in [&acme.clinic, &globex.clinic] {
        let (_, bookings) = clinic
            .call(fleet, Method::GET, "/bookings", Value::Null)
            .await;
        assert_eq!(
            bookings["items"].as_array().map(Vec::len),
            Some(1),
            "{bookings}"
        );
    }
}

/// Says of a message of `owner`'s that it failed, as the account `sid`, signed with `token`.
async fn failed(fleet: &Fleet, owner: &Belongings, sid: &str, token: &str) -> (StatusCode, String) {
    let path = format!("sms-status?mid={}", owner.message);
    let form = BTreeMap::from([
        ("AccountSid", sid),
        ("ErrorCode", "30003"),
        ("MessageSid", &owner.sid),
        ("MessageStatus", "failed"),
    ]);
    let answer = twilio::post(fleet, &path, &form, token).await;
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    let problem: Value = serde_json::from_str(&text).unwrap_or_default();
    (
        status,
        problem["code"].as_str().unwrap_or_default().to_owned(),
    )
}

/// `claimer` stores `owner`'s account as its own, with a token of its own.
async fn claim(fleet: &Fleet, claimer: &Belongings, owner: &Belongings) {
    let body = json!({
        "accountSid": owner.clinic.account_sid,
        "authToken": claimer.clinic.auth_token,
        "from": claimer.clinic.from,
    });
    let (status, answer) = claimer
        .clinic
        .call(fleet, Method::PUT, "/credentials/twilio", body)
        .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

async fn state_of(fleet: &Fleet, owner: &Belongings) -> String {
    let (_, messages) = owner
        .clinic
        .call(fleet, Method::GET, "/messages", Value::Null)
        .await;
    messages["items"][0]["state"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
