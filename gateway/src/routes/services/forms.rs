//! What a service may be made of.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use crate::body::Form;

/// What a service costs.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Price {
    /// In the smallest unit of the currency.
    #[schema(maximum = 100_000_000_000_u64)]
    minor: u64,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
    currency: String,
}

/// Whether staff approve each booking.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Approval {
    Instant,
    Approval,
}

/// Who may book: everybody, who was never seen here, or who was.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Patients {
    Anyone,
    New,
    Returning,
}

/// A service to offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewService {
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    #[schema(minimum = 5, maximum = 720)]
    duration_minutes: u32,
    #[schema(maximum = 240)]
    buffer_before_minutes: Option<u32>,
    #[schema(maximum = 240)]
    buffer_after_minutes: Option<u32>,
    /// What it costs.
    #[schema(value_type = Option<Price>)]
    price: Option<Price>,
    /// Who offers it; everybody when empty.
    #[schema(max_items = 200)]
    provider_ids: Option<Vec<String>>,
    /// At this location only.
    #[schema(value_type = Option<String>, format = "location-id")]
    location_id: Option<String>,
    /// The kind of room or device it needs.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    room_kind: Option<String>,
    /// Whether staff approve each booking.
    approval: Option<Approval>,
    #[schema(maximum = 86400)]
    minimum_notice_minutes: Option<u32>,
    /// How many civil days ahead it is booked.
    #[schema(minimum = 1, maximum = 400)]
    horizon_days: Option<u32>,
    /// Visits per provider and civil day.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 500)]
    daily_limit: Option<u32>,
    /// Who may book it.
    patients: Option<Patients>,
    /// From one start to the next; the length of the visit unless set.
    #[schema(value_type = Option<u32>, minimum = 5, maximum = 720)]
    step_minutes: Option<u32>,
    /// Between a call that moves or cancels a visit and the visit; staff may always.
    #[schema(maximum = 20160)]
    change_notice_minutes: Option<u32>,
}

impl Form for NewService {}

/// What is to change of a service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServiceChange {
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[schema(minimum = 5, maximum = 720)]
    duration_minutes: Option<u32>,
    #[schema(maximum = 240)]
    buffer_before_minutes: Option<u32>,
    #[schema(maximum = 240)]
    buffer_after_minutes: Option<u32>,
    active: Option<bool>,
    /// What it costs. Null takes it away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Price>)]
    price: Option<Option<Price>>,
    /// Who offers it; everybody when empty.
    #[schema(max_items = 200)]
    provider_ids: Option<Vec<String>>,
    /// At this location only. Null takes it away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, format = "location-id")]
    location_id: Option<Option<String>>,
    /// The kind of room or device it needs. Null takes it away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    room_kind: Option<Option<String>>,
    /// Whether staff approve each booking.
    approval: Option<Approval>,
    #[schema(maximum = 86400)]
    minimum_notice_minutes: Option<u32>,
    /// How many civil days ahead it is booked.
    #[schema(minimum = 1, maximum = 400)]
    horizon_days: Option<u32>,
    /// Visits per provider and civil day. Null takes it away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 500)]
    daily_limit: Option<Option<u32>>,
    /// Who may book it.
    patients: Option<Patients>,
    /// From one start to the next; the length of the visit unless set. Null takes it away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u32>, minimum = 5, maximum = 720)]
    step_minutes: Option<Option<u32>>,
    /// Between a call that moves or cancels a visit and the visit; staff may always.
    #[schema(maximum = 20160)]
    change_notice_minutes: Option<u32>,
}

impl Form for ServiceChange {}

/// A field that was sent, if only to say that there is none.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    field: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(field).map(Some)
}

impl From<NewService> for proto::CreateServiceRequest {
    fn from(new: NewService) -> Self {
        Self {
            name: new.name,
            duration_minutes: new.duration_minutes,
            buffer_before_minutes: new.buffer_before_minutes.unwrap_or(0),
            buffer_after_minutes: new.buffer_after_minutes.unwrap_or(0),
            terms: Some(proto::Terms {
                price: new.price.map(Into::into),
                providers: new.provider_ids.map(|ids| proto::ProviderIds { ids }),
                location_id: new.location_id,
                room_kind: new.room_kind,
                approval: new.approval.map(Approval::word),
                minimum_notice_minutes: new.minimum_notice_minutes,
                horizon_days: new.horizon_days,
                daily_limit: new.daily_limit,
                patients: new.patients.map(Patients::word),
                step_minutes: new.step_minutes,
                change_notice_minutes: new.change_notice_minutes,
            }),
        }
    }
}

impl From<ServiceChange> for proto::UpdateServiceRequest {
    /// Between services, what is empty or 0 says that there is none.
    fn from(change: ServiceChange) -> Self {
        Self {
            id: String::new(),
            name: change.name,
            duration_minutes: change.duration_minutes,
            buffer_before_minutes: change.buffer_before_minutes,
            buffer_after_minutes: change.buffer_after_minutes,
            active: change.active,
            terms: Some(proto::Terms {
                price: change
                    .price
                    .map(|price| price.map(Into::into).unwrap_or_default()),
                providers: change.provider_ids.map(|ids| proto::ProviderIds { ids }),
                location_id: change.location_id.map(Option::unwrap_or_default),
                room_kind: change.room_kind.map(Option::unwrap_or_default),
                approval: change.approval.map(Approval::word),
                minimum_notice_minutes: change.minimum_notice_minutes,
                horizon_days: change.horizon_days,
                daily_limit: change.daily_limit.map(Option::unwrap_or_default),
                patients: change.patients.map(Patients::word),
                step_minutes: change.step_minutes.map(Option::unwrap_or_default),
                change_notice_minutes: change.change_notice_minutes,
            }),
        }
    }
}

impl From<Price> for proto::Price {
    fn from(price: Price) -> Self {
        Self {
            minor: price.minor,
            currency: price.currency,
        }
    }
}

impl From<proto::Price> for Price {
    fn from(price: proto::Price) -> Self {
        Self {
            minor: price.minor,
            currency: price.currency,
        }
    }
}

impl Approval {
    fn word(self) -> String {
        match self {
            Self::Instant => "instant",
            Self::Approval => "approval",
        }
        .to_owned()
    }
}

impl Patients {
    fn word(self) -> String {
        match self {
            Self::Anyone => "anyone",
            Self::New => "new",
            Self::Returning => "returning",
        }
        .to_owned()
    }
}
