//! What is at rest, and whoever moves it.

use sqlx::{AssertSqlSafe, PgConnection};
use voxanne_identity::{rotation, serve};
use voxanne_ids::OrgId;
use voxanne_proto::identity::v1::OpenCredentialRequest;
use voxanne_runtime::Process;
use voxanne_tenant::Tenant;
use voxanne_testkit::free_addr;
use voxanne_vault::Vault;

use crate::{
    credentials::{job, open, put, webhook_secrets},
    fixture::{ACCOUNT, Fixture, TOKEN, answer, config, reason, vault_keys},
};

const OTHER_TOKEN: &str = "fedcba9876543210fedcba9876543210";
/// A token sealed before organisations had data keys, by the key `k1` of the fixture, for the
/// organisation with the number 1.
const FIRST_FORMAT: &str = "01026b318bd9b8bd952d1e53f1a900e1f8c9eebe27e72b0a072f9cf6bb47dcae513b487300b14aabed0fce648da8279d779af1efd94b41d85836fc930249667099dbc139a16582f5ca453f14b5b01338aa825c6287624ec25580214f3d569ddb1ccb12c4842d030b66feabae5f760caa9856050d9adaaacf75d11611";

async fn run(db: &mut PgConnection, statement: &str, orgs: &[&Tenant]) {
    let mut query = sqlx::query(AssertSqlSafe(statement.to_owned()));
    for tenant in orgs {
        query = query.bind(tenant.org());
    }
    let changed = query.execute(db).await.unwrap_or_else(|e| panic!("{e}"));
    assert!(changed.rows_affected() > 0, "{statement}");
}

#[tokio::test]
async fn what_is_moved_elsewhere_does_not_open() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await.tenant;
    let globex = fixture.owner("kim@globex.example").await.tenant;
    put(&fixture, &acme, TOKEN).await.unwrap();
    let mut db = fixture.database.owner().await;
    for moved in [
        // The secret, and then the data key that opens it as well.
        "UPDATE identity.organization_api_secret mine SET sealed = theirs.sealed
         FROM identity.organization_api_secret theirs
         WHERE mine.org_id = $1 AND theirs.org_id = $2",
        "UPDATE identity.organization_data_key mine
         SET wrapped = theirs.wrapped, key_id = theirs.key_id
         FROM identity.organization_data_key theirs
         WHERE mine.org_id = $1 AND theirs.org_id = $2",
    ] {
        put(&fixture, &globex, OTHER_TOKEN).await.unwrap();
        assert_eq!(reason(open(&fixture, &job(&globex)).await), "OK");
        run(&mut db, moved, &[&globex, &acme]).await;
        assert_eq!(reason(open(&fixture, &job(&globex)).await), "INTERNAL");
    }
    let found = webhook_secrets(&fixture, ACCOUNT).await;
    assert_eq!(found.len(), 1, "the other organisation's webhooks go on");
    assert_eq!(found[0].org_id, acme.org().to_string());
}

#[tokio::test]
async fn what_is_moved_within_an_organisation_does_not_open() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let mut db = fixture.database.owner().await;
    run(
        &mut db,
        "UPDATE identity.organization_api_secret SET field = 'apiKeySecret' WHERE org_id = $1",
        &[&owner],
    )
    .await;
    assert_eq!(reason(open(&fixture, &job(&owner)).await), "INTERNAL");
    put(&fixture, &owner, TOKEN).await.unwrap();
    for statement in [
        "INSERT INTO identity.organization_api_credentials
           (org_id, provider, external_id, settings, last_four, status, version, updated_at)
         SELECT org_id, 'google', external_id, settings, last_four, status, version, updated_at
         FROM identity.organization_api_credentials WHERE org_id = $1",
        "UPDATE identity.organization_api_secret SET provider = 'google' WHERE org_id = $1",
    ] {
        run(&mut db, statement, &[&owner]).await;
    }
    let message = OpenCredentialRequest {
        provider: "google".into(),
    };
    let opened = fixture.within(&job(&owner), message);
    let opened = answer(fixture.client().open_credential(opened).await);
    assert_eq!(reason(opened), "INTERNAL");
}

#[tokio::test]
async fn a_replaced_secret_cannot_be_put_back() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let mut db = fixture.database.owner().await;
    run(
        &mut db,
        "CREATE TABLE kept AS SELECT sealed FROM identity.organization_api_secret",
        &[],
    )
    .await;
    put(&fixture, &owner, OTHER_TOKEN).await.unwrap();
    run(
        &mut db,
        "UPDATE identity.organization_api_secret SET sealed = (SELECT sealed FROM kept)
         WHERE field = 'authToken' AND org_id = $1",
        &[&owner],
    )
    .await;
    assert_eq!(reason(open(&fixture, &job(&owner)).await), "INTERNAL");
    put(&fixture, &owner, OTHER_TOKEN).await.unwrap();
    let opened = open(&fixture, &job(&owner)).await.unwrap();
    assert_eq!(
        opened.secrets["authToken"], OTHER_TOKEN,
        "storing it again helps"
    );
}

#[tokio::test]
async fn no_secret_is_stored_as_it_is() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let mut owner = fixture.database.owner().await;
    let rows: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed FROM identity.organization_api_secret")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    assert_eq!(rows.len(), 1);
    assert!(
        !rows[0]
            .windows(8)
            .any(|bytes| bytes == &TOKEN.as_bytes()[..8])
    );
}

#[tokio::test]
async fn a_service_without_a_key_in_use_does_not_start_and_names_it() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let lacking = config(&fixture.database, "k2,k3", free_addr());
    let refused = serve(lacking, Process::new("identity")).await.unwrap_err();
    let why = refused.to_string();
    assert!(why.contains("k1") && !why.contains("k2"), "{why}");
}

#[tokio::test]
async fn a_service_that_has_not_got_the_new_key_yet_says_to_come_again() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let ahead = Fixture::over(fixture.database.clone(), "k2,k1").await;
    put(&ahead, &owner, TOKEN).await.unwrap();
    let refused = open(&fixture, &job(&owner)).await.unwrap_err();
    assert_eq!(refused.reason, "UNAVAILABLE");
    assert!(!refused.message.contains("k2"), "{}", refused.message);
    let both = Fixture::over(fixture.database.clone(), "k1,k2").await;
    let opened = open(&both, &job(&owner)).await.unwrap();
    assert_eq!(opened.secrets["authToken"], TOKEN, "nothing was lost");
}

#[tokio::test]
async fn a_new_vault_key_takes_over_from_the_old_one() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let version = open(&fixture, &job(&owner)).await.unwrap().version;
    let before = rotate(&fixture, "k2,k1", true, false).await;
    assert!(before.contains("key k2: 0 rows"), "{before}");
    assert!(before.contains("rows, still needed"), "{before}");
    let after = rotate(&fixture, "k2,k1", false, false).await;
    assert!(!after.contains("key k2: 0 rows"), "{after}");
    assert!(after.contains("key k1: no row uses it any more"), "{after}");
    let only_new = Fixture::over(fixture.database.clone(), "k2").await;
    let opened = open(&only_new, &job(&owner)).await.unwrap();
    assert_eq!(
        (&*opened.secrets["authToken"], opened.version),
        (TOKEN, version)
    );
}

#[tokio::test]
async fn an_organisation_gets_a_new_data_key_and_the_old_one_goes() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    put(&fixture, &owner, OTHER_TOKEN).await.unwrap();
    rotate(&fixture, "k1", false, true).await;
    let mut db = fixture.database.owner().await;
    let versions: Vec<i32> =
        sqlx::query_scalar("SELECT version FROM identity.organization_data_key")
            .fetch_all(&mut db)
            .await
            .unwrap();
    assert_eq!(versions, [2]);
    let opened = open(&fixture, &job(&owner)).await.unwrap();
    assert_eq!(opened.secrets["authToken"], OTHER_TOKEN);
    let replaced = webhook_secrets(&fixture, ACCOUNT).await;
    assert_eq!(replaced.len(), 2, "also what was replaced a moment ago");
}

#[tokio::test]
async fn what_is_older_than_data_keys_opens_and_moves_on() {
    let fixture = Fixture::start().await;
    let org: OrgId = format!("org_{:032x}", 1).parse().unwrap();
    let mut db = fixture.database.owner().await;
    for statement in [
        "INSERT INTO identity.organization (org_id, name, time_zone, created_at)
         VALUES ($1, 'Old', 'UTC', now())",
        "INSERT INTO identity.organization_api_credentials
           (org_id, provider, external_id, settings, last_four, status, version, updated_at)
         VALUES ($1, 'twilio', 'AC0123456789abcdef0123456789abcdef', '{}', 'cdef', 'ok', 1, now())",
    ] {
        let insert = sqlx::query(statement).bind(org);
        insert.execute(&mut db).await.unwrap();
    }
    sqlx::query(
        "INSERT INTO identity.organization_api_secret (org_id, provider, field, sealed)
         VALUES ($1, 'twilio', 'authToken', decode($2, 'hex'))",
    )
    .bind(org)
    .bind(FIRST_FORMAT)
    .execute(&mut db)
    .await
    .unwrap();
    let tenant = Tenant::for_job(org, "messages");
    let opened = open(&fixture, &tenant).await.unwrap();
    assert_eq!(opened.secrets["authToken"], TOKEN);
    assert_eq!(webhook_secrets(&fixture, ACCOUNT).await[0].secret, TOKEN);
    let said = rotate(&fixture, "k2,k1", false, false).await;
    assert!(said.contains("key k1: no row uses it any more"), "{said}");
    let only_new = Fixture::over(fixture.database.clone(), "k2").await;
    let opened = open(&only_new, &tenant).await.unwrap();
    assert_eq!(opened.secrets["authToken"], TOKEN);
}

async fn rotate(fixture: &Fixture, keys: &str, check_only: bool, renew: bool) -> String {
    let config = rotation::Config {
        database_url: fixture.database.url("identity"),
        vault_keys: vault_keys(keys),
    };
    let options = rotation::Options {
        check_only,
        renew_before: renew.then(|| voxanne_clock::Clock::system().now()),
        ..rotation::Options::default()
    };
    let outcome = rotation::rotate(config, options, |_| {})
        .await
        .expect("Postgres answers");
    assert_ne!(outcome.is_complete(), check_only, "{outcome}");
    outcome.to_string()
}

#[tokio::test]
async fn what_belongs_to_no_organisation_moves_on_as_well() {
    let fixture = Fixture::start().await;
    let mail = uuid::Uuid::new_v4();
    let bound = [b"mail sealed ".as_slice(), mail.as_bytes()].concat();
    let old = Vault::from(vault_keys("k1"));
    let sealed = old.seal_alone(&bound, b"a mail").await.unwrap();
    let mut db = fixture.database.owner().await;
    sqlx::query(
        "INSERT INTO identity.mail (id, kind, sealed, queued_at, due_at, expires_at)
         VALUES ($1, 'invitation', $2, now(), 'infinity', 'infinity')",
    )
    .bind(mail)
    .bind(sealed)
    .execute(&mut db)
    .await
    .unwrap();
    let lacking = config(&fixture.database, "k2", free_addr());
    let refused = serve(lacking, Process::new("identity")).await;
    assert!(refused.unwrap_err().to_string().contains("k1"));
    let said = rotate(&fixture, "k2,k1", false, false).await;
    assert!(said.contains("key k1: no row uses it any more"), "{said}");
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM identity.mail")
        .fetch_one(&mut db)
        .await
        .unwrap();
    let new = Vault::from(vault_keys("k2"));
    let plain = new.open_alone(&bound, &sealed).await.unwrap();
    assert_eq!(plain.as_slice(), b"a mail");
}
