//! Days that differ from the week on the wire.

use jiff::civil::Date;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{Day, Exception, Kind};
use crate::{
    availability::week::{Stretch, joined},
    fields::{Name, Unacceptable, optional_id},
    page::Listed,
    schedules::wire::{minute_text, stretch},
};

const MOST_HOURS: usize = 20;

impl TryFrom<proto::CreateExceptionRequest> for Day {
    type Error = Problem;

    fn try_from(request: proto::CreateExceptionRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let provider = optional_id(&mut bad, "providerId", &request.provider_id);
        let date = bad.take("date", "DATE", date(&request.date));
        let kind = Kind::from_word(&request.kind);
        if kind.is_none() {
            bad.add("kind", "ONE_OF", "must be hours, closed or holiday");
        }
        let name = name(&mut bad, &request.name, kind);
        let hours = hours(&mut bad, &request.hours, kind);
        if kind == Some(Kind::Holiday) && !request.provider_id.is_empty() {
            bad.add("providerId", "CONFLICT", "a holiday is the whole clinic's");
        }
        let day = (|| {
            Some(Self {
                provider: provider?,
                date: date?,
                kind: kind?,
                name: name?,
                hours: hours?,
            })
        })();
        bad.finish(day)
    }
}

/// Reads `2026-12-24` and no other way of writing a day.
fn date(text: &str) -> Result<Date, Unacceptable> {
    let wrong = Unacceptable("must be a day that there is, such as 2026-12-24");
    let read: Date = text.parse().map_err(|_no_date| wrong)?;
    let plain = read.to_string() == text && (1970..=9998).contains(&read.year());
    plain.then_some(read).ok_or(wrong)
}

fn name(bad: &mut Violations, text: &str, kind: Option<Kind>) -> Option<String> {
    if text.is_empty() && kind != Some(Kind::Holiday) {
        return Some(String::new());
    }
    let name = bad.take("name", "NAME", text.parse::<Name>())?;
    Some(name.as_str().to_owned())
}

fn hours(
    bad: &mut Violations,
    hours: &[proto::Stretch],
    kind: Option<Kind>,
) -> Option<Vec<Stretch>> {
    let wanted = kind == Some(Kind::Hours);
    if kind.is_some() && !wanted && !hours.is_empty() {
        bad.add(
            "hours",
            "CONFLICT",
            "must not be given unless `kind` is hours",
        );
        return None;
    }
    if wanted && !(1..=MOST_HOURS).contains(&hours.len()) {
        bad.add("hours", "RANGE", "must have from 1 to 20 entries");
        return None;
    }
    let read: Vec<_> = hours
        .iter()
        .enumerate()
        .map(|(place, one)| stretch(bad, &format!("hours[{place}]"), &one.opens, &one.closes))
        .collect();
    let read = joined(read.into_iter().collect::<Option<_>>()?);
    bad.take(
        "hours",
        "OVERLAP",
        read.ok_or(Unacceptable("must not overlap")),
    )
}

impl From<Exception> for proto::DayException {
    fn from(exception: Exception) -> Self {
        let day = exception.day;
        Self {
            id: exception.id.to_string(),
            provider_id: day.provider.map(|id| id.to_string()).unwrap_or_default(),
            date: day.date.to_string(),
            kind: day.kind.as_str().to_owned(),
            name: day.name,
            hours: day
                .hours
                .iter()
                .map(|stretch| proto::Stretch {
                    opens: minute_text(stretch.opens),
                    closes: minute_text(stretch.closes),
                })
                .collect(),
        }
    }
}

impl From<Listed<Exception>> for proto::ListExceptionsResponse {
    fn from(listed: Listed<Exception>) -> Self {
        Self {
            exceptions: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
