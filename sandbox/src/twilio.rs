//! The stand-in for Twilio's messaging API.

mod account;
pub(crate) mod accounts;
pub(crate) mod callbacks;
mod change;
pub(crate) mod inbound;
mod list;
pub(crate) mod message;
mod numbers;
mod outgoing;
pub(crate) mod refusal;
mod segments;
mod send;
pub(crate) mod signature;

use std::sync::Arc;

use axum::{Router, http::HeaderValue, middleware, response::Response, routing::get};
use tokio::sync::Semaphore;
use url::Url;
use uuid::Uuid;

use crate::{Sandbox, faults::gate, shelf::Shelf};
use accounts::Account;
use message::Message;

/// How many messages are remembered.
const MESSAGES: usize = 100_000;
const ACCOUNTS: usize = 1_000;
const OPT_OUTS: usize = 10_000;
/// Accepted messages that wait for delivery; beyond it a send is answered 429.
const BACKLOG: usize = 20_000;
/// Messages whose callbacks are on their way at one time.
const SENDERS: usize = 64;

pub(crate) struct Twilio {
    pub(crate) accounts: Shelf<Account>,
    pub(crate) messages: Shelf<Message>,
    /// Pairs of our number and the recipient who said STOP to it.
    pub(crate) opt_outs: Shelf<()>,
    pub(crate) inbound_url: Option<Url>,
    backlog: Arc<Semaphore>,
    senders: Semaphore,
}

impl Twilio {
    pub(crate) fn new(accounts: Vec<Account>, inbound_url: Option<Url>) -> Self {
        let twilio = Self {
            accounts: Shelf::new(ACCOUNTS),
            messages: Shelf::new(MESSAGES),
            opt_outs: Shelf::new(OPT_OUTS),
            inbound_url,
            backlog: Arc::new(Semaphore::new(BACKLOG)),
            senders: Semaphore::new(SENDERS),
        };
        for mut account in accounts {
            // One account may be listed once per number.
            if let Some(known) = twilio.accounts.get(&account.sid) {
                account.numbers.extend(known.numbers);
            }
            twilio.accounts.put(&account.sid.clone(), account);
        }
        twilio
    }

    pub(crate) fn owner_of(&self, number: &str) -> Option<Account> {
        self.accounts
            .newest(1, |account| account.owns(number))
            .pop()
    }
}

/// The key under which a recipient's STOP to one of our numbers is kept.
pub(crate) fn pair(ours: &str, theirs: &str) -> String {
    format!("{ours}>{theirs}")
}

/// A new identifier of Twilio's shape: two letters and 32 hex digits.
pub(crate) fn sid(prefix: &str) -> String {
    format!("{prefix}{}", Uuid::new_v4().simple())
}

pub(crate) fn routes(sandbox: &Arc<Sandbox>) -> Router<Arc<Sandbox>> {
    const ACCOUNT: &str = "/2010-04-01/Accounts/{account}";
    Router::new()
        .route(
            &format!("{ACCOUNT}/Messages.json"),
            get(list::list).post(send::send),
        )
        .route(
            &format!("{ACCOUNT}/Messages/{{file}}"),
            get(change::read)
                .post(change::update)
                .delete(change::delete),
        )
        .route(
            &format!("{ACCOUNT}/IncomingPhoneNumbers.json"),
            get(numbers::list),
        )
        .route(
            &format!("{ACCOUNT}/SMS/ShortCodes.json"),
            get(account::short_codes),
        )
        .route("/2010-04-01/Accounts/{file}", get(account::show))
        .route("/v1/Services/{service}", get(account::service))
        .route_layer(middleware::map_response(numbered))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(sandbox),
            gate::twilio,
        ))
}

/// Gives every answer the id that Twilio's support asks for.
async fn numbered(mut response: Response) -> Response {
    let id = HeaderValue::try_from(sid("RQ")).expect("letters and digits make a header value");
    response.headers_mut().insert("twilio-request-id", id);
    response
}
