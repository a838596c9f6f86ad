//! Who may open a socket; everything is decided before the upgrade.

use serde_json::Value;
use tokio_tungstenite::tungstenite::{Error, http::header};
use voxanne_gateway::limits::Settings;
use voxanne_ids::OrgId;
use voxanne_tenant::Permission;

use crate::{
    edge::{Edge, ORIGIN, Person},
    socket::Socket,
};

/// Status and code of a refusal.
async fn refused(edge: &Edge, protocols: Option<&str>, origin: Option<&str>) -> (u16, String) {
    match Socket::request(edge, protocols, origin).await {
        Err(Error::Http(response)) => {
            let kind = response.headers().get(header::CONTENT_TYPE).cloned();
            assert_eq!(kind.expect("a type"), "application/problem+json");
            let body = response.body().as_deref().unwrap_or_default();
            let problem: Value = serde_json::from_slice(body).expect("JSON");
            let code = problem["code"].as_str().expect("a code").to_owned();
            (response.status().as_u16(), code)
        }
        Err(other) => panic!("{other}"),
        Ok(_) => (101, String::new()),
    }
}

#[tokio::test]
async fn only_a_good_token_from_an_allowed_page_opens_a_socket() {
    let edge = Edge::start().await;
    let person = Person::of(OrgId::new());
    let good = format!("voxanne.v1, bearer.{}", person.token(600));
    let bare = format!("bearer.{}", person.token(600));
    let expired = format!("voxanne.v1, bearer.{}", person.token(-30));
    for (protocols, origin, status, code) in [
        (Some(&*good), None, 101, ""),
        (Some(&*good), Some(ORIGIN), 101, ""),
        (
            Some(&*good),
            Some("https://evil.example"),
            403,
            "ORIGIN_FORBIDDEN",
        ),
        (Some(&*good), Some("null"), 403, "ORIGIN_FORBIDDEN"),
        (Some("voxanne.v1, bearer.a.b.c"), None, 401, "TOKEN_INVALID"),
        (Some("voxanne.v1, bearer."), None, 401, "TOKEN_INVALID"),
        (Some(&*expired), None, 401, "TOKEN_EXPIRED"),
        (Some("voxanne.v1"), None, 401, "TOKEN_MISSING"),
        (None, None, 401, "TOKEN_MISSING"),
        (Some(&*bare), None, 400, "SUBPROTOCOL_MISSING"),
    ] {
        let answer = refused(&edge, protocols, origin).await;
        assert_eq!(
            answer,
            (status, code.to_owned()),
            "{protocols:?} {origin:?}"
        );
    }
}

#[tokio::test]
async fn a_member_has_twenty_sockets() {
    let edge = Edge::start().await;
    let person = Person::of(OrgId::new());
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(Socket::open(&edge, person).await);
    }
    let protocols = format!("voxanne.v1, bearer.{}", person.token(600));
    let (status, code) = refused(&edge, Some(&protocols), None).await;
    assert_eq!((status, &*code), (429, "TOO_MANY_SOCKETS"));
    drop(sockets.pop());
    voxanne_testkit::eventually("a closed socket makes room", || async {
        refused(&edge, Some(&protocols), None).await.0 == 101
    })
    .await;
}

#[tokio::test]
async fn without_the_event_log_no_socket_opens() {
    let edge = Edge::without(&["realtime"]).await;
    let protocols = format!("voxanne.v1, bearer.{}", Person::of(OrgId::new()).token(600));
    let (status, code) = refused(&edge, Some(&protocols), None).await;
    assert_eq!((status, &*code), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn a_plain_request_is_told_what_is_spoken_here() {
    let edge = Edge::start().await;
    let token = Person::of(OrgId::new()).token(600);
    let protocols = format!("voxanne.v1, bearer.{token}");
    let http = reqwest::Client::builder().build().unwrap();
    let request = http.get(edge.url("/frontend/stream"));
    let request = request.header("Sec-WebSocket-Protocol", protocols);
    let response = request.send().await.unwrap();
    assert!([400, 426].contains(&response.status().as_u16()));
    let kind = response.headers()["content-type"].to_str().unwrap();
    assert_eq!(kind, "application/problem+json");
}

#[tokio::test]
async fn a_key_listens_within_its_scopes() {
    let edge = Edge::start().await;
    let keys = &edge.identity.api_keys;
    let all = Permission::ALL.iter().copied();
    let others: Vec<_> = all.filter(|one| *one != Permission::EventsRead).collect();
    for (scopes, answer) in [
        (&[Permission::EventsRead][..], (101, "")),
        (&others, (403, "SCOPE_INSUFFICIENT")),
        (&[], (403, "SCOPE_INSUFFICIENT")),
    ] {
        let (_, key) = keys.make(OrgId::new(), scopes);
        let (status, code) = refused(&edge, Some(&format!("voxanne.v1, bearer.{key}")), None).await;
        assert_eq!((status, &*code), answer, "{scopes:?}");
    }
    let (_, key) = keys.make(OrgId::new(), &[Permission::EventsRead]);
    for (reason, text) in [
        ("API_KEY_REVOKED", key.clone()),
        ("TOKEN_EXPIRED", key.clone()),
        // One letter is wrong.
        (
            "TOKEN_INVALID",
            format!(
                "{}{}",
                &key[..key.len() - 1],
                if key.ends_with('a') { 'b' } else { 'a' }
            ),
        ),
    ] {
        if text == key {
            keys.refuse(&key, reason);
        }
        let (status, code) =
            refused(&edge, Some(&format!("voxanne.v1, bearer.{text}")), None).await;
        assert_eq!((status, &*code), (401, reason));
    }
}

#[tokio::test]
async fn sockets_are_not_opened_without_end() {
    let limits = Settings {
        sockets: "1/h burst 3".parse().expect("a rate"),
        ..Settings::default()
    };
    let edge = Edge::limited(limits).await;
    let person = Person::of(OrgId::new());
    let open = async |person: Person| {
        let protocols = format!("voxanne.v1, bearer.{}", person.token(600));
        refused(&edge, Some(&protocols), None).await
    };
    for _ in 0..3 {
        assert_eq!(open(person).await.0, 101);
    }
    // A new session is no fresh start, and a colleague is another.
    let again = Person {
        session: Person::of(person.org).session,
        ..person
    };
    for again in [person, again] {
        assert_eq!(open(again).await, (429, "RATE_LIMITED".to_owned()));
    }
    assert_eq!(open(Person::of(person.org)).await.0, 101);
}
