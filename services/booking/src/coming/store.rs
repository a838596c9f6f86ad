//! The statement about visits that are to come.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_pg::OrgTx;

use super::Need;

/// Whether a visit that has not ended needs this.
pub(crate) async fn any(tx: &mut OrgTx, need: Need, now: Timestamp) -> Result<bool, sqlx::Error> {
    let (mut location, mut provider, mut service, mut room) = (None, None, None, None);
    match need {
        Need::Location(id) => location = Some(id),
        Need::Provider(id) => provider = Some(id),
        Need::Service(id) => service = Some(id),
        Need::Room(id) => room = Some(id),
    }
    sqlx::query_scalar(
        "SELECT EXISTS (
           SELECT FROM booking.booking
           JOIN booking.provider
             ON provider.org_id = booking.org_id AND provider.id = booking.provider_id
           WHERE booking.org_id = $1 AND booking.ends_at > $2
             -- No visit is longer, and the index goes by the beginning.
             AND booking.starts_at > $2 - interval '12 hours'
             AND booking.status IN ('requested', 'booked', 'confirmed', 'arrived')
             AND ($3::uuid IS NULL OR provider.location_id = $3)
             AND ($4::uuid IS NULL OR booking.provider_id = $4)
             AND ($5::uuid IS NULL OR booking.service_id = $5)
             AND ($6::uuid IS NULL OR booking.room_id = $6))",
    )
    .bind(tx.org())
    .bind(now.to_sqlx())
    .bind(location)
    .bind(provider)
    .bind(service)
    .bind(room)
    .fetch_one(&mut **tx)
    .await
}
