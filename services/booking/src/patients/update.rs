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
        tx.commit().await?;
        patient.ok_or(Error::NotFound(What::Patient))
    }
}
