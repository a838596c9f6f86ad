//! `GET /api/org/{orgId}/tasks/{id}`

use axum::{Json, extract::State};
use voxanne_proto::booking::v1::GetTaskRequest;

use super::Task;
use crate::{
    App,
    auth::Member,
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// Shows a task.
#[utoipa::path(get, path = "/tasks/{id}", tag = "tasks",
    params(("id" = String, Path, description = "`tsk_…`")), responses(
    (status = 200, description = "The task", body = Task),
    (status = 404, description = "TASK_NOT_FOUND")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Json<Task>, Refusal> {
    let tasks = &app.clients.tasks;
    let request = tasks.request(&tenant, GetTaskRequest { id });
    let answer = tasks.client().get_task(request).await?.into_inner();
    let now = app.process.clock.now();
    Ok(Json(Task::of(promised(answer.task)?, now)))
}
