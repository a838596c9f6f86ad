//! Links to one's own account that a mail carries: each proves once that its user reads the address.

pub(crate) mod store;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use sqlx::PgConnection;
use voxanne_ids::UserId;
use voxanne_pg::SystemTx;

use crate::{
    Error,
    single_use::{SingleUse, Use},
};

/// What a link is for; it is good for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    VerifyEmail,
    ResetPassword,
}

/// Links of one purpose a user is sent in an hour. More would only serve whoever fills another
/// person's inbox.
pub(crate) const AN_HOUR: i64 = 3;
pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Purpose {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
        }
    }

    const fn good_for(self) -> SignedDuration {
        match self {
            Self::VerifyEmail => SignedDuration::from_hours(3 * 24),
            Self::ResetPassword => HOUR,
        }
    }
}

/// Makes a link for `user`; gives its token, which is stored nowhere.
pub(crate) async fn issue(
    tx: &mut PgConnection,
    user: UserId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<String, Error> {
    let token = SingleUse::fresh(Use::Link)?;
    let life = (now, now + purpose.good_for());
    store::insert(tx, &token.hash(), (user, purpose), life).await?;
    Ok(token.reveal())
}

/// Makes a link that sets a new password, if the address has an account that was not sent a few
/// already.
pub(crate) async fn reset(
    tx: &mut SystemTx,
    email: &str,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    let Some(user) = store::lock_user(tx, email).await? else {
        return Ok(None);
    };
    let purpose = Purpose::ResetPassword;
    if store::count_since(tx, user, purpose, now - HOUR).await? >= AN_HOUR {
        return Ok(None);
    }
    issue(tx, user, purpose, now).await.map(Some)
}

/// The user of a link that would be taken; it stays as it is.
pub(crate) async fn check(
    tx: &mut SystemTx,
    purpose: Purpose,
    token: &SecretString,
    now: Timestamp,
) -> Result<UserId, Error> {
    let token = SingleUse::parse(Use::Link, token).ok_or(Error::LinkExpired)?;
    let user = store::load(tx, &token.hash(), purpose, now).await?;
    user.ok_or(Error::LinkExpired)
}

/// Uses a link up; gives its user. One answer for a link that is unknown, used, too old or for
/// something else.
pub(crate) async fn take(
    tx: &mut SystemTx,
    purpose: Purpose,
    token: &SecretString,
    now: Timestamp,
) -> Result<UserId, Error> {
    let token = SingleUse::parse(Use::Link, token).ok_or(Error::LinkExpired)?;
    let user = store::delete(tx, &token.hash(), purpose, now).await?;
    user.ok_or(Error::LinkExpired)
}
