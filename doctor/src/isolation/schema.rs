//! Whether the database has the migrations that this program was built with.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use voxanne_pg::MIGRATOR;

use crate::{Finding, Report};

pub(super) async fn examine(db: &mut PgConnection, report: &mut Report) -> Result<(), sqlx::Error> {
    report.rules += 1;
    let applied: BTreeMap<i64, (bool, Vec<u8>)> = sqlx::query_as::<_, (i64, bool, Vec<u8>)>(
        "SELECT version, success, checksum FROM public._sqlx_migrations",
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(|(version, success, checksum)| (version, (success, checksum)))
    .collect();
    for migration in MIGRATOR.iter() {
        let fault = match applied.get(&migration.version) {
            None => "is missing",
            Some((false, _)) => "has failed",
            Some((_, checksum)) if *checksum != *migration.checksum => "differs",
            Some(_) => continue,
        };
        let subject = format!("{} {}", migration.version, migration.description);
        let todo = "run migrate of the same version as this doctor";
        report.findings.push(finding(subject, fault, todo));
    }
    for version in applied.keys() {
        if !MIGRATOR.version_exists(*version) {
            let todo = "examine with a doctor of the version that is deployed";
            let finding = finding(version.to_string(), "is newer than this doctor", todo);
            report.findings.push(finding);
        }
    }
    Ok(())
}

fn finding(subject: String, fault: &str, todo: &str) -> Finding {
    Finding {
        rule: "migration".to_owned(),
        subject,
        why: format!("the migration {fault}"),
        todo: todo.to_owned(),
    }
}
