//! Services on the wire.

mod terms;

use std::ops::RangeInclusive;

use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{Changes, NewService, Service};
use crate::{fields::changed, page::Listed};

const DURATION: RangeInclusive<i32> = 5..=720;
const BUFFER: RangeInclusive<i32> = 0..=240;

/// A whole number within `range`.
fn number(
    bad: &mut Violations,
    field: &str,
    value: u32,
    range: RangeInclusive<i32>,
) -> Option<i32> {
    let within = i32::try_from(value)
        .ok()
        .filter(|number| range.contains(number));
    if within.is_none() {
        let (first, last) = range.into_inner();
        bad.add(field, "RANGE", format!("must be from {first} to {last}"));
    }
    within
}

/// A number that may be left as it is.
fn new_number(
    bad: &mut Violations,
    field: &str,
    value: Option<u32>,
    range: RangeInclusive<i32>,
) -> Option<Option<i32>> {
    match value {
        None => Some(None),
        Some(value) => number(bad, field, value, range).map(Some),
    }
}

impl TryFrom<proto::CreateServiceRequest> for NewService {
    type Error = Problem;

    fn try_from(request: proto::CreateServiceRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = bad.take("name", "NAME", request.name.parse());
        let mut minutes = |field, value, range| number(&mut bad, field, value, range);
        let duration = minutes("durationMinutes", request.duration_minutes, DURATION);
        let before = minutes("bufferBeforeMinutes", request.buffer_before_minutes, BUFFER);
        let after = minutes("bufferAfterMinutes", request.buffer_after_minutes, BUFFER);
        let terms = terms::read(&mut bad, request.terms.unwrap_or_default());
        let new = (|| {
            Some(Self {
                name: name?,
                duration_minutes: duration?,
                buffer_before_minutes: before?,
                buffer_after_minutes: after?,
                terms: terms?,
            })
        })();
        bad.finish(new)
    }
}

impl TryFrom<&proto::UpdateServiceRequest> for Changes {
    type Error = Problem;

    fn try_from(request: &proto::UpdateServiceRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = changed(&mut bad, "name", "NAME", request.name.as_ref());
        let mut minutes = |field, value, range| new_number(&mut bad, field, value, range);
        let duration = minutes("durationMinutes", request.duration_minutes, DURATION);
        let before = minutes("bufferBeforeMinutes", request.buffer_before_minutes, BUFFER);
        let after = minutes("bufferAfterMinutes", request.buffer_after_minutes, BUFFER);
        let terms = terms::read(&mut bad, request.terms.clone().unwrap_or_default());
        let changes = (|| {
            Some(Self {
                name: name?,
                duration_minutes: duration?,
                buffer_before_minutes: before?,
                buffer_after_minutes: after?,
                active: request.active,
                terms: terms?,
            })
        })();
        bad.finish(changes)
    }
}

impl From<Service> for proto::Service {
    fn from(service: Service) -> Self {
        Self {
            id: service.id.to_string(),
            name: service.name,
            duration_minutes: service.duration_minutes.unsigned_abs(),
            buffer_before_minutes: service.buffer_before_minutes.unsigned_abs(),
            buffer_after_minutes: service.buffer_after_minutes.unsigned_abs(),
            active: service.active,
            terms: Some(service.terms.into()),
        }
    }
}

impl From<Listed<Service>> for proto::ListServicesResponse {
    fn from(listed: Listed<Service>) -> Self {
        Self {
            services: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
