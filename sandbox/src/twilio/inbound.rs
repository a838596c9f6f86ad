//! A text that a patient sends to one of our numbers.

use serde_json::{Value, json};

use super::{accounts::Account, callbacks, message::Message, pair};
use crate::Sandbox;

/// The words that Twilio itself acts on, when they are the whole message.
const STOP: [&str; 8] = [
    "STOP",
    "UNSUBSCRIBE",
    "END",
    "QUIT",
    "STOPALL",
    "REVOKE",
    "OPTOUT",
    "CANCEL",
];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];

/// Remembers the message and posts it, signed, to `url`; says how it was answered.
pub(crate) async fn arrive(
    sandbox: &Sandbox,
    account: &Account,
    url: &str,
    [from, to, body]: [&str; 3],
) -> Value {
    let message = Message::inbound(&account.sid, from, to, body);
    sandbox.twilio.messages.put(&message.sid, message.clone());
    let keyword = body.trim().to_ascii_uppercase();
    if STOP.contains(&keyword.as_str()) {
        sandbox.twilio.opt_outs.put(&pair(to, from), ());
    } else if START.contains(&keyword.as_str()) {
        sandbox.twilio.opt_outs.remove(&pair(to, from));
    }
    let answer = callbacks::post(sandbox, &account.auth_token, url, &params(&message)).await;
    let (status, reply) = answer.map_or((None, None), |(status, body)| (Some(status), Some(body)));
    json!({"sid": message.sid, "httpStatus": status, "reply": reply})
}

fn params(message: &Message) -> Vec<(String, String)> {
    let segments = message.segments();
    let from = message.from.as_deref().unwrap_or_default();
    [
        ("AccountSid", message.account_sid.as_str()),
        ("ApiVersion", "2010-04-01"),
        ("Body", &message.body),
        ("From", from),
        ("FromCity", ""),
        ("FromCountry", "US"),
        ("FromState", ""),
        ("FromZip", ""),
        ("MessageSid", &message.sid),
        ("NumMedia", "0"),
        ("NumSegments", &segments),
        ("SmsMessageSid", &message.sid),
        ("SmsSid", &message.sid),
        ("SmsStatus", "received"),
        ("To", &message.to),
        ("ToCity", ""),
        ("ToCountry", "US"),
        ("ToState", ""),
        ("ToZip", ""),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}
