//! No row of one organisation refers to a row of another, whatever the code that writes it does.

use sqlx::{AssertSqlSafe, Connection as _, FromRow};
use uuid::Uuid;
use voxanne_testkit::Database;

use crate::sample::{bare_tables, run, tables};

#[derive(FromRow)]
struct Reference {
    source: String,
    target: String,
    name: String,
    definition: String,
}

/// Makes each reference the only one and refers over the fence with it.
#[tokio::test]
async fn a_reference_to_another_organisations_row_is_refused() {
    let mut db = Database::fresh().await.owner().await;
    let references: Vec<Reference> = sqlx::query_as(
        "SELECT f.conrelid::regclass::text AS source, f.confrelid::regclass::text AS target,
                f.conname::text AS name, pg_get_constraintdef(f.oid) AS definition
         FROM pg_constraint f
         JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attname = 'org_id'
         WHERE f.contype = 'f' AND f.conrelid::regclass::text !~ '^pg_' ORDER BY 1, 3",
    )
    .fetch_all(&mut db)
    .await
    .unwrap();
    assert!(references.len() >= 14, "{}", references.len());
    let mut tx = db.begin().await.unwrap();
    bare_tables(&mut tx).await;
    let tables = tables(&mut tx).await;
    let table = |name: &str| tables.iter().find(|one| one.name == name).unwrap();
    for Reference {
        source,
        target,
        name,
        definition,
    } in &references
    {
        let mut one = tx.begin().await.unwrap();
        let (ours, theirs) = (Uuid::new_v4(), Uuid::new_v4());
        let add = format!("ALTER TABLE {source} ADD CONSTRAINT {name} {definition}");
        sqlx::raw_sql(AssertSqlSafe(add))
            .execute(&mut *one)
            .await
            .unwrap();
        // Rows are alike but for the organisation, so the reference is right in all but that.
        if source != target {
            run(&mut one, &table(target).insert(theirs, None))
                .await
                .unwrap();
        }
        let theirs_too = format!(
            "SAVEPOINT it; {}; ROLLBACK TO SAVEPOINT it",
            table(source).insert(theirs, None)
        );
        assert_eq!(
            run(&mut one, &theirs_too).await.err(),
            None,
            "{source} {name}: a sound reference"
        );
        let refused = run(&mut one, &table(source).insert(ours, None)).await;
        let itself = source == target;
        assert!(
            itself || refused == Err("23503".to_owned()),
            "{source} {name}: {refused:?}"
        );
        one.rollback().await.unwrap();
    }
}
