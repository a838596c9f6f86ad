//! Every SQL statement about opt-outs.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_problem::Problem;

use super::Source;

/// Notes that `phone` must not be texted from now on; a number that opted out before stays so.
pub(crate) async fn add(
    tx: &mut OrgTx,
    phone: &Private<String>,
    source: Source,
    now: Timestamp,
) -> Result<(), Problem> {
    sqlx::query(
        "INSERT INTO notification.opt_out (org_id, phone, since, source)
         VALUES ($1, $2, $3, $4) ON CONFLICT (org_id, phone) DO NOTHING",
    )
    .bind(tx.org())
    .bind(phone)
    .bind(now.to_sqlx())
    .bind(source.as_str())
    .execute(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)?;
    Ok(())
}
