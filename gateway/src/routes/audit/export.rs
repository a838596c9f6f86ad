//! `GET /api/org/{orgId}/audit/export`

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde_json::json;
use tokio::time::timeout;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1 as proto;
use voxanne_tenant::Tenant;

use super::{AuditEntry, Between};
use crate::{App, auth::Member, body::Parameters, reply::Refusal, routes::moment};

/// What one page may take. The whole may take as long as its reader reads.
const PAGE_TIMEOUT: Duration = Duration::from_secs(10);
const JSON_LINES: &str = "application/x-ndjson";

/// Streams the log as JSON lines, oldest first.
///
/// Each line is an entry. The last line is `{"head":{"seq":…,"hash":…}}`: where the log ended when
/// the export began. An export that breaks off lacks it.
#[utoipa::path(get, path = "/audit/export", tag = "audit", params(Between),
    responses((status = 200, description = "One entry a line", content_type = "application/x-ndjson",
        body = String)))]
pub(crate) async fn export_audit(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(between): Parameters<Between>,
) -> Result<Response, Refusal> {
    let export = Export {
        app,
        tenant,
        between,
    };
    // Before the answer begins a refusal can still be one.
    let first = export.page(0, None).await?;
    let pages = stream::try_unfold((export, Some(first)), |(export, page)| async move {
        let Some(page) = page else {
            return Ok::<_, Problem>(None);
        };
        let text = export.lines(&page);
        let next = export.after(page).await?;
        Ok(Some((text, (export, next))))
    });
    let disposition = "attachment; filename=\"audit.jsonl\"";
    let headers = [
        (header::CONTENT_TYPE, JSON_LINES),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, Body::from_stream(pages)).into_response())
}

/// An export on its way.
struct Export {
    app: App,
    tenant: Tenant,
    between: Between,
}

impl Export {
    async fn page(
        &self,
        after: i64,
        head: Option<proto::Head>,
    ) -> Result<proto::ExportEntriesResponse, Problem> {
        let audit = &self.app.clients.audit;
        let message = proto::ExportEntriesRequest {
            from: moment::to_proto(self.between.from),
            to: moment::to_proto(self.between.to),
            after,
            head,
        };
        // The request's own deadline is for the first byte; later pages have one each.
        let request = audit.stream_request(&self.tenant, message);
        let mut client = audit.client();
        let answer = timeout(PAGE_TIMEOUT, client.export_entries(request)).await;
        let answer = answer.map_err(|late| Problem::unavailable(late.to_string()))?;
        Ok(answer?.into_inner())
    }

    /// The page that follows, unless there is none.
    async fn after(
        &self,
        page: proto::ExportEntriesResponse,
    ) -> Result<Option<proto::ExportEntriesResponse>, Problem> {
        let last = page.entries.last().map(|entry| entry.seq);
        match last {
            Some(seq) if !page.is_last => {
                let next = self.page(seq, page.head).await;
                next.map(Some).inspect_err(Problem::log)
            }
            _ => Ok(None),
        }
    }

    fn lines(&self, page: &proto::ExportEntriesResponse) -> Bytes {
        let mut text = String::new();
        for entry in &page.entries {
            let entry = AuditEntry::of(self.tenant.org(), entry.clone());
            text += &serde_json::to_string(&entry).expect("texts and numbers serialise");
            text.push('\n');
        }
        if page.is_last {
            let head = page.head.clone().unwrap_or_default();
            let head = json!({ "head": { "seq": head.seq, "hash": hex::encode(head.hash) } });
            text += &head.to_string();
            text.push('\n');
        }
        text.into()
    }
}
