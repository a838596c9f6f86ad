//! Every statement about claims.

use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_pg::OrgTx;

use super::{Claim, Manner, Owner, Resource};
use crate::availability::Span;

#[derive(sqlx::FromRow)]
struct BusyRow {
    resource_id: Uuid,
    busy_from: jiff_sqlx::Timestamp,
    busy_to: jiff_sqlx::Timestamp,
}

/// Takes `claims` for `owner`, or gives those of their resources that somebody has already; then
/// some of the others are taken, and the transaction has to go back to where it was before.
///
/// Waits for a rival that has not committed yet; catching the violation instead would let two rivals
/// deadlock.
pub(crate) async fn take(
    tx: &mut OrgTx,
    owner: Owner,
    claims: &[Claim],
    manner: Manner,
) -> Result<Vec<Resource>, sqlx::Error> {
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
    let resources = claims.iter().map(|claim| claim.resource);
    Ok(resources
        .filter(|resource| !taken.contains(&resource.as_uuid()))
        .collect())
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
/// has the ends too, so those that are over are passed by in it.
pub(crate) async fn list_busy(
    tx: &mut OrgTx,
    resources: &[Uuid],
    span: Span,
) -> Result<Vec<(Uuid, Span)>, sqlx::Error> {
    let rows: Vec<BusyRow> = sqlx::query_as(
        "SELECT claim.resource_id, claim.busy_from, claim.busy_to
         FROM booking.claim
         LEFT JOIN booking.hold ON hold.org_id = claim.org_id AND hold.id = claim.hold_id
         WHERE claim.org_id = $1 AND claim.resource_id = ANY($2)
           AND claim.busy_from > $3 - interval '20 hours' AND claim.busy_from < $4
           AND claim.busy_to > $3
           AND (claim.hold_id IS NULL OR hold.expires_at > now())",
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
    fn read(self) -> (Uuid, Span) {
        let span = Span {
            from: self.busy_from.to_jiff(),
            to: self.busy_to.to_jiff(),
        };
        (self.resource_id, span)
    }
}
