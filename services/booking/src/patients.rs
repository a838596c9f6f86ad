//! People who are seen.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod store;
pub(crate) mod update;
pub(crate) mod wire;

use voxanne_ids::PatientId;
use voxanne_privacy::Private;

use crate::fields::{Email, Name, Phone};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Patient {
    pub(crate) id: PatientId,
    pub(crate) name: Private<String>,
    /// E.164.
    pub(crate) phone: Private<String>,
    pub(crate) email: Option<Private<String>>,
}

/// A patient as a caller names one. The same number and, whatever its case, the same name are the
/// same patient.
#[derive(Clone, Debug)]
pub(crate) struct NewPatient {
    pub(crate) name: Private<Name>,
    pub(crate) phone: Private<Phone>,
    pub(crate) email: Option<Private<Email>>,
}

/// What changes; `None` stays as it is.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    pub(crate) name: Option<Private<Name>>,
    pub(crate) phone: Option<Private<Phone>>,
    /// `Some(None)` removes it.
    pub(crate) email: Option<Option<Private<Email>>>,
}
