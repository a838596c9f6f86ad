//! Adding a patient, or finding it: number with name or date of birth say who it is.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{NewPatient, Profile, check_born, store};
use crate::{Desk, Error, error::What, rights};

impl Desk {
    pub(crate) async fn create_patient(
        &self,
        tenant: &Tenant,
        new: NewPatient,
    ) -> Result<Profile, Error> {
        rights::require(tenant, Permission::PatientsWrite)?;
        check_born(new.born.as_ref(), self.clock.now())?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let id = store::find_or_insert(&mut tx, &new).await?.id;
        let profile = store::profile(&mut tx, id).await?;
        let profile = profile.ok_or(Error::NotFound(What::Patient))?;
        tx.note("patient.added", [id.as_uuid()]);
        tx.commit().await?;
        Ok(profile)
    }
}
