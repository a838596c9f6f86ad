//! Accepts a message and starts its way to the recipient.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header},
};
use serde_json::Value;

use super::{
    accounts::{Account, Authorised},
    callbacks,
    message::{Message, Status},
    outgoing::{self, Outgoing, Sender},
    pair,
    refusal::Refusal,
};
use crate::{Sandbox, clock};

pub(crate) async fn send(
    State(sandbox): State<Arc<Sandbox>>,
    Authorised(account): Authorised,
    Form(form): Form,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let received_at = clock::now();
    let outgoing = outgoing::read(&form)?;
    may_send(&sandbox, &account, &outgoing)?;
    let twilio = &sandbox.twilio;
    let place = Arc::clone(&twilio.backlog)
        .try_acquire_owned()
        .map_err(|_| Refusal::outage(StatusCode::TOO_MANY_REQUESTS))?;
    let message = Message::outbound(&account.sid, outgoing, received_at);
    twilio.messages.put(&message.sid.clone(), message.clone());
    let resource = message.resource();
    // A scheduled message waits for a day that a sandbox does not live to see.
    if message.status != Status::Scheduled {
        let sandbox_of_task = Arc::clone(&sandbox);
        sandbox.tasks.spawn(async move {
            callbacks::deliver(&sandbox_of_task, &account, &message).await;
            drop(place);
        });
    }
    Ok((StatusCode::CREATED, Json(resource)))
}

/// The rules that depend on whose message it is.
fn may_send(sandbox: &Sandbox, account: &Account, outgoing: &Outgoing) -> Result<(), Refusal> {
    let from = match &outgoing.sender {
        Sender::Number(from) if !account.owns(from) => {
            let message = format!(
                "The 'From' phone number {from} is not a valid message-capable Twilio phone number for this destination."
            );
            return Err(Refusal::new(21606, message));
        }
        Sender::Number(from) => from,
        Sender::Service(_) => callbacks::service_number(account),
    };
    if sandbox.twilio.opt_outs.has(&pair(from, &outgoing.to)) {
        return Err(Refusal::new(
            21610,
            "Attempt to send to unsubscribed recipient",
        ));
    }
    Ok(())
}

/// A form body with its repeated names kept.
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        if !is_form(request.headers()) {
            return Err(Refusal::not_a_form());
        }
        let unreadable = || Refusal::new(20001, "The request body could not be read");
        let body = String::from_request(request, state)
            .await
            .map_err(|_| unreadable())?;
        serde_urlencoded::from_str(&body)
            .map(Self)
            .map_err(|_| unreadable())
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}
