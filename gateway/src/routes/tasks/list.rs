//! `GET /api/org/{orgId}/tasks`

#![expect(
    unused_qualifications,
    reason = "written by the macro that documents the route"
)]

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use voxanne_proto::booking::v1::ListTasksRequest;

use super::Task;
use crate::{App, auth::Member, body::Parameters, reply::Refusal, routes::list::List};

/// Which tasks are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// open or resolved.
    #[param(min_length = 1, max_length = 20)]
    state: Option<String>,
    /// callback, approval, conflict, `failed_message`, `calendar_disconnected` or `zone_changed`.
    #[param(min_length = 1, max_length = 40)]
    kind: Option<String>,
    /// A member's `usr_…`, or none for those that nobody looks after.
    #[param(min_length = 1, max_length = 60)]
    owner: Option<String>,
    /// How many at most; 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Lists tasks, the oldest first.
#[utoipa::path(get, path = "/tasks", tag = "tasks", params(Filter),
    responses((status = 200, description = "A page of tasks", body = List<Task>)))]
pub(crate) async fn list_tasks(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<List<Task>>, Refusal> {
    let tasks = &app.clients.tasks;
    let message = ListTasksRequest {
        limit: filter.limit.unwrap_or(0),
        cursor: filter.cursor.unwrap_or_default(),
        state: filter.state.unwrap_or_default(),
        kind: filter.kind.unwrap_or_default(),
        owner: filter.owner.unwrap_or_default(),
    };
    let request = tasks.request(&tenant, message);
    let page = tasks.client().list_tasks(request).await?.into_inner();
    let now = app.process.clock.now();
    let tasks = page.tasks.into_iter().map(|task| Task::of(task, now));
    Ok(Json(List::new(tasks.collect::<Vec<_>>(), page.next_cursor)))
}
