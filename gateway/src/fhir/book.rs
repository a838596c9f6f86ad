//! `Appointment/$book`: books what was proposed or held, and moves or cancels what is booked (IHE
//! ITI-117).

mod patient;
mod wanted;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use tonic::Status;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::Tenant;

use self::wanted::Wanted;
use super::{Fhir, appointment::Appointment, base::Base, bundle::Bundle, given::Posted};
use crate::{
    App,
    auth::Member,
    idempotency::{Keyed, mark_replayed},
    reply::Refusal,
    routes::part::promised,
};

/// The operation's parameters.
const REFERENCE: &str = "appointment-reference";
const RESOURCE: &str = "appointment-resource";
const PATIENT: &str = "patient-resource";
/// IHE has it for `$find` only; it spares those who know the patient to tell all again.
const KNOWN_PATIENT: &str = "patient-reference";
const COMMENT: &str = "comment";
/// What the service calls what is given here.
const NAMES: [(&str, &str); 7] = [
    ("slotId", REFERENCE),
    ("holdId", REFERENCE),
    ("startsAt", RESOURCE),
    ("providerId", RESOURCE),
    ("patient", PATIENT),
    ("patientId", KNOWN_PATIENT),
    ("notes", COMMENT),
];

/// Books, moves or cancels an appointment.
#[utoipa::path(post, path = "/fhir/Appointment/$book", tag = "fhir",
    request_body(content = Value, content_type = "application/fhir+json",
        description = "A Parameters resource with `appointment-reference` of one that was proposed \
            or held, and `patient-resource` or `patient-reference`; or with `appointment-resource` \
            in status `booked` to move it, or `cancelled`. `comment` is kept with it"),
    responses(
    (status = 200, description = "The appointment", body = Bundle<Appointment>,
        content_type = "application/fhir+json"),
    (status = 404, description = "BOOKING_NOT_FOUND, HOLD_NOT_FOUND, PATIENT_NOT_FOUND, \
        SERVICE_NOT_FOUND, PROVIDER_NOT_FOUND"),
    (status = 409, description = "SLOT_TAKEN with other slots, PATIENT_BUSY, STALE_VERSION, \
        BOOKING_NOT_ACTIVE, BOOKING_STARTED, STATE_CONFLICT")))]
pub(crate) async fn book(
    State(app): State<App>,
    Member(tenant): Member,
    keyed: Keyed,
    Posted(given): Posted,
) -> Result<Response, Refusal> {
    let base = Base::of(&app, &tenant);
    let wanted = Wanted::read(&given, &base)?;
    let done = wanted.carry_out(&app, &tenant, &keyed).await;
    let (booking, replayed) = done.map_err(|status| Refusal::from(status).renamed(&NAMES))?;
    let shown = Appointment::from(promised(booking)?);
    let bundle = Bundle::outcome(&base, "Appointment/$book", shown);
    let mut response = Fhir(bundle).into_response();
    if replayed {
        mark_replayed(&mut response);
    }
    Ok(response)
}

/// The booking as it is then, and whether this answer was given before.
type Done = (Option<proto::Booking>, bool);

impl Wanted {
    async fn carry_out(self, app: &App, tenant: &Tenant, keyed: &Keyed) -> Result<Done, Status> {
        let booking = &app.clients.booking;
        let mut client = booking.client();
        match self {
            Self::New(message) => {
                let request = keyed.attach(booking.request(tenant, *message));
                let answer = client.create_booking(request).await?.into_inner();
                Ok((answer.booking, answer.replayed))
            }
            Self::Move(message) => {
                let request = booking.request(tenant, message);
                let answer = client.reschedule_booking(request).await?.into_inner();
                Ok((answer.booking, false))
            }
            Self::Cancel(message) => {
                let request = booking.request(tenant, message);
                let answer = client.cancel_booking(request).await?.into_inner();
                Ok((answer.booking, false))
            }
        }
    }
}
