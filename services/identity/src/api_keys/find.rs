//! From the hash of a secret to its key.

use jiff::{SignedDuration, Timestamp};
use voxanne_ids::{KeyId, OrgId};
use voxanne_pg::SystemTx;
use voxanne_tenant::{Permissions, System};

use super::{Life, Status, store};
use crate::{Error, Identity, callers};

/// A key that is used all day is written this often.
const USE_IS_WRITTEN_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// What its holder may do, and where.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) org: OrgId,
    pub(crate) id: KeyId,
    pub(crate) scopes: Permissions,
    pub(super) life: Life,
    pub(super) last_used_at: Option<Timestamp>,
}

impl Found {
    pub(crate) const fn expires_at(&self) -> Option<Timestamp> {
        self.life.expires_at
    }

    /// Whether a use at `now` is worth a write.
    fn is_new_use(&self, now: Timestamp) -> bool {
        let written = self.last_used_at;
        written.is_none_or(|at| at <= now - USE_IS_WRITTEN_EVERY)
    }
}

impl Identity {
    /// The key that may be used by whoever knows the secret with this hash.
    #[tracing::instrument(name = "api_key.find", skip_all)]
    pub(crate) async fn find_api_key(&self, system: &System, hash: &[u8]) -> Result<Found, Error> {
        callers::gateway(system)?;
        let now = self.clock.now();
        let why = "a key names no organisation";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let found = store::find(&mut tx, hash).await?;
        let found = found.ok_or(Error::UnknownKey)?;
        match found.life.at(now) {
            Status::Revoked => return Err(Error::KeyRevoked),
            Status::Expired => return Err(Error::KeyExpired),
            Status::Active => {}
        }
        if found.is_new_use(now) {
            store::update_used(&mut tx, &found, now, now - USE_IS_WRITTEN_EVERY).await?;
        }
        tx.commit().await?;
        Ok(found)
    }
}
