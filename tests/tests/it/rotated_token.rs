//! While a clinic's Twilio token is replaced, nothing that Twilio signs is refused.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::json;
use voxanne_tests::{Clinic, Fleet};

use crate::twilio;

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_of_the_old_and_the_new_token_are_both_accepted_at_once() {
    let fleet = Fleet::start().await;
    let clinic = Clinic::open(&fleet, "acme").await;
    let text = BTreeMap::from([
        ("AccountSid", &*clinic.account_sid),
        ("Body", "Hello"),
        ("From", "+12125550142"),
        ("MessageSid", "SMcccccccccccccccccccccccccccccccc"),
    ]);
    let arrives = async |token: &str| {
        let answer = twilio::post(&fleet, "sms-inbound", &text, token).await;
        answer.status()
    };
    let mut known = vec![clinic.auth_token.clone()];
    for round in 0..3 {
        for token in &known {
            assert_eq!(arrives(token).await, StatusCode::OK, "round {round}");
        }
        assert_eq!(arrives("a-token-of-nobody").await, StatusCode::FORBIDDEN);
        let token = format!("{round}").repeat(32);
        let (status, answer) = clinic
            .call(
                &fleet,
                Method::PUT,
                "/credentials/twilio",
                json!({
                    "accountSid": clinic.account_sid, "authToken": token, "from": clinic.from,
                }),
            )
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(
            arrives(&token).await,
            StatusCode::OK,
            "round {round}, at once"
        );
        // The one before goes on to count for a while.
        known = vec![known.pop().expect("one"), token];
    }
}
