//! The beginning of a session, and each further token of it.

use jiff::Timestamp;
use voxanne_ids::SessionId;
use voxanne_pg::OrgTx;

use super::{Member, Opened, SESSION_FOR, refresh_expiry, refresh_token::RefreshToken, store};
use crate::Error;

/// Begins a session of `member`.
pub(crate) async fn open(tx: &mut OrgTx, member: &Member, now: Timestamp) -> Result<Opened, Error> {
    let session = SessionId::new();
    let ends_at = now + SESSION_FOR;
    store::insert_session(tx, session, member.user, (now, ends_at)).await?;
    issue(tx, session, ends_at, now).await
}

/// Stores a new refresh token of a session that lasts until `ends_at`.
pub(super) async fn issue(
    tx: &mut OrgTx,
    session: SessionId,
    ends_at: Timestamp,
    now: Timestamp,
) -> Result<Opened, Error> {
    let refresh = RefreshToken::fresh(tx.org(), session)?;
    let refresh_expires_at = refresh_expiry(ends_at, now);
    store::insert_token(tx, &refresh, now, refresh_expires_at).await?;
    Ok(Opened {
        session,
        refresh,
        refresh_expires_at,
        at: now,
    })
}
