//! Adding a patient, or finding it: the same number and name are the same patient.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{NewPatient, Patient, store};
use crate::{Desk, Error, rights};

impl Desk {
    pub(crate) async fn create_patient(
        &self,
        tenant: &Tenant,
        new: NewPatient,
    ) -> Result<Patient, Error> {
        rights::require(tenant, Permission::PatientsWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let patient = store::find_or_insert(&mut tx, &new).await?;
        tx.note("patient.added", [patient.id.as_uuid()]);
        tx.commit().await?;
        Ok(patient)
    }
}
