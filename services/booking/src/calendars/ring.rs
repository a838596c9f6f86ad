//! Google rings.

use uuid::Uuid;
use voxanne_pg::OrgTx;

use super::{
    Calendars, secret,
    store::reading::{self, Channel},
};
use crate::Error;

/// What Google brings, in headers.
pub(crate) struct Ring {
    pub(crate) channel: String,
    pub(crate) token: String,
    pub(crate) resource: String,
}

impl Calendars {
    /// Has the calendar read soon. A ring that nobody asked for changes nothing and is told nothing.
    pub(crate) async fn ring(&self, ring: Ring) -> Result<(), Error> {
        let (Ok(id), Some(token_hash)) =
            (ring.channel.parse::<Uuid>(), secret::hash_of(&ring.token))
        else {
            return Ok(());
        };
        let Some((org, provider)) = reading::find_channel(&self.pool, id).await? else {
            return Ok(());
        };
        let channel = Channel {
            id,
            token_hash,
            resource: ring.resource,
        };
        let mut tx = OrgTx::begin(&self.pool, &Self::job(org)).await?;
        reading::ring(&mut tx, (provider, &channel), self.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}
