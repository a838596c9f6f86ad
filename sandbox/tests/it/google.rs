//! A Google that refuses what Google refuses.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::stage::{Stage, answer};

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";
const CALLBACK: &str = "http://127.0.0.1:9/api/google/oauth/callback";
const OWNED: &str = "https://www.googleapis.com/auth/calendar.events.owned";
const FREE_BUSY: &str = "https://www.googleapis.com/auth/calendar.freebusy";
const ADA: &str = "ada@sandbox.example";
const ID: &str = "0190f3a2c0de7000800000000000abcd";

/// An application at Google.
struct App<'a>(&'a Stage);

impl App<'_> {
    fn question(&self, more: &[(&str, &str)]) -> Url {
        let hash = digest::digest(&digest::SHA256, VERIFIER.as_bytes());
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(hash);
        let scopes = format!("{OWNED} {FREE_BUSY}");
        let mut pairs = BTreeMap::from([
            ("client_id", "sandbox-google-client"),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", &scopes),
            ("state", "the-state"),
            ("access_type", "offline"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        pairs.extend(more.iter().copied());
        let base = format!("{}/o/oauth2/v2/auth", self.0.url);
        Url::parse_with_params(&base, pairs).unwrap()
    }

    async fn code(&self, more: Value) -> String {
        let mut consent = json!({"url": self.question(&[]), "account": ADA});
        for (name, value) in more.as_object().into_iter().flatten() {
            consent[name] = value.clone();
        }
        let path = "/google/consent";
        let (status, answer) = self.0.control(Method::POST, path, consent).await;
        assert_eq!(status, 200, "{answer}");
        let back: Url = answer["location"].as_str().unwrap().parse().unwrap();
        let pairs: BTreeMap<_, _> = back.query_pairs().into_owned().collect();
        assert_eq!(pairs["state"], "the-state");
        pairs["code"].clone()
    }

    async fn token(&self, more: &[(&str, &str)]) -> (u16, Value) {
        let mut form = BTreeMap::from([
            ("client_id", "sandbox-google-client"),
            ("client_secret", "sandbox-google-secret"),
            ("grant_type", "authorization_code"),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ]);
        form.extend(more.iter().copied());
        answer(
            self.0
                .http
                .post(format!("{}/token", self.0.url))
                .form(&form),
        )
        .await
    }

    async fn access(&self) -> String {
        let code = self.code(Value::Null).await;
        let (status, told) = self.token(&[("code", &code)]).await;
        assert_eq!(status, 200, "{told}");
        told["access_token"].as_str().unwrap().to_owned()
    }

    async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/calendar/v3{path}", self.0.url);
        let request = self.0.http.request(method, url).bearer_auth(token);
        answer(if body.is_null() {
            request
        } else {
            request.json(&body)
        })
        .await
    }
}

fn event(more: &Value) -> Value {
    let mut event = json!({
        "id": ID,
        "summary": "Appointment",
        "start": {"dateTime": "2026-12-02T10:00:00Z"},
        "end": {"dateTime": "2026-12-02T10:30:00Z"},
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        event[name] = value.clone();
    }
    event
}

fn reason(answer: &Value) -> &str {
    answer["error"]["errors"][0]["reason"]
        .as_str()
        .unwrap_or_default()
}

const EVENTS: &str = "/calendars/primary/events";

#[tokio::test]
async fn the_page_refuses_what_is_not_registered() {
    let stage = Stage::start().await;
    let app = App(&stage);
    for more in [
        ("client_id", "another"),
        ("redirect_uri", "not a URL"),
        ("response_type", "token"),
        ("scope", "https://www.googleapis.com/auth/everything"),
        ("code_challenge_method", "S512"),
    ] {
        let (status, page) = answer(stage.http.get(app.question(&[more]))).await;
        assert_eq!(status, 400, "{more:?}: {page}");
    }
    let (status, page) = answer(stage.http.get(app.question(&[]))).await;
    assert_eq!(status, 200);
    assert!(
        page.as_str().unwrap().contains("name=\"decision\""),
        "{page}"
    );
}

#[tokio::test]
async fn a_code_is_good_once_and_with_its_verifier() {
    let stage = Stage::start().await;
    let app = App(&stage);
    for (more, error) in [
        (
            (
                "code_verifier",
                "another-verifier-of-forty-three-characters.",
            ),
            "invalid_grant",
        ),
        (
            ("redirect_uri", "http://127.0.0.1:9/elsewhere"),
            "redirect_uri_mismatch",
        ),
    ] {
        let code = app.code(Value::Null).await;
        let (status, told) = app.token(&[("code", &code), more]).await;
        assert_eq!(
            (status, told["error"].as_str()),
            (400, Some(error)),
            "{more:?}"
        );
        let (status, told) = app.token(&[("code", &code)]).await;
        assert_eq!(
            (status, told["error"].as_str()),
            (400, Some("invalid_grant"))
        );
    }
    let code = app.code(Value::Null).await;
    let (status, told) = app
        .token(&[("code", &code), ("client_secret", "wrong")])
        .await;
    assert_eq!(
        (status, told["error"].as_str()),
        (401, Some("invalid_client"))
    );
    let (status, told) = app.token(&[("code", &code), ("colour", "red")]).await;
    assert_eq!(
        (status, told["error"].as_str()),
        (400, Some("invalid_request"))
    );
    let (status, told) = app.token(&[("code", &code)]).await;
    assert_eq!(status, 200, "{told}");
    let refresh = told["refresh_token"].as_str().unwrap();
    let again = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let (status, told) = app.token(&again).await;
    assert_eq!(status, 200, "{told}");
    assert!(told["refresh_token"].is_null(), "the old one stays good");
    let revoke = stage.http.post(format!("{}/revoke", stage.url));
    assert_eq!(answer(revoke.form(&[("token", refresh)])).await.0, 200);
    let (status, told) = app.token(&again).await;
    assert_eq!(
        (status, told["error"].as_str()),
        (400, Some("invalid_grant"))
    );
}

#[tokio::test]
async fn an_events_id_is_used_once_and_an_old_etag_is_refused() {
    let stage = Stage::start().await;
    let app = App(&stage);
    let token = app.access().await;
    for (more, refused) in [
        (json!({"colour": "red"}), "invalid"),
        (json!({"id": "UPPER"}), "invalid"),
        (json!({"end": null}), "required"),
        (
            json!({"end": {"dateTime": "2026-12-02T09:00:00Z"}}),
            "timeRangeEmpty",
        ),
    ] {
        let (status, told) = app.call(&token, Method::POST, EVENTS, event(&more)).await;
        assert_eq!((status, reason(&told)), (400, refused), "{more}: {told}");
    }
    let (status, made) = app
        .call(&token, Method::POST, EVENTS, event(&Value::Null))
        .await;
    assert_eq!(status, 200, "{made}");
    let (status, told) = app
        .call(&token, Method::POST, EVENTS, event(&Value::Null))
        .await;
    assert_eq!((status, reason(&told)), (409, "duplicate"));
    let one = format!("{EVENTS}/{ID}");
    let url = format!("{}/calendar/v3{one}", stage.url);
    let patch = |etag: &str| {
        let request = stage.http.patch(&url).bearer_auth(&token);
        request
            .header("if-match", etag)
            .json(&json!({"summary": "Moved"}))
    };
    let etag = made["etag"].as_str().unwrap();
    assert_eq!(answer(patch(etag)).await.0, 200);
    let (status, told) = answer(patch(etag)).await;
    assert_eq!((status, reason(&told)), (412, "conditionNotMet"));
    assert_eq!(
        app.call(&token, Method::DELETE, &one, Value::Null).await.0,
        204
    );
    let (status, told) = app.call(&token, Method::DELETE, &one, Value::Null).await;
    assert_eq!((status, reason(&told)), (410, "deleted"));
    let (status, told) = app
        .call(&token, Method::POST, EVENTS, event(&Value::Null))
        .await;
    assert_eq!(
        (status, reason(&told)),
        (409, "duplicate"),
        "also of what is deleted"
    );
    let (status, found) = app.call(&token, Method::GET, &one, Value::Null).await;
    assert_eq!((status, found["status"].as_str()), (200, Some("cancelled")));
    let back = json!({"status": "confirmed"});
    let (status, found) = app.call(&token, Method::PATCH, &one, back).await;
    assert_eq!((status, found["status"].as_str()), (200, Some("confirmed")));
}

#[tokio::test]
async fn changes_are_listed_page_by_page_until_the_token_is_too_old() {
    let stage = Stage::start().await;
    let app = App(&stage);
    let token = app.access().await;
    for number in 0..3 {
        let one = event(&json!({"id": format!("event{number}")}));
        assert_eq!(app.call(&token, Method::POST, EVENTS, one).await.0, 200);
    }
    let list = async |query: &str| {
        let path = format!("{EVENTS}?{query}");
        app.call(&token, Method::GET, &path, Value::Null).await
    };
    let ids = |page: &Value| {
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|one| one["id"].clone())
            .collect::<Vec<_>>()
    };
    let (_, first) = list("maxResults=2&fields=items(id,start),nextPageToken").await;
    assert_eq!(ids(&first), ["event0", "event1"]);
    assert!(
        first["items"][0]["summary"].is_null(),
        "only what was asked for"
    );
    let next = first["nextPageToken"].as_str().unwrap();
    let (_, last) = list(&format!("maxResults=2&pageToken={next}")).await;
    assert_eq!(ids(&last), ["event2"]);
    let sync = last["nextSyncToken"].as_str().unwrap().to_owned();
    app.call(
        &token,
        Method::DELETE,
        &format!("{EVENTS}/event1"),
        Value::Null,
    )
    .await;
    let (_, changes) = list(&format!("syncToken={sync}")).await;
    assert_eq!(ids(&changes), ["event1"]);
    assert_eq!(changes["items"][0]["status"], "cancelled");
    let (status, told) = list(&format!("syncToken={sync}&timeMin=2026-12-01T00:00:00Z")).await;
    assert_eq!(status, 400, "{told}");
    let over = json!({"account": ADA, "what": "sync_tokens"});
    stage.control(Method::POST, "/google/forget", over).await;
    let (status, told) = list(&format!("syncToken={sync}")).await;
    assert_eq!((status, reason(&told)), (410, "fullSyncRequired"));
}

#[tokio::test]
async fn a_token_opens_what_was_allowed_and_no_more() {
    let stage = Stage::start().await;
    let app = App(&stage);
    let code = app.code(json!({"scopes": [FREE_BUSY]})).await;
    let (_, told) = app.token(&[("code", &code)]).await;
    let token = told["access_token"].as_str().unwrap();
    let (status, told) = app
        .call(token, Method::POST, EVENTS, event(&Value::Null))
        .await;
    assert_eq!((status, reason(&told)), (403, "insufficientPermissions"));
    let owner = format!("/google/events?account={ADA}");
    let (status, _) = stage
        .control(Method::POST, &owner, event(&Value::Null))
        .await;
    assert_eq!(status, 201);
    let asked = json!({
        "timeMin": "2026-12-02T00:00:00Z",
        "timeMax": "2026-12-02T10:15:00Z",
        "items": [{"id": "primary"}, {"id": "another@sandbox.example"}],
    });
    let (status, told) = app.call(token, Method::POST, "/freeBusy", asked).await;
    assert_eq!(status, 200, "{told}");
    let busy = json!([{"start": "2026-12-02T10:00:00Z", "end": "2026-12-02T10:15:00Z"}]);
    assert_eq!(told["calendars"]["primary"]["busy"], busy);
    let unknown = &told["calendars"]["another@sandbox.example"]["errors"][0]["reason"];
    assert_eq!(unknown, "notFound");
    let (status, _) = app
        .call("ya29.nobodys", Method::GET, EVENTS, Value::Null)
        .await;
    assert_eq!(status, 401);
}
