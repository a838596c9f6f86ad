//! Changing a patient.

use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Changes, MOST_PHONES, Numbers, Profile, check_born, refusal::Refusal, store};
use crate::{Desk, Error, error::What, rights};

impl Desk {
    pub(crate) async fn update_patient(
        &self,
        tenant: &Tenant,
        id: PatientId,
        changes: Changes,
    ) -> Result<Profile, Error> {
        rights::require(tenant, Permission::PatientsWrite)?;
        let born = changes.born.as_ref().and_then(Option::as_ref);
        check_born(born, self.clock.now())?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let before = store::lock(&mut tx, id).await?;
        before.ok_or(Error::NotFound(What::Patient))?.check()?;
        store::update(&mut tx, id, &changes).await?;
        if let Some(Numbers::All { further, .. }) = &changes.phones {
            store::phones::replace(&mut tx, id, further).await?;
        }
        let profile = store::profile(&mut tx, id).await?;
        let profile = profile.ok_or(Error::Unreadable("patient"))?;
        if profile.further.len() >= MOST_PHONES {
            return Err(Refusal::TooManyPhones.into());
        }
        if changes.name.is_some() || changes.phones.is_some() || changes.born.is_some() {
            check_alone(&mut tx, &profile).await?;
        }
        tx.note("patient.changed", [id.as_uuid()]);
        tx.commit().await?;
        Ok(profile)
    }
}

/// Refuses a change after which nobody could tell two patients apart.
async fn check_alone(tx: &mut OrgTx, profile: &Profile) -> Result<(), Error> {
    let numbers = profile.numbers();
    store::phones::lock_all(tx, &numbers).await?;
    if store::has_double(tx, profile.patient.id, &numbers).await? {
        return Err(Error::PatientExists);
    }
    Ok(())
}
