//! Every statement about who works when.

use uuid::Uuid;
use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;

use super::week::Hours;

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
    pub(crate) time_zone: String,
}

#[derive(sqlx::FromRow)]
struct HoursRow {
    provider_id: ProviderId,
    weekday: i16,
    opens: i16,
    closes: i16,
}

/// Active providers, by name.
pub(crate) async fn list_providers(
    tx: &mut OrgTx,
    which: &Which,
) -> Result<Vec<ProviderRow>, sqlx::Error> {
    let (id, part, limit) = match which {
        Which::Any => (None, None, None),
        Which::One(id) => (Some(*id), None, Some(1_i64)),
        Which::Named(part) => (None, Some(part), Some(1)),
    };
    sqlx::query_as(
        "SELECT provider.id, provider.name, location.time_zone
         FROM booking.provider
         JOIN booking.location
           ON location.org_id = provider.org_id AND location.id = provider.location_id
         WHERE provider.org_id = $1 AND provider.active
           AND ($2::uuid IS NULL OR provider.id = $2)
           AND ($3::text IS NULL OR position(lower($3) IN lower(provider.name)) > 0)
         ORDER BY provider.name, provider.id LIMIT $4",
    )
    .bind(tx.org())
    .bind(id)
    .bind(part)
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
}

/// The hours of each provider: its own, else the clinic's default week.
pub(crate) async fn list_hours(
    tx: &mut OrgTx,
    providers: &[Uuid],
) -> Result<Vec<(ProviderId, Hours)>, sqlx::Error> {
    let rows: Vec<HoursRow> = sqlx::query_as(
        "SELECT provider.id AS provider_id, hours.weekday, hours.opens, hours.closes
         FROM booking.provider
         LEFT JOIN booking.schedule own
           ON own.org_id = provider.org_id AND own.provider_id = provider.id
         LEFT JOIN booking.schedule usual
           ON usual.org_id = provider.org_id AND usual.provider_id IS NULL
         JOIN booking.weekly_hours hours
           ON hours.org_id = provider.org_id AND hours.schedule_id = coalesce(own.id, usual.id)
         WHERE provider.org_id = $1 AND provider.id = ANY($2)
         ORDER BY provider.id, hours.weekday, hours.opens",
    )
    .bind(tx.org())
    .bind(providers)
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(HoursRow::read).collect()
}

impl HoursRow {
    fn read(self) -> Result<(ProviderId, Hours), sqlx::Error> {
        let weekday =
            i8::try_from(self.weekday).map_err(|source| sqlx::Error::Decode(Box::new(source)))?;
        Ok((
            self.provider_id,
            Hours {
                weekday,
                opens: self.opens,
                closes: self.closes,
            },
        ))
    }
}
