//! Everything at rest, as text.

use redis::AsyncCommands as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use voxanne_tests::Fleet;

/// One store.
#[derive(Debug)]
pub(super) struct Dump {
    pub(super) name: String,
    text: String,
}

impl Dump {
    pub(super) fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Whether `value` is there, as it is or in the hex that Postgres shows bytes in.
    pub(super) fn holds(&self, value: &str) -> bool {
        self.text.contains(value) || self.text.contains(&hex(value))
    }

    /// The start of the first line that holds `value`, without it.
    pub(super) fn line(&self, value: &str) -> String {
        let line = self.text.lines().find(|line| line.contains(value));
        let line = line.unwrap_or_default().replace(value, "<canary>");
        line.chars().take(600).collect()
    }
}

/// Every table of every schema of ours, one a dump.
pub(super) async fn tables(fleet: &Fleet) -> Vec<Dump> {
    let mut owner = PgConnection::connect(fleet.database.owner_url())
        .await
        .expect("Postgres answers");
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
    )
    .fetch_all(&mut owner)
    .await
    .expect("the catalog can be read");
    let mut dumps = Vec::new();
    for name in names {
        let rows = format!("SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {name} t");
        let text: String = sqlx::query_scalar(AssertSqlSafe(rows))
            .fetch_one(&mut owner)
            .await
            .expect("the owner reads every table");
        dumps.push(Dump { name, text });
    }
    dumps
}

/// What every process counts, one a dump.
pub(super) async fn metrics(fleet: &Fleet) -> Vec<Dump> {
    let mut dumps = Vec::new();
    for name in ["gateway"].into_iter().chain(voxanne_tests::SERVICES) {
        let url = format!("http://{}/metrics", fleet.admin(name));
        let answer = fleet.http.get(url).send().await.expect("it answers");
        let text = answer.text().await.expect("a text");
        dumps.push(Dump::new(&format!("the metrics of {name}"), &text));
    }
    dumps
}

/// Every key of Redis, one a dump; keys hold things too.
pub(super) async fn redis(fleet: &Fleet) -> Vec<Dump> {
    let client = redis::Client::open(fleet.redis_url()).expect("the fleet's own URL");
    let mut redis = client
        .get_multiplexed_async_connection()
        .await
        .expect("Redis answers");
    let keys: Vec<String> = redis.keys("*").await.expect("few keys");
    let mut dumps = Vec::new();
    for key in keys {
        // DUMP would compress long values, so each kind is read as what it is.
        let kind: String = redis.key_type(&key).await.expect("a kind");
        let values: Vec<Vec<u8>> = match kind.as_str() {
            "string" => redis.get(&key).await.map(|value: Vec<u8>| vec![value]),
            "list" => redis.lrange(&key, 0, -1).await,
            "set" => redis.smembers(&key).await,
            "zset" => redis.zrange(&key, 0, -1).await,
            "hash" => redis.hgetall::<_, Vec<Vec<u8>>>(&key).await,
            "none" => continue, // It expired meanwhile.
            other => panic!("{key} is a {other}: this test cannot read it yet"),
        }
        .expect("values are bytes");
        // Bytes that are no text, as of what is sealed, hide none that are.
        let values = String::from_utf8_lossy(&values.join(&b'\n')).into_owned();
        dumps.push(Dump {
            text: format!("{key}\n{values}"),
            name: key,
        });
    }
    dumps
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
