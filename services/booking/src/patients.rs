//! People who are seen.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod store;
pub(crate) mod update;
pub(crate) mod wire;

use voxanne_ids::PatientId;

use crate::fields::{Email, Name, Phone};

#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Patient {
    pub(crate) id: PatientId,
    pub(crate) name: String,
    /// E.164.
    pub(crate) phone: String,
    pub(crate) email: Option<String>,
}

/// A patient as a caller names one. The same number and, whatever its case, the same name are the
/// same patient.
#[derive(Clone)]
pub(crate) struct NewPatient {
    pub(crate) name: Name,
    pub(crate) phone: Phone,
    pub(crate) email: Option<Email>,
}

/// What changes; `None` stays as it is.
#[derive(Clone)]
pub(crate) struct Changes {
    pub(crate) name: Option<Name>,
    pub(crate) phone: Option<Phone>,
    /// `Some(None)` removes it.
    pub(crate) email: Option<Option<Email>>,
}
