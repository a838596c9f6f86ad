//! How long a test's database lasts: until its process is gone, however it went.
//!
//! A thousand databases of 14 MB fill the disk of a small build machine, so they go during the run.
//! Dropping one with the value that names it would be too early: tests keep the pool and let go of
//! the database. A session-level advisory lock says instead that the process is there; the server
//! takes it back when the connection ends, also after `kill -9`.

use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// Databases one test removes before it makes its own: more than one, so that none pile up.
const AT_ONCE: i64 = 3;

/// What this process's lock and its databases are named after.
static PROCESS: OnceCell<String> = OnceCell::const_new();
/// Databases this process has made.
static MADE: AtomicUsize = AtomicUsize::new(0);

/// A name for a new database, which nobody drops while this process lives.
pub(crate) async fn name(cluster: &str) -> String {
    let process = PROCESS.get_or_init(|| hold(cluster)).await;
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    format!("test_{process}_{number}")
}

async fn hold(cluster: &str) -> String {
    let process = Uuid::new_v4().simple().to_string();
    let mut connection = PgConnection::connect(cluster)
        .await
        .expect("Postgres answers");
    sqlx::query("SELECT pg_advisory_lock(hashtextextended($1, 0))")
        .bind(&process)
        .execute(&mut connection)
        .await
        .expect("an advisory lock can be taken");
    // It is closed by the end of the process and by nothing else.
    Box::leak(Box::new(connection));
    process
}

/// Drops a few databases of processes that are gone.
pub(crate) async fn drop_abandoned(admin: &mut PgConnection) {
    let abandoned: Vec<String> = sqlx::query_scalar(
        "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%\\_%' \
         AND pg_try_advisory_lock(hashtextextended(split_part(datname, '_', 2), 0)) LIMIT $1",
    )
    .bind(AT_ONCE)
    .fetch_all(&mut *admin)
    .await
    .expect("the catalog can be read");
    for database in abandoned {
        let drop = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        // Another test may have dropped it between the two statements.
        sqlx::query(AssertSqlSafe(drop))
            .execute(&mut *admin)
            .await
            .ok();
    }
    sqlx::query("SELECT pg_advisory_unlock_all()")
        .execute(&mut *admin)
        .await
        .expect("an advisory lock can be given back");
}
