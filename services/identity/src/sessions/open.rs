//! The beginning of a session, and each further token of it.

use jiff::Timestamp;
use voxanne_ids::SessionId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Keys;

use super::{
    Device, Member, Opened, SESSION_FOR, refresh_expiry,
    refresh_token::{self, RefreshToken},
    store,
};
use crate::Error;

/// Begins a session of `member` on `device`.
///
/// The role is read again and the membership held until the commit. Whoever changes it ends the
/// member's sessions: it finds this one, or this one begins with the new role.
pub(crate) async fn open(
    tx: &mut OrgTx,
    keys: &Keys,
    mut member: Member,
    device: &Device,
    now: Timestamp,
) -> Result<Opened, Error> {
    let role = store::hold_member(tx, member.user).await?;
    member.role = role.ok_or(Error::SessionRevoked)?;
    let session = SessionId::new();
    let ends_at = now + SESSION_FOR;
    tx.note("session.begun", [session.as_uuid()]);
    store::insert_session(tx, session, (member.user, device), (now, ends_at)).await?;
    issue(tx, keys, member, (session, 0), (ends_at, now)).await
}

/// Stores a new refresh token of a session that lasts until `ends_at`.
pub(super) async fn issue(
    tx: &mut OrgTx,
    keys: &Keys,
    member: Member,
    (session, generation): (SessionId, i32),
    (ends_at, now): (Timestamp, Timestamp),
) -> Result<Opened, Error> {
    let refresh = RefreshToken::fresh(keys, tx.org(), session)?;
    let refresh_expires_at = refresh_expiry(ends_at, now);
    refresh_token::store::insert(tx, &refresh, generation, (now, refresh_expires_at)).await?;
    Ok(Opened {
        member,
        session,
        refresh,
        refresh_expires_at,
        at: now,
    })
}
