//! Setting a day that differs from the week.

use voxanne_ids::ExceptionId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Day, Exception, store};
use crate::{Desk, Error, rights};

impl Desk {
    pub(crate) async fn create_exception(
        &self,
        tenant: &Tenant,
        day: Day,
    ) -> Result<Exception, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let exception = Exception {
            id: ExceptionId::new(),
            day,
        };
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if !store::insert(&mut tx, &exception).await? {
            return Err(Error::ExceptionExists);
        }
        tx.note("exception.created", [exception.id.as_uuid()]);
        tx.commit().await?;
        Ok(exception)
    }
}
