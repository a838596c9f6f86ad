//! Whether the database keeps organisations apart: by its catalogue, and by trying.

pub mod access;
mod probes;
pub mod rules;
mod schema;

use sqlx::{Acquire as _, PgConnection};

use crate::Report;

/// Examines the database behind `db`, a connection that may take on the services' roles, and leaves
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
    read_catalogue(&mut tx, &mut report).await?;
    probes::examine(&mut tx, &mut report).await?;
    tx.rollback().await?;
    Ok(report)
}

/// Compares the catalogue with every rule and with the expected rights; tries nothing. Names are to
/// be written in full: `search_path` is empty.
pub async fn read_catalogue(tx: &mut PgConnection, report: &mut Report) -> Result<(), sqlx::Error> {
    schema::examine(tx, report).await?;
    for rule in rules::all() {
        report.rules += 1;
        report.findings.extend(rule.broken_by(tx).await?);
    }
    report.rules += 1;
    let live = access::live(tx).await?;
    report.findings.extend(access::compare(&live));
    Ok(())
}
