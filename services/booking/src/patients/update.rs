//! Changing a patient.

use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Changes, Patient, store};
use crate::{Desk, Error, error::What, rights};

impl Desk {
    pub(crate) async fn update_patient(
        &self,
        tenant: &Tenant,
        id: PatientId,
        changes: Changes,
    ) -> Result<Patient, Error> {
        rights::require(tenant, Permission::PatientsWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let patient = store::update(&mut tx, id, &changes).await?;
        let patient = patient.ok_or(Error::NotFound(What::Patient))?;
        tx.note("patient.changed", [id.as_uuid()]);
        tx.commit().await?;
        Ok(patient)
    }
}
