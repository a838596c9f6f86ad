//! The headers that prove a webhook comes from Vapi.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use uuid::Uuid;

/// What an HMAC covers.
pub(crate) struct Signed<'a> {
    pub(crate) url: &'a str,
    pub(crate) body: &'a str,
    /// Seconds since 1970; Vapi does not document the unit.
    pub(crate) timestamp: i64,
}

/// Headers for `server`, whose credential has the given `authenticationPlan`.
pub(crate) fn headers(server: &Value, plan: &Value, signed: &Signed<'_>) -> Vec<(String, String)> {
    let mut headers = match plan["type"].as_str() {
        Some("bearer") => vec![bearer(plan)],
        Some("hmac") => hmac_headers(plan, signed),
        _ => Vec::new(),
    };
    for (name, value) in server["headers"].as_object().into_iter().flatten() {
        let Some(value) = value.as_str() else {
            continue;
        };
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.to_owned()));
    }
    // Vapi sends this header even when there is no secret to put in it.
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("x-vapi-secret"))
    {
        headers.push(("x-vapi-secret".to_owned(), String::new()));
    }
    headers
}

fn bearer(plan: &Value) -> (String, String) {
    let token = plan["token"].as_str().unwrap_or_default();
    let prefix = if plan["bearerPrefixEnabled"] == false {
        ""
    } else {
        "Bearer "
    };
    (
        text(plan, "headerName", "Authorization"),
        format!("{prefix}{token}"),
    )
}

fn hmac_headers(plan: &Value, signed: &Signed<'_>) -> Vec<(String, String)> {
    let timestamped = plan["includeTimestamp"] != false;
    let id = Uuid::new_v4().to_string();
    let format = if timestamped {
        "{timestamp}.{body}"
    } else {
        "{body}"
    };
    // The body goes in last: it may itself contain something like a placeholder.
    let payload = text(plan, "payloadFormat", format)
        .replace("{timestamp}", &signed.timestamp.to_string())
        .replace("{method}", "POST")
        .replace("{url}", signed.url)
        .replace("{svix-id}", &id)
        .replace("{body}", signed.body);
    let signature = format!(
        "{}{}",
        text(plan, "signaturePrefix", ""),
        mac(plan, &payload)
    );
    let mut headers = vec![(text(plan, "signatureHeader", "x-signature"), signature)];
    if timestamped {
        let name = text(plan, "timestampHeader", "x-timestamp");
        headers.push((name, signed.timestamp.to_string()));
    }
    if let Some(name) = plan["messageIdHeader"].as_str() {
        headers.push((name.to_owned(), id));
    }
    headers
}

fn mac(plan: &Value, payload: &str) -> String {
    let algorithm = match plan["algorithm"].as_str() {
        Some("sha1") => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Some("sha512") => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    };
    let secret = plan["secretKey"].as_str().unwrap_or_default();
    let decoded = STANDARD
        .decode(secret)
        .ok()
        .filter(|_| plan["secretIsBase64"] == true);
    let key = hmac::Key::new(algorithm, decoded.as_deref().unwrap_or(secret.as_bytes()));
    let tag = hmac::sign(&key, payload.as_bytes());
    if plan["signatureEncoding"] == "base64" {
        STANDARD.encode(tag)
    } else {
        hex::encode(tag)
    }
}

fn text(plan: &Value, name: &str, default: &str) -> String {
    plan[name].as_str().unwrap_or(default).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Signed, headers};

    const HANG: Signed<'_> = Signed {
        url: "https://clinic.example/hook",
        body: r#"{"message":{"type":"hang"}}"#,
        timestamp: 1_763_784_256,
    };

    #[test]
    fn every_plan_sends_its_own_headers() {
        let hmac = json!({"type": "hmac", "secretKey": "test-secret", "algorithm": "sha256"});
        let legacy = json!({"type": "bearer", "token": "t", "headerName": "X-Vapi-Secret", "bearerPrefixEnabled": false});
        let signature = "233041b386d3ed552553bb15603d96eb48f1b404a0588a8c3840b20aa3e156db";
        for (plan, expected) in [
            (Value::Null, vec![("x-vapi-secret", "")]),
            (
                json!({"type": "bearer", "token": "t"}),
                vec![("Authorization", "Bearer t"), ("x-vapi-secret", "")],
            ),
            (legacy, vec![("X-Vapi-Secret", "t")]),
            (
                hmac,
                vec![
                    ("x-signature", signature),
                    ("x-timestamp", "1763784256"),
                    ("x-vapi-secret", ""),
                ],
            ),
        ] {
            let sent = headers(&json!({}), &plan, &HANG);
            let sent: Vec<_> = sent
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            assert_eq!(sent, expected);
        }
    }

    #[test]
    fn a_static_header_overrides_the_credential() {
        let server = json!({"headers": {"authorization": "Basic x"}});
        let sent = headers(&server, &json!({"type": "bearer", "token": "t"}), &HANG);
        assert_eq!(sent[0], ("authorization".into(), "Basic x".into()));
    }
}
