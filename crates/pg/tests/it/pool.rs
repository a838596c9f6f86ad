//! Nothing of one request stays on a connection for the next.

use std::time::Duration;

use voxanne_pg::{OrgTx, Pool, SystemTx};
use voxanne_testkit::{Database, two_orgs};

use crate::far::far_away;

/// Cancels `begin` at many points, as a client that hangs up does, and then borrows the connection
/// for work that sets no organisation. Postgres is far away, so that a cancel hits every stage.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_begin_leaves_no_scope_behind() {
    let database = Database::fresh().await;
    let far = far_away(&database.url("booking"), Duration::from_millis(4)).await;
    let pool = Pool::connect_lazy(&far, "booking", 2).unwrap();
    let (acme, _) = two_orgs();
    let mut cancelled = 0;
    for step in 0..60_u64 {
        let patience = Duration::from_millis(step % 30);
        let begun = tokio::time::timeout(patience, OrgTx::begin(&pool, &acme)).await;
        cancelled += u32::from(begun.is_err());
        drop(begun);
        let mut tx = SystemTx::begin(&pool, "booking", "borrow").await.unwrap();
        let scope: Option<String> =
            sqlx::query_scalar("SELECT current_setting('app.org_id', true)")
                .fetch_one(&mut *tx)
                .await
                .unwrap();
        assert_eq!(
            scope.unwrap_or_default(),
            "",
            "the scope of another request, at step {step}"
        );
        tx.commit().await.unwrap();
    }
    assert!(
        cancelled > 0,
        "no begin was cancelled, so nothing was tested"
    );
}

/// A clean connection stays in use; making one for each request would be slow.
#[tokio::test]
async fn a_clean_connection_is_used_again() {
    let pool = Pool::connect_lazy(&Database::fresh().await.url("booking"), "booking", 1).unwrap();
    let (acme, _) = two_orgs();
    let mut backends = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let mut tx = OrgTx::begin(&pool, &acme).await.unwrap();
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        backends.insert(backend);
        tx.commit().await.unwrap();
    }
    assert_eq!(backends.len(), 1);
}

#[tokio::test]
async fn a_dropped_transaction_is_rolled_back() {
    let pool = Pool::connect_lazy(&Database::fresh().await.url("booking"), "booking", 1).unwrap();
    let (acme, _) = two_orgs();
    let mut tx = OrgTx::begin(&pool, &acme).await.unwrap();
    sqlx::query("INSERT INTO events.counter (org_id, seq) VALUES ($1, 1)")
        .bind(acme.org())
        .execute(&mut *tx)
        .await
        .unwrap();
    drop(tx);
    let mut tx = OrgTx::begin(&pool, &acme).await.unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM events.counter")
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn a_full_pool_answers_unavailable() {
    let pool = Pool::connect_lazy(&Database::fresh().await.url("booking"), "booking", 1).unwrap();
    let (acme, _) = two_orgs();
    let _held = OrgTx::begin(&pool, &acme).await.unwrap();
    let refused = OrgTx::begin(&pool, &acme).await.unwrap_err();
    let problem = voxanne_pg::problem(refused);
    assert_eq!(problem.kind, voxanne_problem::Kind::Unavailable);
    assert!(problem.retry_after.is_some());
}
