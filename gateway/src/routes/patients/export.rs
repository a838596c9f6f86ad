//! `GET /api/org/{orgId}/patients/{id}/export`

use std::time::Duration;

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use tokio::time::timeout;
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::Tenant;

use crate::{App, auth::Member, reply::Refusal, routes::id::Id};

/// What one piece may take. The whole may take as long as its reader reads.
const PIECE_TIMEOUT: Duration = Duration::from_secs(10);

/// Streams everything that booking keeps of the patient as one JSON document.
///
/// An export that breaks off is no JSON.
#[utoipa::path(get, path = "/patients/{id}/export", tag = "clinic",
    params(("id" = String, Path, description = "`pat_…`")), responses(
    (status = 200, description = "The document", content_type = "application/json", body = Object),
    (status = 404, description = "PATIENT_NOT_FOUND")))]
pub(crate) async fn export_patient(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Response, Refusal> {
    let export = Export { app, tenant, id };
    // Before the answer begins a refusal can still be one.
    let first = export.piece(String::new()).await?;
    let pieces = stream::try_unfold((export, Some(first)), |(export, piece)| async move {
        let Some(piece) = piece else {
            return Ok::<_, Problem>(None);
        };
        let next = match piece.next_cursor.is_empty() {
            true => None,
            false => Some(
                export
                    .piece(piece.next_cursor)
                    .await
                    .inspect_err(Problem::log)?,
            ),
        };
        Ok(Some((piece.piece, (export, next))))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"patient.json\"",
        ),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// An export on its way.
struct Export {
    app: App,
    tenant: Tenant,
    id: String,
}

impl Export {
    async fn piece(&self, cursor: String) -> Result<proto::ExportPatientResponse, Problem> {
        let patients = &self.app.clients.patients;
        let id = self.id.clone();
        // The request's own deadline is for the first byte; later pieces have one each.
        let message = proto::ExportPatientRequest { id, cursor };
        let request = patients.stream_request(&self.tenant, message);
        let mut client = patients.client();
        let answer = timeout(PIECE_TIMEOUT, client.export_patient(request)).await;
        let answer = answer.map_err(|late| Problem::unavailable(late.to_string()))?;
        Ok(answer?.into_inner())
    }
}
