//! What is to be done once a transaction has committed.

use std::sync::{Arc, Mutex};

use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;
use voxanne_testkit::{Database, two_orgs};

/// Set when somebody else sees what the transaction wrote, and what was to be done is done.
#[derive(Clone, Default)]
struct Done(Arc<Mutex<Vec<&'static str>>>);

impl Done {
    fn note(&self, what: &'static str) -> impl FnOnce() + Send + 'static {
        let done = Arc::clone(&self.0);
        move || done.lock().unwrap().push(what)
    }

    fn all(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }

    /// Nobody holds anything of it any more.
    fn is_alone(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

async fn begin(tenant: &Tenant, database: &Database, done: &Done) -> OrgTx {
    let mut tx = OrgTx::begin(&database.pool("booking"), tenant)
        .await
        .unwrap();
    tx.afterwards(done.note("first"));
    tx.afterwards(done.note("second"));
    assert!(done.all().is_empty());
    tx
}

#[tokio::test]
async fn is_done_in_order_when_it_has() {
    let (database, (acme, _), done) = (Database::fresh().await, two_orgs(), Done::default());
    begin(&acme, &database, &done).await.commit().await.unwrap();
    assert_eq!(done.all(), ["first", "second"]);
}

#[tokio::test]
async fn is_dropped_when_it_has_not() {
    let (database, (acme, _), done) = (Database::fresh().await, two_orgs(), Done::default());
    begin(&acme, &database, &done)
        .await
        .rollback()
        .await
        .unwrap();
    drop(begin(&acme, &database, &done).await);
    let mut tx = begin(&acme, &database, &done).await;
    tx.note("Not an action", []);
    tx.commit().await.unwrap_err();
    assert!(done.is_alone());
    assert!(done.all().is_empty(), "{:?}", done.all());
}
