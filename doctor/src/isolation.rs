//! Whether the database keeps organisations apart: by its catalogue, and by trying.

pub mod access;
mod probes;
pub mod rules;
mod schema;

use sqlx::{Acquire as _, PgConnection};

use crate::Report;

/// Examines the database behind `db`, which is the owner's or a superuser's connection, and leaves
/// nothing behind: everything happens in one transaction that is rolled back.
pub async fn examine(db: &mut PgConnection) -> Result<Report, sqlx::Error> {
    let mut tx = db.begin().await?;
    // Names are written in full then, whatever this role has set. The limits keep a broken database
    // from suffering under its examination.
    sqlx::raw_sql(
        "SET LOCAL search_path = ''; SET LOCAL statement_timeout = '10s';
         SET LOCAL lock_timeout = '250ms'",
    )
    .execute(&mut *tx)
    .await?;
    let mut report = Report::default();
    schema::examine(&mut tx, &mut report).await?;
    for rule in rules::all() {
        report.rules += 1;
        report.findings.extend(rule.broken_by(&mut tx).await?);
    }
    report.rules += 1;
    let live = access::live(&mut tx).await?;
    report.findings.extend(access::compare(&live));
    probes::examine(&mut tx, &mut report).await?;
    tx.rollback().await?;
    Ok(report)
}
