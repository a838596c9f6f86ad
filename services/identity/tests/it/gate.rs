//! Holds what a service wants in the database until it waits for it: then it is known where it is.

use sqlx::{PgConnection, query, query_scalar};
use voxanne_ids::OrgId;
use voxanne_testkit::eventually;

use crate::fixture::Fixture;

/// A transaction that holds a lock.
pub(crate) struct Gate<'a> {
    fixture: &'a Fixture,
    held: PgConnection,
}

impl<'a> Gate<'a> {
    /// Keeps the organisation's transactions apart that take the lock called `name`.
    pub(crate) async fn shut(fixture: &'a Fixture, name: &str, org: OrgId) -> Self {
        let mut gate = Self::begin(fixture).await;
        query("SELECT pg_advisory_xact_lock(hashtextextended($1 || ':' || $2::text, 0))")
            .bind(name)
            .bind(org)
            .execute(&mut gate.held)
            .await
            .unwrap();
        gate
    }

    /// Locks the user with this address, as a change of the password does.
    pub(crate) async fn before(fixture: &'a Fixture, email: &str) -> Self {
        let mut gate = Self::begin(fixture).await;
        query("SELECT FROM identity.user_account WHERE email = $1 FOR UPDATE")
            .bind(email)
            .execute(&mut gate.held)
            .await
            .unwrap();
        gate
    }

    async fn begin(fixture: &'a Fixture) -> Self {
        let mut held = fixture.database.owner().await;
        query("BEGIN").execute(&mut held).await.unwrap();
        Self { fixture, held }
    }

    /// Waits until so many others wait for a lock, and lets them go on.
    pub(crate) async fn open_for(self, count: i64) {
        self.change_for(count, "SELECT").await;
    }

    /// The same, and changes something just before.
    pub(crate) async fn change_for(mut self, count: i64, change: &'static str) {
        let fixture = self.fixture;
        eventually(&format!("{count} wait for the lock"), || async {
            let mut watch = fixture.database.owner().await;
            let waiting: i64 = query_scalar(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'",
            )
            .fetch_one(&mut watch)
            .await
            .unwrap();
            waiting == count
        })
        .await;
        query(change).execute(&mut self.held).await.unwrap();
        query("COMMIT").execute(&mut self.held).await.unwrap();
    }
}
