//! Days as rows.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;
use voxanne_ids::ProviderId;

use crate::{
    Error,
    availability::{
        Span, Special,
        week::{Hours, Stretch, Week, joined},
    },
};

#[derive(sqlx::FromRow)]
pub(super) struct WeekRow {
    schedule_id: Uuid,
    weekday: i16,
    opens: i16,
    closes: i16,
    is_break: bool,
}

/// One stretch of a day that differs, or the day itself when it has none.
#[derive(sqlx::FromRow)]
pub(super) struct SpecialRow {
    id: Uuid,
    provider_id: Option<ProviderId>,
    on_date: jiff_sqlx::Date,
    kind: String,
    name: String,
    opens: Option<i16>,
    closes: Option<i16>,
}

#[derive(sqlx::FromRow)]
pub(super) struct TakenRow {
    resource_id: Uuid,
    taken_from: jiff_sqlx::Timestamp,
    taken_to: jiff_sqlx::Timestamp,
}

#[derive(sqlx::FromRow)]
pub(super) struct VisitRow {
    provider_id: ProviderId,
    starts_at: jiff_sqlx::Timestamp,
}

/// A week for each of `schedules`; one without rows is never open.
pub(super) fn weeks(
    schedules: &[Uuid],
    rows: Vec<WeekRow>,
) -> Result<HashMap<Uuid, Arc<Week>>, Error> {
    let mut parts: HashMap<Uuid, (Vec<Hours>, Vec<Hours>)> = schedules
        .iter()
        .map(|id| (*id, Default::default()))
        .collect();
    for row in rows {
        let weekday = i8::try_from(row.weekday).map_err(|_large| Error::Unreadable("weekday"))?;
        let (hours, breaks) = parts.entry(row.schedule_id).or_default();
        let part = if row.is_break { breaks } else { hours };
        part.push(Hours {
            weekday,
            opens: row.opens,
            closes: row.closes,
        });
    }
    parts
        .into_iter()
        .map(|(id, (hours, breaks))| {
            let week = Week::new(hours, breaks).map_err(|_slip| Error::Unreadable("week"))?;
            Ok((id, Arc::new(week)))
        })
        .collect()
}

/// The days of each provider, and under none the clinic's; `rows` come by day.
pub(super) fn special(
    rows: Vec<SpecialRow>,
) -> Result<HashMap<Option<ProviderId>, BTreeMap<Date, Special>>, Error> {
    let mut days: HashMap<Option<ProviderId>, BTreeMap<Date, Special>> = HashMap::new();
    for day in rows.chunk_by(|one, next| one.id == next.id) {
        let first = &day[0];
        let special = match first.kind.as_str() {
            "closed" => Special::Closed,
            "holiday" => Special::Holiday(first.name.clone()),
            "hours" => Special::Hours(stretches(day)?),
            _ => return Err(Error::Unreadable("exception")),
        };
        let own = days.entry(first.provider_id).or_default();
        own.insert(first.on_date.to_jiff(), special);
    }
    Ok(days)
}

fn stretches(day: &[SpecialRow]) -> Result<Vec<Stretch>, Error> {
    let read = |row: &SpecialRow| {
        Some(Stretch {
            opens: row.opens?,
            closes: row.closes?,
        })
    };
    joined(day.iter().filter_map(read).collect()).ok_or(Error::Unreadable("exception"))
}

impl TakenRow {
    pub(super) fn read(self) -> (Uuid, Span) {
        let span = Span {
            from: self.taken_from.to_jiff(),
            to: self.taken_to.to_jiff(),
        };
        (self.resource_id, span)
    }
}

impl VisitRow {
    pub(super) fn read(self) -> (ProviderId, Timestamp) {
        (self.provider_id, self.starts_at.to_jiff())
    }
}
