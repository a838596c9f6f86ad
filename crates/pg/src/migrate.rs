//! The schema, carried in the binary that applies it.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, migrate::Migrator};

/// Every file of `migrations/`, in order.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

const SERVICES: [&str; 5] = [
    "identity",
    "booking",
    "notification",
    "voice_tooling",
    "realtime",
];

/// Brings the database at `url` up to date, as its owner; with `password`, gives it to every role a
/// service connects as. Running it again changes nothing.
pub async fn migrate(url: &str, password: Option<&str>) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    MIGRATOR.run(&mut connection).await?;
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
