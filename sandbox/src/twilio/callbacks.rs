//! A message's way from accepted to delivered, told by signed status callbacks.

use std::time::Duration;

use reqwest::{Request, Url};

use super::{
    accounts::Account,
    message::{Callback, Message, Status},
    sid, signature,
};
use crate::{
    Sandbox, clock,
    faults::{Mode, Target},
};

/// The time between two states of a message.
const STEP: Duration = Duration::from_millis(3);
/// Recipients `+150055` followed by a delivery error code fail with that code.
const FAILING: &str = "+150055";

/// The number that a messaging service of `account` sends from.
pub(crate) fn service_number(account: &Account) -> &str {
    // An account without numbers is refused when it is added.
    account.numbers.first().map_or("", String::as_str)
}

/// Walks `message` to its end; its callbacks are sent one after the other.
pub(crate) async fn deliver(sandbox: &Sandbox, account: &Account, message: &Message) {
    let Ok(_turn) = sandbox.twilio.senders.acquire().await else {
        return;
    };
    let reordered = sandbox
        .faults
        .strikes(Target::Twilio, Mode::ReorderCallbacks);
    let times = if sandbox
        .faults
        .strikes(Target::Twilio, Mode::DuplicateCallbacks)
    {
        2
    } else {
        1
    };
    let mut held_back = Vec::new();
    for (status, error_code) in stages(message) {
        tokio::select! {
            () = tokio::time::sleep(STEP) => {}
            () = sandbox.stop.cancelled() => return,
        }
        let advanced = sandbox.twilio.messages.change(&message.sid, |stored| {
            if status == Status::Queued && stored.from.is_none() {
                stored.from = Some(service_number(account).to_owned());
            }
            stored.advance(status, error_code).then(|| stored.clone())
        });
        // Canceled, deleted or dropped in the meantime.
        let Some(Some(now)) = advanced else { return };
        if reordered {
            held_back.push(now);
        } else {
            tell(sandbox, account, &now, times).await;
        }
    }
    for now in held_back.iter().rev() {
        tell(sandbox, account, now, times).await;
    }
}

/// There is no callback for the state that a message is created in.
fn stages(message: &Message) -> Vec<(Status, Option<u32>)> {
    let mut stages = Vec::new();
    if message.status == Status::Accepted {
        stages.push((Status::Queued, None));
    }
    stages.push((Status::Sent, None));
    let code = message
        .to
        .strip_prefix(FAILING)
        .filter(|code| code.len() == 5);
    match code
        .and_then(|code| code.parse().ok())
        .filter(|code| (30_000..31_000).contains(code))
    {
        Some(code) => stages.push((Status::Undelivered, Some(code))),
        None => stages.push((Status::Delivered, None)),
    }
    stages
}

async fn tell(sandbox: &Sandbox, account: &Account, message: &Message, times: usize) {
    let Some(url) = &message.status_callback else {
        return;
    };
    let params = params(message);
    for _ in 0..times {
        let at_ms = clock::now().as_millisecond();
        let answer = tokio::select! {
            answer = post(sandbox, &account.auth_token, url, &params) => answer,
            () = sandbox.stop.cancelled() => return,
        };
        let callback = Callback {
            status: message.status,
            at_ms,
            http_status: answer.map(|(status, _)| status),
        };
        sandbox
            .twilio
            .messages
            .change(&message.sid, |stored| stored.callbacks.push(callback));
    }
}

fn params(message: &Message) -> Vec<(String, String)> {
    let status = message.status.as_str();
    let mut params = vec![
        ("AccountSid", message.account_sid.clone()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("From", message.from.clone().unwrap_or_default()),
        ("MessageSid", message.sid.clone()),
        ("MessageStatus", status.to_owned()),
        ("SmsSid", message.sid.clone()),
        ("SmsStatus", status.to_owned()),
        ("To", message.to.clone()),
    ];
    if let Some(service) = &message.service_sid {
        params.push(("MessagingServiceSid", service.clone()));
    }
    if let Some(code) = message.error_code {
        params.push(("ErrorCode", code.to_string()));
    }
    if message.status.is_final() {
        params.push((
            "RawDlrDoneDate",
            message.updated_at.strftime("%y%m%d%H%M").to_string(),
        ));
    }
    params
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Posts a signed form and answers with what came back, if anything did.
pub(crate) async fn post(
    sandbox: &Sandbox,
    auth_token: &str,
    url: &str,
    params: &[(String, String)],
) -> Option<(u16, String)> {
    let request = signed(sandbox, auth_token, url, params)?;
    match sandbox.outbound.post(request).await {
        Ok(response) => {
            let status = response.status().as_u16();
            Some((status, response.text().await.unwrap_or_default()))
        }
        Err(error) => {
            tracing::warn!(error = %error.without_url(), "a webhook was not answered");
            None
        }
    }
}

fn signed(
    sandbox: &Sandbox,
    auth_token: &str,
    url: &str,
    params: &[(String, String)],
) -> Option<Request> {
    let target: Url = signature::without_fragment(url).parse().ok()?;
    let request = sandbox
        .outbound
        .client
        .post(target)
        .header("user-agent", "TwilioProxy/1.1")
        .header("i-twilio-idempotency-token", sid(""))
        .header(
            "x-twilio-signature",
            signature::sign(auth_token, url, params),
        )
        .form(params);
    request.build().ok()
}
