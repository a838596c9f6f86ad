//! The audit log: an entry for each note of a committed transaction, chained.

use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use uuid::Uuid;
use voxanne_audit::{Broken, Chain, Entry, Fault, Hash, Head};
use voxanne_pg::{OrgTx, Pool};
use voxanne_tenant::Tenant;
use voxanne_testkit::{Database, two_orgs};

async fn note(pool: &Pool, tenant: &Tenant, action: &'static str, records: &[Uuid]) {
    let mut tx = OrgTx::begin(pool, tenant).await.unwrap();
    tx.note(action, records.iter().copied());
    tx.commit().await.unwrap();
}

/// The organisation's entries in their order, and where its chain should end.
async fn log(db: &mut PgConnection, tenant: &Tenant) -> (Vec<Entry>, Head) {
    let rows = sqlx::query(
        "SELECT org_id, seq, at, caller, request_id, action, records, previous, hash
         FROM audit.entry WHERE org_id = $1 ORDER BY seq",
    )
    .bind(tenant.org())
    .fetch_all(&mut *db)
    .await
    .unwrap();
    let hash = |bytes: Vec<u8>| Hash::try_from(&*bytes).unwrap();
    let entries = rows.iter().map(|row| Entry {
        org: row.get("org_id"),
        seq: row.get("seq"),
        at: row.get::<jiff_sqlx::Timestamp, _>("at").to_jiff(),
        caller: row.get("caller"),
        request_id: row.get("request_id"),
        action: row.get("action"),
        records: row.get("records"),
        previous: hash(row.get("previous")),
        hash: hash(row.get("hash")),
    });
    let (seq, head): (i64, Vec<u8>) =
        sqlx::query_as("SELECT seq, hash FROM audit.head WHERE org_id = $1")
            .bind(tenant.org())
            .fetch_one(db)
            .await
            .unwrap();
    let head = Head {
        seq,
        hash: hash(head),
    };
    (entries.collect(), head)
}

async fn verify(db: &mut PgConnection, tenant: &Tenant) -> Result<(), Broken> {
    let (entries, head) = log(db, tenant).await;
    let mut chain = Chain::from_start(tenant.org().as_uuid());
    for entry in &entries {
        chain.follow(entry)?;
    }
    chain.end(&head)
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
async fn each_note_of_a_transaction_keeps_its_own_records() {
    let database = Database::fresh().await;
    let (acme, _) = two_orgs();
    let id = Uuid::from_u128;
    let notes = [vec![], vec![id(1), id(2)], vec![id(3)], vec![]];
    let mut tx = OrgTx::begin(&database.pool("booking"), &acme)
        .await
        .unwrap();
    for records in &notes {
        tx.note("patient.listed", records.clone());
    }
    tx.commit().await.unwrap();
    let mut db = database.owner().await;
    let stored: Vec<Vec<Uuid>> = sqlx::query_scalar("SELECT records FROM audit.entry ORDER BY seq")
        .fetch_all(&mut db)
        .await
        .unwrap();
    assert_eq!(stored, notes);
    assert_eq!(verify(&mut db, &acme).await, Ok(()));
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
        let (entries, _) = log(&mut db, tenant).await;
        let seqs: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
        assert_eq!(seqs, (1..=32).collect::<Vec<_>>());
        assert!(entries.is_sorted_by_key(|entry| entry.at));
        assert_eq!(verify(&mut db, tenant).await, Ok(()));
    }
}

#[tokio::test]
async fn what_is_done_to_the_log_behind_its_back_shows() {
    let database = Database::fresh().await;
    let pool = database.pool("booking");
    let (acme, globex) = two_orgs();
    for tenant in [&acme, &globex] {
        for n in 0..5 {
            note(&pool, tenant, "booking.created", &[Uuid::from_u128(n)]).await;
        }
    }
    let mut db = database.owner().await;
    for (change, seq, fault) in [
        ("UPDATE audit.entry SET caller = 'user:somebody' WHERE seq = 2", 2, Fault::Changed),
        ("UPDATE audit.entry SET records = '{}' WHERE seq = 5", 5, Fault::Changed),
        ("UPDATE audit.entry SET at = at - interval '1 day' WHERE seq = 1", 1, Fault::Changed),
        ("DELETE FROM audit.entry WHERE seq = 1", 1, Fault::OutOfOrder),
        ("DELETE FROM audit.entry WHERE seq = 3", 3, Fault::OutOfOrder),
        ("DELETE FROM audit.entry WHERE seq >= 4", 4, Fault::Truncated),
        ("DELETE FROM audit.entry", 1, Fault::Truncated),
        // Two entries change places: the numbers stay without a gap.
        (
            "UPDATE audit.entry SET seq = CASE seq WHEN 13 THEN 4 WHEN 14 THEN 3 ELSE seq END",
            3,
            Fault::Unlinked,
        ),
        // An entry more, with a hash that fits: the head did not hear of it.
        (
            "INSERT INTO audit.entry SELECT org_id, 6, at, caller, request_id, action, records, hash,
               sha256(hash || convert_to(concat_ws(E'\n', org_id, 6,
                 (extract(epoch FROM at) * 1000000)::bigint, caller, request_id, action,
                 array_to_string(records, ',')), 'UTF8'))
             FROM audit.entry WHERE seq = 5",
            7,
            Fault::OutOfOrder,
        ),
    ] {
        sqlx::raw_sql("BEGIN")
            .execute(&mut db)
            .await
            .unwrap();
        if change.contains("WHEN 13") {
            sqlx::raw_sql("UPDATE audit.entry SET seq = seq + 10 WHERE seq IN (3, 4)")
                .execute(&mut db)
                .await
                .unwrap();
        }
        sqlx::raw_sql(change).execute(&mut db).await.unwrap();
        assert_eq!(
            verify(&mut db, &acme).await,
            Err(Broken { seq, fault }),
            "{change}"
        );
        sqlx::raw_sql("ROLLBACK").execute(&mut db).await.unwrap();
    }
    assert_eq!(verify(&mut db, &acme).await, Ok(()));
}

#[tokio::test]
async fn no_role_of_a_service_changes_or_removes_an_entry() {
    let database = Database::fresh().await;
    let (acme, _) = two_orgs();
    note(&database.pool("booking"), &acme, "booking.created", &[]).await;
    let mut db = database.owner().await;
    let roles: Vec<String> = sqlx::query_scalar(
        "SELECT rolname FROM pg_roles WHERE rolname ~ '^(svc|sys)_' ORDER BY rolname",
    )
    .fetch_all(&mut db)
    .await
    .unwrap();
    assert!(roles.len() >= 8, "{roles:?}");
    for role in &roles {
        for statement in [
            "UPDATE audit.entry SET caller = 'user:somebody'",
            "DELETE FROM audit.entry",
            "TRUNCATE audit.entry",
            "DELETE FROM audit.head",
            "TRUNCATE audit.head",
            "ALTER TABLE audit.entry DISABLE ROW LEVEL SECURITY",
        ] {
            let org = acme.org().as_uuid();
            let attempt = format!(
                "BEGIN; SET LOCAL app.org_id = '{org}'; SET LOCAL ROLE {role}; {statement}"
            );
            let refused = sqlx::raw_sql(AssertSqlSafe(attempt)).execute(&mut db).await;
            let error = refused.expect_err(statement);
            let code = error.as_database_error().and_then(|error| error.code());
            assert_eq!(code.as_deref(), Some("42501"), "{role}: {statement}");
            sqlx::raw_sql("ROLLBACK").execute(&mut db).await.unwrap();
        }
    }
    assert_eq!(verify(&mut db, &acme).await, Ok(()));
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
