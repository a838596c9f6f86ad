//! Kinds of appointment.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod store;
pub(crate) mod update;
pub(crate) mod wire;

use jiff::SignedDuration;
use voxanne_ids::ServiceId;

use crate::{availability::Length, fields::Name};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Service {
    pub(crate) id: ServiceId,
    pub(crate) name: String,
    pub(crate) duration_minutes: i32,
    pub(crate) buffer_before_minutes: i32,
    pub(crate) buffer_after_minutes: i32,
    /// An inactive service is not offered.
    pub(crate) active: bool,
}

impl Service {
    pub(crate) fn length(&self) -> Length {
        let minutes = |count| SignedDuration::from_mins(i64::from(count));
        Length {
            visit: minutes(self.duration_minutes),
            before: minutes(self.buffer_before_minutes),
            after: minutes(self.buffer_after_minutes),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct NewService {
    pub(crate) name: Name,
    pub(crate) duration_minutes: i32,
    pub(crate) buffer_before_minutes: i32,
    pub(crate) buffer_after_minutes: i32,
}

/// What changes; `None` stays as it is. Bookings keep the length they were made with.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    pub(crate) name: Option<Name>,
    pub(crate) duration_minutes: Option<i32>,
    pub(crate) buffer_before_minutes: Option<i32>,
    pub(crate) buffer_after_minutes: Option<i32>,
    pub(crate) active: Option<bool>,
}
