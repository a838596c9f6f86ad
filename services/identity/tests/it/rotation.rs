//! `rotate-keys` as an operator runs it: while requests open secrets, killed and started again, and
//! two at once. No request may notice.

use std::{
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Instant,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::ExposeSecret as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio_util::sync::CancellationToken;
use voxanne_clock::Clock;
use voxanne_ids::OrgId;
use voxanne_proto::identity::v1::OpenCredentialRequest;
use voxanne_tenant::{Outbound, Tenant};
use voxanne_testkit::{Database, eventually, eventually_within, keys};
use voxanne_vault::{Place, Vault};

use crate::{
    credentials::open,
    fixture::{Fixture, TOKEN, vault_keys},
};

/// How many credentials are rotated, unless this variable says otherwise.
const COUNT: &str = "VOXANNE_TEST_ROTATED_CREDENTIALS";
const USUAL: usize = 300;
const READERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_notices_a_rotation() {
    let count = count();
    let database = Database::fresh().await;
    let orgs: Arc<[OrgId]> = fill(&database, count).await.into();
    let service = Fixture::over(database.clone(), "k1,k2").await;
    let readers = Readers::start(&service, &orgs);
    let started = Instant::now();

    // Killed in the middle of its work, again and again.
    let mut kills = 0;
    while wrapped_by(&database, "k1").await > count / 2 {
        interrupted(&database, count / 8).await;
        kills += 1;
    }
    let halfway = started.elapsed();
    assert!(kills > 0 && wrapped_by(&database, "k1").await > 0);
    // Two at once, and new data keys as well.
    let mut both = [&["--renew"], &["--renew"]].map(|renew| rotate(&database, &renew[..]));
    for rotating in &mut both {
        assert!(done(rotating).await);
    }
    assert!(done(&mut rotate(&database, &[])).await, "nothing is left");
    let took = started.elapsed();
    let (opened, failed) = readers.stop().await;
    println!(
        "{count} credentials: half of the keys wrapped with {kills} kills in {halfway:.1?}, all \
         wrapped and sealed anew in {took:.1?}; {opened} requests meanwhile, {failed} failed"
    );
    assert_eq!(failed, 0);
    assert!(opened > 50, "requests were made: {opened}");

    assert_eq!(wrapped_by(&database, "k1").await, 0);
    let renewed = counted(&database, "organization_data_key WHERE version > 1").await;
    assert_eq!(renewed, count);
    let stale = counted(
        &database,
        "organization_api_secret WHERE data_key_version = 1",
    )
    .await;
    assert_eq!(stale, 0);
    let only_new = Fixture::over(database, "k2").await;
    for org in orgs.iter().step_by(97) {
        let tenant = Tenant::for_job(*org, "messages");
        let opened = open(&only_new, &tenant).await.unwrap();
        assert_eq!(opened.secrets["authToken"], TOKEN);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how much is measured is up to whoever runs the test"
)]
fn count() -> usize {
    let wanted = std::env::var(COUNT).ok();
    wanted.map_or(USUAL, |count| count.parse().expect("a number"))
}

/// Requests that open one organisation's secrets after the other, several at a time.
struct Readers {
    stop: CancellationToken,
    opened: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
    tasks: tokio::task::JoinSet<()>,
}

impl Readers {
    fn start(service: &Fixture, orgs: &Arc<[OrgId]>) -> Self {
        let mut readers = Self {
            stop: CancellationToken::new(),
            opened: Arc::default(),
            failed: Arc::default(),
            tasks: tokio::task::JoinSet::new(),
        };
        let next = Arc::new(AtomicUsize::new(0));
        for _ in 0..READERS {
            let (orgs, next) = (Arc::clone(orgs), Arc::clone(&next));
            let (opened, failed) = (Arc::clone(&readers.opened), Arc::clone(&readers.failed));
            let (mut client, stop) = (service.client(), readers.stop.clone());
            let outbound = Outbound::new(keys(), service.clock.clone(), "notification", "identity");
            readers.tasks.spawn(async move {
                while !stop.is_cancelled() {
                    let org = orgs[next.fetch_add(1, Ordering::Relaxed) % orgs.len()];
                    let message = OpenCredentialRequest {
                        provider: "twilio".into(),
                    };
                    let tenant = Tenant::for_job(org, "messages");
                    let answer = client.open_credential(outbound.request(&tenant, message));
                    let counter = match answer.await {
                        Ok(it) if it.get_ref().secrets["authToken"] == TOKEN => &opened,
                        _ => &failed,
                    };
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        readers
    }

    async fn stop(self) -> (u64, u64) {
        self.stop.cancel();
        self.tasks.join_all().await;
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (count(&self.opened), count(&self.failed))
    }
}

/// A rotation that is killed in the middle of its work.
///
/// Somebody holds a row `ahead` of where it begins, or it might have ended before the signal.
async fn interrupted(database: &Database, ahead: usize) {
    let before = wrapped_by(database, "k1").await;
    let mut owner: PgConnection = database.owner().await;
    let mut holder = owner.begin().await.unwrap();
    sqlx::query(
        // Locked outside: FOR UPDATE beside OFFSET locks the rows that are passed over as well.
        "SELECT FROM identity.organization_data_key WHERE (org_id, version) = (
           SELECT org_id, version FROM identity.organization_data_key WHERE key_id = 'k1'
           ORDER BY org_id, version OFFSET $1 LIMIT 1
         ) FOR UPDATE",
    )
    .bind(i64::try_from(ahead).unwrap())
    .execute(&mut *holder)
    .await
    .unwrap();
    let mut rotating = rotate(database, &["--batch", "20"]);
    eventually("some keys are wrapped anew", || async {
        wrapped_by(database, "k1").await < before
    })
    .await;
    rotating.kill().unwrap();
    assert!(!rotating.wait().unwrap().success());
    holder.rollback().await.unwrap();
}

fn rotate(database: &Database, arguments: &[&str]) -> Child {
    let key = BASE64_STANDARD.encode([7; 32]);
    Command::new(env!("CARGO_BIN_EXE_rotate-keys"))
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", database.url("identity").expose_secret())
        .env("VAULT_KEYS", format!("k2:{key},k1:{key}"))
        .stdout(Stdio::null())
        .spawn()
        .expect("the command is built with the tests")
}

async fn done(rotating: &mut Child) -> bool {
    let mut status = None;
    let long = std::time::Duration::from_secs(1_800);
    let rotating = std::sync::Mutex::new(rotating);
    eventually_within(long, "the command has ended", || {
        let ended = rotating
            .lock()
            .expect("one task")
            .try_wait()
            .expect("a child of ours");
        status = status.or(ended);
        std::future::ready(ended.is_some())
    })
    .await;
    status.is_some_and(|status| status.success())
}

async fn wrapped_by(database: &Database, key: &str) -> usize {
    let rows = format!("organization_data_key WHERE key_id = '{key}'");
    counted(database, &rows).await
}

async fn counted(database: &Database, rows: &str) -> usize {
    let statement = format!("SELECT count(*) FROM identity.{rows}");
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(statement))
        .fetch_one(&mut database.owner().await)
        .await
        .expect("the owner counts");
    usize::try_from(count).expect("a count")
}

/// Organisations with a Twilio account each, as the service stores it.
async fn fill(database: &Database, count: usize) -> Vec<OrgId> {
    let vault = Vault::from(vault_keys("k1"));
    let mut orgs = Vec::with_capacity(count);
    let (mut keys, mut secrets) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let org = OrgId::new();
        let (key, wrapped) = vault.make(org, 1).await.expect("randomness");
        let place = Place {
            org,
            provider: "twilio",
            field: "authToken",
            version: 1,
        };
        secrets.push(key.seal(&place, TOKEN.as_bytes()).expect("it is short"));
        keys.push(wrapped.bytes);
        orgs.push(org);
    }
    let ids: Vec<_> = orgs.iter().map(OrgId::as_uuid).collect();
    let mut db: PgConnection = database.owner().await;
    for statement in [
        "INSERT INTO identity.organization (org_id, name, time_zone, created_at)
         SELECT org, 'Clinic', 'UTC', $4 FROM unnest($1::uuid[]) org
         WHERE $2::bytea[] IS NOT NULL AND $3::bytea[] IS NOT NULL",
        "INSERT INTO identity.organization_data_key (org_id, version, wrapped, key_id, created_at)
         SELECT org, 1, key, 'k1', $4 FROM unnest($1::uuid[], $2::bytea[]) pair (org, key)
         WHERE $3::bytea[] IS NOT NULL",
        "INSERT INTO identity.organization_api_credentials
           (org_id, provider, external_id, settings, last_four, status, version, updated_at)
         SELECT org, 'twilio', 'AC0123456789abcdef0123456789abcdef', '{}', '', 'ok', 1, $4
         FROM unnest($1::uuid[]) org
         WHERE $2::bytea[] IS NOT NULL AND $3::bytea[] IS NOT NULL",
        "INSERT INTO identity.organization_api_secret
           (org_id, provider, field, sealed, data_key_version)
         SELECT org, 'twilio', 'authToken', secret, 1
         FROM unnest($1::uuid[], $3::bytea[]) pair (org, secret)
         WHERE $2::bytea[] IS NOT NULL AND $4::timestamptz IS NOT NULL",
    ] {
        let now = jiff_sqlx::ToSqlx::to_sqlx(Clock::system().now());
        let fill = sqlx::query(statement).bind(&ids).bind(&keys).bind(&secrets);
        fill.bind(now)
            .execute(&mut db)
            .await
            .expect("the owner may");
    }
    orgs
}
