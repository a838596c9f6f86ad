//! Civil days that differ from the week: other hours, closed, or a holiday.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod store;
pub(crate) mod wire;

use jiff::civil::Date;
use voxanne_ids::{ExceptionId, ProviderId};

use crate::availability::week::Stretch;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exception {
    pub(crate) id: ExceptionId,
    pub(crate) day: Day,
}

/// The day as it was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    /// `None` is the whole clinic.
    pub(crate) provider: Option<ProviderId>,
    pub(crate) date: Date,
    pub(crate) kind: Kind,
    /// What a caller may be told of it.
    pub(crate) name: String,
    /// In order and without overlap; only with [`Kind::Hours`].
    pub(crate) hours: Vec<Stretch>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub(crate) enum Kind {
    Hours,
    Closed,
    Holiday,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Closed => "closed",
            Self::Holiday => "holiday",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "hours" => Some(Self::Hours),
            "closed" => Some(Self::Closed),
            "holiday" => Some(Self::Holiday),
            _ => None,
        }
    }
}
