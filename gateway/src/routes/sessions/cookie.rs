//! The cookie that holds the refresh token, out of reach of any script.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum_extra::extract::cookie::CookieJar;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::Tokens;

use crate::App;

const NAME: &str = "voxanne_refresh";
/// Browsers let nobody set this one but a page that came over https.
const SECURE_NAME: &str = "__Secure-voxanne_refresh";

/// Keeps the refresh token for as long as identity accepts it.
pub(super) fn keep(app: &App, tokens: &Tokens) -> Result<(HeaderName, HeaderValue), Problem> {
    let expires = tokens
        .refresh_expires_at
        .as_ref()
        .map_or(0, |at| at.seconds);
    let age = expires
        .saturating_sub(app.process.clock.now().as_second())
        .max(0);
    header_of(app, &tokens.refresh_token, age)
}

/// Takes the cookie back.
pub(super) fn clear(app: &App) -> Result<(HeaderName, HeaderValue), Problem> {
    header_of(app, "", 0)
}

/// The refresh token that the browser brings.
pub(super) fn require(app: &App, headers: &HeaderMap) -> Result<String, Problem> {
    let jar = CookieJar::from_headers(headers);
    let token = jar.get(name(app).0).map(|cookie| cookie.value().to_owned());
    token.filter(|token| !token.is_empty()).ok_or_else(|| {
        let detail = "there is no session to go on with, sign in";
        Problem::new(Kind::Unauthenticated, "REFRESH_TOKEN_MISSING", detail)
    })
}

/// The cookie's name, and the attribute that keeps it from being sent over plain http.
fn name(app: &App) -> (&'static str, &'static str) {
    match app.config.public_url.scheme() {
        "https" => (SECURE_NAME, "; Secure"),
        _ => (NAME, ""),
    }
}

fn header_of(app: &App, token: &str, age: i64) -> Result<(HeaderName, HeaderValue), Problem> {
    let (name, secure) = name(app);
    let text =
        format!("{name}={token}; HttpOnly; SameSite=Strict; Path=/api/auth; Max-Age={age}{secure}");
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| Problem::internal("a refresh token is no cookie value"))?;
    value.set_sensitive(true);
    Ok((header::SET_COOKIE, value))
}
