//! Migrating a database that others are at work in.

use voxanne_pg::migrate;
use voxanne_testkit::Database;

#[tokio::test]
async fn a_table_in_use_is_not_waited_for_long() {
    let database = Database::fresh().await;
    let mut other = database.owner().await;
    let in_use = "BEGIN; LOCK TABLE _sqlx_migrations IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(in_use).execute(&mut other).await.unwrap();
    let refused = migrate(database.owner_url(), None).await.unwrap_err();
    assert!(
        format!("{refused:#}").contains("lock timeout"),
        "{refused:#}"
    );
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    migrate(database.owner_url(), None).await.unwrap();
}
