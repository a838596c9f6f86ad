//! Every statement about the members of one organisation.

use jiff_sqlx::Timestamp as At;
use voxanne_ids::UserId;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::Role;

use super::{Shown, Standing};
use crate::{Error, page::Page, sessions::store::read_role};

/// Locks the owners, the one who acts and the one to change. Everybody locks the owners, in one
/// order: of two who lower each other the second sees what the first has done.
pub(super) async fn lock(
    tx: &mut OrgTx,
    actor: UserId,
    target: UserId,
) -> Result<Vec<Standing>, Error> {
    let org = tx.org();
    let rows: Vec<(UserId, String)> = sqlx::query_as(
        "SELECT user_id, role FROM identity.member
         WHERE org_id = $1 AND (role = 'owner' OR user_id IN ($2, $3))
         ORDER BY user_id
         FOR UPDATE",
    )
    .bind(org)
    .bind(actor)
    .bind(target)
    .fetch_all(&mut **tx)
    .await?;
    let standing = |(user, role): (UserId, String)| {
        let role = read_role(&role)?;
        Ok(Standing { user, role })
    };
    rows.into_iter().map(standing).collect()
}

/// A row of [`list`] and [`load`].
#[derive(sqlx::FromRow)]
struct Row {
    user_id: UserId,
    email: Private<String>,
    role: String,
    created_at: At,
}

impl Row {
    fn into_shown(self) -> Result<Shown, Error> {
        Ok(Shown {
            user: self.user_id,
            email: self.email,
            role: read_role(&self.role)?,
            joined_at: self.created_at.to_jiff(),
        })
    }
}

macro_rules! members {
    ($which:literal) => {
        concat!(
            "SELECT m.user_id, u.email, m.role, m.created_at
             FROM identity.member m JOIN identity.user_account u ON u.id = m.user_id
             WHERE m.org_id = $1 AND ",
            $which
        )
    };
}

pub(super) async fn list(tx: &mut OrgTx, page: &Page) -> Result<Vec<Shown>, Error> {
    let org = tx.org();
    let rows: Vec<Row> = sqlx::query_as(members!(
        "($2::uuid IS NULL OR m.user_id > $2) ORDER BY m.user_id LIMIT $3"
    ))
    .bind(org)
    .bind(page.after)
    .bind(page.rows())
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::into_shown).collect()
}

pub(super) async fn load(tx: &mut OrgTx, user: UserId) -> Result<Option<Shown>, Error> {
    let org = tx.org();
    let row: Option<Row> = sqlx::query_as(members!("m.user_id = $2"))
        .bind(org)
        .bind(user)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(Row::into_shown).transpose()
}

pub(super) async fn update_role(
    tx: &mut OrgTx,
    user: UserId,
    role: Role,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE identity.member SET role = $3 WHERE org_id = $1 AND user_id = $2")
        .bind(tx.org())
        .bind(user)
        .bind(role.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut OrgTx, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM identity.member WHERE org_id = $1 AND user_id = $2")
        .bind(tx.org())
        .bind(user)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
