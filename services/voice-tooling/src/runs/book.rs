//! `bookClinicAppointment`: one slot for one patient, however often it is asked.

use prost::Message as _;
use serde_json::{Map, Value, json};
use voxanne_clock::from_proto;
use voxanne_idempotency::{Fingerprint, Key, KeyedRequest};
use voxanne_privacy::Private;
use voxanne_proto::booking::v1::{
    BookedPatient, Booking, CreateBookingRequest, create_booking_request::Who,
};
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    runs::{Answer, Request, number, refuse::refuse, spoken},
};

impl VoiceTooling {
    pub(crate) async fn book(
        &self,
        tenant: &Tenant,
        request: &Request,
        arguments: &Private<Map<String, Value>>,
    ) -> Answer {
        let message = match order(request, arguments) {
            Ok(message) => message,
            Err(sentence) => return Answer::error(sentence),
        };
        let keyed = keyed(request, &message);
        match self.booking.create_booking(tenant, message, &keyed).await {
            Ok(created) => booked(&created.booking.unwrap_or_default()),
            Err(problem) => refuse(&problem),
        }
    }
}

/// What is asked of booking. The number comes from the call unless the caller gives another.
fn order(
    request: &Request,
    arguments: &Private<Map<String, Value>>,
) -> Result<CreateBookingRequest, &'static str> {
    let text = |name: &str| {
        arguments
            .expose()
            .get(name)
            .and_then(Value::as_str)
            .map(str::trim)
    };
    let phone = match text("phone") {
        Some(said) => number::e164(said).ok_or(
            "That phone number cannot be used. Ask the caller for it again, with its area code.",
        )?,
        None => number::e164(request.caller_number.expose()).ok_or(
            "The caller's number is not known. Ask for a phone number and give it as phone.",
        )?,
    };
    let notes = text("reason").map(|reason| format!("Reason: {reason}"));
    Ok(CreateBookingRequest {
        slot_id: text("slotId").unwrap_or_default().to_owned(),
        who: Some(Who::Patient(BookedPatient {
            name: text("patientName").unwrap_or_default().to_owned(),
            phone,
            email: String::new(),
            date_of_birth: text("dateOfBirth").unwrap_or_default().to_owned(),
        })),
        notes: notes.unwrap_or_default(),
        source: "voice".to_owned(),
        call_id: request.vapi_call_id.clone(),
        ..CreateBookingRequest::default()
    })
}

/// The key of this tool call: a repetition of it is the same intent.
fn keyed(request: &Request, message: &CreateBookingRequest) -> KeyedRequest {
    let ids = [
        request.vapi_call_id.as_bytes(),
        request.tool_call_id.as_bytes(),
    ];
    let key = format!("voice-{}", Fingerprint::of(&ids).to_hex());
    KeyedRequest {
        key: Key::parse(&key).expect("a word and hex digits"),
        fingerprint: Fingerprint::of(&[&message.encode_to_vec()]),
    }
}

fn booked(booking: &Booking) -> Answer {
    let when = booking
        .local_time
        .parse()
        .map_or_else(|_| booking.local_time.clone(), spoken::moment);
    let with = match booking.provider_name.as_str() {
        "" => String::new(),
        name => format!(" with {name}"),
    };
    let starts_at = booking
        .starts_at
        .as_ref()
        .and_then(|at| from_proto(at).ok());
    let data = json!({
        "bookingId": booking.id,
        "startsAt": starts_at.map(|at| at.to_string()),
        "localTime": booking.local_time,
    });
    Answer {
        booking_id: booking.id.parse().ok(),
        ..Answer::result(&format!("You are booked for {when}{with}."), &data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(caller_number: &str) -> Request {
        Request {
            vapi_call_id: "call".into(),
            tool_call_id: "tool".into(),
            name: "bookClinicAppointment".into(),
            arguments_json: Private::default(),
            caller_number: caller_number.into(),
        }
    }

    fn arguments(json: Value) -> Map<String, Value> {
        json.as_object().cloned().unwrap()
    }

    fn phone(request: &Request, json: Value) -> Result<String, &'static str> {
        order(request, &arguments(json).into()).map(|order| match order.who {
            Some(Who::Patient(patient)) => patient.phone,
            _ => String::new(),
        })
    }

    #[test]
    fn the_number_is_the_callers_unless_another_is_given() {
        let plain = json!({"slotId": "s", "patientName": "Pat"});
        let other = json!({"slotId": "s", "patientName": "Pat", "phone": "415 555 0132"});
        let nonsense = json!({"slotId": "s", "patientName": "Pat", "phone": "call me"});
        let known = request("+15558675310");
        assert_eq!(phone(&known, plain.clone()), Ok("+15558675310".into()));
        assert_eq!(phone(&known, other), Ok("+14155550132".into()));
        assert!(
            phone(&known, nonsense).is_err(),
            "a bad number is no reason to take another"
        );
        assert!(phone(&request("anonymous"), plain).is_err());
    }

    #[test]
    fn a_tool_call_is_one_intent() {
        let message = CreateBookingRequest::default();
        let one = keyed(&request(""), &message);
        assert_eq!(one, keyed(&request(""), &message));
        let other = Request {
            tool_call_id: "other".into(),
            ..request("")
        };
        assert_ne!(one.key, keyed(&other, &message).key);
    }
}
