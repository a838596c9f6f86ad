//! `getCalendarSlots`: up to three times to choose from.

use jiff::{
    SignedDuration, Timestamp, ToSpan as _,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde_json::{Map, Value, json};
use voxanne_clock::{from_proto, to_proto};
use voxanne_problem::Problem;
use voxanne_proto::booking::v1::{FindSlotsRequest, FindSlotsResponse, Slot};
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    runs::{Answer, Request, refuse::refuse, spoken},
};

/// More nobody keeps in mind.
const OFFERED: usize = 3;
/// The most that booking gives at once.
const PAGE: u32 = 500;
/// Enough for a choice where every time will do.
const FEW: u32 = 60;
/// Without a date, so far ahead is looked.
const AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Nobody books further ahead.
const FURTHEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What the caller wants.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    date: Option<Date>,
    part: Option<PartOfDay>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartOfDay {
    Morning,
    Afternoon,
    Evening,
}

impl PartOfDay {
    fn of(at: DateTime) -> Self {
        match at.hour() {
            ..12 => Self::Morning,
            12..17 => Self::Afternoon,
            17.. => Self::Evening,
        }
    }

    fn named(text: &str) -> Option<Self> {
        match text {
            "morning" => Some(Self::Morning),
            "afternoon" => Some(Self::Afternoon),
            "evening" => Some(Self::Evening),
            _ => None,
        }
    }
}

impl VoiceTooling {
    pub(crate) async fn offer_slots(
        &self,
        tenant: &Tenant,
        request: &Request,
        arguments: &Map<String, Value>,
    ) -> Answer {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let wanted = Wanted {
            date: text("date").and_then(|date| date.parse().ok()),
            part: text("partOfDay").and_then(PartOfDay::named),
        };
        let (from, to) = match window(wanted.date, self.clock.now()) {
            Ok(window) => window,
            Err(sentence) => return Answer::error(sentence),
        };
        let any_time_will_do = wanted.date.is_none() && wanted.part.is_none();
        let search = FindSlotsRequest {
            from: Some(to_proto(from)),
            to: Some(to_proto(to)),
            limit: if any_time_will_do { FEW } else { PAGE },
            call_id: request.vapi_call_id.clone(),
            service_name: text("serviceName").unwrap_or_default().to_owned(),
            provider_name: text("providerName").unwrap_or_default().to_owned(),
            ..FindSlotsRequest::default()
        };
        match self.search(tenant, search, &wanted).await {
            Ok(found) => answer(&choose(found.slots, &wanted), &wanted),
            Err(problem) => refuse(&problem),
        }
    }

    /// Looks for slots. Where the clinic's day begins is not known before the first answer, so that
    /// looks at every hour which is that day somewhere; only a very full calendar needs another.
    async fn search(
        &self,
        tenant: &Tenant,
        request: FindSlotsRequest,
        wanted: &Wanted,
    ) -> Result<FindSlotsResponse, Problem> {
        let found = self.booking.find_slots(tenant, request.clone()).await?;
        let is_full = u32::try_from(found.slots.len()).is_ok_and(|length| length >= PAGE);
        let Some((from, to)) = wanted.date.filter(|_| is_full).and_then(|date| {
            let zone = TimeZone::get(&found.time_zone).ok()?;
            let end = date.tomorrow().ok()?.to_zoned(zone.clone()).ok()?;
            Some((date.to_zoned(zone).ok()?.timestamp(), end.timestamp()))
        }) else {
            return Ok(found);
        };
        let exact = FindSlotsRequest {
            from: Some(to_proto(from.max(self.clock.now()))),
            to: Some(to_proto(to)),
            ..request
        };
        self.booking.find_slots(tenant, exact).await
    }
}

/// Where to look: all hours that are `date` somewhere on earth, or the days ahead.
fn window(date: Option<Date>, now: Timestamp) -> Result<(Timestamp, Timestamp), &'static str> {
    const TOO_FAR: &str = "I can only look a year ahead.";
    let Some(date) = date else {
        return Ok((now, now + AHEAD));
    };
    let midnight = date.to_zoned(TimeZone::UTC).map_err(|_| TOO_FAR)?;
    let midnight = midnight.timestamp();
    let from = midnight.checked_sub(14.hours()).map_err(|_| TOO_FAR)?;
    let to = midnight.checked_add(36.hours()).map_err(|_| TOO_FAR)?;
    if to <= now {
        return Err("That day has passed. Ask the caller for a day from today on.");
    }
    if from > now + FURTHEST {
        return Err(TOO_FAR);
    }
    Ok((from.max(now), to))
}

/// The first slots that fit, each time once.
fn choose(slots: Vec<Slot>, wanted: &Wanted) -> Vec<(DateTime, Slot)> {
    let mut chosen: Vec<(DateTime, Slot)> = Vec::new();
    for slot in slots {
        let Ok(at) = slot.local_time.parse::<DateTime>() else {
            continue;
        };
        let fits = wanted.date.is_none_or(|date| at.date() == date)
            && wanted.part.is_none_or(|part| PartOfDay::of(at) == part);
        if fits && chosen.iter().all(|(other, _)| *other != at) {
            chosen.push((at, slot));
        }
        if chosen.len() == OFFERED {
            break;
        }
    }
    chosen
}

fn answer(chosen: &[(DateTime, Slot)], wanted: &Wanted) -> Answer {
    let slots: Vec<_> = chosen
        .iter()
        .map(|(_, slot)| {
            let starts_at = slot.starts_at.as_ref().and_then(|at| from_proto(at).ok());
            json!({
                "slotId": slot.slot_id,
                "startsAt": starts_at.map(|at| at.to_string()),
                "localTime": slot.local_time,
                "providerName": slot.provider_name,
            })
        })
        .collect();
    let times: Vec<_> = chosen
        .iter()
        .map(|(at, slot)| (*at, slot.provider_name.as_str()))
        .collect();
    let say = match times.len() {
        0 => nothing(wanted),
        1 => format!("I have {}. Does that suit you?", spoken::offer(&times)),
        _ => format!("I have {}. Which one suits you?", spoken::offer(&times)),
    };
    Answer::result(&say, &json!({"slots": slots}))
}

fn nothing(wanted: &Wanted) -> String {
    let when = match (wanted.date, wanted.part) {
        (Some(date), None) => format!("on {}", spoken::day(date)),
        (Some(date), Some(_)) => format!("at that time of day on {}", spoken::day(date)),
        (None, None) => "in the next two weeks".to_owned(),
        (None, Some(_)) => "at that time of day in the next two weeks".to_owned(),
    };
    format!("I am sorry, nothing is free {when}. Would another time suit you?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(local_time: &str, provider: &str) -> Slot {
        Slot {
            slot_id: format!("slot {local_time}"),
            local_time: local_time.into(),
            provider_name: provider.into(),
            ..Slot::default()
        }
    }

    fn wanted(date: Option<&str>, part: Option<&str>) -> Wanted {
        Wanted {
            date: date.map(|date| date.parse().unwrap()),
            part: part.and_then(PartOfDay::named),
        }
    }

    #[test]
    fn three_times_of_the_right_day_and_part_are_chosen() {
        let slots: Vec<_> = [
            "2026-11-30T23:30",
            "2026-12-01T09:00",
            "2026-12-01T09:00",
            "2026-12-01T12:00",
            "2026-12-01T13:00",
            "2026-12-01T16:30",
            "2026-12-01T17:00",
            "2026-12-02T12:00",
        ]
        .into_iter()
        .map(|at| slot(at, "Dr. Lee"))
        .collect();
        let times = |wanted: &Wanted| {
            let chosen = choose(slots.clone(), wanted);
            chosen
                .into_iter()
                .map(|(_, slot)| slot.local_time)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            times(&wanted(Some("2026-12-01"), Some("afternoon"))),
            ["2026-12-01T12:00", "2026-12-01T13:00", "2026-12-01T16:30"]
        );
        assert_eq!(
            times(&wanted(Some("2026-12-01"), None)),
            ["2026-12-01T09:00", "2026-12-01T12:00", "2026-12-01T13:00"]
        );
        assert_eq!(
            times(&wanted(Some("2026-12-01"), Some("evening"))),
            ["2026-12-01T17:00"]
        );
        assert_eq!(times(&wanted(None, None)).len(), 3);
    }

    #[test]
    fn a_day_is_looked_for_wherever_the_clinic_is() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let (from, to) = window(Some("2026-12-01".parse().unwrap()), now).unwrap();
        assert_eq!(from.to_string(), "2026-11-30T10:00:00Z");
        assert_eq!(to.to_string(), "2026-12-02T12:00:00Z");
        let (today, _) = window(Some("2026-11-22".parse().unwrap()), now).unwrap();
        assert_eq!(today, now);
        assert_eq!(window(None, now).unwrap(), (now, now + AHEAD));
    }

    #[test]
    fn days_that_cannot_be_booked_are_refused() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        for date in ["2019-01-01", "2028-01-01", "9999-12-31", "-009999-01-01"] {
            assert!(window(Some(date.parse().unwrap()), now).is_err(), "{date}");
        }
    }
}
