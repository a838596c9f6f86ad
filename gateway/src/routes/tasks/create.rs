//! `POST /api/org/{orgId}/tasks`

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1::CreateTaskRequest;

use super::Task;
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    reply::Refusal,
    routes::{moment, part::promised},
};

/// Somebody to call back.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewTask {
    #[schema(format = "patient-id")]
    patient_id: Option<String>,
    #[schema(format = "booking-id")]
    booking_id: Option<String>,
    #[schema(value_type = Option<String>, max_length = 2000)]
    note: Option<Private<String>>,
    /// The member who is to call.
    #[schema(format = "user-id")]
    owner_id: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    due_at: Option<Timestamp>,
}

impl Form for NewTask {}

/// Asks for a call back.
#[utoipa::path(post, path = "/tasks", tag = "tasks", request_body = NewTask, responses(
    (status = 201, description = "The task", body = Task),
    (status = 404, description = "PATIENT_NOT_FOUND, BOOKING_NOT_FOUND"),
    (status = 409, description = "TASK_EXISTS with `taskId`")))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewTask>,
) -> Result<(StatusCode, Json<Task>), Refusal> {
    let tasks = &app.clients.tasks;
    let message = CreateTaskRequest {
        patient_id: new.patient_id.unwrap_or_default(),
        booking_id: new.booking_id.unwrap_or_default(),
        note: new.note.unwrap_or_default().into_exposed(),
        owner_id: new.owner_id.unwrap_or_default(),
        due_at: moment::to_proto(new.due_at),
    };
    let request = tasks.request(&tenant, message);
    let answer = tasks.client().create_task(request).await?.into_inner();
    let task = Task::of(promised(answer.task)?, app.process.clock.now());
    Ok((StatusCode::CREATED, Json(task)))
}
