//! Patients on the wire.

use jiff::civil::Date;
use voxanne_ids::PatientId;
use voxanne_privacy::Private;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{
    Changes, MOST_PHONES, NewPatient, Numbers, Patient, Profile,
    identify::{Claimed, Identified},
    list::Filter,
    matching::{Evidence, Match},
    merge::Merge,
    name_key,
};
use crate::{
    Error,
    error::What,
    fields::{self, Email, Name, Phone, Unacceptable, changed},
    page::{Listed, Page},
};

/// Nobody who was born before is seen any more.
const FIRST_YEAR: i16 = 1880;
const LONGEST_QUERY: usize = 120;

fn email(bad: &mut Violations, field: &str, text: &str) -> Option<Option<Private<Email>>> {
    if text.is_empty() {
        return Some(None);
    }
    bad.take(field, "EMAIL", text.parse()).map(Some)
}

/// A day as `2026-12-01`; empty is none.
fn born(bad: &mut Violations, field: &str, text: &str) -> Option<Option<Private<Date>>> {
    if text.is_empty() {
        return Some(None);
    }
    let day = text.parse::<Date>().ok();
    let day = day.filter(|day| day.to_string() == text && day.year() >= FIRST_YEAR);
    let day = day.ok_or(Unacceptable("must be a day such as 1980-02-29"));
    bad.take(field, "DATE", day)
        .map(|day| Some(Private::new(day)))
}

fn phones(bad: &mut Violations, texts: &[String]) -> Option<Vec<Private<Phone>>> {
    if texts.len() > MOST_PHONES {
        bad.add("phones", "RANGE", "must be 20 at most");
        return None;
    }
    let read = |(place, text): (usize, &String)| {
        bad.take(&format!("phones.{place}"), "PHONE", text.parse())
    };
    // Each is read, so that all bad ones are named.
    let read: Vec<_> = texts.iter().enumerate().map(read).collect();
    read.into_iter().collect()
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
    let born = born(bad, &field("dateOfBirth"), &patient.date_of_birth);
    Some(NewPatient {
        name: name?,
        phone: phone?,
        email: email?,
        born: born?,
        further: Vec::new(),
    })
}

impl TryFrom<proto::CreatePatientRequest> for NewPatient {
    type Error = Problem;

    fn try_from(request: proto::CreatePatientRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let proto::CreatePatientRequest {
            name,
            phone,
            email,
            date_of_birth,
            further_phones,
        } = request;
        let booked = proto::BookedPatient {
            name,
            phone,
            email,
            date_of_birth,
        };
        let new = read(&mut bad, "", &booked);
        let further = phones(&mut bad, &further_phones);
        let new = (|| {
            Some(Self {
                further: further?,
                ..new?
            })
        })();
        bad.finish(new)
    }
}

impl TryFrom<&proto::UpdatePatientRequest> for Changes {
    type Error = Problem;

    fn try_from(request: &proto::UpdatePatientRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = changed(&mut bad, "name", "NAME", request.name.as_ref());
        let numbers = numbers(&mut bad, request);
        let email = match &request.email {
            None => Some(None),
            Some(text) => email(&mut bad, "email", text).map(Some),
        };
        let born = match &request.date_of_birth {
            None => Some(None),
            Some(text) => born(&mut bad, "dateOfBirth", text).map(Some),
        };
        let changes = (|| {
            Some(Self {
                name: name?,
                phones: numbers?,
                email: email?,
                born: born?,
            })
        })();
        bad.finish(changes)
    }
}

fn numbers(bad: &mut Violations, request: &proto::UpdatePatientRequest) -> Option<Option<Numbers>> {
    match (&request.phone, &request.phones) {
        (None, None) => Some(None),
        (Some(main), None) => {
            let main = bad.take("phone", "PHONE", main.parse());
            main.map(|main| Some(Numbers::Main(main)))
        }
        (None, Some(all)) => {
            let all = phones(bad, &all.numbers)?;
            let Some((main, further)) = all.split_first() else {
                bad.add("phones", "RANGE", "must be one at least");
                return None;
            };
            Some(Some(Numbers::All {
                main: main.clone(),
                further: further.to_vec(),
            }))
        }
        (Some(_), Some(_)) => {
            bad.add("phones", "CONFLICT", "must not come with `phone`");
            None
        }
    }
}

impl TryFrom<&proto::ListPatientsRequest> for Filter {
    type Error = Problem;

    fn try_from(request: &proto::ListPatientsRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let phone = match request.phone.as_str() {
            "" => Some(None),
            text => bad.take("phone", "PHONE", text.parse()).map(Some),
        };
        if request.query.chars().count() > LONGEST_QUERY {
            bad.add("q", "TOO_LONG", "must have 120 characters at most");
        }
        let page = Page::read(&mut bad, request.limit, &request.cursor);
        let query = request.query.trim();
        let name_key = (!query.is_empty()).then(|| name_key::of(query).into());
        let filter = (|| {
            Some(Self {
                phone: phone?,
                name_key,
                page: page?,
            })
        })();
        bad.finish(filter)
    }
}

impl TryFrom<&proto::IdentifyPatientRequest> for Claimed {
    type Error = Problem;

    /// Reads what a caller said. Bad fields are told by their form, whoever is known here.
    fn try_from(request: &proto::IdentifyPatientRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let phone = bad.take("phone", "PHONE", request.phone.parse());
        let name = match request.name.trim() {
            "" => Some(None),
            name => bad.take("name", "NAME", name.parse::<Name>()).map(Some),
        };
        let born = born(&mut bad, "dateOfBirth", request.date_of_birth.trim());
        let claimed = (|| {
            let name_key = name?.map(|name| name_key::of(name.as_str()).into());
            Some(Self {
                phone: phone?,
                evidence: Evidence {
                    name_key,
                    born: born?,
                },
            })
        })();
        bad.finish(claimed)
    }
}

impl From<Identified> for proto::IdentifyPatientResponse {
    fn from(identified: Identified) -> Self {
        Self {
            sentence: identified.sentence.to_owned(),
            patient_id: match identified.who {
                Match::One(id) => id.to_string(),
                Match::Nobody | Match::Several => String::new(),
            },
            ambiguous: identified.who == Match::Several,
        }
    }
}

impl TryFrom<&proto::MergePatientsRequest> for Merge {
    type Error = Problem;

    fn try_from(request: &proto::MergePatientsRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let into = fields::id::<PatientId>(&mut bad, "intoId", &request.into_id);
        let into = bad.finish(into)?;
        let unknown = |_malformed| Error::NotFound(What::Patient);
        let from = request.id.parse().map_err(unknown)?;
        Ok(Self { from, into })
    }
}

impl From<Patient> for proto::Patient {
    fn from(patient: Patient) -> Self {
        Self {
            id: patient.id.to_string(),
            name: patient.name.into_exposed(),
            phone: patient.phone.into_exposed(),
            email: patient.email.unwrap_or_default().into_exposed(),
            ..Self::default()
        }
    }
}

impl From<Profile> for proto::Patient {
    fn from(profile: Profile) -> Self {
        let phones = profile.numbers();
        Self {
            date_of_birth: profile
                .born
                .map_or_else(String::new, |born| born.into_exposed().to_string()),
            phones: phones.into_iter().map(Private::into_exposed).collect(),
            merged_into_id: profile
                .merged_into
                .map_or_else(String::new, |id| id.to_string()),
            erased_at: profile.erased_at.map(voxanne_clock::to_proto),
            ..profile.patient.into()
        }
    }
}

impl From<Listed<Profile>> for proto::ListPatientsResponse {
    fn from(listed: Listed<Profile>) -> Self {
        Self {
            patients: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
