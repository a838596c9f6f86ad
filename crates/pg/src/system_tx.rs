//! The few transactions that look across organisations.

use std::ops::{Deref, DerefMut};

use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};

use crate::Pool;

/// A transaction under `sys_<service>`, whose rights are listed grant by grant in the migrations.
///
/// Dropping it without [`commit`](Self::commit) rolls back.
#[derive(Debug)]
pub struct SystemTx(Transaction<'static, Postgres>);

impl SystemTx {
    /// Begins a transaction as the role `sys_<service>`. `reason` says, to a reader and in
    /// `pg_stat_activity`, why one organisation's scope cannot do.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the unscoped transaction"
    )]
    pub async fn begin(
        pool: &Pool,
        service: &'static str,
        reason: &'static str,
    ) -> Result<Self, sqlx::Error> {
        let begin = format!(
            "BEGIN; SET LOCAL ROLE sys_{}; SET LOCAL statement_timeout = 10000 /* {reason} */",
            service.replace('-', "_")
        );
        Ok(Self(pool.0.begin_with(AssertSqlSafe(begin)).await?))
    }

    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.0.commit().await
    }
}

impl Deref for SystemTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for SystemTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}
