//! Slots on the wire.

use std::ops::Range;

use jiff::SignedDuration;
use voxanne_clock::to_proto;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{
    Span,
    day::Day,
    explain::{EmptyDay, Reason},
    find::{Found, Wanted, WhichService},
    slot::{Choice, Slot, local_text},
    store::Which,
};
use crate::{
    fields::{self, free_text},
    services::Service,
};

const LONGEST_SPAN: SignedDuration = SignedDuration::from_hours(62 * 24);
const LARGEST_LIMIT: u32 = 500;
const LONGEST_NAME: usize = 120;

impl TryFrom<proto::FindSlotsRequest> for Wanted {
    type Error = Problem;

    fn try_from(request: proto::FindSlotsRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let service = service(&mut bad, &request);
        let providers = providers(&mut bad, &request);
        let choice = choice(&mut bad, &request);
        let call = bad.take("callId", "CALL_ID", request.call_id.parse());
        let wanted = (|| {
            Some(Self {
                service: service?,
                providers: providers?,
                choice: choice?,
                explain: request.explain,
                call: call?,
            })
        })();
        bad.finish(wanted)
    }
}

fn service(bad: &mut Violations, request: &proto::FindSlotsRequest) -> Option<WhichService> {
    if !request.service_id.is_empty() {
        return fields::id(bad, "serviceId", &request.service_id).map(WhichService::One);
    }
    let part = bad.take(
        "serviceName",
        "NAME",
        free_text(&request.service_name, LONGEST_NAME),
    )?;
    Some(if part.is_empty() {
        WhichService::First
    } else {
        WhichService::Named(part)
    })
}

fn providers(bad: &mut Violations, request: &proto::FindSlotsRequest) -> Option<Which> {
    if !request.provider_id.is_empty() {
        return fields::id(bad, "providerId", &request.provider_id).map(Which::One);
    }
    let part = bad.take(
        "providerName",
        "NAME",
        free_text(&request.provider_name, LONGEST_NAME),
    )?;
    Some(if part.is_empty() {
        Which::Any
    } else {
        Which::Named(part)
    })
}

fn choice(bad: &mut Violations, request: &proto::FindSlotsRequest) -> Option<Choice> {
    let span = span(bad, request);
    if request.limit > LARGEST_LIMIT {
        bad.add("limit", "RANGE", "must be from 1 to 500");
    }
    let limit = if request.limit == 0 {
        LARGEST_LIMIT
    } else {
        request.limit
    } as usize;
    let day = day(bad, request);
    let hours = hours(bad, request.from_hour, request.to_hour);
    Some(Choice {
        span: span?,
        day: day?,
        hours: hours?,
        each_time_once: request.each_time_once,
        limit,
    })
}

fn day(bad: &mut Violations, request: &proto::FindSlotsRequest) -> Option<Option<Day>> {
    match (request.date.as_str(), request.day.as_str()) {
        ("", "") => Some(None),
        (date, "") => {
            let date = bad.take("date", "DATE", date.parse())?;
            Some(Some(Day::On(date)))
        }
        ("", word) => {
            let day = Day::named(word);
            if day.is_none() {
                bad.add("day", "ONE_OF", "must be `today`, `tomorrow` or a weekday");
            }
            day.map(Some)
        }
        (_, _) => {
            bad.add("day", "CONFLICT", "give `date` or `day`, not both");
            None
        }
    }
}

fn hours(bad: &mut Violations, from: u32, to: u32) -> Option<Range<i8>> {
    let to = if to == 0 { 24 } else { to };
    match (i8::try_from(from), i8::try_from(to)) {
        (Ok(from), Ok(to)) if from < to && to <= 24 => Some(from..to),
        _ => {
            bad.add(
                "toHour",
                "RANGE",
                "must be later than `fromHour` and at most 24",
            );
            None
        }
    }
}

fn span(bad: &mut Violations, request: &proto::FindSlotsRequest) -> Option<Span> {
    let from = fields::moment(bad, "from", request.from.as_ref());
    let to = fields::moment(bad, "to", request.to.as_ref());
    let span = Span {
        from: from?,
        to: to?,
    };
    if span.to <= span.from {
        bad.add("to", "RANGE", "must be later than `from`");
    } else if span.to.duration_since(span.from) > LONGEST_SPAN {
        bad.add("to", "RANGE", "must be at most 62 days later than `from`");
    }
    Some(span)
}

impl From<Found> for proto::FindSlotsResponse {
    fn from(found: Found) -> Self {
        let service = found.service;
        Self {
            slots: found
                .slots
                .into_iter()
                .map(|slot| slot_message(slot, &service))
                .collect(),
            empty_days: found.empty_days.into_iter().map(Into::into).collect(),
            time_zone: found.time_zone,
            date: found.date.map(|date| date.to_string()).unwrap_or_default(),
        }
    }
}

fn slot_message(slot: Slot, service: &Service) -> proto::Slot {
    proto::Slot {
        slot_id: slot.id,
        starts_at: Some(to_proto(slot.visit.from)),
        ends_at: Some(to_proto(slot.visit.to)),
        provider_id: slot.provider.to_string(),
        provider_name: slot.provider_name,
        service_id: service.id.to_string(),
        service_name: service.name.clone(),
        local_time: local_text(slot.local_time),
        time_zone: slot.time_zone,
    }
}

impl From<EmptyDay> for proto::EmptyDay {
    fn from(day: EmptyDay) -> Self {
        Self {
            date: day.date.to_string(),
            reason: day.reason.code().to_owned(),
            sentence: day.reason.sentence(),
            name: match day.reason {
                Reason::Holiday(name) => name,
                _ => String::new(),
            },
        }
    }
}
