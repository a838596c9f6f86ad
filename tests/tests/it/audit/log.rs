//! The log as it is stored.

use std::collections::BTreeSet;

use sqlx::Row as _;
use voxanne_audit::{Entry, Hash};
use voxanne_ids::OrgId;
use voxanne_tests::Fleet;

use super::owner;

/// What was noted in one request.
pub(super) async fn entries(fleet: &Fleet, request_id: &str) -> Vec<Entry> {
    let rows = sqlx::query("SELECT * FROM audit.entry WHERE request_id = $1 ORDER BY seq")
        .bind(request_id)
        .fetch_all(&mut owner(fleet).await)
        .await
        .expect("the owner reads every table");
    let hash = |bytes: Vec<u8>| Hash::try_from(&*bytes).expect("32 bytes");
    let entries = rows.iter().map(|row| Entry {
        org: row.get("org_id"),
        seq: row.get("seq"),
        at: row.get::<jiff_sqlx::Timestamp, _>("at").to_jiff(),
        caller: row.get("caller"),
        request_id: row.get("request_id"),
        action: row.get("action"),
        records: row.get("records"),
        previous: hash(row.get("previous")),
        hash: hash(row.get("hash")),
    });
    entries.collect()
}

/// Everything that was ever done in the organisation.
pub(super) async fn actions(fleet: &Fleet, org: OrgId) -> BTreeSet<String> {
    let found = sqlx::query_scalar("SELECT DISTINCT action FROM audit.entry WHERE org_id = $1");
    let found: Vec<String> = found
        .bind(org)
        .fetch_all(&mut owner(fleet).await)
        .await
        .expect("the owner reads every table");
    found.into_iter().collect()
}

/// Puts messages and calls where something can still happen to them: a message may be sent again or
/// arrive, and of a call more can be told.
pub(super) async fn arrange(fleet: &Fleet) {
    sqlx::raw_sql(
        "UPDATE notification.message SET state = 'failed' WHERE state = 'delivered';
         UPDATE voice_tooling.call SET summary = ''",
    )
    .execute(&mut owner(fleet).await)
    .await
    .expect("the owner changes every table");
}
