//! FHIR R4 over the same services: what a clinic offers and what is booked, read and booked by
//! programs that speak FHIR.
//!
//! It is a façade: every answer is made of the rpcs that the REST routes use, under the same
//! permissions, and nothing is stored for it.

pub(crate) mod appointment;
mod base;
pub(crate) mod book;
mod bundle;
pub(crate) mod capability;
mod date;
pub(crate) mod find;
mod given;
pub(crate) mod healthcare_service;
pub(crate) mod hold;
mod id;
pub(crate) mod location;
mod offered;
pub(crate) mod outcome;
pub(crate) mod patient;
pub(crate) mod practitioner;
pub(crate) mod schedule;
pub(crate) mod slot;
mod status;
mod types;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};
use voxanne_problem::Problem;

pub(crate) use self::outcome::{OperationOutcome, layer};
use crate::{App, reply::Refusal};

/// The media type of everything below `/fhir`, refusals included.
pub const FHIR_JSON: &str = "application/fhir+json";
/// How the address of a route below an organisation goes on.
pub(crate) const BELOW: &str = "/fhir";

/// Below `/api/org/{orgId}`.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(capability::show))
        .routes(routes!(schedule::list))
        .routes(routes!(schedule::show))
        .routes(routes!(slot::list))
        .routes(routes!(appointment::list::list))
        .routes(routes!(appointment::show::show))
        .routes(routes!(find::find, find::find_posted))
        .routes(routes!(hold::hold))
        .routes(routes!(book::book))
        .routes(routes!(healthcare_service::list))
        .routes(routes!(healthcare_service::show))
        .routes(routes!(practitioner::show))
        .routes(routes!(location::show))
        .routes(routes!(patient::show))
}

/// A resource as an answer.
pub(crate) struct Fhir<T>(T);

impl<T: Serialize> IntoResponse for Fhir<T> {
    fn into_response(self) -> Response {
        let Ok(text) = serde_json::to_vec(&self.0) else {
            let what = Problem::internal("a resource could not be written");
            return Refusal::from(what).into_response();
        };
        let kind = HeaderValue::from_static(FHIR_JSON);
        ([(header::CONTENT_TYPE, kind)], text).into_response()
    }
}
