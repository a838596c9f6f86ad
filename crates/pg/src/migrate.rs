//! The schema, carried in the binary that applies it.

use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection,
    migrate::{Migrate as _, Migrator},
};

/// Every file of `migrations/`, in order.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

const SERVICES: [&str; 5] = [
    "identity",
    "booking",
    "notification",
    "voice_tooling",
    "realtime",
];

/// A change of the schema waits no longer for a table that is in use: whoever comes after it for that
/// table would wait behind it.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '2s'";

/// Brings the database at `url` up to date, as its owner; with `password`, gives it to every role a
/// service connects as. Running it again changes nothing.
///
/// # Errors
/// Postgres cannot be reached, refuses a file, or has a table in use for longer than two seconds; the
/// files before that one stay applied.
pub async fn migrate(url: &str, password: Option<&str>) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    // Somebody else who migrates is waited for as long as it takes.
    connection.lock().await?;
    sqlx::raw_sql(LOCK_TIMEOUT).execute(&mut connection).await?;
    let mut migrator = Migrator::with_migrations(MIGRATOR.migrations.to_vec());
    migrator.set_locking(false).run(&mut connection).await?;
    if let Some(password) = password {
        // ALTER ROLE takes no parameters, so Postgres itself quotes the literal.
        let quoted: String = sqlx::query_scalar("SELECT quote_literal($1)")
            .bind(password)
            .fetch_one(&mut connection)
            .await?;
        for service in SERVICES {
            let statement = format!("ALTER ROLE svc_{service} PASSWORD {quoted}");
            sqlx::query(AssertSqlSafe(statement))
                .execute(&mut connection)
                .await?;
        }
    }
    connection.close().await?;
    Ok(())
}
