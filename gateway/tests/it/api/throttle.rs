//! Guessing comes to an end, and never at the expense of whom it is about.

mod beside;
mod device;

use axum::http::Method;
use serde_json::json;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::{LoginRequest, LoginResponse, Org, Tokens, User};
use voxanne_testkit::redis_url;

use super::fixture::{Api, Behind, Person, Reply, reply};
use crate::fake::{Rpcs, nowhere};

const LOGIN: &str = "/voxanne.identity.v1.IdentityService/Login";

/// Everybody whose password is `right` gets in, and who says `busy` finds identity overloaded.
async fn answer(form: LoginRequest) -> Result<LoginResponse, tonic::Status> {
    if form.password == "busy" {
        return Err(Problem::unavailable("too much to do").into());
    }
    if form.password != "right" {
        let problem = Problem::new(Kind::Unauthenticated, "INVALID_CREDENTIALS", "wrong");
        return Err(problem.into());
    }
    let person = Person::new("owner");
    Ok(LoginResponse {
        tokens: Some(Tokens {
            access_token: person.token(),
            expires_in_seconds: 900,
            refresh_token: "refresh".to_owned(),
            refresh_expires_at: None,
        }),
        user: Some(User {
            id: person.user.to_string(),
            email: form.email,
            email_verified: true,
            second_factor: false,
        }),
        org: Some(Org {
            id: person.org.to_string(),
            name: "Acme".to_owned(),
            time_zone: "UTC".to_owned(),
        }),
        role: "owner".to_owned(),
        memberships: Vec::new(),
    })
}

fn behind(identity: Rpcs) -> Behind {
    let identity = identity.unary(LOGIN, |request: tonic::Request<LoginRequest>| {
        answer(request.into_inner())
    });
    let mut limits = Behind::default().limits;
    // The tests stand for clients of everywhere.
    limits.proxies = "127.0.0.0/8".parse().expect("a network");
    Behind {
        identity,
        limits,
        ..Behind::default()
    }
}

async fn start() -> Api {
    Behind {
        redis: Some(redis_url()),
        ..behind(Behind::default().identity)
    }
    .start()
    .await
}

fn fresh(name: &str) -> String {
    format!("{name}-{}@clinic.test", uuid::Uuid::new_v4().simple())
}

struct Guess<'a> {
    email: &'a str,
    password: &'a str,
    from: String,
    cookie: &'a str,
}

impl Guess<'_> {
    async fn send(&self, api: &Api) -> Reply {
        let form = json!({ "email": self.email, "password": self.password });
        let request = api.request(Method::POST, "/api/auth/login").json(&form);
        let request = request.header("x-forwarded-for", &self.from);
        reply(request.header("cookie", self.cookie)).await
    }
}

/// An address that no other test stands at.
fn address() -> String {
    let bytes = *uuid::Uuid::new_v4().as_bytes();
    format!(
        "2001:{:x}{:02x}:{:x}:{:x}::1",
        bytes[0], bytes[1], bytes[2], bytes[3]
    )
}

fn throttled(got: &Reply) -> bool {
    if got.status != 429 {
        return false;
    }
    assert_eq!(got.problem(), (429, "LOGIN_THROTTLED".to_owned()));
    let wait: u64 = got.header("retry-after").parse().expect("seconds");
    assert!((1..=3600).contains(&wait), "{got:?}");
    true
}

async fn until_throttled(
    api: &Api,
    most: usize,
    guess: impl Fn(usize) -> (String, String),
) -> usize {
    for number in 0..most {
        let (email, from) = guess(number);
        let guess = Guess {
            email: &email,
            password: "wrong",
            from,
            cookie: "",
        };
        let got = guess.send(api).await;
        if throttled(&got) {
            return number;
        }
        assert_eq!(got.problem(), (401, "INVALID_CREDENTIALS".to_owned()));
    }
    most
}

#[tokio::test]
async fn one_account_is_guessed_at_ten_times_from_one_network() {
    let nobody = format!("redis://{}", nowhere()).into();
    for redis in [Some(redis_url()), Some(nobody), None] {
        let behind = Behind {
            redis,
            ..behind(Behind::default().identity)
        };
        let api = behind.start().await;
        let (email, from) = (fresh("zo\u{eb}"), address());
        let same = |_| (email.clone(), from.clone());
        assert_eq!(until_throttled(&api, 1000, same).await, 10);
        let right = Guess {
            email: &email.to_uppercase().replace('\u{cb}', "E\u{308}"),
            password: "right",
            from: from.clone(),
            cookie: "",
        };
        assert!(
            throttled(&right.send(&api).await),
            "also the right one, however it is written"
        );
        let neighbour = Guess {
            from: from.replace("::1", "::2"),
            ..right
        };
        assert!(
            throttled(&neighbour.send(&api).await),
            "a /64 is one network"
        );
        let elsewhere = Guess {
            from: address(),
            ..neighbour
        };
        assert_eq!(
            elsewhere.send(&api).await.status,
            200,
            "its owner is elsewhere"
        );
    }
}

#[tokio::test]
async fn one_account_is_guessed_at_fifty_times_from_everywhere() {
    let api = start().await;
    let email = fresh("spread");
    let spread = |_| (email.clone(), address());
    assert_eq!(until_throttled(&api, 1000, spread).await, 50);
}

#[tokio::test]
async fn one_address_guesses_a_hundred_times_at_whatever_accounts() {
    let api = start().await;
    let from = address();
    let spray = |_| (fresh("spray"), from.clone());
    assert_eq!(until_throttled(&api, 1000, spray).await, 100);
}

#[tokio::test]
async fn guesses_at_once_are_no_more_than_guesses_in_turn() {
    let api = start().await;
    let (email, from) = (fresh("race"), address());
    let guess = Guess {
        email: &email,
        password: "wrong",
        from,
        cookie: "",
    };
    let all = (0..60).map(|_| guess.send(&api));
    let answers = futures_util::future::join_all(all).await;
    let tried = answers.iter().filter(|got| got.status == 401).count();
    assert_eq!(tried, 10);
}

#[tokio::test]
async fn what_succeeds_or_fails_on_our_side_does_not_count() {
    let api = start().await;
    let (email, from) = (fresh("often"), address());
    for number in 0..40 {
        let guess = Guess {
            email: &email,
            password: if number % 2 == 0 { "right" } else { "busy" },
            from: from.clone(),
            cookie: "",
        };
        let expected = if number % 2 == 0 { 200 } else { 503 };
        assert_eq!(guess.send(&api).await.status, expected);
    }
}
