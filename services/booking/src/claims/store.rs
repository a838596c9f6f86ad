//! Every statement about claims.

use std::collections::HashMap;

use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_pg::OrgTx;

use super::{Claim, Manner, Owner, Resource};
use crate::availability::Span;

/// What one resource is taken for: beginnings, and ends in the same order.
#[derive(sqlx::FromRow)]
struct BusyRow {
    resource_id: Uuid,
    busy_from: Vec<jiff_sqlx::Timestamp>,
    busy_to: Vec<jiff_sqlx::Timestamp>,
}

/// Takes `claims` for `owner`, or gives those of their resources that somebody has already; then
/// some of the others are taken, and the transaction has to go back to where it was before. What an
/// expired hold has is not taken.
pub(crate) async fn take(
    tx: &mut OrgTx,
    owner: Owner,
    claims: &[Claim],
    manner: Manner,
) -> Result<Vec<Resource>, sqlx::Error> {
    let mut refused = insert(tx, owner, claims, manner).await?;
    if !refused.is_empty() && free_expired(tx, &refused).await? {
        refused = insert(tx, owner, &refused, manner).await?;
    }
    Ok(refused.into_iter().map(|claim| claim.resource).collect())
}

/// Gives the claims that are refused.
///
/// Waits for a rival that has not committed yet; catching the violation instead would let two rivals
/// deadlock.
async fn insert(
    tx: &mut OrgTx,
    owner: Owner,
    claims: &[Claim],
    manner: Manner,
) -> Result<Vec<Claim>, sqlx::Error> {
    let (mut providers, mut rooms, mut patients) = (Vec::new(), Vec::new(), Vec::new());
    let (mut from, mut to) = (Vec::new(), Vec::new());
    for Claim { resource, busy } in claims {
        let id = Some(resource.as_uuid());
        let (provider, room, patient) = match resource {
            Resource::Provider(_) => (id, None, None),
            Resource::Room(_) => (None, id, None),
            Resource::Patient(_) => (None, None, id),
        };
        providers.push(provider);
        rooms.push(room);
        patients.push(patient);
        from.push(busy.from.to_sqlx());
        to.push(busy.to.to_sqlx());
    }
    let (booking, hold) = match owner {
        Owner::Booking(id) => (Some(id), None),
        Owner::Hold(id) => (None, Some(id)),
    };
    let taken: Vec<Uuid> = sqlx::query_scalar(
        "INSERT INTO booking.claim
           (org_id, provider_id, room_id, patient_id, booking_id, hold_id, busy_from, busy_to,
            exclusive)
         SELECT $1, provider_id, room_id, patient_id, $7, $8, busy_from, busy_to, $9
         FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::timestamptz[])
           AS wanted (provider_id, room_id, patient_id, busy_from, busy_to)
         ORDER BY coalesce(provider_id, room_id, patient_id)
         ON CONFLICT ON CONSTRAINT claim_no_overlap DO NOTHING
         RETURNING resource_id",
    )
    .bind(tx.org())
    .bind(&providers)
    .bind(&rooms)
    .bind(&patients)
    .bind(&from)
    .bind(&to)
    .bind(booking)
    .bind(hold)
    .bind(manner == Manner::Exclusive)
    .fetch_all(&mut **tx)
    .await?;
    let refused = |claim: &&Claim| !taken.contains(&claim.resource.as_uuid());
    Ok(claims.iter().filter(refused).copied().collect())
}

/// Frees what expired holds have of these resources at these times; whether there was any. The holds are locked in
/// the order of their ids, so that two who do this never wait for each other in a circle.
async fn free_expired(tx: &mut OrgTx, refused: &[Claim]) -> Result<bool, sqlx::Error> {
    let resources: Vec<Uuid> = refused.iter().map(|one| one.resource.as_uuid()).collect();
    let from: Vec<_> = refused.iter().map(|one| one.busy.from.to_sqlx()).collect();
    let to: Vec<_> = refused.iter().map(|one| one.busy.to.to_sqlx()).collect();
    let freed = sqlx::query(
        "WITH expired AS (
           SELECT id FROM booking.hold
           WHERE org_id = $1 AND expires_at <= now() AND EXISTS (
             SELECT FROM booking.claim
             JOIN unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[])
               AS wanted (resource_id, busy_from, busy_to)
               ON claim.resource_id = wanted.resource_id
              AND claim.busy_from < wanted.busy_to AND claim.busy_to > wanted.busy_from
             WHERE claim.org_id = $1 AND claim.hold_id = hold.id)
           ORDER BY id FOR UPDATE
         )
         DELETE FROM booking.claim WHERE org_id = $1 AND hold_id IN (SELECT id FROM expired)",
    )
    .bind(tx.org())
    .bind(&resources)
    .bind(&from)
    .bind(&to)
    .execute(&mut **tx)
    .await?;
    Ok(freed.rows_affected() > 0)
}

/// Frees what `owner` has taken.
pub(crate) async fn release(tx: &mut OrgTx, owner: Owner) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM booking.claim WHERE org_id = $1 AND owner_id = $2")
        .bind(tx.org())
        .bind(owner.as_uuid())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// When `resources` are taken within `span`; holds that have expired take nothing.
///
/// No claim is longer than 20 hours, which bounds where one that reaches into `span` begins. The index
/// has the ends too, so those that are over are passed by in it. A month of a large clinic is thousands
/// of claims, which are read many times faster as two lists a resource than as rows.
pub(crate) async fn list_busy(
    tx: &mut OrgTx,
    resources: &[Uuid],
    span: Span,
) -> Result<HashMap<Uuid, Vec<Span>>, sqlx::Error> {
    // The inner SELECTs hide from the planner how little a booking asks for: knowing it, it would plan
    // anew for every booking.
    let rows: Vec<BusyRow> = sqlx::query_as(
        "SELECT claim.resource_id, array_agg(claim.busy_from) AS busy_from,
                array_agg(claim.busy_to) AS busy_to
         FROM booking.claim
         LEFT JOIN booking.hold ON hold.org_id = claim.org_id AND hold.id = claim.hold_id
         WHERE claim.org_id = $1 AND claim.resource_id = ANY((SELECT $2)::uuid[])
           AND claim.busy_from > (SELECT $3::timestamptz - interval '20 hours')
           AND claim.busy_from < (SELECT $4::timestamptz)
           AND claim.busy_to > (SELECT $3::timestamptz)
           AND (claim.hold_id IS NULL OR hold.expires_at > now())
         GROUP BY claim.resource_id",
    )
    .bind(tx.org())
    .bind(resources)
    .bind(span.from.to_sqlx())
    .bind(span.to.to_sqlx())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(BusyRow::read).collect())
}

impl BusyRow {
    fn read(self) -> (Uuid, Vec<Span>) {
        let span = |(from, to): (jiff_sqlx::Timestamp, jiff_sqlx::Timestamp)| Span {
            from: from.to_jiff(),
            to: to.to_jiff(),
        };
        let spans = self.busy_from.into_iter().zip(self.busy_to).map(span);
        (self.resource_id, spans.collect())
    }
}
