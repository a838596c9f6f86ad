//! Kinds of appointment.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod store;
pub(crate) mod terms;
pub(crate) mod update;
pub(crate) mod wire;

use jiff::SignedDuration;
use voxanne_ids::ServiceId;

use self::terms::{Terms, TermsChange};
use crate::{
    availability::{Length, rules::Rules},
    fields::Name,
};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Service {
    pub(crate) id: ServiceId,
    pub(crate) name: String,
    pub(crate) duration_minutes: i32,
    pub(crate) buffer_before_minutes: i32,
    pub(crate) buffer_after_minutes: i32,
    /// An inactive service is not offered.
    pub(crate) active: bool,
    #[sqlx(flatten)]
    pub(crate) terms: Terms,
}

impl Service {
    pub(crate) fn length(&self) -> Length {
        Length {
            visit: minutes(self.duration_minutes),
            before: minutes(self.buffer_before_minutes),
            after: minutes(self.buffer_after_minutes),
        }
    }

    /// What it asks of a start.
    pub(crate) fn rules(&self) -> Rules {
        Rules {
            step: self.terms.step_minutes.map(minutes),
            notice: minutes(self.terms.minimum_notice_minutes),
            horizon: self.terms.horizon_days,
            daily_limit: self.terms.daily_limit.map(i32::unsigned_abs),
        }
    }
}

fn minutes(count: i32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(count))
}

#[derive(Clone, Debug)]
pub(crate) struct NewService {
    pub(crate) name: Name,
    pub(crate) duration_minutes: i32,
    pub(crate) buffer_before_minutes: i32,
    pub(crate) buffer_after_minutes: i32,
    pub(crate) terms: TermsChange,
}

/// What changes; `None` stays as it is. Bookings keep the length they were made with.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    pub(crate) name: Option<Name>,
    pub(crate) duration_minutes: Option<i32>,
    pub(crate) buffer_before_minutes: Option<i32>,
    pub(crate) buffer_after_minutes: Option<i32>,
    pub(crate) active: Option<bool>,
    pub(crate) terms: TermsChange,
}

impl Changes {
    pub(crate) fn apply(self, service: &mut Service) {
        let set = |field: &mut i32, value: Option<i32>| *field = value.unwrap_or(*field);
        if let Some(name) = &self.name {
            name.as_str().clone_into(&mut service.name);
        }
        set(&mut service.duration_minutes, self.duration_minutes);
        set(
            &mut service.buffer_before_minutes,
            self.buffer_before_minutes,
        );
        set(&mut service.buffer_after_minutes, self.buffer_after_minutes);
        service.active = self.active.unwrap_or(service.active);
        self.terms.apply(&mut service.terms);
    }
}
