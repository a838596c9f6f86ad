//! A message and its two faces: Twilio's own and the sandbox's.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    outgoing::{Outgoing, Sender},
    segments, sid,
};
use crate::clock;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Accepted,
    Scheduled,
    Queued,
    Sent,
    Delivered,
    Undelivered,
    Canceled,
    Received,
}

impl Status {
    pub(crate) fn is_final(self) -> bool {
        use Status::{Accepted, Queued, Scheduled, Sent};
        !matches!(self, Accepted | Scheduled | Queued | Sent)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Canceled => "canceled",
            Self::Received => "received",
        }
    }
}

/// One status callback that was tried.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Callback {
    pub(crate) status: Status,
    pub(crate) at_ms: i64,
    /// What was answered; null when nothing was.
    pub(crate) http_status: Option<u16>,
}

#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) sid: String,
    pub(crate) account_sid: String,
    pub(crate) from: Option<String>,
    pub(crate) service_sid: Option<String>,
    pub(crate) to: String,
    pub(crate) body: String,
    pub(crate) direction: &'static str,
    pub(crate) status: Status,
    pub(crate) error_code: Option<u32>,
    pub(crate) received_at: Timestamp,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) updated_at: Timestamp,
    pub(crate) status_callback: Option<String>,
    pub(crate) callbacks: Vec<Callback>,
}

impl Message {
    pub(crate) fn outbound(account_sid: &str, outgoing: Outgoing, received_at: Timestamp) -> Self {
        let (from, service_sid) = match outgoing.sender {
            Sender::Number(number) => (Some(number), None),
            Sender::Service(service) => (None, Some(service)),
        };
        let status = match (outgoing.scheduled, &service_sid) {
            (true, _) => Status::Scheduled,
            (false, Some(_)) => Status::Accepted,
            (false, None) => Status::Queued,
        };
        Self {
            sid: sid("SM"),
            account_sid: account_sid.to_owned(),
            from,
            service_sid,
            to: outgoing.to,
            body: outgoing.body,
            direction: "outbound-api",
            status,
            error_code: None,
            received_at,
            sent_at: None,
            updated_at: received_at,
            status_callback: outgoing.status_callback,
            callbacks: Vec::new(),
        }
    }

    pub(crate) fn inbound(account_sid: &str, from: &str, to: &str, body: &str) -> Self {
        let now = clock::now();
        Self {
            sid: sid("SM"),
            account_sid: account_sid.to_owned(),
            from: Some(from.to_owned()),
            service_sid: None,
            to: to.to_owned(),
            body: body.to_owned(),
            direction: "inbound",
            status: Status::Received,
            error_code: None,
            received_at: now,
            sent_at: Some(now),
            updated_at: now,
            status_callback: None,
            callbacks: Vec::new(),
        }
    }

    /// Moves on to `status`, unless the message has already come to its end.
    pub(crate) fn advance(&mut self, status: Status, error_code: Option<u32>) -> bool {
        if self.status.is_final() {
            return false;
        }
        self.status = status;
        self.error_code = error_code;
        self.updated_at = clock::now();
        if status == Status::Sent {
            self.sent_at = Some(self.updated_at);
        }
        true
    }

    pub(crate) fn path(&self) -> String {
        format!(
            "/2010-04-01/Accounts/{}/Messages/{}",
            self.account_sid, self.sid
        )
    }

    pub(crate) fn segments(&self) -> String {
        if matches!(self.status, Status::Accepted | Status::Scheduled) {
            return "0".to_owned();
        }
        segments::count(&self.body).to_string()
    }

    /// The resource as Twilio answers it: numbers are strings, dates are RFC 2822.
    pub(crate) fn resource(&self) -> Value {
        let path = self.path();
        json!({
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": rfc2822(self.received_at),
            "date_sent": self.sent_at.map(rfc2822),
            "date_updated": rfc2822(self.updated_at),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": self.error_code.map(|_| "The message was not delivered"),
            "from": self.from,
            "messaging_service_sid": self.service_sid,
            "num_media": "0",
            "num_segments": self.segments(),
            "price": null,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": format!("{path}/Media.json")},
            "to": self.to,
            "uri": format!("{path}.json"),
        })
    }

    /// What the control surface shows: the facts a test or a benchmark asks for.
    pub(crate) fn observed(&self) -> Value {
        json!({
            "sid": self.sid,
            "accountSid": self.account_sid,
            "to": self.to,
            "from": self.from,
            "messagingServiceSid": self.service_sid,
            "body": self.body,
            "status": self.status,
            "direction": self.direction,
            "errorCode": self.error_code,
            "receivedAtMs": self.received_at.as_millisecond(),
            "statusCallback": self.status_callback,
            "callbacks": self.callbacks,
        })
    }
}

fn rfc2822(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
