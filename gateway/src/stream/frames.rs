//! What is said over a socket, in JSON.

use axum::extract::ws::Utf8Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use voxanne_proto::realtime::v1 as realtime;

/// An event as every socket of its organisation is sent it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) seq: i64,
    pub(super) at: Timestamp,
    pub(super) text: Utf8Bytes,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum FromServer<'a> {
    Welcome {
        seq: i64,
    },
    Event {
        seq: i64,
        id: &'a str,
        event: &'a str,
        at: Timestamp,
        data: Value,
    },
    Reload,
}

/// What a client may say.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum FromClient {
    Resume { after: i64 },
}

impl Frame {
    pub(super) fn new(event: &realtime::Event) -> Self {
        let at = event.at.as_ref().map(voxanne_clock::from_proto);
        let at = at.and_then(Result::ok).unwrap_or(Timestamp::UNIX_EPOCH);
        let data = serde_json::from_str(&event.data_json);
        let text = json(&FromServer::Event {
            seq: event.seq,
            id: &event.id,
            event: &event.r#type,
            at,
            // A client counts the numbers, so even an event without readable data is sent.
            data: data.unwrap_or_else(|_| Value::Object(serde_json::Map::new())),
        });
        Self {
            seq: event.seq,
            at,
            text,
        }
    }
}

pub(super) fn welcome(seq: i64) -> Utf8Bytes {
    json(&FromServer::Welcome { seq })
}

pub(super) fn reload() -> Utf8Bytes {
    json(&FromServer::Reload)
}

fn json(message: &FromServer<'_>) -> Utf8Bytes {
    serde_json::to_string(message)
        .expect("texts, numbers and JSON values serialise")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_the_documented_form() {
        assert_eq!(welcome(7).as_str(), r#"{"type":"welcome","seq":7}"#);
        assert_eq!(reload().as_str(), r#"{"type":"reload"}"#);
        let event = realtime::Event {
            seq: 8,
            id: "evt_1".into(),
            r#type: "booking.created".into(),
            at: Some(prost_types::Timestamp {
                seconds: 1_763_784_256,
                nanos: 500_000_000,
            }),
            data_json: r#"{"bookingId":"bkg_1"}"#.into(),
            trace: String::new(),
        };
        assert_eq!(
            Frame::new(&event).text.as_str(),
            r#"{"type":"event","seq":8,"id":"evt_1","event":"booking.created","at":"2025-11-22T04:04:16.5Z","data":{"bookingId":"bkg_1"}}"#
        );
    }

    #[test]
    fn a_client_may_only_ask_to_resume() {
        for (text, after) in [
            (r#"{"type":"resume","after":3}"#, Some(3)),
            (r#"{"after":-1,"type":"resume","more":true}"#, Some(-1)),
            (r#"{"type":"resume"}"#, None),
            (r#"{"type":"resume","after":"3"}"#, None),
            (r#"{"type":"resume","after":1.5}"#, None),
            (r#"{"type":"subscribe","org":"org_1"}"#, None),
            ("resume", None),
            ("", None),
        ] {
            let read = serde_json::from_str::<FromClient>(text).ok();
            assert_eq!(
                read,
                after.map(|after| FromClient::Resume { after }),
                "{text}"
            );
        }
    }
}
