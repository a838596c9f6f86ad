//! The stand-in for Google: consent, tokens and one calendar for each account.

mod answer;
mod calendars;
pub(crate) mod channels;
pub(crate) mod consent;
mod events;
mod fields;
mod holder;
mod list;
pub(crate) mod refusal;
pub(crate) mod shelf;
mod token;
pub(crate) mod write;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{
    Router, middleware,
    routing::{get, post},
};
use url::Url;

use self::shelf::Account;
use crate::{Sandbox, faults::gate, shelf::Shelf};

/// People with a calendar; consents and tokens that are remembered.
const ACCOUNTS: usize = 1_000;
const GRANTS: usize = 10_000;

/// The one application that Google knows.
#[derive(Clone, Debug)]
pub struct GoogleClient {
    pub id: String,
    pub secret: String,
    /// Where consents are brought back to; without one, anywhere.
    pub redirect_uri: Option<Url>,
}

impl Default for GoogleClient {
    fn default() -> Self {
        Self {
            id: "sandbox-google-client".to_owned(),
            secret: "sandbox-google-secret".to_owned(),
            redirect_uri: None,
        }
    }
}

pub(crate) struct Google {
    pub(crate) client: GoogleClient,
    /// Questions on the screen, by their number.
    pub(crate) questions: Shelf<consent::Question>,
    /// Codes that were not exchanged yet.
    codes: Shelf<consent::Given>,
    /// By their refresh tokens.
    grants: Shelf<token::Grant>,
    /// By their access tokens.
    pub(crate) access: Shelf<token::Access>,
    accounts: Shelf<Arc<Mutex<Account>>>,
    making: Mutex<()>,
}

impl Google {
    pub(crate) fn new(client: GoogleClient) -> Self {
        Self {
            client,
            questions: Shelf::new(GRANTS),
            codes: Shelf::new(GRANTS),
            grants: Shelf::new(GRANTS),
            access: Shelf::new(GRANTS),
            accounts: Shelf::new(ACCOUNTS),
            making: Mutex::default(),
        }
    }

    /// The account of this address, made when it is first named.
    pub(crate) fn account(&self, address: &str) -> Arc<Mutex<Account>> {
        let _making = held(&self.making);
        self.accounts.get(address).unwrap_or_else(|| {
            let account = Arc::new(Mutex::new(Account::new(address)));
            self.accounts.put(address, Arc::clone(&account));
            account
        })
    }

    pub(crate) fn every_account(&self) -> Vec<Arc<Mutex<Account>>> {
        self.accounts.newest(ACCOUNTS, |_| true)
    }
}

pub(crate) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().expect("no code that holds this lock can panic")
}

pub(crate) fn routes(sandbox: &Arc<Sandbox>) -> Router<Arc<Sandbox>> {
    const EVENTS: &str = "/calendar/v3/calendars/{calendar}/events";
    Router::new()
        .route("/o/oauth2/v2/auth", get(consent::ask))
        .route("/o/oauth2/v2/auth/decision", post(consent::decide))
        .route("/token", post(token::token))
        .route("/revoke", post(token::revoke))
        .route("/calendar/v3/users/me/calendarList", get(calendars::list))
        .route("/calendar/v3/freeBusy", post(calendars::free_busy))
        .route("/calendar/v3/channels/stop", post(channels::stop))
        .route(EVENTS, get(list::list).post(events::insert))
        .route(&format!("{EVENTS}/watch"), post(channels::watch))
        .route(
            &format!("{EVENTS}/{{event}}"),
            get(events::get).patch(events::patch).delete(events::delete),
        )
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(sandbox),
            gate::google,
        ))
}
