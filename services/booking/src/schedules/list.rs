//! Listing the weeks that were set.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Schedule, store};
use crate::{
    Desk, Error,
    availability::week::Week,
    page::{Listed, Page},
};

impl Desk {
    pub(crate) async fn list_schedules(
        &self,
        tenant: &Tenant,
        page: Page<Uuid>,
    ) -> Result<Listed<Schedule>, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &page).await?;
        let listed = page.cut(rows, |row| row.id);
        let mut items = Vec::with_capacity(listed.items.len());
        let ids: Vec<Uuid> = listed.items.iter().map(|row| row.id).collect();
        let hours = store::list_hours(&mut tx, &ids).await?;
        tx.commit().await?;
        for row in listed.items {
            let own = hours
                .iter()
                .filter(|(id, _)| *id == row.id)
                .map(|(_, hours)| *hours);
            let week = Week::new(own.collect()).map_err(|_overlap| Error::Unreadable("week"))?;
            items.push(Schedule {
                provider: row.provider_id,
                week,
            });
        }
        Ok(Listed {
            items,
            next_cursor: listed.next_cursor,
        })
    }
}
