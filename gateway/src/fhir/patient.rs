//! `Patient`: a person who is seen.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::{
    Fhir, id,
    types::{ContactPoint, HumanName},
};
use crate::{
    App,
    auth::Member,
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// A person who is seen.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirPatient)]
pub(crate) struct Patient {
    /// Patient.
    resource_type: &'static str,
    id: String,
    name: Vec<HumanName>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    telecom: Vec<ContactPoint>,
}

impl From<proto::Patient> for Patient {
    fn from(patient: proto::Patient) -> Self {
        let contacts = [("phone", patient.phone), ("email", patient.email)];
        let contacts = contacts.into_iter().filter(|(_, value)| !value.is_empty());
        Self {
            resource_type: "Patient",
            id: id::written(&patient.id),
            name: vec![HumanName {
                text: patient.name.into(),
            }],
            telecom: contacts
                .map(|(system, value)| ContactPoint {
                    system,
                    value: value.into(),
                })
                .collect(),
        }
    }
}

/// Shows a patient.
#[utoipa::path(get, path = "/fhir/Patient/{id}", tag = "fhir",
    params(("id" = String, Path, description = "`pat-…`")), responses(
    (status = 200, description = "The patient", body = Patient,
        content_type = "application/fhir+json"),
    (status = 404, description = "PATIENT_NOT_FOUND")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Fhir<Patient>, Refusal> {
    let clinic = &app.clients.clinic;
    let wanted = proto::GetPatientRequest { id: id::read(&id) };
    let request = clinic.request(&tenant, wanted);
    let answer = clinic.client().get_patient(request).await?.into_inner();
    Ok(Fhir(promised(answer.patient)?.into()))
}
