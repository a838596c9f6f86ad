//! Who holds the access token of a request, and what it lets them do.

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, header};

use super::{refusal::Refusal, shelf::Account};
use crate::Sandbox;

/// What a method needs; any of the scopes does.
pub(super) const READS: &[&str] = &[
    "calendar",
    "calendar.readonly",
    "calendar.events",
    "calendar.events.owned",
    "calendar.events.readonly",
];
pub(super) const WRITES: &[&str] = &["calendar", "calendar.events", "calendar.events.owned"];
pub(super) const LISTS: &[&str] = &[
    "calendar",
    "calendar.readonly",
    "calendar.calendarlist.readonly",
];
pub(super) const ASKS_FREE_BUSY: &[&str] = &[
    "calendar",
    "calendar.readonly",
    "calendar.freebusy",
    "calendar.events.freebusy",
];

/// The account whose token the request brings, if the token is good for one of `scopes`.
pub(super) fn account(
    sandbox: &Sandbox,
    headers: &HeaderMap,
    scopes: &[&str],
) -> Result<Arc<Mutex<Account>>, Refusal> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let access = token.and_then(|token| sandbox.google.access.get(token));
    let access = access
        .filter(|access| !access.is_over())
        .ok_or_else(|| Refusal::new(401, "authError", "Invalid Credentials"))?;
    let allowed = access.scopes.iter().any(|scope| {
        let name = scope.rsplit('/').next().unwrap_or_default();
        scopes.contains(&name)
    });
    if !allowed {
        return Err(Refusal::new(
            403,
            "insufficientPermissions",
            "Request had insufficient authentication scopes.",
        ));
    }
    Ok(sandbox.google.account(&access.account))
}

/// The one calendar that an account has here.
pub(super) fn calendar(account: &Account, id: &str) -> Result<(), Refusal> {
    let known = id == "primary" || id == account.address;
    known.then_some(()).ok_or_else(Refusal::not_found)
}
