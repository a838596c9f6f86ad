//! Twilio's signature of a webhook: an HMAC over the URL it called and the form it sent.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use url::Url;

/// Whether `signature` was made with `token` for this URL and form.
///
/// Twilio is not consistent about the port in the URL it signs, so the URL counts with its port (or
/// its scheme's own) and without.
pub(super) fn is_valid(
    token: &str,
    urls: &[String],
    form: &[(String, String)],
    signature: &str,
) -> bool {
    let Ok(tag) = BASE64_STANDARD.decode(signature) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let form = flatten(form);
    urls.iter()
        .any(|url| hmac::verify(&key, format!("{url}{form}").as_bytes(), &tag).is_ok())
}

/// The forms of the URL that Twilio may have signed: what the world sees of us, then the path and
/// the query exactly as they were requested.
pub(super) fn signed_urls(public: &Url, path_and_query: &str) -> [String; 2] {
    let scheme = public.scheme();
    let host = public.host_str().unwrap_or_default();
    let port = public.port_or_known_default().unwrap_or(443);
    let prefix = public.path().trim_end_matches('/');
    [
        format!("{scheme}://{host}{prefix}{path_and_query}"),
        format!("{scheme}://{host}:{port}{prefix}{path_and_query}"),
    ]
}

/// Names in the order of their bytes, each followed by its different values in the same order.
fn flatten(form: &[(String, String)]) -> String {
    let mut sorted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in form {
        sorted.entry(name).or_default().push(value);
    }
    let mut text = String::new();
    for (name, mut values) in sorted {
        values.sort_unstable();
        values.dedup();
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    text
}

#[cfg(test)]
mod tests;
