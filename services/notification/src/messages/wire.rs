//! Messages as the contract writes them, and requests as the service understands them.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use phonenumber::{Mode, country};
use uuid::Uuid;
use voxanne_ids::{BookingId, MessageId};
use voxanne_problem::{Problem, Violations};
use voxanne_proto::notification::v1::{self, ListMessagesRequest, SendMessageRequest};

use super::{
    Message, is_e164,
    list::{PAGE, Page, WIDEST_PAGE},
    queue::Draft,
};

/// What Twilio accepts as one text.
const LONGEST_BODY: usize = 1600;

impl From<Message> for v1::Message {
    fn from(message: Message) -> Self {
        Self {
            id: message.id.to_string(),
            to: message.to.into_exposed(),
            body: message.body.into_exposed(),
            state: message.state.as_str().to_owned(),
            cause: message.cause,
            booking_id: message.booking.map(|id| id.to_string()).unwrap_or_default(),
            kind: message.kind.as_str().to_owned(),
            created_at: Some(voxanne_clock::to_proto(message.created_at)),
            updated_at: Some(voxanne_clock::to_proto(message.updated_at)),
            error_code: message.error_code,
        }
    }
}

pub(crate) fn draft(request: SendMessageRequest) -> Result<Draft, Problem> {
    let mut violations = Violations::default();
    let to = violations.take("to", "PHONE", e164(&request.to));
    if request.body.trim().is_empty() {
        violations.add("body", "REQUIRED", "a text needs words");
    } else if request.body.chars().count() > LONGEST_BODY {
        violations.add("body", "TOO_LONG", "at most 1600 characters");
    } else if request.body.contains('\0') {
        violations.add("body", "INVALID", "must not hold a NUL character");
    }
    violations.finish(to.map(|to| Draft {
        to: to.into(),
        body: request.body.into(),
    }))
}

/// Reads a number as somebody in the United States would write it.
fn e164(text: &str) -> Result<String, &'static str> {
    const NO_NUMBER: &str = "is not a phone number";
    if text.len() > 64 {
        return Err(NO_NUMBER);
    }
    let number = phonenumber::parse(Some(country::US), text).map_err(|_| NO_NUMBER)?;
    let e164 = number.format().mode(Mode::E164).to_string();
    // Whether a number is assigned changes faster than any table, so Twilio has the last word.
    if is_e164(&e164) {
        Ok(e164)
    } else {
        Err(NO_NUMBER)
    }
}

pub(crate) fn page(request: &ListMessagesRequest) -> Result<Page, Problem> {
    let mut violations = Violations::default();
    if request.limit > WIDEST_PAGE {
        violations.add("limit", "TOO_LARGE", "at most 200");
    }
    let booking = optional(&request.booking_id, str::parse::<BookingId>);
    let booking = violations.take("bookingId", "INVALID", booking);
    let before = optional(&request.cursor, |text| {
        read_cursor(text).ok_or("is not a cursor of this list")
    });
    let before = violations.take("cursor", "CURSOR", before);
    let limit = if request.limit == 0 {
        PAGE
    } else {
        request.limit
    };
    let page = before.zip(booking).map(|(before, booking)| Page {
        limit,
        before,
        booking,
    });
    violations.finish(page)
}

fn optional<'a, T, E>(
    text: &'a str,
    read: impl FnOnce(&'a str) -> Result<T, E>,
) -> Result<Option<T>, E> {
    if text.is_empty() {
        return Ok(None);
    }
    read(text).map(Some)
}

pub(crate) fn write_cursor(last: MessageId) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(last.as_uuid().as_bytes())
}

fn read_cursor(text: &str) -> Option<MessageId> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    Uuid::from_slice(&bytes).ok().map(MessageId::from_uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for (text, number) in [
            ("(415) 555-0123", Some("+14155550123")),
            ("+44 20 7946 0958", Some("+442079460958")),
            ("+14155550123", Some("+14155550123")),
            ("12", None),
            ("", None),
            ("call me", None),
        ] {
            assert_eq!(e164(text).ok().as_deref(), number, "{text}");
        }
    }

    #[test]
    fn every_bad_field_of_a_draft_is_named() {
        let request = SendMessageRequest {
            to: "nobody".to_owned(),
            body: "a".repeat(1601),
        };
        let problem = draft(request).err().unwrap();
        let fields: Vec<_> = problem
            .violations
            .iter()
            .map(|v| v.field.as_str())
            .collect();
        assert_eq!(fields, ["to", "body"]);
    }

    #[test]
    fn a_cursor_reads_back() {
        let id = MessageId::new();
        assert_eq!(read_cursor(&write_cursor(id)), Some(id));
        assert_eq!(read_cursor("!"), None);
        assert_eq!(read_cursor("AAAA"), None);
    }
}
