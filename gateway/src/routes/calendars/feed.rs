//! The private feed of a provider, for calendar programs.

#![expect(
    unused_qualifications,
    reason = "the macro of a route writes the name of its parameters out in full"
)]

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use url::Url;
use utoipa::IntoParams;
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;

use crate::{App, body::Parameters, reply::Refusal, request_id};

const CALENDAR: &str = "text/calendar; charset=utf-8";

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Opens {
    /// The provider's key.
    #[param(max_length = 200)]
    key: Option<String>,
}

/// What a calendar program subscribes to.
pub(super) fn url(public: &Url, org: OrgId, key: &str) -> String {
    let mut url = public.clone();
    url.set_path(&format!("/api/org/{org}/calendar.ics"));
    url.set_query(Some(&format!("key={key}")));
    url.into()
}

/// A provider's appointments (RFC 5545), for whoever has the key. Patients are not named unless the
/// clinic has them written into calendars.
#[utoipa::path(get, path = "/api/org/{orgId}/calendar.ics", tag = "calendars",
    params(Opens, ("orgId" = String, Path, description = "The organisation, `org_…` or a UUID"),
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an earlier answer")),
    responses(
    (status = 200, description = "The appointments", body = String, content_type = "text/calendar"),
    (status = 304, description = "They are as they were"),
    (status = 404, description = "FEED_NOT_FOUND")))]
pub(crate) async fn read(
    State(app): State<App>,
    Path(org): Path<String>,
    Parameters(opens): Parameters<Opens>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let calendars = &app.clients.calendars;
    let message = proto::ReadFeedRequest {
        key: opens.key.unwrap_or_default(),
    };
    let request = calendars.system_request(request_id::current(), message);
    let feed = calendars.client().read_feed(request).await?.into_inner();
    // A key is good at its own clinic's address only.
    let asked = org.parse::<OrgId>().ok();
    if asked.is_none() || asked != feed.org_id.parse().ok() {
        let words = "there is no such calendar";
        return Err(Problem::not_found("FEED_NOT_FOUND", words).into());
    }
    let tag = (header::ETAG, feed.etag.clone());
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| is_among(&feed.etag, known));
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, [tag]).into_response());
    }
    let kind = (header::CONTENT_TYPE, CALENDAR.to_owned());
    Ok(([tag, kind], feed.ics).into_response())
}

/// RFC 9110, 13.1.2: the comparison is weak.
fn is_among(etag: &str, known: &str) -> bool {
    known
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_others() {
        for (known, found) in [
            ("\"a\"", true),
            ("\"b\", W/\"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            assert_eq!(is_among("\"a\"", known), found, "{known}");
        }
    }
}
