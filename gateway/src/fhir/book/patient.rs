//! The patient of a new booking: one that is known here, or one that is told of in full.

use serde_json::Value;
use voxanne_ids::PatientId;
use voxanne_problem::Violations;
use voxanne_proto::booking::v1::{BookedPatient, create_booking_request::Who};

use super::{KNOWN_PATIENT, PATIENT};
use crate::fhir::{base::Base, given::Given, id};

/// Of the parameters; one of two has to be given.
pub(super) fn read(given: &Given, base: &Base, wrong: &mut Violations) -> Option<Who> {
    let known = given.reference::<PatientId>((KNOWN_PATIENT, "Patient"), base, wrong);
    let told = given.resource(PATIENT, wrong);
    match (given.has(KNOWN_PATIENT), given.has(PATIENT)) {
        (true, true) => {
            let detail = "give `patient-resource` or `patient-reference`, not both";
            wrong.add(KNOWN_PATIENT, "CONFLICT", detail);
            None
        }
        (true, false) => known.map(|id| Who::PatientId(id.to_string())),
        (false, true) => of_resource(told?, wrong),
        (false, false) => {
            let detail = "must be given, or `patient-reference`";
            wrong.add(PATIENT, "REQUIRED", detail);
            None
        }
    }
}

/// A patient of ours who takes part in an appointment.
pub(super) fn taking_part(appointment: &Value, base: &Base) -> Option<Who> {
    actors(appointment).find_map(|actor| {
        let bare = base.strip(actor)?.strip_prefix("Patient/")?;
        known(bare)
    })
}

/// Who takes part in an appointment, as references.
pub(super) fn actors(appointment: &Value) -> impl Iterator<Item = &str> {
    let listed = appointment.get("participant").and_then(Value::as_array);
    let references = listed.into_iter().flatten();
    references.filter_map(|one| one.pointer("/actor/reference")?.as_str())
}

fn known(theirs: &str) -> Option<Who> {
    let patient: PatientId = id::read(theirs).parse().ok()?;
    Some(Who::PatientId(patient.to_string()))
}

/// A client's own patient has an id of its own; one of ours says it all.
fn of_resource(resource: &Value, wrong: &mut Violations) -> Option<Who> {
    let text = |path: &str| resource.pointer(path).and_then(Value::as_str);
    if text("/resourceType") != Some("Patient") {
        wrong.add(PATIENT, "ONE_OF", "expected a Patient");
        return None;
    }
    if let Some(known) = text("/id").and_then(known) {
        return Some(known);
    }
    let name = name(resource);
    if name.is_none() {
        wrong.add(format!("{PATIENT}.name"), "REQUIRED", "this is missing");
    }
    let phone = contact(resource, "phone");
    if phone.is_none() {
        let field = format!("{PATIENT}.telecom");
        wrong.add(field, "REQUIRED", "a phone number is missing");
    }
    let patient = BookedPatient {
        name: name?,
        phone: phone?,
        email: contact(resource, "email").unwrap_or_default(),
        date_of_birth: text("/birthDate").unwrap_or_default().to_owned(),
    };
    let texts = [&patient.name, &patient.phone, &patient.email];
    if texts.iter().any(|text| text.contains('\0')) {
        let detail = "this has a character that cannot be kept";
        wrong.add(PATIENT, "FORMAT", detail);
    }
    Some(Who::Patient(patient))
}

/// The official name, else the first: as a text, or made of its parts.
fn name(resource: &Value) -> Option<String> {
    let names = resource.get("name")?.as_array()?;
    let official = |name: &&Value| name["use"] == "official";
    let name = names.iter().find(official).or(names.first())?;
    if let Some(text) = name["text"].as_str().filter(|text| !text.is_empty()) {
        return Some(text.to_owned());
    }
    let given = name["given"].as_array().into_iter().flatten();
    let parts = given.chain([&name["family"]]).filter_map(Value::as_str);
    let whole = parts.collect::<Vec<_>>().join(" ");
    (!whole.is_empty()).then_some(whole)
}

fn contact(resource: &Value, system: &str) -> Option<String> {
    let contacts = resource.get("telecom")?.as_array()?;
    let contact = contacts.iter().find(|one| one["system"] == system)?;
    contact["value"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(resource: &Value) -> Result<(String, String, String), Vec<String>> {
        let mut wrong = Violations::default();
        let who = of_resource(resource, &mut wrong);
        match wrong.finish(who) {
            Ok(Who::Patient(one)) => Ok((one.name, one.phone, one.email)),
            Ok(Who::PatientId(id)) => Ok((id, String::new(), String::new())),
            Err(problem) => {
                let fields = problem.violations.into_iter();
                Err(fields.map(|one| one.field).collect())
            }
        }
    }

    #[test]
    fn a_patient_is_read_in_each_way_of_writing_one() {
        let ada = |id: &str| {
            json!({
                "resourceType": "Patient", "id": id,
                "name": [{ "use": "nickname", "text": "Countess" },
                    { "use": "official", "given": ["Ada", "King"], "family": "Lovelace" }],
                "telecom": [{ "system": "email", "value": "ada@clinic.test" },
                    { "system": "phone", "value": "+14155550123" }],
            })
        };
        let expected = ["Ada King Lovelace", "+14155550123", "ada@clinic.test"];
        let expected: (String, String, String) = expected.map(str::to_owned).into();
        assert_eq!(told(&ada("their-own-17")), Ok(expected));
        let ours = PatientId::new().to_string();
        let read = told(&ada(&id::written(&ours)));
        assert_eq!(read.map(|(id, ..)| id), Ok(ours));
    }

    #[test]
    fn what_a_patient_lacks_is_told() {
        let bare = json!({ "resourceType": "Patient", "name": [{ "family": 3 }], "telecom": "x" });
        let fields = ["patient-resource.name", "patient-resource.telecom"];
        assert_eq!(told(&bare), Err(fields.map(str::to_owned).to_vec()));
        let other = json!({ "resourceType": "Person" });
        assert_eq!(told(&other), Err(vec![PATIENT.to_owned()]));
    }
}
