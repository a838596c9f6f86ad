//! `getCalendarSlots`: up to three times to choose from.

use jiff::{
    SignedDuration, Timestamp, ToSpan as _,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde_json::{Map, Value, json};
use voxanne_clock::{from_proto, to_proto};
use voxanne_privacy::Private;
use voxanne_proto::booking::v1::{FindSlotsRequest, Slot};
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    runs::{Answer, Request, refuse::refuse, spoken},
};

/// More nobody keeps in mind.
const OFFERED: u32 = 3;
/// Without a date, so far ahead is looked.
const AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Every day that has a name of its own ends within this.
const A_WEEK: SignedDuration = SignedDuration::from_hours(9 * 24);
/// Nobody books further ahead.
const FURTHEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What the caller wants.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    day: Option<Day>,
    part: Option<PartOfDay>,
}

/// Which day is meant by a name is for booking to say, which knows the clinic's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Day {
    On(Date),
    Named(String),
}

impl Day {
    /// A name goes before a date, which the model may have worked out from it.
    fn said(name: Option<&str>, date: Option<&str>) -> Option<Self> {
        let date = || Some(Self::On(date?.parse().ok()?));
        name.map(|name| Self::Named(name.to_owned())).or_else(date)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartOfDay {
    Morning,
    Afternoon,
    Evening,
}

impl PartOfDay {
    /// From the first hour up to, and without, the second.
    const fn hours(self) -> (u32, u32) {
        match self {
            Self::Morning => (0, 12),
            Self::Afternoon => (12, 17),
            Self::Evening => (17, 24),
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
        arguments: &Private<Map<String, Value>>,
    ) -> Answer {
        let text = |name: &str| arguments.expose().get(name).and_then(Value::as_str);
        let wanted = Wanted {
            day: Day::said(text("day"), text("date")),
            part: text("partOfDay").and_then(PartOfDay::named),
        };
        let (from, to) = match window(wanted.day.as_ref(), self.clock.now()) {
            Ok(window) => window,
            Err(sentence) => return Answer::error(sentence),
        };
        let (from_hour, to_hour) = wanted.part.map_or((0, 0), PartOfDay::hours);
        let search = FindSlotsRequest {
            from: Some(to_proto(from)),
            to: Some(to_proto(to)),
            limit: OFFERED,
            date: match &wanted.day {
                Some(Day::On(date)) => date.to_string(),
                _ => String::new(),
            },
            day: match wanted.day {
                Some(Day::Named(ref name)) => name.clone(),
                _ => String::new(),
            },
            from_hour,
            to_hour,
            each_time_once: true,
            call_id: request.vapi_call_id.clone(),
            service_name: text("serviceName").unwrap_or_default().to_owned(),
            provider_name: text("providerName").unwrap_or_default().to_owned(),
            ..FindSlotsRequest::default()
        };
        match self.booking.find_slots(tenant, search).await {
            Ok(found) => {
                let date = found.date.parse().ok();
                answer(&timed(found.slots), (date, wanted.part))
            }
            Err(problem) => refuse(&problem),
        }
    }
}

/// Where to look: all hours that are the day somewhere on earth, or the days ahead.
fn window(day: Option<&Day>, now: Timestamp) -> Result<(Timestamp, Timestamp), &'static str> {
    const TOO_FAR: &str = "I can only look a year ahead.";
    let date = match day {
        Some(Day::On(date)) => date,
        Some(Day::Named(_)) => return Ok((now, now + A_WEEK)),
        None => return Ok((now, now + AHEAD)),
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

/// Slots with the time they have on the clinic's wall.
fn timed(slots: Vec<Slot>) -> Vec<(DateTime, Slot)> {
    let timed = slots
        .into_iter()
        .map(|slot| Some((slot.local_time.parse().ok()?, slot)));
    timed.flatten().collect()
}

fn answer(chosen: &[(DateTime, Slot)], (date, part): (Option<Date>, Option<PartOfDay>)) -> Answer {
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
        0 => nothing(date, part),
        1 => format!("I have {}. Does that suit you?", spoken::offer(&times)),
        _ => format!("I have {}. Which one suits you?", spoken::offer(&times)),
    };
    Answer::result(&say, &json!({"slots": slots}))
}

fn nothing(date: Option<Date>, part: Option<PartOfDay>) -> String {
    let when = match (date, part) {
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

    fn on(date: &str) -> Day {
        Day::On(date.parse().unwrap())
    }

    #[test]
    fn a_name_goes_before_a_date() {
        let said = Day::said(Some("tuesday"), Some("2024-12-03"));
        assert_eq!(said, Some(Day::Named("tuesday".to_owned())));
        assert_eq!(Day::said(None, Some("2026-12-01")), Some(on("2026-12-01")));
        assert_eq!(Day::said(None, Some("soon")), None);
    }

    #[test]
    fn the_parts_of_a_day_make_a_whole() {
        let parts = [PartOfDay::Morning, PartOfDay::Afternoon, PartOfDay::Evening];
        let hours: Vec<_> = parts.into_iter().map(PartOfDay::hours).collect();
        assert_eq!(hours, [(0, 12), (12, 17), (17, 24)]);
    }

    #[test]
    fn a_day_is_looked_for_wherever_the_clinic_is() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let (from, to) = window(Some(&on("2026-12-01")), now).unwrap();
        assert_eq!(from.to_string(), "2026-11-30T10:00:00Z");
        assert_eq!(to.to_string(), "2026-12-02T12:00:00Z");
        let (today, _) = window(Some(&on("2026-11-22")), now).unwrap();
        assert_eq!(today, now);
        assert_eq!(window(None, now).unwrap(), (now, now + AHEAD));
    }

    #[test]
    fn days_that_cannot_be_booked_are_refused() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        for date in ["2019-01-01", "2028-01-01", "9999-12-31", "-009999-01-01"] {
            assert!(window(Some(&on(date)), now).is_err(), "{date}");
        }
    }
}
