//! `POST /api/org/{orgId}/tasks/{id}/resolve`

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1::ResolveTaskRequest;

use super::Task;
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// What came of a task.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Resolution {
    #[schema(value_type = String, min_length = 1, max_length = 500)]
    outcome: Private<String>,
    /// Resolves only this version of the task.
    #[schema(minimum = 1)]
    version: Option<i64>,
}

impl Form for Resolution {}

/// Ends the task with what came of it.
#[utoipa::path(post, path = "/tasks/{id}/resolve", tag = "tasks", request_body = Resolution,
    params(("id" = String, Path, description = "`tsk_…`")), responses(
    (status = 200, description = "The task", body = Task),
    (status = 404, description = "TASK_NOT_FOUND"),
    (status = 409, description = "TASK_RESOLVED, STALE_VERSION")))]
pub(crate) async fn resolve(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Resolution>,
) -> Result<Json<Task>, Refusal> {
    let tasks = &app.clients.tasks;
    let message = ResolveTaskRequest {
        id,
        outcome: form.outcome.into_exposed(),
        version: form.version,
    };
    let request = tasks.request(&tenant, message);
    let answer = tasks.client().resolve_task(request).await?.into_inner();
    let now = app.process.clock.now();
    Ok(Json(Task::of(promised(answer.task)?, now)))
}
