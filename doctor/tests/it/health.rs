//! A migrated database has nothing to be found.

use std::path::Path;

use sqlx::Connection as _;
use voxanne_doctor::isolation::{access, examine, rules};
use voxanne_testkit::Database;

#[tokio::test]
async fn a_migrated_database_is_healthy() {
    let mut db = Database::fresh().await.owner().await;
    let report = examine(&mut db).await.unwrap();
    let found: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(report.rules > 20 && report.probes > 200, "{report:?}");
}

/// Who may do what is read by people, so it is committed.
#[tokio::test]
async fn every_right_is_expected() {
    let mut db = Database::fresh().await.owner().await;
    sqlx::query("SET search_path = ''")
        .execute(&mut db)
        .await
        .unwrap();
    let live = access::live(&mut db).await.unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("access.txt");
    std::fs::write(&path, live.join("\n") + "\n").unwrap();
    let committed = include_str!("../../access.txt");
    let same = committed.lines().eq(live.iter().map(String::as_str));
    assert!(
        same,
        "look at the difference and: cp {} doctor/access.txt",
        path.display()
    );
}

/// An excuse for what does not exist any more would excuse the next thing of that name.
#[tokio::test]
async fn nothing_is_excused_in_vain() {
    let mut db = Database::fresh().await.owner().await;
    let mut tx = db.begin().await.unwrap();
    sqlx::query("SET LOCAL search_path = ''")
        .execute(&mut *tx)
        .await
        .unwrap();
    for rule in rules::all() {
        let offenders = rule.offenders(&mut tx).await.unwrap();
        for (name, reason) in rule.excused {
            assert!(
                offenders.iter().any(|one| one == name),
                "{}: {name} ({reason})",
                rule.name
            );
        }
    }
}
