//! Showing a patient, or the tombstone of one.

use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Profile, store};
use crate::{Desk, Error, error::What};

impl Desk {
    pub(crate) async fn get_patient(
        &self,
        tenant: &Tenant,
        id: PatientId,
    ) -> Result<Profile, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let profile = store::profile(&mut tx, id).await?;
        let profile = profile.ok_or(Error::NotFound(What::Patient))?;
        tx.note("patient.read", [id.as_uuid()]);
        tx.commit().await?;
        Ok(profile)
    }
}
