//! The step between the right password and the code.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use secrecy::SecretString;
use voxanne_ids::UserId;
use voxanne_pg::SystemTx;

use super::store;
use crate::{
    Error, Identity,
    single_use::{SingleUse, Use},
};

/// Long enough to find the phone.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(5);
/// Whoever needs more gives the password again.
pub(super) const TRIES: i32 = 5;

impl Identity {
    /// A token that stands for the right password of `user` for a few minutes. `tx` holds the user.
    pub(crate) async fn challenge(
        &self,
        mut tx: SystemTx,
        user: UserId,
    ) -> Result<SecretString, Error> {
        let token = SingleUse::fresh(Use::Challenge)?;
        let expires_at = self.clock.now() + GOOD_FOR;
        store::insert_challenge(&mut tx, &token.hash(), user, expires_at).await?;
        tx.commit().await?;
        Ok(token.reveal().into())
    }
}

/// Ends the sign-ins of `user` that wait for a code.
pub(crate) async fn delete_of(tx: &mut SystemTx, user: UserId) -> Result<(), sqlx::Error> {
    store::delete_challenges(tx, user).await
}

/// Forgets what nobody answered in time.
pub(crate) async fn delete_expired(tx: &mut SystemTx, now: Timestamp) -> Result<u64, sqlx::Error> {
    store::delete_expired_challenges(tx, now.to_sqlx()).await
}
