//! Giving organisations a new data key; their secrets are sealed anew with it afterwards.

use jiff::Timestamp;
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_tenant::Tenant;

use super::{DataKeys, store};
use crate::Error;

impl DataKeys {
    /// Gives the next `size` organisations after `position` a new data key whose newest one was
    /// made before `moment`; returns how many, or nothing when there are none left.
    #[tracing::instrument(name = "data_key.renew", skip_all)]
    pub(crate) async fn renew(
        &self,
        moment: Timestamp,
        position: &mut Option<OrgId>,
        size: u32,
    ) -> Result<Option<u64>, Error> {
        let why = "every organisation's data key may be too old";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let page = store::newest_before(&mut tx, moment, *position, size).await?;
        tx.commit().await?;
        let Some((last, _)) = page.last() else {
            return Ok(None);
        };
        *position = Some(*last);
        let mut renewed = 0;
        for (org, version) in page {
            let tenant = Tenant::for_job(org, "rotate-keys");
            self.make(&tenant, version.saturating_add(1)).await?;
            renewed += 1;
        }
        Ok(Some(renewed))
    }

    /// Deletes the organisation's data keys that seal nothing any more. One that somebody seals
    /// with at this moment is left for the next time.
    pub(crate) async fn prune(&self, tenant: &Tenant) -> Result<(), Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        match store::delete_unused(&mut tx).await {
            Ok(()) => Ok(tx.commit().await?),
            Err(error) if is_referenced(&error) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a key that is gone, or that should go, is what something is sealed with.
pub(crate) fn is_referenced(error: &sqlx::Error) -> bool {
    let error = error.as_database_error();
    error.is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}
