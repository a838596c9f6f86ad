//! Every statement about organisations alone.

use voxanne_pg::OrgTx;

use super::Org;

/// The organisation of the transaction.
pub(crate) async fn load(tx: &mut OrgTx) -> Result<Option<Org>, sqlx::Error> {
    let id = tx.org();
    let row: Option<(String, String)> =
        sqlx::query_as("SELECT name, time_zone FROM identity.organization WHERE org_id = $1")
            .bind(id)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(row.map(|(name, time_zone)| Org {
        id,
        name,
        time_zone,
    }))
}
