//! What one patient waits for.

use voxanne_ids::{PatientId, WaitlistEntryId};
use voxanne_pg::OrgTx;

use super::{super::Entry, row::Row};
use crate::Error;

/// Every entry of the patient, the first one first.
pub(crate) async fn list(tx: &mut OrgTx, patient: PatientId) -> Result<Vec<Entry>, Error> {
    let rows: Vec<Row> = sqlx::query_as(select!("AND entry.patient_id = $2 ORDER BY entry.id"))
        .bind(tx.org())
        .bind(patient)
        .fetch_all(&mut **tx)
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Entries that wait or are offered something, which nobody else changes until the end of this
/// transaction.
pub(crate) async fn lock_active(tx: &mut OrgTx, patient: PatientId) -> Result<Vec<Entry>, Error> {
    let ids: Vec<WaitlistEntryId> = sqlx::query_scalar(
        "SELECT id FROM booking.waitlist_entry
         WHERE org_id = $1 AND patient_id = $2 AND state IN ('waiting', 'offered')
         ORDER BY id FOR UPDATE",
    )
    .bind(tx.org())
    .bind(patient)
    .fetch_all(&mut **tx)
    .await?;
    let mut entries = list(tx, patient).await?;
    entries.retain(|entry| ids.contains(&entry.id));
    Ok(entries)
}

/// Forgets what was noted.
pub(crate) async fn blank(tx: &mut OrgTx, patient: PatientId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.waitlist_entry SET note = ''
         WHERE org_id = $1 AND patient_id = $2 AND note <> ''",
    )
    .bind(tx.org())
    .bind(patient)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
