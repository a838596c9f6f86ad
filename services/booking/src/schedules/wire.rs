//! Weekly hours on the wire.

use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::Schedule;
use crate::{
    availability::week::{Contradiction, DAY, Hours, Stretch, Week},
    fields::{Unacceptable, optional_id},
    page::Listed,
};

const MOST_HOURS: usize = 50;

impl TryFrom<proto::PutScheduleRequest> for Schedule {
    type Error = Problem;

    fn try_from(request: proto::PutScheduleRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let provider = optional_id(&mut bad, "providerId", &request.provider_id);
        let hours = stretches(&mut bad, "hours", &request.hours);
        let breaks = stretches(&mut bad, "breaks", &request.breaks);
        let week = hours.zip(breaks).and_then(|parts| week(&mut bad, parts));
        let schedule = (|| {
            Some(Self {
                provider: provider?,
                week: week?,
            })
        })();
        bad.finish(schedule)
    }
}

fn week(bad: &mut Violations, (hours, breaks): (Vec<Hours>, Vec<Hours>)) -> Option<Week> {
    match Week::new(hours, breaks) {
        Ok(week) => return Some(week),
        Err(Contradiction::Hours) => bad.add("hours", "OVERLAP", "must not overlap on a day"),
        Err(Contradiction::Breaks) => bad.add("breaks", "OVERLAP", "must not overlap on a day"),
        Err(Contradiction::BreakOutside) => {
            bad.add(
                "breaks",
                "OUTSIDE_HOURS",
                "must lie within the hours of their day",
            );
        }
    }
    None
}

fn stretches(bad: &mut Violations, field: &str, hours: &[proto::Hours]) -> Option<Vec<Hours>> {
    if hours.len() > MOST_HOURS {
        bad.add(field, "RANGE", "must have at most 50 entries");
        return None;
    }
    let read: Vec<_> = hours
        .iter()
        .enumerate()
        .map(|(place, one)| weekly(bad, &format!("{field}[{place}]"), one))
        .collect();
    read.into_iter().collect()
}

fn weekly(bad: &mut Violations, place: &str, hours: &proto::Hours) -> Option<Hours> {
    let weekday = i8::try_from(hours.weekday)
        .ok()
        .filter(|day| (1..=7).contains(day))
        .ok_or(Unacceptable("must be from 1 (Monday) to 7 (Sunday)"));
    let weekday = bad.take(&format!("{place}.weekday"), "WEEKDAY", weekday);
    let stretch = stretch(bad, place, &hours.opens, &hours.closes);
    let (weekday, Stretch { opens, closes }) = weekday.zip(stretch)?;
    Some(Hours {
        weekday,
        opens,
        closes,
    })
}

/// Reads from when to when something is open.
pub(crate) fn stretch(
    bad: &mut Violations,
    place: &str,
    opens: &str,
    closes: &str,
) -> Option<Stretch> {
    let field = |name| format!("{place}.{name}");
    let opens = bad.take(&field("opens"), "TIME", minute(opens));
    let closes = bad.take(&field("closes"), "TIME", minute(closes));
    let read = Stretch {
        opens: opens?,
        closes: closes?,
    };
    if read.closes <= read.opens {
        bad.add(field("closes"), "ORDER", "must be later than `opens`");
        return None;
    }
    Some(read)
}

/// Reads `09:30`, and `24:00` as the end of the day.
fn minute(text: &str) -> Result<i16, Unacceptable> {
    let wrong = Unacceptable("must be a time such as 09:30");
    let [h1, h2, b':', m1, m2] = text.as_bytes() else {
        return Err(wrong);
    };
    let digits = [h1, h2, m1, m2].map(|byte| i16::from(*byte) - i16::from(b'0'));
    let [h1, h2, m1, m2] = digits;
    let (hour, minute) = (h1 * 10 + h2, m1 * 10 + m2);
    let minutes = hour * 60 + minute;
    let all_digits = digits.iter().all(|digit| (0..=9).contains(digit));
    (all_digits && minute < 60 && minutes <= DAY)
        .then_some(minutes)
        .ok_or(wrong)
}

pub(crate) fn minute_text(minute: i16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

impl From<Schedule> for proto::Schedule {
    fn from(schedule: Schedule) -> Self {
        let written = |hours: &Hours| proto::Hours {
            weekday: u32::from(hours.weekday.unsigned_abs()),
            opens: minute_text(hours.opens),
            closes: minute_text(hours.closes),
        };
        Self {
            provider_id: schedule
                .provider
                .map(|id| id.to_string())
                .unwrap_or_default(),
            hours: schedule.week.hours().iter().map(written).collect(),
            breaks: schedule.week.breaks().iter().map(written).collect(),
        }
    }
}

impl From<Listed<Schedule>> for proto::ListSchedulesResponse {
    fn from(listed: Listed<Schedule>) -> Self {
        Self {
            schedules: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_strictly() {
        for (text, minutes) in [
            ("00:00", Some(0)),
            ("09:30", Some(570)),
            ("23:59", Some(1439)),
            ("24:00", Some(1440)),
            ("24:01", None),
            ("9:30", None),
            ("09:60", None),
            ("0a:00", None),
            ("+1:00", None),
            ("09:30 ", None),
            ("", None),
        ] {
            assert_eq!(minute(text).ok(), minutes, "{text}");
        }
    }
}
