//! Work that ends in the middle, by whatever cause, leaves nothing on the connection.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_util::{FutureExt as _, future::join_all};
use sqlx::PgConnection;
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, Pool, SystemTx};
use voxanne_problem::Kind;
use voxanne_tenant::Tenant;
use voxanne_testkit::{Database, eventually, staff, two_orgs};

use crate::far::far_away;

/// Requests that are cancelled or finish, by many clients at once.
const REQUESTS: u32 = 10_000;
const CLIENTS: u32 = 20;

#[derive(Default)]
struct Seen {
    finished: AtomicU32,
    cancelled: AtomicU32,
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_cancelled_requests_leave_no_scope_and_no_transaction() {
    let database = Database::fresh().await;
    let far = far_away(&database.url("booking"), Duration::from_millis(1)).await;
    let pool = Pool::connect_lazy(&far, "booking", 10).unwrap();
    let tenants: Vec<Tenant> = (0..8).map(|_| staff(OrgId::new())).collect();
    let seen = Seen::default();
    join_all((0..CLIENTS).map(|_| cancel_and_finish(&pool, &tenants, &seen))).await;
    let (finished, cancelled) = (seen.finished.into_inner(), seen.cancelled.into_inner());
    assert!(
        finished > 100 && cancelled > 1000,
        "{finished} finished, {cancelled} cancelled"
    );
    let owner = tokio::sync::Mutex::new(database.owner().await);
    eventually("no transaction is left open", || async {
        open_transactions(&mut *owner.lock().await).await == 0
    })
    .await;
    // Every connection that the pool still has is clean.
    let all = join_all(tenants.iter().map(|tenant| count(&pool, tenant))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}

/// The requests of one client.
async fn cancel_and_finish(pool: &Pool, tenants: &[Tenant], seen: &Seen) {
    // Follows the time that a request takes, however busy the machine, so that cancels hit all of
    // it: the longest patience in microseconds.
    let mut longest = 20_000_u64;
    for _ in 0..REQUESTS / CLIENTS {
        let chance = Uuid::new_v4().as_u128();
        let patience = u64::try_from(chance >> 64).unwrap() % longest;
        let work = one(pool, tenants, chance);
        match tokio::time::timeout(Duration::from_micros(patience), work).await {
            Err(_) => {
                longest = (longest * 21 / 20).min(500_000);
                seen.cancelled.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Ok(())) => {
                longest = (longest * 4 / 5).max(100);
                seen.finished.fetch_add(1, Ordering::Relaxed);
            }
            // Above all not 25P02: a transaction of another request that has failed.
            Ok(Err(error)) => {
                let problem = voxanne_pg::problem(error);
                assert_eq!(problem.kind, Kind::Unavailable, "{problem:?}");
            }
        }
    }
}

/// A request of one of the organisations, or once in four times a job of none.
async fn one(pool: &Pool, tenants: &[Tenant], chance: u128) -> Result<(), sqlx::Error> {
    if chance & 0x300 == 0 {
        return look_across(pool).await;
    }
    count(pool, &tenants[usize::try_from(chance % 8).unwrap()]).await
}

/// One request: writes its organisation's row and sees no other's.
async fn count(pool: &Pool, tenant: &Tenant) -> Result<(), sqlx::Error> {
    let mut tx = OrgTx::begin(pool, tenant).await?;
    let scope: String = sqlx::query_scalar("SELECT current_setting('app.org_id')")
        .fetch_one(&mut *tx)
        .await?;
    assert_eq!(
        scope,
        tenant.org().as_uuid().to_string(),
        "the scope of another request"
    );
    sqlx::query(
        "INSERT INTO events.counter AS counter (org_id, seq) VALUES ($1, 1)
         ON CONFLICT (org_id) DO UPDATE SET seq = counter.seq + 1",
    )
    .bind(tenant.org())
    .execute(&mut *tx)
    .await?;
    let seen: Vec<OrgId> = sqlx::query_scalar("SELECT org_id FROM events.counter")
        .fetch_all(&mut *tx)
        .await?;
    assert_eq!(seen, [tenant.org()], "rows of another organisation");
    tx.commit().await
}

/// A job that sets no organisation, and so would see one that another request left.
async fn look_across(pool: &Pool) -> Result<(), sqlx::Error> {
    let mut tx = SystemTx::begin(pool, "booking", "look across").await?;
    let scope: Option<String> = sqlx::query_scalar("SELECT current_setting('app.org_id', true)")
        .fetch_one(&mut *tx)
        .await?;
    assert_eq!(
        scope.unwrap_or_default(),
        "",
        "the scope of another request"
    );
    tx.commit().await
}

async fn open_transactions(owner: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND usename LIKE 'svc\\_%' AND xact_start IS NOT NULL",
    )
    .fetch_one(owner)
    .await
    .unwrap()
}

async fn insert(tx: &mut OrgTx) {
    let org = tx.org();
    sqlx::query("INSERT INTO events.counter (org_id, seq) VALUES ($1, 1)")
        .bind(org)
        .execute(&mut **tx)
        .await
        .unwrap();
}

/// The pool's one connection sees nothing of what was not committed and has no scope of before.
async fn is_clean(pool: &Pool, tenant: &Tenant) {
    let mut tx = OrgTx::begin(pool, tenant).await.unwrap();
    let (rows, limit): (i64, String) =
        sqlx::query_as("SELECT count(*), current_setting('statement_timeout') FROM events.counter")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
    assert_eq!((rows, limit.as_str()), (0, "10s"));
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_panic_inside_a_transaction_undoes_it() {
    let pool = Pool::connect_lazy(&Database::fresh().await.url("booking"), "booking", 1).unwrap();
    let (acme, globex) = two_orgs();
    let (panicking, tenant) = (pool.clone(), acme.clone());
    let work = TaskTracker::new().spawn(async move {
        let mut tx = OrgTx::begin(&panicking, &tenant).await.unwrap();
        insert(&mut tx).await;
        panic!("planted");
    });
    assert!(work.await.unwrap_err().is_panic());
    is_clean(&pool, &acme).await;
    is_clean(&pool, &globex).await;
}

#[tokio::test]
async fn a_statement_that_takes_too_long_undoes_its_transaction() {
    let pool = Pool::connect_lazy(&Database::fresh().await.url("booking"), "booking", 1).unwrap();
    let (acme, globex) = two_orgs();
    let hurried = acme.clone().within(Duration::from_millis(300));
    let mut tx = OrgTx::begin(&pool, &hurried).await.unwrap();
    insert(&mut tx).await;
    let late = sqlx::query("SELECT pg_sleep(30)").execute(&mut *tx).await;
    assert_eq!(
        voxanne_pg::problem(late.unwrap_err()).reason,
        "DEADLINE_EXCEEDED"
    );
    drop(tx);
    is_clean(&pool, &acme).await;
    is_clean(&pool, &globex).await;
}

#[tokio::test]
async fn a_pool_that_is_used_up_says_so_and_recovers() {
    let database = Database::fresh().await;
    let pool = Pool::connect_lazy(&database.url("booking"), "booking", 2).unwrap();
    let (acme, globex) = two_orgs();
    let held = [
        OrgTx::begin(&pool, &acme).await.unwrap(),
        OrgTx::begin(&pool, &globex).await.unwrap(),
    ];
    let is_told = |refused: sqlx::Error| {
        let problem = voxanne_pg::problem(refused);
        assert_eq!(
            (problem.kind, &*problem.reason),
            (Kind::Unavailable, "BUSY")
        );
        assert!(problem.retry_after.is_some(), "{problem:?}");
    };
    for refused in join_all((0..20).map(|_| OrgTx::begin(&pool, &acme))).await {
        is_told(refused.unwrap_err());
    }
    // From then on nobody waits at all, until a connection is given back.
    for _ in 0..20 {
        let refused = OrgTx::begin(&pool, &acme).now_or_never();
        is_told(refused.expect("it is said at once").unwrap_err());
        let refused = SystemTx::begin(&pool, "booking", "look across").now_or_never();
        is_told(refused.expect("it is said at once").unwrap_err());
    }
    drop(held);
    for tenant in [&acme, &globex] {
        is_clean(&pool, tenant).await;
    }
    let connections: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND usename = 'svc_booking'",
    )
    .fetch_one(&mut database.owner().await)
    .await
    .unwrap();
    assert!(
        connections <= 2,
        "{connections} connections of a pool of two"
    );
}
