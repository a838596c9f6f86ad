//! The routes and the layers around them, outermost last.

use std::time::Duration;

use axum::{
    Router,
    http::StatusCode,
    middleware::{self, from_fn, from_fn_with_state},
};
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, limit::RequestBodyLimitLayer,
    timeout::TimeoutLayer,
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    App, fhir, headers, idempotency, limits, measure, openapi, reply, request_id, routes, stream,
    tenant, webhooks,
};

/// What a request may take in all; a service is told a shorter time.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Every body that a person's client sends fits in; webhooks have a limit of their own.
const LARGEST_BODY: usize = 256 * 1024;

/// Everything the gateway answers.
pub fn router(app: App) -> Router {
    // An organisation's routes: the token first, then the organisation in the path, then the key.
    let named = plain(routes::of_org())
        .layer(from_fn_with_state(app.clone(), idempotency::layer))
        .layer(from_fn_with_state(app.clone(), tenant::enter_named));
    // Routes whose organisation is the token's.
    let own = plain(routes::of_token())
        .layer(from_fn_with_state(app.clone(), idempotency::layer))
        .layer(from_fn_with_state(app.clone(), tenant::enter_own));
    // A session's own routes change nothing that a key protects.
    let session =
        plain(routes::of_session()).layer(from_fn_with_state(app.clone(), tenant::enter_own));
    let api = Router::new()
        .nest(openapi::ORG_PATH, named)
        .merge(own)
        .merge(session)
        .merge(plain(routes::open()).layer(from_fn_with_state(app.clone(), limits::rates)))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY));
    let all = api
        // Providers and sockets bring their own proof and their own limits.
        .merge(plain(webhooks::router()))
        .merge(plain(stream::router()))
        .layer(from_fn(headers::no_store))
        .merge(openapi::pages(&app));
    around(all, &app).with_state(app)
}

fn plain(routes: OpenApiRouter<App>) -> Router<App> {
    routes.split_for_parts().0
}

/// The layers that every answer passes, also a 404 and a panic's.
fn around(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .layer(CompressionLayer::new())
        // An answer that takes too long, or panics, becomes an answer all the same.
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            TIMEOUT,
        ))
        .layer(CatchPanicLayer::custom(reply::panicked))
        // Whatever a library refused gets the form of our own refusals.
        .layer(middleware::map_response(reply::unify))
        // What is not meant well, or too much, is refused before anybody looks at it.
        .layer(from_fn_with_state(app.clone(), limits::origin))
        .layer(from_fn_with_state(app.clone(), limits::address))
        .layer(from_fn_with_state(app.clone(), limits::overload))
        .layer(from_fn(limits::head))
        // Whoever speaks FHIR is refused in FHIR, by whatever layer.
        .layer(from_fn(fhir::layer))
        .layer(from_fn_with_state(app.clone(), headers::security))
        .layer(headers::cors(&app.config.allowed_origins))
        .layer(from_fn(measure::layer))
        .layer(OtelAxumLayer::default().filter(is_traced))
        // Outermost, so that everything inside knows the request's name.
        .layer(from_fn(request_id::layer))
}

fn is_traced(path: &str) -> bool {
    !matches!(path, "/healthz" | "/readyz")
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::Request, http::header, routing::get};
    use tower::ServiceExt as _;
    use voxanne_runtime::{Env, Process};

    use super::*;
    use crate::{Config, reply::ProblemReply};

    fn app() -> App {
        let key = "test:dGVzdHMgc2hhcmUgdGhpcyBrZXkgb2YgMzIgYnl0ZXM=";
        let nowhere = "http://127.0.0.1:1";
        let env = Env::from_pairs([
            ("HTTP_ADDR", "127.0.0.1:0"),
            ("PUBLIC_URL", "http://clinic.test"),
            ("IDENTITY_URL", nowhere),
            ("BOOKING_URL", nowhere),
            ("NOTIFICATION_URL", nowhere),
            ("VOICE_TOOLING_URL", nowhere),
            ("REALTIME_URL", nowhere),
            ("INTERNAL_CONTEXT_KEYS", key),
            ("JWT_ISSUER", "test"),
            ("JWT_AUDIENCE", "test"),
            ("OPERATOR_TOKEN", "test"),
            ("VAPI_WEBHOOK_SECRET", "test"),
        ]);
        App::new(Config::from_env(&env).unwrap(), &Process::new("gateway")).unwrap()
    }

    async fn answer(handler: axum::routing::MethodRouter<App>) -> (StatusCode, String) {
        let app = app();
        let router = around(Router::new().route("/", handler), &app).with_state(app);
        let request = Request::new(Body::empty());
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            reply::PROBLEM_JSON
        );
        let reply = response.extensions().get::<ProblemReply>().unwrap();
        assert_eq!(
            response.headers()["x-request-id"],
            reply.request_id.as_str()
        );
        (response.status(), reply.code.to_string())
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_its_text_stays_here() {
        let panics = get(async || -> &'static str { panic!("the patient's number is 555") });
        let internal = (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL".to_owned());
        assert_eq!(answer(panics).await, internal);
    }

    #[tokio::test]
    async fn what_a_library_refuses_looks_like_any_other_refusal() {
        for (status, code) in [
            (StatusCode::GATEWAY_TIMEOUT, "DEADLINE_EXCEEDED"),
            (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
            (StatusCode::NOT_FOUND, "NOT_FOUND"),
        ] {
            let refuses = get(async move || status);
            assert_eq!(answer(refuses).await, (status, code.to_owned()));
        }
    }
}
