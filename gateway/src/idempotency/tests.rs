//! What becomes of a mark when no answer can be kept.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, middleware::from_fn_with_state, routing::post};
use secrecy::ExposeSecret as _;
use tower::ServiceExt as _;
use voxanne_runtime::{Env, Process};
use voxanne_tenant::Tenant;
use voxanne_testkit::redis_url;

use super::*;
use crate::Config;

fn app() -> App {
    let redis = redis_url();
    let nowhere = "http://127.0.0.1:1";
    let env = Env::from_pairs([
        ("HTTP_ADDR", "127.0.0.1:0"),
        ("PUBLIC_URL", "http://clinic.test"),
        ("IDENTITY_URL", nowhere),
        ("BOOKING_URL", nowhere),
        ("NOTIFICATION_URL", nowhere),
        ("VOICE_TOOLING_URL", nowhere),
        ("REALTIME_URL", nowhere),
        (
            "INTERNAL_CONTEXT_KEYS",
            "test:dGVzdHMgc2hhcmUgdGhpcyBrZXkgb2YgMzIgYnl0ZXM=",
        ),
        ("REDIS_URL", redis.expose_secret()),
        ("JWT_ISSUER", "test"),
        ("JWT_AUDIENCE", "test"),
        ("OPERATOR_TOKEN", "test"),
        ("VAPI_WEBHOOK_SECRET", "test"),
    ]);
    App::new(Config::from_env(&env).unwrap(), &Process::new("gateway")).unwrap()
}

/// Statuses and lengths of the answers to one request that is sent three times, and how often it
/// was carried out; `first` is what the first one meets.
async fn thrice(first: fn() -> String) -> (Vec<(u16, usize)>, usize) {
    let app = app();
    let times = Arc::new(AtomicUsize::new(0));
    let counted = times.clone();
    let handler = post(async move || match counted.fetch_add(1, Ordering::SeqCst) {
        0 => first(),
        _ => "done".to_owned(),
    });
    let router = Router::new()
        .route("/providers", handler)
        .layer(from_fn_with_state(app.clone(), layer))
        .with_state(app);
    let member = Member(Tenant::for_job(OrgId::new(), "test"));
    let mut answers = Vec::new();
    for _ in 0..3 {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = "/providers".parse().unwrap();
        let key = HeaderValue::from_static("k1");
        request.headers_mut().insert("idempotency-key", key);
        request.extensions_mut().insert(member.clone());
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        answers.push((status, body.len()));
    }
    (answers, times.load(Ordering::SeqCst))
}

#[tokio::test]
async fn after_a_panic_the_repetition_is_carried_out() {
    let (answers, times) = thrice(|| panic!("a bug")).await;
    assert_eq!(answers[0].0, 500);
    assert_eq!(answers[1..], [(200, 4), (200, 4)]);
    assert_eq!(times, 2, "the third one is the second one's repetition");
}

#[tokio::test]
async fn an_answer_that_is_too_large_to_keep_is_passed_on() {
    let (answers, times) = thrice(|| "x".repeat(LARGEST_KEPT + 1)).await;
    assert_eq!(answers, [(200, LARGEST_KEPT + 1), (200, 4), (200, 4)]);
    assert_eq!(times, 2, "the third one is the second one's repetition");
}
