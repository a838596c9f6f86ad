//! The `X-Twilio-Signature` of a webhook.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Signs `url` as it was configured, without its fragment, and the form's `params`.
pub(crate) fn sign(auth_token: &str, url: &str, params: &[(String, String)]) -> String {
    let mut sorted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in params {
        sorted.entry(name).or_default().insert(value);
    }
    let mut text = without_fragment(url).to_owned();
    for (name, values) in sorted {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth_token.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

/// Twilio keeps its own delivery options in the fragment and never sends it.
pub(crate) fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::sign;

    const CALL: [(&str, &str); 5] = [
        ("Digits", "1234"),
        ("To", "+18005551212"),
        ("From", "+14158675310"),
        ("Caller", "+14158675310"),
        ("CallSid", "CA1234567890ABCDE"),
    ];

    #[test]
    fn signatures_are_those_of_the_official_sdk() {
        for (url, params, expected) in [
            (
                "https://example.com/myapp.php?foo=1&bar=2",
                &CALL[..],
                "L/OH5YylLD5NRKLltdqwSvS0BnU=",
            ),
            (
                "https://example.com:443/myapp.php?foo=1&bar=2",
                &CALL,
                "nbjTKFXyL7SOTAXZi6MWqyIuq40=",
            ),
            (
                "https://h.example/x#rc=3&rp=all",
                &[("b", "1"), ("A", "2"), ("a", "3"), ("B", "4")],
                "hSM6dPtutZQPGaXGvebOlh+mTjE=",
            ),
            (
                "https://h.example/x?MessageSid=SM1&Body=a%20b",
                &[],
                "xCwMHCymxFmhyaE2LFfM47GRmP8=",
            ),
        ] {
            let params: Vec<_> = params
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect();
            assert_eq!(sign("12345", url, &params), expected, "{url}");
        }
    }
}
