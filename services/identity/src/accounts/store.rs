//! Every statement about users, their organisation and their membership.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{OrgId, UserId};
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_privacy::Private;

use super::Email;
use crate::{Error, orgs::Org, sessions::Member};

/// Inserts the user unless the address is taken, also by a sign-up that is just being committed.
pub(crate) async fn insert_user(
    tx: &mut OrgTx,
    member: &Member,
    password_hash: &str,
    now: Timestamp,
) -> Result<(), Error> {
    // Naming the constraint would need the right to read other organisations' users.
    let inserted = sqlx::query(
        "INSERT INTO identity.user_account
           (id, email, password_hash, created_at, email_verified_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(member.user)
    .bind(&member.email)
    .bind(password_hash)
    .bind(now.to_sqlx())
    .bind(member.email_verified.then(|| now.to_sqlx()))
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        Err(Error::EmailTaken)
    } else {
        Ok(())
    }
}

pub(crate) async fn insert_org(
    tx: &mut OrgTx,
    org: &Org,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.organization (org_id, name, time_zone, created_at)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(org.id)
    .bind(&org.name)
    .bind(&org.time_zone)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn insert_member(
    tx: &mut OrgTx,
    member: &Member,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.member (org_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(member.org.id)
    .bind(member.user)
    .bind(member.role.as_str())
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Which of a user's passwords it is: grows with each new one, and stays when the same one is
/// hashed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct PasswordVersion(i32);

/// A password as it is stored.
#[derive(sqlx::FromRow)]
pub(super) struct Stored {
    #[sqlx(rename = "password_hash")]
    pub(super) hash: String,
    #[sqlx(rename = "password_version")]
    pub(super) version: PasswordVersion,
}

/// A user and the organisations they belong to, the one they were in last first.
pub(super) struct Account {
    pub(super) password: Stored,
    pub(super) members: Vec<Member>,
}

impl Account {
    pub(super) fn last_used(&self) -> &Member {
        self.members
            .first()
            .expect("an account without organisations is not loaded")
    }
}

/// Organisations that one person is shown; nobody works in so many.
const MEMBERSHIPS: i64 = 100;

macro_rules! memberships {
    ($which:literal) => {
        concat!(
            "SELECT u.id AS user_id, u.email, u.password_hash, u.password_version,
                    u.email_verified_at IS NOT NULL AS email_verified,
                    u.second_factor_at IS NOT NULL AS second_factor,
                    m.role, o.org_id, o.name, o.time_zone
             FROM identity.user_account u
             JOIN identity.member m ON m.user_id = u.id
             JOIN identity.organization o ON o.org_id = m.org_id
             WHERE ",
            $which,
            " ORDER BY (
                SELECT max(coalesce(s.last_used_at, s.started_at)) FROM identity.session s
                WHERE s.org_id = m.org_id AND s.user_id = m.user_id
              ) DESC NULLS LAST, m.created_at, m.org_id
              LIMIT $2"
        )
    };
}

#[derive(sqlx::FromRow)]
struct Membership {
    user_id: UserId,
    email: Private<String>,
    #[sqlx(flatten)]
    password: Stored,
    email_verified: bool,
    second_factor: bool,
    role: String,
    org_id: OrgId,
    name: String,
    time_zone: String,
}

/// The user with this address, if they belong to any organisation.
pub(super) async fn load_account(
    tx: &mut SystemTx,
    email: &Email,
) -> Result<Option<Account>, Error> {
    let rows: Vec<Membership> = sqlx::query_as(memberships!("u.email = $1"))
        .bind(email.expose())
        .bind(MEMBERSHIPS)
        .fetch_all(&mut **tx)
        .await?;
    let mut password = None;
    let mut members = Vec::with_capacity(rows.len());
    for row in rows {
        let (stored, member) = row.split()?;
        password.get_or_insert(stored);
        members.push(member);
    }
    Ok(password.map(|password| Account { password, members }))
}

/// The same for a user who is known already.
pub(crate) async fn load_members(tx: &mut SystemTx, user: UserId) -> Result<Vec<Member>, Error> {
    let rows: Vec<Membership> = sqlx::query_as(memberships!("u.id = $1"))
        .bind(user)
        .bind(MEMBERSHIPS)
        .fetch_all(&mut **tx)
        .await?;
    let members = rows
        .into_iter()
        .map(|row| row.split().map(|(_, member)| member));
    members.collect()
}

impl Membership {
    fn split(self) -> Result<(Stored, Member), Error> {
        let role = self
            .role
            .parse()
            .map_err(|_unknown| Error::Unreadable("role"))?;
        let member = Member {
            user: self.user_id,
            email: self.email,
            email_verified: self.email_verified,
            second_factor: self.second_factor,
            role,
            org: Org {
                id: self.org_id,
                name: self.name,
                time_zone: self.time_zone,
            },
        };
        Ok((self.password, member))
    }
}

pub(crate) async fn list_orgs(tx: &mut SystemTx, user: UserId) -> Result<Vec<OrgId>, sqlx::Error> {
    sqlx::query_scalar("SELECT org_id FROM identity.member WHERE user_id = $1 ORDER BY org_id")
        .bind(user)
        .fetch_all(&mut **tx)
        .await
}

pub(super) async fn load_password(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Option<Stored>, sqlx::Error> {
    sqlx::query_as(
        "SELECT password_hash, password_version FROM identity.user_account WHERE id = $1",
    )
    .bind(user)
    .fetch_optional(&mut **tx)
    .await
}

/// What lets a user in, held still until the commit.
#[derive(sqlx::FromRow)]
pub(crate) struct Held {
    pub(crate) password_version: PasswordVersion,
    pub(crate) second_factor: bool,
}

/// Whoever begins a session holds its user until it is committed. A change of the password and the
/// end of all sessions lock the user: they find the session, or it finds what has changed.
pub(crate) async fn hold(tx: &mut SystemTx, user: UserId) -> Result<Option<Held>, sqlx::Error> {
    sqlx::query_as(
        "SELECT password_version, second_factor_at IS NOT NULL AS second_factor
         FROM identity.user_account WHERE id = $1 FOR SHARE",
    )
    .bind(user)
    .fetch_optional(&mut **tx)
    .await
}

/// See [`hold`].
pub(crate) async fn lock_password(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Option<PasswordVersion>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT password_version FROM identity.user_account WHERE id = $1 FOR UPDATE",
    )
    .bind(user)
    .fetch_optional(&mut **tx)
    .await
}

/// Gives the address that the user is told at.
pub(super) async fn update_password(
    tx: &mut SystemTx,
    user: UserId,
    hash: &str,
) -> Result<Private<String>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE identity.user_account
         SET password_hash = $2, password_version = password_version + 1
         WHERE id = $1 RETURNING email",
    )
    .bind(user)
    .bind(hash)
    .fetch_one(&mut **tx)
    .await
}

/// Stores another hash of the same password, unless the stored one was replaced meanwhile.
pub(super) async fn replace_hash(
    tx: &mut SystemTx,
    user: UserId,
    (stored, fresh): (&str, &str),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.user_account SET password_hash = $3
         WHERE id = $1 AND password_hash = $2",
    )
    .bind(user)
    .bind(stored)
    .bind(fresh)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many passwords were hashed at which cost, in the words of the hashes themselves.
pub(super) async fn count_costs(tx: &mut SystemTx) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT cost, count(*) FROM (
           SELECT substring(password_hash FROM '^[$]argon2id[$]v=[0-9]+[$][^$]+[$]') AS cost
           FROM identity.user_account
         ) stored WHERE cost IS NOT NULL GROUP BY cost ORDER BY cost LIMIT 100",
    )
    .fetch_all(&mut **tx)
    .await
}

pub(super) async fn update_email_verified(
    tx: &mut SystemTx,
    user: UserId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.user_account SET email_verified_at = coalesce(email_verified_at, $2)
         WHERE id = $1",
    )
    .bind(user)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
