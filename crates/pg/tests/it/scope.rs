//! What a transaction sees.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use voxanne_pg::{OrgTx, Pool, SystemTx};
use voxanne_tenant::Tenant;
use voxanne_testkit::{Database, two_orgs};

async fn count(tx: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM events.counter")
        .fetch_one(tx)
        .await
        .unwrap()
}

async fn insert(pool: &Pool, tenant: &Tenant) {
    let mut tx = OrgTx::begin(pool, tenant).await.unwrap();
    sqlx::query("INSERT INTO events.counter (org_id, seq) VALUES ($1, 1)")
        .bind(tenant.org())
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn code(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .and_then(|db| db.code())
        .unwrap_or_default()
        .into_owned()
}

#[tokio::test]
async fn a_transaction_sees_its_own_organisation_only() {
    let pool = Database::fresh().await.pool("booking");
    let (acme, globex) = two_orgs();
    insert(&pool, &acme).await;
    insert(&pool, &globex).await;
    for tenant in [&acme, &globex] {
        let mut tx = OrgTx::begin(&pool, tenant).await.unwrap();
        assert_eq!(count(&mut tx).await, 1);
        let changed = sqlx::query("UPDATE events.counter SET seq = seq + 1")
            .execute(&mut *tx)
            .await
            .unwrap();
        assert_eq!(
            changed.rows_affected(),
            1,
            "an update without WHERE stays at home"
        );
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn a_row_cannot_be_written_for_another_organisation() {
    let pool = Database::fresh().await.pool("booking");
    let (acme, globex) = two_orgs();
    insert(&pool, &acme).await;
    for statement in [
        "INSERT INTO events.counter (org_id, seq) VALUES ($1, 1)",
        "UPDATE events.counter SET org_id = $1",
    ] {
        let mut tx = OrgTx::begin(&pool, &acme).await.unwrap();
        let refused = sqlx::query(statement)
            .bind(globex.org())
            .execute(&mut *tx)
            .await
            .unwrap_err();
        assert_eq!(code(&refused), "42501", "{statement}");
    }
}

/// A forgotten scope is an error on a fresh session and on one that had a scope before.
#[tokio::test]
async fn a_session_without_a_scope_reads_nothing_loudly() {
    let database = Database::fresh().await;
    let url = database.url("booking");
    let mut session = PgConnection::connect(secrecy::ExposeSecret::expose_secret(&url))
        .await
        .unwrap();
    let fresh = sqlx::query("SELECT * FROM events.counter")
        .execute(&mut session)
        .await;
    assert_eq!(
        code(&fresh.unwrap_err()),
        "42704",
        "unrecognized configuration parameter"
    );
    let org = two_orgs().0.org();
    for statement in [
        "BEGIN".to_owned(),
        format!("SET LOCAL app.org_id = '{}'", org.as_uuid()),
        "SELECT * FROM events.counter".to_owned(),
        "COMMIT".to_owned(),
    ] {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut session)
            .await
            .unwrap();
    }
    let used = sqlx::query("SELECT * FROM events.counter")
        .execute(&mut session)
        .await;
    assert_eq!(
        code(&used.unwrap_err()),
        "22P02",
        "an empty text is no UUID"
    );
}

#[tokio::test]
async fn a_service_cannot_give_itself_more_rights() {
    let pool = Database::fresh().await.pool("booking");
    let (acme, _) = two_orgs();
    for statement in [
        "SET LOCAL ROLE postgres",
        "SET LOCAL ROLE sys_notification",
        "ALTER TABLE events.event DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE public.loot (id int)",
        "CREATE FUNCTION public.f() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
        "TRUNCATE events.event",
        "DELETE FROM events.event",
        "SELECT * FROM identity.organization_api_credentials",
    ] {
        let mut tx = OrgTx::begin(&pool, &acme).await.unwrap();
        let refused = sqlx::query(statement).execute(&mut *tx).await.unwrap_err();
        assert_eq!(code(&refused), "42501", "{statement}");
    }
}

#[tokio::test]
async fn the_system_role_sees_numbers_of_all_and_nothing_else() {
    let pool = Database::fresh().await.pool("realtime");
    let database_of_booking = Database::fresh().await;
    let booking = database_of_booking.pool("booking");
    let (acme, globex) = two_orgs();
    insert(&booking, &acme).await;
    insert(&booking, &globex).await;
    let mut tx = SystemTx::begin(&booking, "booking", "count organisations")
        .await
        .unwrap();
    assert_eq!(count(&mut tx).await, 2);
    let refused = sqlx::query("SELECT * FROM events.event")
        .execute(&mut *tx)
        .await
        .unwrap_err();
    assert_eq!(code(&refused), "42501");
    drop(tx);
    let mut tx = SystemTx::begin(&pool, "realtime", "count organisations")
        .await
        .unwrap();
    assert_eq!(count(&mut tx).await, 0);
}

#[tokio::test]
async fn a_statement_ends_at_the_callers_deadline() {
    let pool = Database::fresh().await.pool("booking");
    let tenant = two_orgs().0.within(std::time::Duration::from_millis(50));
    let mut tx = OrgTx::begin(&pool, &tenant).await.unwrap();
    let late = sqlx::query("SELECT pg_sleep(30)")
        .execute(&mut *tx)
        .await
        .unwrap_err();
    assert_eq!(code(&late), "57014");
    assert_eq!(voxanne_pg::problem(late).reason, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn from_every_organisation_one_goes_on_in_one_alone() {
    let pool = Database::fresh().await.pool("booking");
    let (acme, globex) = two_orgs();
    insert(&pool, &acme).await;
    insert(&pool, &globex).await;
    let begin = async || {
        let mut tx = SystemTx::begin(&pool, "booking", "count organisations").await;
        assert_eq!(count(tx.as_mut().unwrap()).await, 2);
        tx.unwrap()
    };
    let mut tx = begin().await.go_on_in(&acme).await.unwrap();
    assert_eq!((count(&mut tx).await, tx.org()), (1, acme.org()));
    let moved = sqlx::query("UPDATE events.counter SET org_id = $1").bind(globex.org());
    let refused = moved.execute(&mut *tx).await.unwrap_err();
    assert_eq!(code(&refused), "42501");
    drop(tx);
    let mut noted = begin().await;
    noted.note(&globex, "booking.read", []);
    let lost = noted.go_on_in(&acme).await;
    assert!(lost.is_err(), "a note is never lost without a word");
}
