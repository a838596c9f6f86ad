//! The OpenAPI document, made from the routes themselves.

mod describe;

use axum::Router;
use utoipa::{
    OpenApi,
    openapi::{
        self,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{App, fhir::OperationOutcome, reply::ProblemReply, routes, stream, webhooks};

/// Where an organisation's routes are.
pub const ORG_PATH: &str = "/api/org/{orgId}";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Voxanne",
        description = "Clinics answer every call: booking, messages, voice agents and live updates.",
        license(name = "MIT", identifier = "MIT"),
    ),
    components(schemas(ProblemReply, OperationOutcome)),
    tags(
        (name = "sessions", description = "Signing up, in and out"),
        (name = "account", description = "A person's own password, address and second factor"),
        (name = "members", description = "Who belongs to a clinic, and who is invited"),
        (name = "clinic", description = "Locations, providers, services, hours and patients"),
        (name = "bookings", description = "Free slots and appointments"),
        (name = "calendars", description = "Google calendars of providers, and their private feeds"),
        (name = "tasks", description = "What needs somebody's attention"),
        (name = "fhir", description = "The same as FHIR R4, for programs that speak it"),
        (name = "credentials", description = "A clinic's own accounts at providers; secrets are write-only"),
        (name = "api-keys", description = "Keys for a clinic's own programs"),
        (name = "messages", description = "Text messages"),
        (name = "agent", description = "The voice agent and how far the provider has it"),
        (name = "calls", description = "Phone calls with the agent"),
        (name = "audit", description = "Who did what to which record"),
        (name = "stream", description = "Live updates"),
        (name = "webhooks", description = "What providers send"),
        (name = "operations", description = "Probes, operators and the dashboard's start-up"),
    ),
)]
struct Base;

/// The whole document.
pub fn document() -> openapi::OpenApi {
    let mut signed_in = OpenApiRouter::<App>::with_openapi(Base::openapi())
        .nest(ORG_PATH, routes::of_org())
        .merge(routes::of_token())
        .merge(routes::of_session())
        .into_openapi();
    describe::ask_for_token(&mut signed_in);
    let mut document = OpenApiRouter::<App>::with_openapi(signed_in)
        .merge(routes::open())
        .merge(webhooks::router())
        .merge(stream::router())
        .into_openapi();
    let components = document.components.get_or_insert_default();
    for scheme in ["bearer", "operator"] {
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme(scheme, bearer);
    }
    describe::describe(&mut document);
    describe::complete_problem(&mut document);
    document
}

/// The document as it is checked in.
pub fn text() -> String {
    document()
        .to_pretty_json()
        .expect("the document is made of texts, numbers and lists")
}

/// The document and its reference page, served wholly from this binary.
pub(crate) fn pages(app: &App) -> Router<App> {
    // The page would otherwise ask a public validator about a document that is none of its business.
    let config = Config::default().validator_url("none");
    SwaggerUi::new("/docs")
        .url("/openapi.json", app.document.as_ref().clone())
        .config(config)
        .into()
}
