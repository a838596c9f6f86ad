//! Patients on the wire.

use voxanne_privacy::Private;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{Changes, NewPatient, Patient};
use crate::{
    fields::{Email, changed},
    page::Listed,
};

fn email(bad: &mut Violations, field: &str, text: &str) -> Option<Option<Private<Email>>> {
    if text.is_empty() {
        return Some(None);
    }
    bad.take(field, "EMAIL", text.parse()).map(Some)
}

/// Reads a patient, noting bad fields below `prefix`.
pub(crate) fn read(
    bad: &mut Violations,
    prefix: &str,
    patient: &proto::BookedPatient,
) -> Option<NewPatient> {
    let field = |name| format!("{prefix}{name}");
    let name = bad.take(&field("name"), "NAME", patient.name.parse());
    let phone = bad.take(&field("phone"), "PHONE", patient.phone.parse());
    let email = email(bad, &field("email"), &patient.email);
    Some(NewPatient {
        name: name?,
        phone: phone?,
        email: email?,
    })
}

impl TryFrom<proto::CreatePatientRequest> for NewPatient {
    type Error = Problem;

    fn try_from(request: proto::CreatePatientRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let proto::CreatePatientRequest { name, phone, email } = request;
        let new = read(&mut bad, "", &proto::BookedPatient { name, phone, email });
        bad.finish(new)
    }
}

impl TryFrom<&proto::UpdatePatientRequest> for Changes {
    type Error = Problem;

    fn try_from(request: &proto::UpdatePatientRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = changed(&mut bad, "name", "NAME", request.name.as_ref());
        let phone = changed(&mut bad, "phone", "PHONE", request.phone.as_ref());
        let email = match &request.email {
            None => Some(None),
            Some(text) => email(&mut bad, "email", text).map(Some),
        };
        let changes = (|| {
            Some(Self {
                name: name?,
                phone: phone?,
                email: email?,
            })
        })();
        bad.finish(changes)
    }
}

impl From<Patient> for proto::Patient {
    fn from(patient: Patient) -> Self {
        Self {
            id: patient.id.to_string(),
            name: patient.name.into_exposed(),
            phone: patient.phone.into_exposed(),
            email: patient.email.unwrap_or_default().into_exposed(),
        }
    }
}

impl From<Listed<Patient>> for proto::ListPatientsResponse {
    fn from(listed: Listed<Patient>) -> Self {
        Self {
            patients: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
