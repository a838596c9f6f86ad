//! What a booking or a hold takes: a resource for a stretch of time.
//!
//! Claims of one owner are taken all at once or not at all, in the order of the resources' ids, so
//! that two who want the same ones never wait for each other in a circle.

pub(crate) mod store;

use uuid::Uuid;
use voxanne_ids::{BookingId, HoldId, PatientId, ProviderId};

use crate::availability::Span;

/// Something that can be in one place at a time only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Provider(ProviderId),
    Patient(PatientId),
}

/// A resource and when it is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) resource: Resource,
    pub(crate) busy: Span,
}

/// For whom something is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Booking(BookingId),
    Hold(HoldId),
}

/// How something is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Nobody else may have it.
    Exclusive,
    /// Over whatever is taken, by staff.
    Overbooked,
}

impl Resource {
    pub(crate) const fn as_uuid(&self) -> Uuid {
        match self {
            Self::Provider(id) => id.as_uuid(),
            Self::Patient(id) => id.as_uuid(),
        }
    }
}

impl Owner {
    const fn as_uuid(&self) -> Uuid {
        match self {
            Self::Booking(id) => id.as_uuid(),
            Self::Hold(id) => id.as_uuid(),
        }
    }
}

/// Joins the spans of one provider that overlap, as those of overbooked visits do. They come by
/// provider and then by beginning.
fn merge(spans: impl Iterator<Item = (ProviderId, Span)>) -> Vec<(ProviderId, Span)> {
    let mut merged: Vec<(ProviderId, Span)> = Vec::new();
    for (provider, span) in spans {
        match merged.last_mut() {
            Some((same, last)) if *same == provider && span.from < last.to => {
                last.to = last.to.max(span.to);
            }
            _ => merged.push((provider, span)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_spans_of_one_provider_become_one() {
        let span = |from: &str, to: &str| Span {
            from: format!("2026-12-02T{from}Z").parse().unwrap(),
            to: format!("2026-12-02T{to}Z").parse().unwrap(),
        };
        let (one, two) = (ProviderId::new(), ProviderId::new());
        let merged = merge(
            [
                (one, span("09:00", "11:00")),
                (one, span("09:30", "10:00")),
                (one, span("10:30", "11:30")),
                (one, span("11:30", "12:00")),
                (two, span("11:00", "13:00")),
            ]
            .into_iter(),
        );
        let wanted = [
            (one, span("09:00", "11:30")),
            (one, span("11:30", "12:00")),
            (two, span("11:00", "13:00")),
        ];
        assert_eq!(merged, wanted);
    }
}
