//! Storing a provider's credentials.

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;
use voxanne_vault::{DataKey, Place, SealError};

use super::{
    Credential, NewCredential,
    secrets::{self, Opener, Sealed, StoredSecret},
    store,
};
use crate::{Error, Identity, data_keys::renew::is_referenced};

/// A provider may sign with a replaced secret until its account is switched over as well.
const REPLACED_FOR: SignedDuration = SignedDuration::from_mins(10);
/// Others who change the same credential at the same moment are few.
const TRIES: usize = 5;

/// What is kept of the credential that is being replaced.
#[derive(Default)]
struct Before {
    /// None: there was no credential.
    version: Option<i64>,
    /// A webhook secret that stays valid until then.
    replaced: Option<(SecretString, Timestamp)>,
}

impl Identity {
    /// Seals and stores the credentials in the place of earlier ones. They count as unverified
    /// until the provider has accepted them.
    #[tracing::instrument(name = "credential.put", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn put_credential(
        &self,
        tenant: &Tenant,
        new: NewCredential,
    ) -> Result<Credential, Error> {
        new.provider.require_keeper(tenant)?;
        for _ in 0..TRIES {
            let key = self.data_keys.newest(tenant).await?;
            let before = self.before(tenant, &new).await?;
            match self.replace_credential(tenant, &new, &key, &before).await {
                Ok(credential) => return Ok(credential),
                Err(Error::Contended) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Contended)
    }

    async fn before(&self, tenant: &Tenant, new: &NewCredential) -> Result<Before, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let Some(credential) = store::load(&mut tx, new.provider).await? else {
            return Ok(Before::default());
        };
        let stored = secrets::store::list(&mut tx, new.provider).await?;
        tx.commit().await?;
        let is_same_account = credential.external_id == new.external_id;
        Ok(Before {
            version: Some(credential.version),
            replaced: match is_same_account {
                true => self.still_valid(new, &stored).await,
                false => None,
            },
        })
    }

    /// The webhook secret that `new` replaces, or one that was replaced a moment ago.
    async fn still_valid(
        &self,
        new: &NewCredential,
        stored: &[StoredSecret],
    ) -> Option<(SecretString, Timestamp)> {
        let named = |name: &str| stored.iter().find(|secret| secret.field == name);
        let field = new.provider.webhook_secret()?;
        let now = self.clock.now();
        let mut opener = Opener::new(&self.data_keys);
        // What cannot be opened cannot be kept, and new credentials are the remedy.
        let in_use = opener.open(named(field)?).await.ok()?;
        if in_use.expose_secret() != new.secrets.get(field)?.expose_secret() {
            return Some((in_use, now + REPLACED_FOR));
        }
        let earlier = named(new.provider.replaced_webhook_secret()?)?;
        let until = earlier.valid_until.filter(|until| *until > now)?;
        Some((opener.open(earlier).await.ok()?, until))
    }

    async fn replace_credential(
        &self,
        tenant: &Tenant,
        new: &NewCredential,
        key: &DataKey,
        before: &Before,
    ) -> Result<Credential, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if store::lock(&mut tx, new.provider).await? != before.version {
            return Err(Error::Contended);
        }
        let credential = store::upsert(&mut tx, new, self.clock.now()).await?;
        let sealed = seal(tenant, (new, before), key, credential.version)?;
        let stored = secrets::store::replace(&mut tx, new.provider, &sealed, key.version()).await;
        stored.map_err(|error| match is_referenced(&error) {
            // The data key was renewed meanwhile.
            true => Error::Contended,
            false => error.into(),
        })?;
        tx.note("credential.stored", []);
        tx.commit().await?;
        Ok(credential)
    }
}

fn seal(
    tenant: &Tenant,
    (new, before): (&NewCredential, &Before),
    key: &DataKey,
    version: i64,
) -> Result<Vec<Sealed>, SealError> {
    let in_use = new
        .secrets
        .iter()
        .map(|(field, secret)| (&**field, secret, None));
    let replaced = before.replaced.as_ref().and_then(|(secret, until)| {
        let field = new.provider.replaced_webhook_secret()?;
        Some((field, secret, Some(*until)))
    });
    let provider = new.provider.name();
    let seal = |(field, secret, valid_until): (&str, &SecretString, _)| {
        let place = Place {
            org: tenant.org(),
            provider: &provider,
            field,
            version,
        };
        Ok(Sealed {
            field: field.to_owned(),
            record: key.seal(&place, secret.expose_secret().as_bytes())?,
            valid_until,
        })
    };
    in_use.chain(replaced).map(seal).collect()
}
