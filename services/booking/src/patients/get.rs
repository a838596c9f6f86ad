//! Showing a patient.

use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Patient, store};
use crate::{Desk, Error, error::What};

impl Desk {
    pub(crate) async fn get_patient(
        &self,
        tenant: &Tenant,
        id: PatientId,
    ) -> Result<Patient, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let patient = store::load(&mut tx, id).await?;
        let patient = patient.ok_or(Error::NotFound(What::Patient))?;
        tx.note("patient.read", [id.as_uuid()]);
        tx.commit().await?;
        Ok(patient)
    }
}
