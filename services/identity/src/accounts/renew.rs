//! Hashes that keep up with the cost of the day.

use secrecy::SecretString;

use super::store::{self, Account};
use crate::{Error, Identity};

impl Identity {
    /// Hashes the right password anew when its hash was made at another cost than is set: it is at
    /// hand at a sign-in only. What keeps that from being done keeps nobody from signing in.
    pub(super) async fn renew_hash(&self, account: &Account, password: SecretString) {
        if !self.passwords.is_stale(&account.password.hash) {
            return;
        }
        match self.replace_hash(account, password).await {
            Ok(()) => tracing::info!("a password was hashed at the cost that is set"),
            Err(error) => tracing::warn!(%error, "a password's hash keeps its old cost"),
        }
    }

    async fn replace_hash(&self, account: &Account, password: SecretString) -> Result<(), Error> {
        let fresh = self.passwords.hash(password).await?;
        let mut tx = self.begin_personal().await?;
        let hashes = (account.password.hash.as_str(), fresh.as_str());
        store::replace_hash(&mut tx, account.last_used().user, hashes).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Reads what stored hashes cost, so that an address without an account costs the same.
    pub(crate) async fn learn_costs(&self) -> Result<(), Error> {
        let mut tx = self.begin_personal().await?;
        let counts = store::count_costs(&mut tx).await?;
        tx.commit().await?;
        self.passwords.decoys.learn(&counts)
    }
}
