//! On what terms a service is booked.

use uuid::Uuid;
use voxanne_ids::LocationId;

use crate::availability::rules::LONGEST_HORIZON;

/// On what terms a service is booked.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Terms {
    /// In the smallest unit of its currency; both or neither.
    pub(crate) price_minor: Option<i64>,
    pub(crate) price_currency: Option<String>,
    /// Who offers it; everybody when empty.
    pub(crate) providers: Vec<Uuid>,
    /// At this location only.
    #[sqlx(rename = "location_id")]
    pub(crate) location: Option<LocationId>,
    /// The kind of room or device it needs.
    pub(crate) room_kind: Option<String>,
    pub(crate) approval: Approval,
    pub(crate) minimum_notice_minutes: i32,
    pub(crate) horizon_days: i32,
    pub(crate) daily_limit: Option<i32>,
    pub(crate) patients: Patients,
    /// `None` is the length of the visit.
    pub(crate) step_minutes: Option<i32>,
    /// Between a call that moves or cancels a visit and the visit.
    pub(crate) change_notice_minutes: i32,
}

/// Whether staff approve each booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub(crate) enum Approval {
    Instant,
    Approval,
}

/// Who may book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub(crate) enum Patients {
    Anyone,
    /// Who was never seen here.
    New,
    /// Who was.
    Returning,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            price_minor: None,
            price_currency: None,
            providers: Vec::new(),
            location: None,
            room_kind: None,
            approval: Approval::Instant,
            minimum_notice_minutes: 0,
            horizon_days: LONGEST_HORIZON,
            daily_limit: None,
            patients: Patients::Anyone,
            step_minutes: None,
            change_notice_minutes: 0,
        }
    }
}

/// What changes; the outer `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct TermsChange {
    pub(crate) price: Option<Option<(i64, String)>>,
    pub(crate) providers: Option<Vec<Uuid>>,
    pub(crate) location: Option<Option<LocationId>>,
    pub(crate) room_kind: Option<Option<String>>,
    pub(crate) approval: Option<Approval>,
    pub(crate) minimum_notice_minutes: Option<i32>,
    pub(crate) horizon_days: Option<i32>,
    pub(crate) daily_limit: Option<Option<i32>>,
    pub(crate) patients: Option<Patients>,
    pub(crate) step_minutes: Option<Option<i32>>,
    pub(crate) change_notice_minutes: Option<i32>,
}

impl TermsChange {
    pub(crate) fn apply(self, terms: &mut Terms) {
        fn set<T>(field: &mut T, change: Option<T>) {
            if let Some(value) = change {
                *field = value;
            }
        }
        if let Some(price) = self.price {
            (terms.price_minor, terms.price_currency) = price.unzip();
        }
        set(&mut terms.providers, self.providers);
        set(&mut terms.location, self.location);
        set(&mut terms.room_kind, self.room_kind);
        set(&mut terms.approval, self.approval);
        set(
            &mut terms.minimum_notice_minutes,
            self.minimum_notice_minutes,
        );
        set(&mut terms.horizon_days, self.horizon_days);
        set(&mut terms.daily_limit, self.daily_limit);
        set(&mut terms.patients, self.patients);
        set(&mut terms.step_minutes, self.step_minutes);
        set(&mut terms.change_notice_minutes, self.change_notice_minutes);
    }
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* }) => {
        impl $type {
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            pub(crate) fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

words!(Approval { Instant = "instant", Approval = "approval" });
words!(Patients { Anyone = "anyone", New = "new", Returning = "returning" });
