//! Connections of one service, handed out only as scoped transactions.

use std::{str::FromStr as _, sync::Arc, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool, Postgres,
    Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{
    places::{Patience, Place, Places},
    seen_through::SeenThrough,
};

/// Whoever has a place waits this long for its connection, which may have to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that was put back so lately is not asked whether it is still there.
const UNASKED: Duration = Duration::from_secs(1);
/// An abandoned transaction holds its locks no longer than this. Said in each transaction, as a
/// pooler passes nothing on that is said when connecting.
pub(crate) const IDLE_LIMIT: &str = "SET LOCAL idle_in_transaction_session_timeout = '5s'";

/// A service's connections. There is no way to one but [`OrgTx`](crate::OrgTx) and
/// [`SystemTx`](crate::SystemTx).
///
/// Whoever wants one waits in turn. While none is given back, further requests are refused at once
/// instead of each waiting in vain.
#[derive(Clone, Debug)]
pub struct Pool {
    connections: PgPool,
    places: Arc<Places>,
}

impl Pool {
    /// Connects when first used, so that a process starts before Postgres does.
    ///
    /// # Errors
    /// `url` is no Postgres URL.
    pub fn connect_lazy(
        url: &SecretString,
        service: &'static str,
        connections: u32,
    ) -> Result<Self, sqlx::Error> {
        let options = PgConnectOptions::from_str(url.expose_secret())?
            .application_name(service)
            .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(1))
            .log_statements(tracing::log::LevelFilter::Trace);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(CONNECT_TIMEOUT)
            // Those that were in use a moment ago have answered then.
            .test_before_acquire(false)
            .before_acquire(|connection, about| Box::pin(answers(connection, about.idle_for)))
            .connect_lazy_with(options);
        Ok(Self {
            connections: pool,
            places: Arc::new(Places::new(connections)),
        })
    }

    /// A transaction that begins with `begin`, and its place among those of the pool.
    ///
    /// Once begun, beginning is seen through: sqlx 0.9.0 puts a connection back when `begin` is
    /// cancelled in the middle (transact-rs/sqlx#4393), with an open transaction on it and the scope of
    /// its organisation.
    #[expect(
        clippy::disallowed_methods,
        reason = "the scoped and the unscoped transaction begin here"
    )]
    pub(crate) async fn begin(
        &self,
        begin: String,
        patience: Patience,
    ) -> Result<(Transaction<'static, Postgres>, Place), sqlx::Error> {
        let place = self.places.take(patience).await?;
        let connections = self.connections.clone();
        SeenThrough::new(async move {
            let transaction = connections.begin_with(AssertSqlSafe(begin)).await?;
            Ok((transaction, place))
        })
        .await
    }

    /// Whether Postgres answers.
    pub async fn is_up(&self) -> bool {
        sqlx::query("SELECT 1")
            .execute(&self.connections)
            .await
            .is_ok()
    }

    /// Waits for connections in use and closes all.
    pub async fn close(&self) {
        self.connections.close().await;
    }
}

/// Whether a connection that lay idle for a while still answers.
async fn answers(connection: &mut PgConnection, idle_for: Duration) -> Result<bool, sqlx::Error> {
    if idle_for >= UNASKED {
        connection.ping().await?;
    }
    Ok(true)
}
