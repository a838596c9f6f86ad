//! The audit log: an entry for each note of a committed transaction, chained.

use futures_util::future::join_all;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;
use voxanne_pg::{OrgTx, Pool};
use voxanne_tenant::Tenant;
use voxanne_testkit::{Database, two_orgs};

async fn note(pool: &Pool, tenant: &Tenant, action: &'static str, records: &[Uuid]) {
    let mut tx = OrgTx::begin(pool, tenant).await.unwrap();
    tx.note(action, records.iter().copied());
    tx.commit().await.unwrap();
}

/// Numbers of the organisation's entries whose hash is not what they say, oldest first.
async fn broken(db: &mut PgConnection, tenant: &Tenant) -> Vec<i64> {
    sqlx::query_scalar(
        "SELECT e.seq FROM audit.entry e
         LEFT JOIN audit.entry before ON before.org_id = e.org_id AND before.seq = e.seq - 1
         WHERE e.org_id = $1 AND (
           e.previous <> coalesce(before.hash, decode(repeat('00', 32), 'hex'))
           OR e.hash <> sha256(e.previous || convert_to(concat_ws(E'\\n', e.org_id, e.seq,
                (extract(epoch FROM e.at) * 1000000)::bigint, e.caller, e.request_id, e.action,
                array_to_string(e.records, ',')), 'UTF8')))
         ORDER BY e.seq",
    )
    .bind(tenant.org())
    .fetch_all(db)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_note_becomes_an_entry_when_its_transaction_commits() {
    let database = Database::fresh().await;
    let pool = database.pool("booking");
    let (acme, _) = two_orgs();
    let records = [Uuid::from_u128(1), Uuid::from_u128(2)];
    note(&pool, &acme, "patient.listed", &records).await;

    let mut undone = OrgTx::begin(&pool, &acme).await.unwrap();
    undone.note("patient.created", [Uuid::from_u128(3)]);
    undone.rollback().await.unwrap();

    let mut db = database.owner().await;
    let entries = sqlx::query("SELECT seq, caller, request_id, action, records FROM audit.entry")
        .fetch_all(&mut db)
        .await
        .unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].get::<i64, _>("seq"), 1);
    assert_eq!(
        entries[0].get::<String, _>("caller"),
        acme.caller().to_string()
    );
    assert_eq!(entries[0].get::<String, _>("request_id"), acme.request_id());
    assert_eq!(entries[0].get::<String, _>("action"), "patient.listed");
    assert_eq!(entries[0].get::<Vec<Uuid>, _>("records"), records);
}

#[tokio::test]
async fn many_writers_make_one_unbroken_chain_for_each_organisation() {
    let database = Database::fresh().await;
    let pool = database.pool("booking");
    let (acme, globex) = two_orgs();
    let writers = (0..64).map(|n| {
        let tenant = if n % 2 == 0 { &acme } else { &globex };
        note(&pool, tenant, "booking.created", &[])
    });
    join_all(writers).await;
    let mut db = database.owner().await;
    for tenant in [&acme, &globex] {
        let seqs: Vec<i64> =
            sqlx::query_scalar("SELECT seq FROM audit.entry WHERE org_id = $1 ORDER BY seq")
                .bind(tenant.org())
                .fetch_all(&mut db)
                .await
                .unwrap();
        assert_eq!(seqs, (1..=32).collect::<Vec<_>>());
        assert_eq!(broken(&mut db, tenant).await, Vec::<i64>::new());
    }
}

#[tokio::test]
async fn a_changed_entry_breaks_the_chain() {
    let database = Database::fresh().await;
    let pool = database.pool("booking");
    let (acme, _) = two_orgs();
    for _ in 0..3 {
        note(&pool, &acme, "booking.created", &[Uuid::from_u128(7)]).await;
    }
    let mut db = database.owner().await;
    sqlx::query("UPDATE audit.entry SET caller = 'user:somebody' WHERE seq = 2")
        .execute(&mut db)
        .await
        .unwrap();
    assert_eq!(broken(&mut db, &acme).await, [2]);
}

#[tokio::test]
async fn text_from_outside_stays_on_its_line() {
    let database = Database::fresh().await;
    let pool = database.pool("booking");
    let (acme, _) = two_orgs();
    #[expect(
        clippy::disallowed_methods,
        reason = "the test stands in for the gateway"
    )]
    let odd = Tenant::authenticated(
        acme.org(),
        voxanne_tenant::Caller::Call("a\nb\u{0}c\u{1b}[31m".into()),
        "r".repeat(5000),
    );
    note(&pool, &odd, "booking.created", &[]).await;
    let mut db = database.owner().await;
    let (caller, length): (String, i32) =
        sqlx::query_as("SELECT caller, length(request_id) FROM audit.entry")
            .fetch_one(&mut db)
            .await
            .unwrap();
    assert_eq!((caller.as_str(), length), ("call:a b c [31m", 200));
}
