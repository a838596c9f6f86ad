//! Listing patients, and searching for one. Tombstones and who was erased are not listed.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::{Permission, Tenant};

use super::{Profile, store};
use crate::{
    Desk, Error,
    fields::Phone,
    page::{Listed, Page},
    rights,
};

/// Which patients are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) phone: Option<Private<Phone>>,
    /// Part of a name, as its key.
    pub(crate) name_key: Option<Private<String>>,
    pub(crate) page: Page<Uuid>,
}

impl Desk {
    pub(crate) async fn list_patients(
        &self,
        tenant: &Tenant,
        filter: Filter,
    ) -> Result<Listed<Profile>, Error> {
        if filter.phone.is_some() || filter.name_key.is_some() {
            // Looking for somebody is work at the desk, not a look at what was done there.
            rights::require_desk(tenant, Permission::PatientsWrite)?;
        }
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &filter).await?;
        let listed = filter.page.cut(rows, |one| one.patient.id.as_uuid());
        let ids: Vec<_> = listed
            .items
            .iter()
            .map(|one| one.patient.id.as_uuid())
            .collect();
        tx.note("patient.listed", ids);
        tx.commit().await?;
        Ok(listed)
    }
}
