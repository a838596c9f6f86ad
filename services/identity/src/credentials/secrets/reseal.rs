//! Sealing secrets anew with their organisation's newest data key.

use secrecy::ExposeSecret as _;
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_tenant::Tenant;
use voxanne_vault::DataKey;

use super::{Opener, StoredSecret, store};
use crate::{
    Error,
    data_keys::{DataKeys, renew::is_referenced, rewrap::Batch},
};

impl DataKeys {
    /// Seals anew what is not sealed with the newest data key, for the next `size` organisations
    /// after `position`, and deletes data keys that seal nothing any more; nothing when there are
    /// none left. A secret that changes meanwhile is left alone: whoever changed it had the newest
    /// key too.
    #[tracing::instrument(name = "credential.reseal", skip_all)]
    pub(crate) async fn reseal(
        &self,
        position: &mut Option<OrgId>,
        size: u32,
    ) -> Result<Option<Batch>, Error> {
        let why = "every organisation's secrets move on to the new data key";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let orgs = store::orgs_behind(&mut tx, *position, size).await?;
        tx.commit().await?;
        let Some(last) = orgs.last() else {
            return Ok(None);
        };
        *position = Some(*last);
        let mut batch = Batch::default();
        for org in orgs {
            match self.reseal_org(org).await {
                Ok(one) => {
                    batch.done += one.done;
                    batch.failed += one.failed;
                }
                Err(Error::Contended) => {}
                Err(error @ Error::Open(_)) => {
                    batch.failed += 1;
                    tracing::error!(org.id = %org, %error, "a data key does not unwrap");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Some(batch))
    }

    async fn reseal_org(&self, org: OrgId) -> Result<Batch, Error> {
        let tenant = Tenant::for_job(org, "rotate-keys");
        let key = self.newest(&tenant).await?;
        let mut tx = OrgTx::begin(&self.pool, &tenant).await?;
        let behind = store::sealed_otherwise(&mut tx, key.version()).await?;
        tx.commit().await?;
        let (fresh, failed) = self.seal_all_anew(&key, &behind).await;
        let mut tx = OrgTx::begin(&self.pool, &tenant).await?;
        let mut done = 0;
        for (secret, record) in fresh {
            let stored = store::replace_sealed(&mut tx, secret, &record, key.version()).await;
            done += stored.map_err(contended)?;
        }
        tx.commit().await?;
        self.prune(&tenant).await?;
        Ok(Batch { done, failed })
    }

    async fn seal_all_anew<'a>(
        &self,
        key: &DataKey,
        behind: &'a [StoredSecret],
    ) -> (Vec<(&'a StoredSecret, Vec<u8>)>, u64) {
        let mut opener = Opener::new(self);
        let (mut fresh, mut failed) = (Vec::new(), 0);
        for secret in behind {
            match seal_anew(&mut opener, key, secret).await {
                Ok(record) => fresh.push((secret, record)),
                // The others must not wait for one secret that cannot be helped from here.
                Err(error) => {
                    failed += 1;
                    let org = secret.org;
                    tracing::error!(org.id = %org, %error, "a stored secret does not open");
                }
            }
        }
        (fresh, failed)
    }
}

async fn seal_anew(
    opener: &mut Opener<'_>,
    key: &DataKey,
    secret: &StoredSecret,
) -> Result<Vec<u8>, Error> {
    let plain = opener.open(secret).await?;
    Ok(key.seal(&secret.place(), plain.expose_secret().as_bytes())?)
}

/// Somebody else has renewed the data key once more and taken this one away.
fn contended(error: sqlx::Error) -> Error {
    if is_referenced(&error) {
        Error::Contended
    } else {
        error.into()
    }
}
