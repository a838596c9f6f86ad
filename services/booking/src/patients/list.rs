//! Listing patients.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Patient, store};
use crate::{
    Desk, Error,
    page::{Listed, Page},
};

impl Desk {
    pub(crate) async fn list_patients(
        &self,
        tenant: &Tenant,
        page: Page<Uuid>,
    ) -> Result<Listed<Patient>, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &page).await?;
        let listed = page.cut(rows, |patient| patient.id.as_uuid());
        let ids: Vec<_> = listed.items.iter().map(|one| one.id.as_uuid()).collect();
        tx.note("patient.listed", ids);
        tx.commit().await?;
        Ok(listed)
    }
}
