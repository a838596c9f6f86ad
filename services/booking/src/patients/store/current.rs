//! Who a patient is now, kept so until the end of the transaction.

use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;

use crate::{
    Error,
    patients::{Patient, refusal::Refusal},
};

/// Merges that may be committed while one patient is waited for.
const MOST_MERGES: usize = 10;

/// Whether a patient is still one.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(crate) struct Standing {
    merged_into: Option<PatientId>,
    is_erased: bool,
}

impl Standing {
    /// Refuses a tombstone and who was erased.
    pub(crate) const fn check(self) -> Result<(), Refusal> {
        match (self.merged_into, self.is_erased) {
            (Some(into), _) => Err(Refusal::Merged(into)),
            (None, true) => Err(Refusal::Erased),
            (None, false) => Ok(()),
        }
    }
}

/// Who is meant by this id: of a tombstone the patient it points to. Nobody merges or erases that
/// patient until the end of the transaction.
pub(crate) async fn load(tx: &mut OrgTx, id: PatientId) -> Result<Option<Patient>, Error> {
    for _ in 0..MOST_MERGES {
        let Some(end) = end_of_path(tx, id).await? else {
            return Ok(None);
        };
        let current: Option<Patient> = sqlx::query_as(
            "SELECT id, name, phone, email FROM booking.patient
             WHERE org_id = $1 AND id = $2 AND merged_into IS NULL AND erased_at IS NULL
             FOR KEY SHARE",
        )
        .bind(tx.org())
        .bind(end)
        .fetch_optional(&mut **tx)
        .await?;
        // Else it was merged or erased while the row was waited for.
        if current.is_some() {
            return Ok(current);
        }
    }
    Err(Error::Unreadable("patient"))
}

/// The patient, not erased, whom the id means.
async fn end_of_path(tx: &mut OrgTx, id: PatientId) -> Result<Option<PatientId>, sqlx::Error> {
    sqlx::query_scalar(
        "WITH RECURSIVE path AS (
           SELECT id, merged_into, erased_at FROM booking.patient WHERE org_id = $1 AND id = $2
           UNION
           SELECT next.id, next.merged_into, next.erased_at FROM booking.patient AS next
           JOIN path ON next.org_id = $1 AND next.id = path.merged_into
         )
         SELECT id FROM path WHERE merged_into IS NULL AND erased_at IS NULL",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await
}

/// How this very patient stands; nobody books for it, changes, merges or erases it until the end of
/// the transaction.
pub(crate) async fn lock(tx: &mut OrgTx, id: PatientId) -> Result<Option<Standing>, sqlx::Error> {
    sqlx::query_as(
        "SELECT merged_into, erased_at IS NOT NULL AS is_erased FROM booking.patient
         WHERE org_id = $1 AND id = $2 FOR UPDATE",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await
}
