//! What Twilio sends: only what a clinic's own secret has signed.

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use futures_util::future::join_all;
use voxanne_gateway::limits::Settings;
use voxanne_ids::OrgId;

use crate::edge::{Edge, ORIGIN};

const SID: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const STATUS: &str = "/api/webhooks/sms-status?mid=msg_1";
const INBOUND: &str = "/api/webhooks/sms-inbound";

const DELIVERED: [(&str, &str); 4] = [
    ("AccountSid", SID),
    ("MessageSid", "SMcccccccccccccccccccccccccccccccc"),
    ("MessageStatus", "undelivered"),
    ("ErrorCode", "30003"),
];

fn sign(token: &str, url: &str, form: &[(&str, &str)]) -> String {
    let mut sorted = form.to_vec();
    sorted.sort_unstable();
    let form: String = sorted
        .iter()
        .map(|(name, value)| format!("{name}{value}"))
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    BASE64_STANDARD.encode(hmac::sign(&key, format!("{url}{form}").as_bytes()))
}

async fn post(
    edge: &Edge,
    path: &str,
    form: &[(&str, &str)],
    signature: Option<&str>,
) -> reqwest::Response {
    let http = reqwest::Client::builder().build().expect("a client");
    let mut request = http.post(edge.url(path)).form(form);
    if let Some(signature) = signature {
        request = request.header("X-Twilio-Signature", signature);
    }
    request.send().await.expect("the gateway answers")
}

async fn code(response: reqwest::Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: serde_json::Value = response.json().await.expect("a problem");
    (status, body["code"].as_str().expect("a code").to_owned())
}

#[tokio::test]
async fn a_signed_status_is_noted_by_its_organisation() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    edge.identity.knows(SID, acme, "token-a");
    edge.notification.sent(acme, "msg_1");
    for url in [format!("{ORIGIN}{STATUS}"), format!("{ORIGIN}:443{STATUS}")] {
        let signature = sign("token-a", &url, &DELIVERED);
        let response = post(&edge, STATUS, &DELIVERED, Some(&signature)).await;
        assert_eq!(response.status(), 204);
    }
    let told = edge.notification.told();
    assert_eq!(told.len(), 2);
    let (org, caller, news) = &told[0];
    assert_eq!((*org, &**caller), (acme, "webhook:twilio"));
    assert_eq!((&*news.message_id, &*news.sid), ("msg_1", DELIVERED[1].1));
    assert_eq!((&*news.status, news.error_code), ("undelivered", 30003));
}

#[tokio::test]
async fn what_is_not_signed_with_the_clinics_secret_is_refused() {
    let edge = Edge::start().await;
    let (acme, globex) = (OrgId::new(), OrgId::new());
    let theirs = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    edge.identity.knows(SID, acme, "token-a");
    edge.identity.knows(theirs, globex, "token-g");
    edge.notification.sent(acme, "msg_1");
    let url = format!("{ORIGIN}{STATUS}");
    let good = sign("token-a", &url, &DELIVERED);
    let others = sign("token-g", &url, &DELIVERED);
    let elsewhere = sign(
        "token-a",
        &format!("{ORIGIN}/api/webhooks/sms-status?mid=msg_2"),
        &DELIVERED,
    );
    let mut changed = DELIVERED;
    changed[2].1 = "delivered";
    let unknown = [("AccountSid", "ACcccccccccccccccccccccccccccccccc")];
    let unknown_signed = sign("token-a", &url, &unknown);
    for (form, signature) in [
        (&DELIVERED[..], None),
        (&DELIVERED, Some("")),
        (&DELIVERED, Some("nonsense")),
        (&DELIVERED, Some(&*others)),
        (&DELIVERED, Some(&*elsewhere)),
        (&changed, Some(&*good)),
        (&DELIVERED[1..], Some(&*good)),
        (&unknown, Some(&*unknown_signed)),
        (&[], Some(&*good)),
    ] {
        let refused = [STATUS, INBOUND].map(|path| post(&edge, path, form, signature));
        for response in join_all(refused).await {
            let refused = code(response).await;
            let expected = (403, "SIGNATURE_INVALID".to_owned());
            assert_eq!(refused, expected, "{signature:?}");
        }
    }
    assert!(edge.notification.told().is_empty());
}

#[tokio::test]
async fn a_secret_that_was_just_rotated_counts_at_once() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    edge.identity.knows(SID, acme, "before");
    edge.notification.sent(acme, "msg_1");
    let url = format!("{ORIGIN}{STATUS}");
    let deliver = async |token: &str| {
        let signature = sign(token, &url, &DELIVERED);
        post(&edge, STATUS, &DELIVERED, Some(&signature))
            .await
            .status()
    };
    assert_eq!(deliver("before").await, 204);
    edge.identity.rotates(SID, acme, "after");
    let all = join_all((0..20).map(|_| deliver("after"))).await;
    assert!(all.iter().all(|status| *status == 204), "{all:?}");
    assert!(edge.identity.asked() < 10, "they share a question");
    assert_eq!(deliver("before").await, 403);
    edge.identity.rotates(SID, acme, "last");
    assert_eq!(deliver("last").await, 204);
}

#[tokio::test]
async fn an_account_that_was_just_stored_counts_at_once() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    edge.notification.sent(acme, "msg_1");
    let signature = sign("token-a", &format!("{ORIGIN}{STATUS}"), &DELIVERED);
    let refused = post(&edge, STATUS, &DELIVERED, Some(&signature)).await;
    assert_eq!(refused.status(), 403);
    edge.identity.knows(SID, acme, "token-a");
    let response = post(&edge, STATUS, &DELIVERED, Some(&signature)).await;
    assert_eq!(response.status(), 204);
}

#[tokio::test]
async fn what_cannot_be_an_account_is_refused_before_anybody_is_asked() {
    let edge = Edge::start().await;
    let url = format!("{ORIGIN}{INBOUND}");
    for sid in [
        "ACgggggggggggggggggggggggggggggggg",
        "XXaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "AC",
        "",
    ] {
        edge.identity.knows(sid, OrgId::new(), "token-a");
        let form = [("AccountSid", sid)];
        let signature = sign("token-a", &url, &form);
        let refused = code(post(&edge, INBOUND, &form, Some(&signature)).await).await;
        assert_eq!(refused, (403, "SIGNATURE_INVALID".to_owned()), "{sid}");
    }
}

#[tokio::test]
async fn clinics_that_share_an_account_are_told_apart_by_the_message() {
    let edge = Edge::start().await;
    let (acme, globex) = (OrgId::new(), OrgId::new());
    edge.identity.knows(SID, acme, "shared");
    edge.identity.knows(SID, OrgId::new(), "another");
    edge.identity.knows(SID, globex, "shared");
    edge.notification.sent(globex, "msg_1");
    let url = format!("{ORIGIN}{STATUS}");
    let signature = sign("shared", &url, &DELIVERED);
    let response = post(&edge, STATUS, &DELIVERED, Some(&signature)).await;
    assert_eq!(response.status(), 204);
    assert_eq!(edge.notification.told()[0].0, globex);
}

#[tokio::test]
async fn a_message_of_nobody_is_not_found() {
    let edge = Edge::start().await;
    edge.identity.knows(SID, OrgId::new(), "token-a");
    let signature = sign("token-a", &format!("{ORIGIN}{STATUS}"), &DELIVERED);
    let refused = code(post(&edge, STATUS, &DELIVERED, Some(&signature)).await).await;
    assert_eq!(refused, (404, "MESSAGE_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn with_a_service_away_twilio_is_asked_to_come_again() {
    let signature = sign("token-a", &format!("{ORIGIN}{STATUS}"), &DELIVERED);
    for away in ["notification", "identity"] {
        let edge = Edge::without(&[away]).await;
        edge.identity.knows(SID, OrgId::new(), "token-a");
        let refused = code(post(&edge, STATUS, &DELIVERED, Some(&signature)).await).await;
        assert_eq!(refused, (503, "UNAVAILABLE".to_owned()), "{away}");
    }
}

#[tokio::test]
async fn a_patients_text_is_acknowledged_without_a_reply() {
    let edge = Edge::start().await;
    edge.identity.knows(SID, OrgId::new(), "token-a");
    let form = [
        ("AccountSid", SID),
        ("Body", " Hola, señor 👍 "),
        ("From", "+15558675310"),
        ("FromCity", ""),
    ];
    let signature = sign("token-a", &format!("{ORIGIN}{INBOUND}"), &form);
    let response = post(&edge, INBOUND, &form, Some(&signature)).await;
    assert_eq!(response.status(), 200);
    let kind = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(kind.starts_with("text/xml"));
    assert!(response.text().await.unwrap().ends_with("<Response/>"));
}

#[tokio::test]
async fn an_account_that_calls_too_often_waits_and_no_other_does() {
    let limits = Settings {
        callbacks: "1/h burst 3".parse().expect("a rate"),
        ..Settings::default()
    };
    let edge = Edge::limited(limits).await;
    let theirs = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    edge.identity.knows(SID, OrgId::new(), "token-a");
    edge.identity.knows(theirs, OrgId::new(), "token-g");
    let arrives = async |sid: &str, token: &str| {
        let form = [("AccountSid", sid), ("Body", "Hello")];
        let signature = sign(token, &format!("{ORIGIN}{INBOUND}"), &form);
        post(&edge, INBOUND, &form, Some(&signature)).await
    };
    // What proves nothing takes nothing from the account that it names.
    let forged = join_all((0..5).map(|_| arrives(SID, "token-g"))).await;
    assert!(forged.iter().all(|response| response.status() == 403));
    for _ in 0..3 {
        assert_eq!(arrives(SID, "token-a").await.status(), 200);
    }
    let refused = arrives(SID, "token-a").await;
    let wait = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse::<u64>();
    assert!((1..=3600).contains(&wait.unwrap()));
    assert_eq!(code(refused).await, (429, "RATE_LIMITED".to_owned()));
    assert_eq!(arrives(theirs, "token-g").await.status(), 200);
}

#[tokio::test]
async fn a_form_has_a_size() {
    let edge = Edge::start().await;
    let body = "x".repeat(64 * 1024);
    let refused = code(post(&edge, INBOUND, &[("Body", &body)], Some("x")).await).await;
    assert_eq!(refused, (413, "BODY_TOO_LARGE".to_owned()));
}
