//! Bookings past the service's back, so that there are many.

use anyhow::Context as _;
use jiff::Timestamp;
use sqlx::PgConnection;

use super::{bookings::Clinic, pgbench::bare};

/// Fills the database up to `wanted` bookings, spread over the clinics of `bench.place` and over the
/// years before the ones that are measured; answers how many there are then.
pub(super) async fn reach(owner: &mut PgConnection, wanted: u32) -> anyhow::Result<i64> {
    let there = count(owner).await?;
    let missing = i64::from(wanted) - there;
    if missing > 0 {
        let statement = "
            WITH place AS (SELECT *, count(*) OVER () AS places FROM bench.place),
            made AS (
              SELECT gen_random_uuid() AS id, place.org, place.provider, place.service,
                     timestamptz '2026-12-31 00:00Z' - ($2 + turn / place.places) * interval '15 minutes'
                       AS starts
              FROM generate_series(0, $1 - 1) turn
              JOIN place ON place.number = turn % place.places
            ),
            person AS (
              INSERT INTO booking.patient (org_id, id, name, name_key, phone)
              SELECT DISTINCT org, md5(org::text)::uuid, 'Past Patient', 'pastpatient', '+14155550124' FROM made
              ON CONFLICT DO NOTHING
            ),
            booked AS (
              INSERT INTO booking.booking (org_id, id, status, provider_id, service_id, patient_id,
                starts_at, ends_at, time_zone, local_time, source, notes, version, created_at)
              SELECT org, id, 'completed', provider, service, md5(org::text)::uuid, starts,
                     starts + interval '15 minutes', 'Europe/Berlin', starts::timestamp, 'api', '', 1, now()
              FROM made
            )
            INSERT INTO booking.claim (org_id, provider_id, booking_id, busy_from, busy_to, exclusive)
            SELECT org, provider, id, starts, starts + interval '15 minutes', true FROM made";
        let earlier = there / 64;
        sqlx::query(statement)
            .bind(missing)
            .bind(earlier)
            .execute(&mut *owner)
            .await
            .context("filling the database")?;
    }
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut *owner).await?;
    count(owner).await
}

/// `bookings` of a month from `from` on, at random quarters of each provider's days.
pub(super) async fn month(
    owner: &mut PgConnection,
    clinic: &Clinic,
    from: Timestamp,
    bookings: i32,
) -> anyhow::Result<()> {
    let providers: Vec<_> = clinic
        .providers
        .iter()
        .map(|id| bare(id).to_owned())
        .collect();
    let statement = "
        WITH person AS (
          INSERT INTO booking.patient (org_id, id, name, name_key, phone)
          VALUES ($1::uuid, md5($1)::uuid, 'Past Patient', 'pastpatient', '+14155550124')
        ),
        quarter AS (
          SELECT provider::uuid, $4::timestamptz + day * interval '1 day' + place * interval '15 minutes' AS starts
          FROM unnest($2::text[]) provider, generate_series(0, 29) day, generate_series(32, 71) place
          ORDER BY md5(provider || day || place) LIMIT $5
        ),
        made AS (SELECT gen_random_uuid() AS id, * FROM quarter),
        booked AS (
          INSERT INTO booking.booking (org_id, id, status, provider_id, service_id, patient_id,
            starts_at, ends_at, time_zone, local_time, source, notes, version, created_at)
          SELECT $1::uuid, id, 'booked', provider, $3::uuid, md5($1)::uuid, starts,
                 starts + interval '15 minutes', 'Europe/Berlin', starts::timestamp, 'api', '', 1, now()
          FROM made
        )
        INSERT INTO booking.claim (org_id, provider_id, booking_id, busy_from, busy_to, exclusive)
        SELECT $1::uuid, provider, id, starts, starts + interval '15 minutes', true FROM made";
    sqlx::query(statement)
        .bind(bare(&clinic.fleet.org))
        .bind(&providers)
        .bind(bare(&clinic.service))
        .bind(from.to_string())
        .bind(bookings)
        .execute(owner)
        .await
        .context("filling a month")?;
    Ok(())
}

async fn count(owner: &mut PgConnection) -> anyhow::Result<i64> {
    let count = sqlx::query_scalar("SELECT count(*) FROM booking.booking");
    Ok(count.fetch_one(owner).await?)
}
