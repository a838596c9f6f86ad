//! A database of its own for each test, copied from a migrated template.

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use url::Url;
use uuid::Uuid;
use voxanne_pg::{MIGRATOR, Pool, migrate};

use crate::lifetime;

/// Serialises the making of the template between test processes; any fixed number will do.
const TEMPLATE_LOCK: i64 = 0x766f_7861;
/// Services in tests need few connections, and the cluster has an end of them.
const CONNECTIONS: u32 = 6;

/// A migrated database that nobody else uses. It lasts as long as the test's process and is dropped
/// by a later test.
#[derive(Clone, Debug)]
pub struct Database {
    owner: Url,
}

impl Database {
    pub async fn fresh() -> Self {
        let cluster: Url = crate::from_env("VOXANNE_TEST_DATABASE_URL")
            .parse()
            .expect("the runner gives a URL");
        let mut admin = PgConnection::connect(cluster.as_str())
            .await
            .expect("Postgres answers");
        let template = template(&cluster, &mut admin).await;
        lifetime::drop_abandoned(&mut admin).await;
        let name = lifetime::name(cluster.as_str()).await;
        create(
            &mut admin,
            &format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await;
        Self {
            owner: within(&cluster, &name),
        }
    }

    /// The URL of the role that owns every table and, being a superuser, sees every row.
    pub fn owner_url(&self) -> &str {
        self.owner.as_str()
    }

    /// The URL a service connects with, under its own role; through the pooler, where there is one.
    pub fn url(&self, service: &str) -> SecretString {
        let mut url = self.owner.clone();
        if let Some(port) = crate::pooler_port() {
            url.set_port(Some(port)).expect("a host is there");
        }
        url.set_username(&format!("svc_{}", service.replace('-', "_")))
            .expect("a host is there");
        url.set_password(None).expect("a host is there");
        url.to_string().into()
    }

    /// Connections of one service.
    pub fn pool(&self, service: &'static str) -> Pool {
        Pool::connect_lazy(&self.url(service), service, CONNECTIONS).expect("the URL is ours")
    }

    /// A connection as the owner, to look behind the services' backs.
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect(self.owner_url())
            .await
            .expect("Postgres answers")
    }
}

fn within(cluster: &Url, database: &str) -> Url {
    let mut url = cluster.clone();
    url.set_path(database);
    url
}

/// The template's name holds the checksum of the migrations, so a changed migration makes a new one.
async fn template(cluster: &Url, admin: &mut PgConnection) -> String {
    let sums: Vec<u8> = MIGRATOR
        .iter()
        .flat_map(|one| one.checksum.to_vec())
        .collect();
    let name = format!(
        "template_{}",
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &sums).simple()
    );
    lock(admin, "pg_advisory_lock").await;
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut *admin)
            .await
            .expect("the catalog can be read");
    if !exists {
        let unfinished = format!("{name}_unfinished");
        create(admin, &format!("DROP DATABASE IF EXISTS {unfinished}")).await;
        create(admin, &format!("CREATE DATABASE {unfinished}")).await;
        migrate(within(cluster, &unfinished).as_str(), None)
            .await
            .expect("migrations apply");
        create(
            admin,
            &format!("ALTER DATABASE {unfinished} RENAME TO {name}"),
        )
        .await;
    }
    lock(admin, "pg_advisory_unlock").await;
    name
}

async fn lock(admin: &mut PgConnection, function: &str) {
    sqlx::query(AssertSqlSafe(format!("SELECT {function}({TEMPLATE_LOCK})")))
        .execute(admin)
        .await
        .expect("an advisory lock can be taken");
}

async fn create(admin: &mut PgConnection, statement: &str) {
    sqlx::query(AssertSqlSafe(statement.to_owned()))
        .execute(admin)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}
