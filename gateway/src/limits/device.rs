//! The cookie that tells a browser which has signed in to an account before.
//!
//! It proves nothing else: it lets nobody in, it only keeps guesses from elsewhere from counting
//! against the account's owner.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use axum_extra::extract::cookie::CookieJar;
use uuid::Uuid;

use super::{Client, Limits};

const NAME: &str = "voxanne_device";
const SECURE_NAME: &str = "__Secure-voxanne_device";
const PURPOSE: &str = "limits device";
/// Every sign-in begins it anew.
const DAYS: i64 = 90;
const DAY: i64 = 24 * 3600;

/// The cookie as the browser sent it.
pub(super) fn read(headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    let cookie = jar.get(SECURE_NAME).or_else(|| jar.get(NAME))?;
    Some(cookie.value().to_owned())
}

impl Limits {
    /// Makes the browser of `client`, which has just signed in to `email`, one that is known.
    pub(crate) fn remember_device(&self, client: &Client, email: &str, response: &mut Response) {
        let account = self.account(email);
        let device = self
            .known_device(client, &account)
            .unwrap_or_else(|| Uuid::new_v4().simple().to_string());
        let until = self.clock.now().as_second() + DAYS * DAY;
        let (key, mark) = self
            .keys
            .sign(PURPOSE, signed(&account, &device, until).as_bytes());
        let (name, secure) = match self.is_https {
            true => (SECURE_NAME, "; Secure"),
            false => (NAME, ""),
        };
        let text = format!(
            "{name}={device}.{until}.{key}.{}; HttpOnly; SameSite=Strict; Path=/api/auth; \
             Max-Age={}{secure}",
            hex::encode(mark),
            DAYS * DAY,
        );
        // An id of a key that fits into no cookie costs the comfort and not the sign-in.
        if let Ok(mut value) = HeaderValue::try_from(text) {
            value.set_sensitive(true);
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }

    /// The device that `client` is, if it has signed in to `account` before.
    pub(super) fn known_device(&self, client: &Client, account: &str) -> Option<String> {
        let mut parts = client.device.as_deref()?.splitn(4, '.');
        let (device, until) = (parts.next()?, parts.next()?);
        let (key, mark) = (parts.next()?, hex::decode(parts.next()?).ok()?);
        let until: i64 = until.parse().ok()?;
        let message = signed(account, device, until);
        let is_ours = self.keys.verify(key, PURPOSE, message.as_bytes(), &mark);
        (is_ours && until > self.clock.now().as_second()).then(|| device.to_owned())
    }
}

fn signed(account: &str, device: &str, until: i64) -> String {
    format!("{account}.{device}.{until}")
}
