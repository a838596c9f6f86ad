//! Patients as rows.

use jiff::civil::Date;
use voxanne_ids::PatientId;
use voxanne_privacy::Private;

use crate::patients::{Patient, Profile, matching::Candidate};

#[derive(sqlx::FromRow)]
pub(super) struct ProfileRow {
    #[sqlx(flatten)]
    patient: Patient,
    date_of_birth: Option<jiff_sqlx::Date>,
    merged_into: Option<PatientId>,
    erased_at: Option<jiff_sqlx::Timestamp>,
    further: Vec<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct CandidateRow {
    id: PatientId,
    name_key: Private<String>,
    date_of_birth: Option<jiff_sqlx::Date>,
}

fn born(date: Option<jiff_sqlx::Date>) -> Option<Private<Date>> {
    date.map(|date| Private::new(date.to_jiff()))
}

impl ProfileRow {
    pub(super) fn read(self) -> Profile {
        Profile {
            patient: self.patient,
            born: born(self.date_of_birth),
            further: self.further.into_iter().map(Private::new).collect(),
            merged_into: self.merged_into,
            erased_at: self.erased_at.map(jiff_sqlx::Timestamp::to_jiff),
        }
    }
}

impl CandidateRow {
    pub(super) fn read(self) -> Candidate {
        Candidate {
            id: self.id,
            name_key: self.name_key,
            born: born(self.date_of_birth),
        }
    }
}
