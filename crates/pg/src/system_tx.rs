//! The few transactions that look across organisations.

use std::ops::{Deref, DerefMut};

use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use uuid::Uuid;

use voxanne_ids::OrgId;
use voxanne_tenant::Tenant;

use crate::{
    OrgTx, Pool,
    audit::Notes,
    org_tx::scope,
    places::{Patience, Place},
    pool::IDLE_LIMIT,
};

/// A transaction under `sys_<service>`, whose rights are listed grant by grant in the migrations.
///
/// Dropping it without [`commit`](Self::commit) rolls back.
#[derive(Debug)]
pub struct SystemTx {
    inner: Transaction<'static, Postgres>,
    notes: Vec<(OrgId, Notes)>,
    /// Dropped last: the place is free once the connection is.
    place: Place,
}

impl SystemTx {
    /// Begins a transaction as the role `sys_<service>`. `reason` says, to a reader and in
    /// `pg_stat_activity`, why one organisation's scope cannot do.
    pub async fn begin(
        pool: &Pool,
        service: &'static str,
        reason: &'static str,
    ) -> Result<Self, sqlx::Error> {
        let begin = format!(
            "BEGIN; SET LOCAL ROLE sys_{}; {IDLE_LIMIT}; \
             SET LOCAL statement_timeout = 10000 /* {reason} */",
            service.replace('-', "_")
        );
        let (inner, place) = pool.begin(begin, Patience::Request).await?;
        Ok(Self {
            inner,
            notes: Vec::new(),
            place,
        })
    }

    /// Notes for the audit log of `tenant`'s organisation that its caller did `action` to
    /// `records`; see [`OrgTx::note`](crate::OrgTx::note).
    pub fn note(
        &mut self,
        tenant: &Tenant,
        action: &'static str,
        records: impl IntoIterator<Item = Uuid>,
    ) {
        let mut notes = Notes::of(tenant);
        notes.add(action, records);
        self.notes.push((tenant.org(), notes));
    }

    /// Goes on in the scope of `tenant`'s organisation, as the service itself. What was locked
    /// stays locked: rows of the organisation may depend on what was found across organisations.
    ///
    /// # Errors
    /// Something was noted before, which only [`commit`](Self::commit) writes.
    pub async fn go_on_in(mut self, tenant: &Tenant) -> Result<OrgTx, sqlx::Error> {
        if !self.notes.is_empty() {
            let why = "notes of several organisations are committed before one is entered";
            return Err(sqlx::Error::InvalidArgument(why.to_owned()));
        }
        let scope = format!("SET LOCAL ROLE NONE; {}", scope(tenant));
        sqlx::raw_sql(AssertSqlSafe(scope))
            .execute(&mut *self.inner)
            .await?;
        Ok(OrgTx::within((self.inner, self.place), tenant))
    }

    /// Commits, with the audit logs' entries for what was noted.
    ///
    /// Entries are an organisation's, so each is written as the service itself in the scope of its
    /// organisation. They go in one order: two transactions that tell the same organisations do not
    /// wait for each other.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.notes.sort_by_key(|(org, _)| *org);
        for (org, mut notes) in self.notes {
            let scope = format!(
                "SET LOCAL ROLE NONE; SET LOCAL app.org_id = '{}'",
                org.as_uuid()
            );
            sqlx::raw_sql(AssertSqlSafe(scope))
                .execute(&mut *self.inner)
                .await?;
            notes.append(&mut self.inner).await?;
        }
        self.inner.commit().await
    }
}

impl Deref for SystemTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.inner
    }
}

impl DerefMut for SystemTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}
