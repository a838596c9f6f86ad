//! `Appointment/$hold`: keeps a proposed appointment for a few minutes (IHE ITI-116).

use axum::extract::State;
use voxanne_problem::Violations;
use voxanne_proto::booking::v1 as proto;

use super::{Fhir, appointment::Appointment, base::Base, bundle::Bundle, given::Posted, id};
use crate::{App, auth::Member, reply::Refusal, routes::part::promised};

/// The operation's only parameter.
const APPOINTMENT: &str = "appointment-reference";

/// Holds what `$find` proposed.
#[utoipa::path(post, path = "/fhir/Appointment/$hold", tag = "fhir",
    request_body(content = Value, content_type = "application/fhir+json",
        description = "A Parameters resource with `appointment-reference`, of one that was proposed"),
    responses(
    (status = 200, description = "The held appointment, `pending`", body = Bundle<Appointment>,
        content_type = "application/fhir+json"),
    (status = 404, description = "SERVICE_NOT_FOUND, PROVIDER_NOT_FOUND"),
    (status = 409, description = "SLOT_TAKEN with other slots, TOO_MANY_HOLDS")))]
pub(crate) async fn hold(
    State(app): State<App>,
    Member(tenant): Member,
    Posted(given): Posted,
) -> Result<Fhir<Bundle<Appointment>>, Refusal> {
    let base = Base::of(&app, &tenant);
    let mut wrong = Violations::default();
    given.only(&[APPOINTMENT], &mut wrong);
    let proposed = given.text(APPOINTMENT, &mut wrong);
    let slot_id = match proposed {
        None => {
            wrong.add(APPOINTMENT, "REQUIRED", "this is missing");
            None
        }
        Some(text) => base.strip(text).map(|path| {
            let bare = path.strip_prefix("Appointment/").unwrap_or(path);
            id::read_slot(bare)
        }),
    };
    if proposed.is_some() && slot_id.is_none() {
        wrong.add(APPOINTMENT, "FORMAT", "this is elsewhere");
    }
    let slot_id = wrong.finish(slot_id)?;
    let holds = &app.clients.holds;
    let message = proto::CreateHoldRequest {
        slot_id: slot_id.clone(),
        call_id: String::new(),
    };
    let request = holds.request(&tenant, message);
    let answer = holds.client().create_hold(request).await;
    let answer =
        answer.map_err(|status| Refusal::from(status).renamed(&[("slotId", APPOINTMENT)]))?;
    let hold = promised(answer.into_inner().hold)?;
    let held = Appointment::held(&slot_id, &hold);
    Ok(Fhir(Bundle::outcome(&base, "Appointment/$hold", held)))
}
