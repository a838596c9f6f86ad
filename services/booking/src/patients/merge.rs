//! Making one patient of two.
//!
//! Bookings, tasks and numbers move in one transaction, and the first patient stays as a tombstone
//! that points to the second. Whoever books holds the patient's row until its booking is there, so
//! no booking is left with the tombstone.

use serde_json::json;
use voxanne_events::New;
use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{MOST_PHONES, Profile, refusal::Refusal, store};
use crate::{Desk, Error, contention, error::What, fields, rights};

/// Two patients who are one person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Merge {
    /// Becomes the tombstone.
    pub(crate) from: PatientId,
    pub(crate) into: PatientId,
}

impl Desk {
    #[tracing::instrument(name = "patient.merge", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn merge_patients(
        &self,
        tenant: &Tenant,
        merge: Merge,
    ) -> Result<Profile, Error> {
        rights::require_desk(tenant, Permission::PatientsWrite)?;
        contention::settle(|| self.merge_once(tenant, merge)).await
    }

    async fn merge_once(&self, tenant: &Tenant, merge: Merge) -> Result<Profile, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        lock_both(&mut tx, merge).await?;
        store::moving::bookings(&mut tx, merge).await?;
        store::moving::claims(&mut tx, merge).await?;
        store::moving::tasks(&mut tx, merge).await?;
        store::moving::waitlist(&mut tx, merge).await?;
        store::moving::phones(&mut tx, merge).await?;
        store::moving::person(&mut tx, merge).await?;
        let profile = store::profile(&mut tx, merge.into).await?;
        let profile = profile.ok_or(Error::Unreadable("patient"))?;
        if profile.further.len() >= MOST_PHONES {
            return Err(Refusal::TooManyPhones.into());
        }
        tx.note(
            "patient.merged",
            [merge.from.as_uuid(), merge.into.as_uuid()],
        );
        let merged = New {
            kind: "patient.merged",
            at: self.clock.now(),
            data: json!({ "patientId": merge.from, "intoId": merge.into }),
        };
        self.log.commit(tx, vec![merged]).await?;
        Ok(profile)
    }
}

/// Keeps both as they are until the end of the transaction, if they can be merged. A tombstone or
/// an erased patient takes part in no other merge, so merges make no circle.
async fn lock_both(tx: &mut OrgTx, merge: Merge) -> Result<(), Error> {
    // In the order of their ids, so that two merges the other way round do not wait for each other.
    let mut ids = [merge.from, merge.into];
    ids.sort_unstable();
    let mut found = Vec::new();
    for id in ids {
        found.push((id, store::lock(tx, id).await?));
    }
    for id in [merge.from, merge.into] {
        let standing = found.iter().find(|(known, _)| *known == id);
        let standing = standing.and_then(|(_, standing)| *standing);
        standing.ok_or(Error::NotFound(What::Patient))?.check()?;
    }
    if merge.from == merge.into {
        return Err(fields::refused("intoId", "SAME", "must be another patient").into());
    }
    Ok(())
}
