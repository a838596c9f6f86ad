//! Signing up, in and out.

mod planted;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::http::Method;
use serde_json::json;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::{
    booking::v1::{SetUpClinicRequest, SetUpClinicResponse},
    identity::v1::{
        GetSessionRequest, GetSessionResponse, LoginRequest, LoginResponse, LogoutRequest,
        LogoutResponse, Org, RefreshRequest, RefreshResponse, SignUpRequest, SignUpResponse,
        Tokens, User,
    },
};
use voxanne_tenant::{System, Tenant};

use super::fixture::{Behind, Person, reply};
use crate::fake::Rpcs;

const SERVICE: &str = "/voxanne.identity.v1.IdentityService";

/// What identity says to whoever begins a session or goes on with it.
fn signed_in(person: &Person) -> LoginResponse {
    let now = voxanne_clock::Clock::system().now().as_second();
    LoginResponse {
        tokens: Some(Tokens {
            access_token: person.token(),
            expires_in_seconds: 900,
            refresh_token: "refresh-1".to_owned(),
            refresh_expires_at: Some(prost_types::Timestamp {
                seconds: now + 3600,
                nanos: 0,
            }),
        }),
        user: Some(User {
            id: person.user.to_string(),
            email: "ada@acme.test".to_owned(),
            email_verified: true,
            second_factor: false,
        }),
        org: Some(Org {
            id: person.org.to_string(),
            name: "Acme".to_owned(),
            time_zone: "America/New_York".to_owned(),
        }),
        role: "owner".to_owned(),
        memberships: Vec::new(),
    }
}

fn sign_up(person: &Person) -> SignUpResponse {
    let LoginResponse {
        tokens,
        user,
        org,
        role,
        ..
    } = signed_in(person);
    SignUpResponse {
        tokens,
        user,
        org,
        role,
    }
}

fn login(person: &Person, form: &LoginRequest) -> Result<LoginResponse, Problem> {
    if form.password == "right" {
        return Ok(signed_in(person));
    }
    let detail = "address or password is wrong";
    Err(Problem::new(
        Kind::Unauthenticated,
        "INVALID_CREDENTIALS",
        detail,
    ))
}

fn refresh(person: &Person, form: &RefreshRequest) -> Result<RefreshResponse, Problem> {
    if form.refresh_token != "refresh-0" {
        let detail = "this session has ended";
        return Err(Problem::new(
            Kind::Unauthenticated,
            "SESSION_REVOKED",
            detail,
        ));
    }
    let LoginResponse {
        tokens,
        user,
        org,
        role,
        ..
    } = signed_in(person);
    Ok(RefreshResponse {
        tokens,
        user,
        org,
        role,
    })
}

/// Gives an identity the rpcs of sessions, all of them about `person`.
fn with_sessions(identity: Rpcs, person: Person) -> Rpcs {
    identity
        .unary(
            &format!("{SERVICE}/SignUp"),
            move |request: tonic::Request<SignUpRequest>| async move {
                System::of(&request)?;
                Ok(sign_up(&person))
            },
        )
        .unary(
            &format!("{SERVICE}/Login"),
            move |request: tonic::Request<LoginRequest>| async move {
                Ok(login(&person, request.get_ref())?)
            },
        )
        .unary(
            &format!("{SERVICE}/Refresh"),
            move |request: tonic::Request<RefreshRequest>| async move {
                Ok(refresh(&person, request.get_ref())?)
            },
        )
        .unary(
            &format!("{SERVICE}/Logout"),
            |request: tonic::Request<LogoutRequest>| async move {
                Tenant::of(&request)?;
                Ok(LogoutResponse {})
            },
        )
        .unary(
            &format!("{SERVICE}/GetSession"),
            move |_: tonic::Request<GetSessionRequest>| async move {
                let LoginResponse {
                    user, org, role, ..
                } = signed_in(&person);
                Ok(GetSessionResponse { user, org, role })
            },
        )
}

fn behind(person: Person) -> Behind {
    let plain = Behind::default();
    Behind {
        identity: with_sessions(plain.identity, person),
        ..plain
    }
}

#[tokio::test]
async fn signing_up_gives_a_session_and_a_clinic() {
    let person = Person::new("owner");
    let set_up = Arc::new(AtomicUsize::new(0));
    let counted = set_up.clone();
    let booking = Rpcs::default().unary(
        "/voxanne.booking.v1.ClinicService/SetUpClinic",
        move |request: tonic::Request<SetUpClinicRequest>| {
            let counted = counted.clone();
            async move {
                assert_eq!(Tenant::of(&request)?.org(), person.org);
                assert_eq!(request.get_ref().time_zone, "America/New_York");
                counted.fetch_add(1, Ordering::SeqCst);
                Ok(SetUpClinicResponse {})
            }
        },
    );
    let api = Behind {
        booking: Some(booking),
        ..behind(person)
    }
    .start()
    .await;
    let form = json!({
        "email": "ada@acme.test", "password": "correct horse", "clinicName": "Acme",
        "timeZone": "America/New_York",
    });
    let got = reply(api.request(Method::POST, "/api/auth/signup").json(&form)).await;
    assert_eq!(got.status, 201, "{got:?}");
    let body = got.json();
    assert_eq!(body["expiresIn"], 900);
    assert_eq!(body["org"]["id"], person.org.to_string());
    assert_eq!(body["org"]["timeZone"], "America/New_York");
    assert_eq!(body["user"]["email"], "ada@acme.test");
    assert!(
        !got.text.contains("refresh-1"),
        "the refresh token is in the cookie only"
    );
    assert_eq!(set_up.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn signing_up_works_while_booking_is_away() {
    let api = behind(Person::new("owner")).start().await;
    let form = json!({
        "email": "ada@acme.test", "password": "correct horse", "clinicName": "Acme",
        "timeZone": "America/New_York",
    });
    let got = reply(api.request(Method::POST, "/api/auth/signup").json(&form)).await;
    assert_eq!(got.status, 201, "{got:?}");
}

#[tokio::test]
async fn the_refresh_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    for (public_url, secure) in [("http://clinic.test", false), ("https://clinic.test", true)] {
        let api = Behind {
            public_url,
            ..behind(Person::new("owner"))
        }
        .start()
        .await;
        let form = json!({ "email": "ada@acme.test", "password": "right" });
        let got = reply(api.request(Method::POST, "/api/auth/login").json(&form)).await;
        assert_eq!(got.status, 200, "{got:?}");
        let cookie = got.header("set-cookie");
        let mut parts = cookie.split("; ");
        // Over https the name itself says that no plain page set it.
        let prefix = if secure { "__Secure-" } else { "" };
        let pair = format!("{prefix}voxanne_refresh=refresh-1");
        assert_eq!(parts.next(), Some(&*pair));
        let flags: Vec<_> = parts.collect();
        for flag in ["HttpOnly", "SameSite=Strict", "Path=/api/auth"] {
            assert!(flags.contains(&flag), "{cookie}");
        }
        assert_eq!(flags.contains(&"Secure"), secure, "{cookie}");
        let age = flags.iter().find_map(|flag| flag.strip_prefix("Max-Age="));
        let age: i64 = age.expect("an age").parse().expect("seconds");
        assert!((3500..=3600).contains(&age), "{cookie}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let api = behind(Person::new("owner")).start().await;
    let form = json!({ "email": "ada@acme.test", "password": "wrong" });
    let got = reply(api.request(Method::POST, "/api/auth/login").json(&form)).await;
    assert_eq!(got.problem(), (401, "INVALID_CREDENTIALS".to_owned()));
}

#[tokio::test]
async fn a_session_goes_on_with_its_cookie() {
    let api = behind(Person::new("owner")).start().await;
    let refresh = |cookie: &str| {
        api.request(Method::POST, "/api/auth/refresh")
            .header("cookie", cookie)
    };
    let got = reply(refresh("theme=dark; voxanne_refresh=refresh-0")).await;
    assert_eq!(got.status, 200, "{got:?}");
    assert!(
        got.header("set-cookie")
            .starts_with("voxanne_refresh=refresh-1;")
    );
    let got = reply(refresh("voxanne_refresh=used-before")).await;
    assert_eq!(got.problem(), (401, "SESSION_REVOKED".to_owned()));
    assert!(got.header("set-cookie").contains("Max-Age=0"), "{got:?}");
    let got = reply(refresh("theme=dark")).await;
    assert_eq!(got.problem(), (401, "REFRESH_TOKEN_MISSING".to_owned()));
    let foreign = refresh("voxanne_refresh=refresh-0").header("origin", "http://evil.test");
    let got = reply(foreign).await;
    assert_eq!(got.problem(), (403, "ORIGIN_FORBIDDEN".to_owned()));
}

#[tokio::test]
async fn a_session_that_was_left_is_over_at_once() {
    let person = Person::new("owner");
    let api = behind(person).start().await;
    let session = || reply(api.call(&person, Method::GET, "/api/auth/session"));
    let got = session().await;
    assert_eq!((got.status, &got.json()["role"]), (200, &json!("owner")));
    let got = reply(api.call(&person, Method::POST, "/api/auth/logout")).await;
    assert_eq!(got.status, 204, "{got:?}");
    assert!(got.header("set-cookie").contains("Max-Age=0"), "{got:?}");
    assert_eq!(got.header("clear-site-data"), r#""cache", "storage""#);
    assert_eq!(
        session().await.problem(),
        (401, "SESSION_REVOKED".to_owned())
    );
}

#[tokio::test]
async fn the_keys_are_published() {
    let api = behind(Person::new("owner")).start().await;
    let got = reply(api.request(Method::GET, "/.well-known/jwks.json")).await;
    assert_eq!(got.header("content-type"), "application/jwk-set+json");
    assert_eq!(got.json()["keys"][0]["kid"], "k1");
}
