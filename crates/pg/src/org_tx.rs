//! A transaction that sees one organisation's rows and no other's.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    time::Duration,
};

use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;
use voxanne_ids::OrgId;
use voxanne_tenant::{Caller, Tenant};

use crate::{
    Pool,
    audit::Notes,
    places::{Patience, Place},
    pool::IDLE_LIMIT,
};

/// No statement of a request runs longer, even where the caller set no deadline.
const LONGEST_STATEMENT: Duration = Duration::from_secs(10);

/// Nobody waits longer for what another transaction has; who does is told to come again.
const LONGEST_LOCK_WAIT: Duration = Duration::from_secs(3);

/// A transaction in the scope of one tenant.
///
/// Dropping it without [`commit`](Self::commit) rolls back.
pub struct OrgTx {
    inner: Transaction<'static, Postgres>,
    org: OrgId,
    notes: Notes,
    afterwards: Vec<Box<dyn FnOnce() + Send>>,
    /// Dropped last: the place is free once the connection is.
    _place: Place,
}

impl OrgTx {
    /// Begins a transaction that row-level security confines to `tenant`'s organisation and whose
    /// statements end at its deadline.
    pub async fn begin(pool: &Pool, tenant: &Tenant) -> Result<Self, sqlx::Error> {
        // One round trip.
        let begin = format!("BEGIN; {}", scope(tenant));
        let patience = match tenant.caller() {
            Caller::Job(_) => Patience::Job,
            Caller::User { .. } | Caller::Key { .. } | Caller::Call(_) | Caller::Webhook(_) => {
                Patience::Request
            }
        };
        let begun = pool.begin(begin, patience).await?;
        Ok(Self::within(begun, tenant))
    }

    /// What `inner`, which has the scope of `tenant`, is from here on.
    pub(crate) fn within(
        (inner, place): (Transaction<'static, Postgres>, Place),
        tenant: &Tenant,
    ) -> Self {
        Self {
            inner,
            org: tenant.org(),
            notes: Notes::of(tenant),
            afterwards: Vec::new(),
            _place: place,
        }
    }

    /// The organisation this transaction is for; goes into every row it inserts.
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// Notes for the audit log that the tenant's caller did `action` to `records`, or was shown
    /// them. `action` is `<record>.<what happened>`, such as `booking.created`. The note becomes an
    /// entry when the transaction commits, and nothing when it does not.
    pub fn note(&mut self, action: &'static str, records: impl IntoIterator<Item = Uuid>) {
        self.notes.add(action, records);
    }

    /// Has `then` done when the transaction has committed, and dropped when it has not. Where the
    /// process dies in between, nobody does it: what has to be done is also written in the
    /// transaction, for somebody to find later.
    pub fn afterwards(&mut self, then: impl FnOnce() + Send + 'static) {
        self.afterwards.push(Box::new(then));
    }

    /// Commits, with the audit log's entries for what was noted.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.notes.append(&mut self.inner).await?;
        self.inner.commit().await?;
        for then in self.afterwards {
            then();
        }
        Ok(())
    }

    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        self.inner.rollback().await
    }
}

/// The statements that confine a transaction to `tenant`. `SET LOCAL` ends with it, so a pooled
/// connection never carries one tenant's scope into the next request. The values are a UUID and
/// numbers of ours.
pub(crate) fn scope(tenant: &Tenant) -> String {
    let left = tenant.time_left(LONGEST_STATEMENT).as_millis().max(1);
    format!(
        "SET LOCAL app.org_id = '{}'; SET LOCAL statement_timeout = {left}; \
         SET LOCAL lock_timeout = {}; {IDLE_LIMIT}",
        tenant.org().as_uuid(),
        LONGEST_LOCK_WAIT.as_millis()
    )
}

impl fmt::Debug for OrgTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrgTx")
            .field("org", &self.org)
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}

impl Deref for OrgTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.inner
    }
}

impl DerefMut for OrgTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}
