//! What a request to send must look like, whoever sends it.

use url::Url;

use super::{accounts::is_sid, refusal::Refusal};

const LONGEST_BODY: usize = 1600;

/// Every form field that Twilio documents for a message.
const FIELDS: [&str; 27] = [
    "To",
    "From",
    "MessagingServiceSid",
    "Body",
    "StatusCallback",
    "ApplicationSid",
    "ValidityPeriod",
    "ScheduleType",
    "SendAt",
    "SmartEncoded",
    "ContentRetention",
    "AddressRetention",
    "Attempt",
    "ProvideFeedback",
    "RiskCheck",
    "ShortenUrls",
    "SendAsMms",
    "MediaUrl",
    "ContentSid",
    "ContentVariables",
    "FallbackFrom",
    "PersistentAction",
    "TrafficType",
    "ForceDelivery",
    "MaxPrice",
    "MediaUrl[]",
    "PersistentAction[]",
];

/// Recipients that Twilio reserves for trying out refusals.
const MAGIC: [(&str, u32, &str); 5] = [
    (
        "+15005550001",
        21211,
        "The 'To' number is not a valid phone number.",
    ),
    (
        "+15005550002",
        21612,
        "The 'To' phone number is not currently reachable via SMS.",
    ),
    (
        "+15005550003",
        21408,
        "Permission to send an SMS has not been enabled for the region.",
    ),
    (
        "+15005550004",
        21610,
        "Attempt to send to unsubscribed recipient",
    ),
    (
        "+15005550009",
        21614,
        "'To' number is not a valid mobile number",
    ),
];

/// A message that is well formed, not yet checked against an account.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) to: String,
    pub(crate) sender: Sender,
    pub(crate) body: String,
    pub(crate) status_callback: Option<String>,
    pub(crate) scheduled: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Number(String),
    Service(String),
}

pub(crate) fn read(form: &[(String, String)]) -> Result<Outgoing, Refusal> {
    if let Some((unknown, _)) = form
        .iter()
        .find(|(name, _)| !FIELDS.contains(&name.as_str()))
    {
        return Err(Refusal::new(20001, format!("Unknown parameter: {unknown}")));
    }
    let to = required(form, "To", 21604, "A 'To' phone number is required.")?;
    let sender = sender(form)?;
    let body = body(form)?;
    if !is_e164(&to) {
        let message = format!("The 'To' number {to} is not a valid phone number.");
        return Err(Refusal::new(21211, message));
    }
    if let Some((_, code, message)) = MAGIC.iter().find(|(number, ..)| *number == to) {
        return Err(Refusal::new(*code, *message));
    }
    let scheduled = schedule(form, &sender)?;
    Ok(Outgoing {
        status_callback: callback(form)?,
        to,
        sender,
        body,
        scheduled,
    })
}

/// `+` and 7 to 15 digits, the first of them not zero.
pub(crate) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = form.iter().find(|(field, _)| field == name);
    found
        .map(|(_, value)| value.as_str())
        .filter(|value| !value.is_empty())
}

fn required(
    form: &[(String, String)],
    name: &str,
    code: u32,
    message: &str,
) -> Result<String, Refusal> {
    field(form, name)
        .map(str::to_owned)
        .ok_or_else(|| Refusal::new(code, message))
}

fn sender(form: &[(String, String)]) -> Result<Sender, Refusal> {
    if let Some(service) = field(form, "MessagingServiceSid") {
        if !is_sid(service, "MG") {
            return Err(Refusal::new(21705, "The Messaging Service Sid is invalid"));
        }
        return Ok(Sender::Service(service.to_owned()));
    }
    let message = "A 'From' or 'MessagingServiceSid' parameter is required to send a message";
    required(form, "From", 21603, message).map(Sender::Number)
}

fn body(form: &[(String, String)]) -> Result<String, Refusal> {
    let has_media = ["MediaUrl", "MediaUrl[]", "ContentSid"]
        .iter()
        .any(|f| field(form, f).is_some());
    let body = match field(form, "Body") {
        None if !has_media => return Err(Refusal::new(21602, "Message body is required.")),
        body => body.unwrap_or_default(),
    };
    if body.chars().count() > LONGEST_BODY {
        let message = "The concatenated message body exceeds the 1600 character limit";
        return Err(Refusal::new(21617, message));
    }
    Ok(body.to_owned())
}

fn schedule(form: &[(String, String)], sender: &Sender) -> Result<bool, Refusal> {
    let validity = field(form, "ValidityPeriod");
    let valid = |text: &str| {
        text.parse()
            .is_ok_and(|seconds: u32| (1..=36_000).contains(&seconds))
    };
    if validity.is_some_and(|text| !valid(text)) {
        return Err(Refusal::new(
            20001,
            "ValidityPeriod must be from 1 to 36000",
        ));
    }
    let Some(at) = field(form, "SendAt") else {
        return Ok(false);
    };
    let fixed = field(form, "ScheduleType") == Some("fixed");
    let dated = at.parse::<jiff::Timestamp>().is_ok();
    if !fixed || !dated || matches!(sender, Sender::Number(_)) {
        let message = "SendAt needs ScheduleType=fixed, a MessagingServiceSid and an ISO 8601 time";
        return Err(Refusal::new(20001, message));
    }
    Ok(true)
}

fn callback(form: &[(String, String)]) -> Result<Option<String>, Refusal> {
    let Some(text) = field(form, "StatusCallback") else {
        return Ok(None);
    };
    let usable = Url::parse(text).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        matches!(url.scheme(), "http" | "https") && !host.is_empty() && !host.contains('_')
    });
    if !usable {
        return Err(Refusal::new(
            21609,
            "The 'StatusCallback' URL is not a valid URL.",
        ));
    }
    Ok(Some(text.to_owned()))
}
