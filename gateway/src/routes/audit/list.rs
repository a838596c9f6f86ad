//! `GET /api/org/{orgId}/audit`

#![expect(
    unused_qualifications,
    reason = "written by the macro that documents the route"
)]

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use voxanne_proto::identity::v1 as proto;

use super::AuditEntry;
use crate::{
    App,
    auth::Member,
    body::Parameters,
    reply::Refusal,
    routes::{list::List, moment},
};

/// Which entries are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Entries from this time on.
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    /// Entries before this time.
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Timestamp>,
    /// Who, such as `user:usr_…`.
    #[param(max_length = 200)]
    caller: Option<String>,
    /// What, such as `patient.read`.
    #[param(max_length = 200)]
    action: Option<String>,
    /// The id of a patient, a booking or any other record.
    #[param(max_length = 200)]
    record: Option<String>,
    /// How many at most; 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Lists who did what, newest first.
///
/// Reading the log is an entry too.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Filter),
    responses((status = 200, description = "A page of entries", body = List<AuditEntry>)))]
pub(crate) async fn list_audit(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<List<AuditEntry>>, Refusal> {
    let audit = &app.clients.audit;
    let message = proto::ListEntriesRequest {
        from: moment::to_proto(filter.from),
        to: moment::to_proto(filter.to),
        caller: filter.caller.unwrap_or_default(),
        action: filter.action.unwrap_or_default(),
        record_id: filter.record.unwrap_or_default(),
        limit: filter.limit.unwrap_or(0),
        cursor: filter.cursor.unwrap_or_default(),
    };
    let request = audit.request(&tenant, message);
    let page = audit.client().list_entries(request).await?.into_inner();
    let told = |entry| AuditEntry::of(tenant.org(), entry);
    let entries: Vec<AuditEntry> = page.entries.into_iter().map(told).collect();
    Ok(Json(List::new(entries, page.next_cursor)))
}
