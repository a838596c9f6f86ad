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
        "INSERT INTO identity.user_account (id, email, password_hash, created_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(member.user)
    .bind(&member.email)
    .bind(password_hash)
    .bind(now.to_sqlx())
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

/// A row of [`load_account`].
#[derive(sqlx::FromRow)]
struct Account {
    user_id: UserId,
    email: Private<String>,
    password_hash: String,
    role: String,
    org_id: OrgId,
    name: String,
    time_zone: String,
}

/// The password hash and the oldest membership of the user with this address.
pub(crate) async fn load_account(
    tx: &mut SystemTx,
    email: &Email,
) -> Result<Option<(String, Member)>, Error> {
    let found: Option<Account> = sqlx::query_as(
        "SELECT u.id AS user_id, u.email, u.password_hash, m.role, o.org_id, o.name, o.time_zone
         FROM identity.user_account u
         JOIN identity.member m ON m.user_id = u.id
         JOIN identity.organization o ON o.org_id = m.org_id
         WHERE u.email = $1
         ORDER BY m.created_at, m.org_id
         LIMIT 1",
    )
    .bind(email.expose())
    .fetch_optional(&mut **tx)
    .await?;
    found.map(Account::into_member).transpose()
}

impl Account {
    fn into_member(self) -> Result<(String, Member), Error> {
        let role = self
            .role
            .parse()
            .map_err(|_unknown| Error::Unreadable("role"))?;
        let org = Org {
            id: self.org_id,
            name: self.name,
            time_zone: self.time_zone,
        };
        Ok((
            self.password_hash,
            Member {
                user: self.user_id,
                email: self.email,
                role,
                org,
            },
        ))
    }
}
