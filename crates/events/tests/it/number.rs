//! Numbers without gaps, in the order of commits.

use jiff::Timestamp;
use serde_json::json;
use voxanne_events::{Doorbell, Log, New, read};
use voxanne_pg::OrgTx;
use voxanne_testkit::{Database, two_orgs};

pub(crate) fn event(data: serde_json::Value) -> New {
    New {
        kind: "booking.created",
        at: Timestamp::UNIX_EPOCH,
        data,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_writers_leave_no_gap_and_a_rollback_none_either() {
    let pool = Database::fresh().await.pool("booking");
    let log = Log::new(Doorbell::silent());
    let (acme, globex) = two_orgs();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..40 {
        let (pool, log, acme) = (pool.clone(), log.clone(), acme.clone());
        writers.spawn(async move {
            let tx = OrgTx::begin(&pool, &acme).await.unwrap();
            if writer % 4 == 0 {
                return tx.rollback().await.unwrap();
            }
            log.commit(tx, vec![event(json!({"writer": writer})), event(json!({}))])
                .await
                .unwrap();
        });
    }
    writers.join_all().await;
    let mut tx = OrgTx::begin(&pool, &acme).await.unwrap();
    let seqs: Vec<i64> = read::list_after(&mut tx, 0, 500)
        .await
        .unwrap()
        .iter()
        .map(|event| event.seq)
        .collect();
    assert_eq!(seqs, (1..=60).collect::<Vec<_>>());
    let extent = read::load_extent(&mut tx).await.unwrap();
    assert_eq!((extent.oldest, extent.newest), (1, 60));
    drop(tx);
    let mut tx = OrgTx::begin(&pool, &globex).await.unwrap();
    assert_eq!(read::list_after(&mut tx, 0, 500).await.unwrap(), []);
    assert_eq!(read::load_extent(&mut tx).await.unwrap().newest, 0);
}

#[tokio::test]
async fn the_events_of_a_transaction_keep_their_order() {
    let pool = Database::fresh().await.pool("booking");
    let (acme, _) = two_orgs();
    let tx = OrgTx::begin(&pool, &acme).await.unwrap();
    let events = (0..40).map(|place| event(json!({ "place": place })));
    let log = Log::new(Doorbell::silent());
    log.commit(tx, events.collect()).await.unwrap();
    let mut tx = OrgTx::begin(&pool, &acme).await.unwrap();
    let read = read::list_after(&mut tx, 0, 500).await.unwrap();
    let places: Vec<_> = read
        .iter()
        .map(|event| event.data["place"].as_i64())
        .collect();
    assert_eq!(places, (0..40).map(Some).collect::<Vec<_>>());
}

/// What walks the list of kinds would pass by an event that is not in it.
#[tokio::test]
async fn an_event_of_an_unlisted_kind_is_not_committed() {
    let pool = Database::fresh().await.pool("booking");
    let (acme, _) = two_orgs();
    let log = Log::new(Doorbell::silent());
    let unlisted = New {
        kind: "patient.sneezed",
        ..event(json!({}))
    };
    let tx = OrgTx::begin(&pool, &acme).await.unwrap();
    let refused = log.commit(tx, vec![event(json!({})), unlisted]).await;
    assert!(matches!(refused, Err(sqlx::Error::InvalidArgument(_))));
    let mut tx = OrgTx::begin(&pool, &acme).await.unwrap();
    assert_eq!(read::list_after(&mut tx, 0, 10).await.unwrap(), []);
}
