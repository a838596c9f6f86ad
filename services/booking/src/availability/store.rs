//! Every statement about who works when.

mod rows;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_ids::{LocationId, ProviderId, RoomId, ServiceId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;

use self::rows::{SpecialRow, TakenRow, VisitRow, WeekRow};
use super::{Span, Special, week::Week};
use crate::{Error, services::Service};

/// Which providers are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Any,
    One(ProviderId),
    /// The first whose name holds this text.
    Named(Private<String>),
}

#[derive(sqlx::FromRow)]
pub(crate) struct ProviderRow {
    pub(crate) id: ProviderId,
    pub(crate) name: String,
    pub(crate) location_id: LocationId,
    pub(crate) time_zone: String,
    /// Its own, else the clinic's; `None` when there is neither.
    pub(crate) schedule_id: Option<Uuid>,
}

/// Active providers who offer `service`, by name.
pub(crate) async fn list_providers(
    tx: &mut OrgTx,
    service: &Service,
    which: &Which,
) -> Result<Vec<ProviderRow>, sqlx::Error> {
    let (id, part, limit) = match which {
        Which::Any => (None, None, None),
        Which::One(id) => (Some(*id), None, Some(1_i64)),
        Which::Named(part) => (None, Some(part), Some(1)),
    };
    sqlx::query_as(
        "SELECT provider.id, provider.name, provider.location_id, location.time_zone,
                coalesce(own.id, usual.id) AS schedule_id
         FROM booking.provider
         JOIN booking.location
           ON location.org_id = provider.org_id AND location.id = provider.location_id
         LEFT JOIN booking.schedule own
           ON own.org_id = provider.org_id AND own.provider_id = provider.id
         LEFT JOIN booking.schedule usual
           ON usual.org_id = provider.org_id AND usual.provider_id IS NULL
         WHERE provider.org_id = $1 AND provider.active AND location.active
           AND ($2::uuid IS NULL OR provider.id = $2)
           AND ($3::text IS NULL OR position(lower($3) IN lower(provider.name)) > 0)
           AND ($4::uuid IS NULL OR provider.location_id = $4)
           AND (cardinality($5::uuid[]) = 0 OR provider.id = ANY($5))
         ORDER BY provider.name, provider.id LIMIT $6",
    )
    .bind(tx.org())
    .bind(id)
    .bind(part)
    .bind(service.terms.location)
    .bind(&service.terms.providers)
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
}

/// The weeks with these ids.
pub(crate) async fn list_weeks(
    tx: &mut OrgTx,
    schedules: &[Uuid],
) -> Result<HashMap<Uuid, Arc<Week>>, Error> {
    // The inner SELECT hides from the planner how many ids there are: knowing it, it would take a plan
    // for one id for so much cheaper than one for any that it planned anew for every booking.
    let rows: Vec<WeekRow> = sqlx::query_as(
        "SELECT schedule_id, weekday, opens, closes, false AS is_break
         FROM booking.weekly_hours WHERE org_id = $1 AND schedule_id = ANY((SELECT $2)::uuid[])
         UNION ALL
         SELECT schedule_id, weekday, starts, ends, true
         FROM booking.weekly_break WHERE org_id = $1 AND schedule_id = ANY((SELECT $2)::uuid[])",
    )
    .bind(tx.org())
    .bind(schedules)
    .fetch_all(&mut **tx)
    .await?;
    rows::weeks(schedules, rows)
}

/// The days around `span` that differ from the week: these providers' and, without one, the clinic's.
pub(crate) async fn list_special(
    tx: &mut OrgTx,
    providers: &[Uuid],
    span: Span,
) -> Result<HashMap<Option<ProviderId>, BTreeMap<Date, Special>>, Error> {
    // Civil days begin up to fourteen hours around the day in UTC, and the days beside those of the
    // span belong to openings that reach across midnight.
    let rows: Vec<SpecialRow> = sqlx::query_as(
        "SELECT special.id, special.provider_id, special.on_date, special.kind, special.name,
                hours.opens, hours.closes
         FROM booking.day_exception special
         LEFT JOIN booking.exception_hours hours
           ON hours.org_id = special.org_id AND hours.exception_id = special.id
         WHERE special.org_id = $1
           AND special.on_date BETWEEN ($2::timestamptz AT TIME ZONE 'UTC')::date - 2
                                   AND ($3::timestamptz AT TIME ZONE 'UTC')::date + 2
           AND (special.provider_id IS NULL OR special.provider_id = ANY($4))
         ORDER BY special.id, hours.opens",
    )
    .bind(tx.org())
    .bind(span.from.to_sqlx())
    .bind(span.to.to_sqlx())
    .bind(providers)
    .fetch_all(&mut **tx)
    .await?;
    rows::special(rows)
}

/// Active rooms of this kind with their locations, in the order in which they are given away.
pub(crate) async fn list_rooms(
    tx: &mut OrgTx,
    kind: &str,
) -> Result<Vec<(LocationId, RoomId)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT location_id, id FROM booking.room
         WHERE org_id = $1 AND active AND kind = $2 ORDER BY name, id",
    )
    .bind(tx.org())
    .bind(kind)
    .fetch_all(&mut **tx)
    .await
}

/// When these providers and rooms are blocked within `span`.
pub(crate) async fn list_blocks(
    tx: &mut OrgTx,
    resources: &[Uuid],
    span: Span,
) -> Result<Vec<(Uuid, Span)>, sqlx::Error> {
    let rows: Vec<TakenRow> = sqlx::query_as(
        "SELECT resource_id, starts_at AS taken_from, ends_at AS taken_to FROM booking.block
         WHERE org_id = $1 AND resource_id = ANY($2)
           AND ends_at > $3 AND starts_at < $4",
    )
    .bind(tx.org())
    .bind(resources)
    .bind(span.from.to_sqlx())
    .bind(span.to.to_sqlx())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(TakenRow::read).collect())
}

/// When visits of `service` begin around `span`, as a day's limit counts them: each as long as it takes
/// its provider's time.
pub(crate) async fn list_visits(
    tx: &mut OrgTx,
    service: ServiceId,
    providers: &[Uuid],
    span: Span,
) -> Result<Vec<(ProviderId, Timestamp)>, sqlx::Error> {
    let rows: Vec<VisitRow> = sqlx::query_as(
        "SELECT claim.provider_id, coalesce(booking.starts_at, hold.starts_at) AS starts_at
         FROM booking.claim
         LEFT JOIN booking.booking
           ON booking.org_id = claim.org_id AND booking.id = claim.booking_id
         LEFT JOIN booking.hold ON hold.org_id = claim.org_id AND hold.id = claim.hold_id
         WHERE claim.org_id = $1 AND claim.resource_id = ANY($2)
           AND claim.busy_from > $3 - interval '20 hours' AND claim.busy_from < $4
           AND coalesce(booking.service_id, hold.service_id) = $5
           AND (claim.hold_id IS NULL OR hold.expires_at > now())",
    )
    .bind(tx.org())
    .bind(providers)
    .bind(span.from.to_sqlx())
    .bind(span.to.to_sqlx())
    .bind(service)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(VisitRow::read).collect())
}
