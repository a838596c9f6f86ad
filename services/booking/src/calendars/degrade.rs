//! A consent that is over: the calendar waits for a person.

use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

use super::{Calendars, Connection, news, news::Trouble, store};
use crate::Error;

impl Calendars {
    /// Stops every call for this consent and tells so once.
    pub(super) async fn degrade(&self, connection: Connection) -> Result<(), Problem> {
        let job = Self::job(connection.org);
        let trouble = Trouble::Reconnect;
        let mut tx = OrgTx::begin(&self.pool, &job).await.map_err(Error::from)?;
        let is_news = store::degrade(&mut tx, connection, trouble.words()).await;
        if is_news.map_err(Error::from)? {
            tx.note("calendar.degraded", [connection.provider.as_uuid()]);
            let event = news::degraded(connection.provider, trouble, self.clock.now());
            self.log
                .commit(tx, vec![event])
                .await
                .map_err(Error::from)?;
            tracing::warn!(org.id = %connection.org, "a calendar has to be connected again");
        }
        if let Some(link) = &self.link {
            link.forget(connection).await;
        }
        Ok(())
    }
}
