//! The audit log as the services write it, and as somebody with more rights changes it.

use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;
use voxanne_doctor::{
    Report,
    audit::{self, Heads},
};
use voxanne_pg::{OrgTx, Pool};
use voxanne_tenant::Tenant;
use voxanne_testkit::{Database, two_orgs};

use crate::sample::run;

/// More than one page.
const ENTRIES: usize = 2300;

async fn write(pool: &Pool, tenant: &Tenant, entries: usize) {
    let mut tx = OrgTx::begin(pool, tenant).await.unwrap();
    for _ in 0..entries {
        tx.note("patient.read", [Uuid::from_u128(7)]);
    }
    tx.commit().await.unwrap();
}

async fn examine(db: &mut PgConnection, expected: &Heads) -> (Heads, Report) {
    let mut tx = db.begin_with(audit::BEGIN).await.unwrap();
    let examined = audit::examine(&mut tx, expected).await.unwrap();
    tx.rollback().await.unwrap();
    examined
}

/// What is found with `defect` planted, in a transaction that is rolled back.
async fn found(db: &mut PgConnection, defect: &str, expected: &Heads) -> Vec<String> {
    let mut tx = db.begin().await.unwrap();
    run(&mut tx, defect)
        .await
        .unwrap_or_else(|code| panic!("{code}: {defect}"));
    let (_, report) = audit::examine(&mut tx, expected).await.unwrap();
    tx.rollback().await.unwrap();
    let lines = report
        .findings
        .iter()
        .map(|one| format!("{}: {}", one.subject, one.why));
    lines.collect()
}

#[tokio::test]
async fn every_chain_is_followed_to_its_end() {
    let database = Database::fresh().await;
    let pool = database.pool("booking");
    let (acme, globex) = two_orgs();
    write(&pool, &acme, ENTRIES).await;
    write(&pool, &globex, 3).await;
    let mut db = database.owner().await;
    let (heads, report) = examine(&mut db, &Heads::default()).await;
    assert_eq!(
        (report.rules, report.findings, report.notes),
        (2, vec![], vec![])
    );
    let text = heads.to_string();
    assert!(
        text.contains(&format!("{} {ENTRIES} ", acme.org().as_uuid())),
        "{text}"
    );
    assert!(
        text.contains(&format!("{} 3 ", globex.org().as_uuid())),
        "{text}"
    );
    assert_eq!(
        text.parse::<Heads>().unwrap(),
        heads,
        "what is printed can be read"
    );
    // The chains grow, and still go through the heads of then.
    write(&pool, &acme, 1).await;
    let (_, report) = examine(&mut db, &heads).await;
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn what_was_changed_is_found() {
    let database = Database::fresh().await;
    let (acme, _) = two_orgs();
    write(&database.pool("booking"), &acme, 1500).await;
    let mut db = database.owner().await;
    let org = acme.org().as_uuid();
    let (heads, _) = examine(&mut db, &Heads::default()).await;
    let nothing = Heads::default();
    let cut_off = "DELETE FROM audit.entry WHERE seq > 1400;
        UPDATE audit.head SET seq = 1400, hash = (SELECT hash FROM audit.entry WHERE seq = 1400)";
    for (defect, expected, wanted) in [
        (
            "UPDATE audit.entry SET caller = 'user:nobody' WHERE seq = 1234",
            &nothing,
            format!("{org} entry 1234: it says something else than when it was written"),
        ),
        (
            "DELETE FROM audit.entry WHERE seq = 1001",
            &nothing,
            format!(
                "{org} entry 1001: it is not the one that follows: an entry is missing, repeated or out of order"
            ),
        ),
        (
            "DELETE FROM audit.entry WHERE seq > 1400",
            &nothing,
            format!("{org} entry 1401: the newest entries are missing"),
        ),
        (
            cut_off,
            &heads,
            format!("{org} entry 1401: the newest entries are missing"),
        ),
        (
            "DELETE FROM audit.entry; DELETE FROM audit.head",
            &heads,
            format!("{org}: its chain is not there any more"),
        ),
        (
            "DELETE FROM audit.head",
            &nothing,
            format!(
                "{org} entry 1501: it is not the one that follows: an entry is missing, repeated or out of order"
            ),
        ),
    ] {
        assert_eq!(found(&mut db, defect, expected).await, [wanted], "{defect}");
    }
    assert_eq!(
        found(&mut db, cut_off, &nothing).await,
        Vec::<String>::new(),
        "only a kept head tells"
    );
}

/// Somebody who writes a whole new chain makes every link fit, but not a head that was kept.
#[tokio::test]
async fn a_chain_that_was_written_anew_is_found() {
    let database = Database::fresh().await;
    let (acme, _) = two_orgs();
    let pool = database.pool("booking");
    write(&pool, &acme, 5).await;
    let mut db = database.owner().await;
    let (heads, _) = examine(&mut db, &Heads::default()).await;
    run(&mut db, "DELETE FROM audit.entry; DELETE FROM audit.head")
        .await
        .unwrap();
    write(&pool, &acme, 9).await;
    let (_, report) = examine(&mut db, &Heads::default()).await;
    assert_eq!(report.findings, []);
    let (_, report) = examine(&mut db, &heads).await;
    let subject = format!("{} entry 5", acme.org().as_uuid());
    assert_eq!(
        report
            .findings
            .iter()
            .map(|one| &one.subject)
            .collect::<Vec<_>>(),
        [&subject]
    );
}

/// Where nobody is a superuser, identity's roles show what they may.
#[tokio::test]
async fn a_role_that_policies_bind_follows_the_chains_of_organisations() {
    let database = Database::fresh().await;
    let (acme, _) = two_orgs();
    let mut owner = database.owner().await;
    let reader = format!("reader_{}", Uuid::new_v4().simple());
    let statements = format!(
        "INSERT INTO identity.organization (org_id, name, time_zone, created_at)
         VALUES ('{}', 'Acme', 'UTC', now());
         CREATE ROLE {reader} LOGIN; GRANT svc_identity, sys_identity TO {reader}",
        acme.org().as_uuid()
    );
    run(&mut owner, &statements).await.unwrap();
    write(&database.pool("booking"), &acme, 3).await;
    let url = database
        .owner_url()
        .replace("postgres@", &format!("{reader}@"));
    let mut db = PgConnection::connect(&url).await.unwrap();
    let (heads, report) = examine(&mut db, &Heads::default()).await;
    assert_eq!((report.rules, report.findings), (1, vec![]));
    assert_eq!(report.notes.len(), 1);
    assert!(heads.to_string().contains(" 3 "), "{heads}");
    let forged = "UPDATE audit.entry SET action = 'patient.listed' WHERE seq = 2";
    run(&mut owner, forged).await.unwrap();
    let (_, report) = examine(&mut db, &Heads::default()).await;
    assert_eq!(report.findings.len(), 1);
    drop(db);
    run(&mut owner, &format!("DROP ROLE {reader}"))
        .await
        .unwrap();
}
