//! Webhooks as Twilio signs them.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Response;
use voxanne_tests::Fleet;

/// Posts `form` to `/api/webhooks/{path}`, signed with `token`.
pub(crate) async fn post(
    fleet: &Fleet,
    path: &str,
    form: &BTreeMap<&str, &str>,
    token: &str,
) -> Response {
    let url = format!("http://{}/api/webhooks/{path}", fleet.gateway);
    let fields: String = form
        .iter()
        .flat_map(|(name, value)| [*name, *value])
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let tag = hmac::sign(&key, format!("{url}{fields}").as_bytes());
    let request = fleet.http.post(&url).form(form);
    let request = request.header("X-Twilio-Signature", BASE64_STANDARD.encode(tag));
    request.send().await.expect("the gateway answers")
}
