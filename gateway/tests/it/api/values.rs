//! Values that no form of ours sends, and what becomes of them.

use axum::http::Method;
use serde_json::json;

use super::fixture::{Api, Behind, Person, Reply, reply};

async fn login(api: &Api, body: impl Into<reqwest::Body>) -> Reply {
    let request = api.request(Method::POST, "/api/auth/login");
    reply(
        request
            .header("content-type", "application/json")
            .body(body),
    )
    .await
}

#[tokio::test]
async fn json_that_readers_would_read_differently_is_refused() {
    let api = Behind::default().start().await;
    for body in [
        r#"{"email":"a@b.test","password":"x","password":"y"}"#.to_owned(),
        r#"{"email":"a@b.test","password":"x","pass\u0077ord":"y"}"#.to_owned(),
        "[".repeat(100_000),
        format!(r#"{{"email":{}1{}}}"#, "[".repeat(1000), "]".repeat(1000)),
        r#"{"a":"#.repeat(20_000),
        r#"{"email":"\ud800","password":"x"}"#.to_owned(),
        r#"{"email":1e400,"password":"x"}"#.to_owned(),
        "\u{feff}{}".to_owned(),
        r#"{"email":NaN}"#.to_owned(),
        "{}{}".to_owned(),
        "{'email':1}".to_owned(),
        "{\"email\":\"a\u{0}b\"}".to_owned(),
    ] {
        let start: String = body.chars().take(40).collect();
        let got = login(&api, body).await;
        assert_eq!(got.problem(), (400, "MALFORMED_JSON".to_owned()), "{start}");
    }
    let broken = b"{\"email\":\"\xff\xfe\"}".to_vec();
    let got = login(&api, broken).await;
    assert_eq!(got.problem(), (400, "MALFORMED_JSON".to_owned()));
}

#[tokio::test]
async fn a_nul_reaches_no_database() {
    let api = Behind::default().start().await;
    let got = login(&api, r#"{"email":"a\u0000@b.test","password":"x\u0000"}"#).await;
    assert_eq!(got.problem(), (400, "INVALID".to_owned()));
    let fields: Vec<_> = got.errors().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["email", "password"]);
    let person = Person::new("staff");
    for path in [
        "/bookings?cursor=a%00b",
        "/bookings?callId=%00",
        "/patients?cursor=%00",
        "/patients?q=%00",
        "/tasks?owner=%00",
    ] {
        let got = reply(api.call(&person, Method::GET, &person.path(path))).await;
        assert_eq!(got.problem(), (400, "INVALID".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn only_json_in_utf_8_is_read() {
    let api = Behind::default().start().await;
    let form = r#"{"email":"a@b.test"}"#;
    for (kind, is_read) in [
        ("application/json", true),
        ("application/json; charset=utf-8", true),
        ("application/json;charset=\"UTF-8\"", true),
        ("APPLICATION/JSON", true),
        ("application/json; charset=utf-7", false),
        ("application/json; charset=utf-16", false),
        ("application/json; charset=", false),
        ("text/plain", false),
        ("text/json", false),
        ("application/x-www-form-urlencoded", false),
        ("multipart/form-data; boundary=a", false),
        ("application/jsonp", false),
        ("application/json, text/plain", false),
        ("", false),
    ] {
        let request = api.request(Method::POST, "/api/auth/login").body(form);
        let got = reply(request.header("content-type", kind)).await;
        let expected = if is_read { 400 } else { 415 };
        assert_eq!(got.problem().0, expected, "{kind}: {got:?}");
    }
    let got = reply(api.request(Method::POST, "/api/auth/login").body(form)).await;
    assert_eq!(got.problem(), (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()));
}

#[tokio::test]
async fn nobody_writes_fields_that_are_not_theirs() {
    let api = Behind::default().start().await;
    let person = Person::new("owner");
    let theirs = [
        "id",
        "org_id",
        "orgId",
        "status",
        "role",
        "created_by",
        "paid",
        "version",
    ];
    for (method, path) in [
        (Method::POST, "/bookings"),
        (Method::POST, "/patients"),
        (Method::POST, "/tasks"),
        (Method::POST, "/services"),
        (Method::POST, "/messages"),
        (Method::PUT, "/credentials/twilio"),
    ] {
        let form: serde_json::Map<_, _> = theirs
            .iter()
            .map(|name| ((*name).to_owned(), json!("x")))
            .collect();
        let request = api.call(&person, method, &person.path(path));
        let got = reply(request.json(&form)).await;
        assert_eq!(got.problem(), (400, "INVALID".to_owned()), "{path}");
        let errors = got.errors();
        for name in theirs {
            let unknown = (name.to_owned(), "UNKNOWN_FIELD".to_owned());
            assert!(errors.contains(&unknown), "{path} {name}: {errors:?}");
        }
    }
}

/// I9: where an account is asked is configuration of the fleet, so there is no field for it, and our
/// own network cannot be reached through one.
#[tokio::test]
async fn nobody_says_where_an_account_is_asked() {
    let api = Behind::default().start().await;
    let person = Person::new("owner");
    for place in [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:9000",
        "http://[::ffff:127.0.0.1]/",
        "https://rebind.example",
    ] {
        for name in ["url", "baseUrl", "host", "apiBase", "twilioBaseUrl"] {
            let form = json!({
                "accountSid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "authToken": "0123456789abcdef0123456789abcdef",
                "from": "+14155550123",
                name: place,
            });
            let request = api.call(&person, Method::PUT, &person.path("/credentials/twilio"));
            let got = reply(request.json(&form)).await;
            assert_eq!(got.problem(), (400, "INVALID".to_owned()), "{name}");
            assert_eq!(
                got.errors(),
                [(name.to_owned(), "UNKNOWN_FIELD".to_owned())]
            );
        }
    }
}

#[tokio::test]
async fn a_page_has_a_size() {
    let api = Behind::default().start().await;
    let person = Person::new("staff");
    for limit in [
        "-1",
        "0",
        "201",
        "1e9",
        "1000000000",
        "99999999999999999999",
        "ten",
        "1.5",
        "",
    ] {
        for list in [
            "/bookings",
            "/patients",
            "/tasks",
            "/messages",
            "/calls",
            "/providers",
        ] {
            let path = person.path(&format!("{list}?limit={limit}"));
            let got = reply(api.call(&person, Method::GET, &path)).await;
            assert_eq!(got.problem(), (400, "INVALID".to_owned()), "{list} {limit}");
        }
    }
}

#[tokio::test]
async fn a_moment_is_told_exactly() {
    let api = Behind::default().start().await;
    let person = Person::new("staff");
    for (moment, is_moment) in [
        ("2026-12-01T09:00:00Z", true),
        ("2026-12-01T09:00:00%2B14:00", true),
        ("2026-12-01T09:00:00.123456789Z", true),
        ("9999-12-30T00:00:00Z", true),
        ("2026-12-01T24:00:00Z", false),
        ("2026-12-01T09:00:00", false),
        ("2026-12-01", false),
        ("2026-02-30T09:00:00Z", false),
        ("10000-01-01T00:00:00Z", false),
        ("2026-12-01T09:00:00%2B99:00", false),
        ("1764579600000", false),
        ("1764579600", false),
        ("now", false),
        ("infinity", false),
        ("-infinity", false),
        ("", false),
    ] {
        let path = person.path(&format!("/bookings?from={moment}"));
        let got = reply(api.call(&person, Method::GET, &path)).await;
        // Behind a moment that is one nobody is there to ask.
        let expected = if is_moment { 503 } else { 400 };
        assert_eq!(got.problem().0, expected, "{moment}: {got:?}");
    }
}
