//! Listing the weeks that were set.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Schedule, store};
use crate::{
    Desk, Error,
    availability::{self, week::Week},
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
        let ids: Vec<Uuid> = listed.items.iter().map(|row| row.id).collect();
        let weeks = availability::store::list_weeks(&mut tx, &ids).await?;
        tx.commit().await?;
        let items = listed
            .items
            .into_iter()
            .filter_map(|row| {
                Some(Schedule {
                    provider: row.provider_id,
                    week: Week::clone(weeks.get(&row.id)?),
                })
            })
            .collect();
        Ok(Listed {
            items,
            next_cursor: listed.next_cursor,
        })
    }
}
