//! People who are seen.

pub(crate) mod create;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod get;
pub(crate) mod identify;
pub(crate) mod list;
pub(crate) mod matching;
pub(crate) mod merge;
pub(crate) mod name_key;
pub(crate) mod refusal;
pub(crate) mod store;
pub(crate) mod update;
pub(crate) mod wire;

use jiff::{Timestamp, civil::Date};
use voxanne_ids::PatientId;
use voxanne_privacy::Private;
use voxanne_problem::Problem;

use crate::fields::{Email, Name, Phone, refused};

/// Numbers of one patient.
pub(crate) const MOST_PHONES: usize = 20;

/// A patient as bookings show one.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Patient {
    pub(crate) id: PatientId,
    pub(crate) name: Private<String>,
    /// E.164; empty when the patient was merged or erased.
    pub(crate) phone: Private<String>,
    pub(crate) email: Option<Private<String>>,
}

/// A patient with everything that is kept of who it is.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) patient: Patient,
    pub(crate) born: Option<Private<Date>>,
    /// Numbers beside the main one.
    pub(crate) further: Vec<Private<String>>,
    /// Who the patient is now, when two were made one.
    pub(crate) merged_into: Option<PatientId>,
    pub(crate) erased_at: Option<Timestamp>,
}

/// A patient as a caller names one.
#[derive(Clone, Debug)]
pub(crate) struct NewPatient {
    pub(crate) name: Private<Name>,
    pub(crate) phone: Private<Phone>,
    pub(crate) email: Option<Private<Email>>,
    pub(crate) born: Option<Private<Date>>,
    /// Numbers beside the main one.
    pub(crate) further: Vec<Private<Phone>>,
}

/// What changes; `None` stays as it is.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    pub(crate) name: Option<Private<Name>>,
    pub(crate) phones: Option<Numbers>,
    /// `Some(None)` removes it.
    pub(crate) email: Option<Option<Private<Email>>>,
    /// `Some(None)` removes it.
    pub(crate) born: Option<Option<Private<Date>>>,
}

/// Which numbers a patient is to have.
#[derive(Clone, Debug)]
pub(crate) enum Numbers {
    /// Another main one; the others stay.
    Main(Private<Phone>),
    /// These and no others.
    All {
        main: Private<Phone>,
        further: Vec<Private<Phone>>,
    },
}

impl Profile {
    /// Every number, the main one first.
    pub(crate) fn numbers(&self) -> Vec<Private<String>> {
        let main = Some(&self.patient.phone).filter(|main| !main.is_empty());
        main.into_iter().chain(&self.further).cloned().collect()
    }
}

impl Numbers {
    pub(crate) const fn main(&self) -> &Private<Phone> {
        match self {
            Self::Main(main) | Self::All { main, .. } => main,
        }
    }
}

/// Refuses a birth in the future, wherever on Earth it is read.
pub(crate) fn check_born(born: Option<&Private<Date>>, now: Timestamp) -> Result<(), Problem> {
    let tomorrow = now.to_zoned(jiff::tz::TimeZone::UTC).date().tomorrow();
    let latest = tomorrow.unwrap_or(Date::MAX);
    match born {
        Some(born) if *born.expose() > latest => Err(refused(
            "dateOfBirth",
            "RANGE",
            "must not lie in the future",
        )),
        _ => Ok(()),
    }
}
