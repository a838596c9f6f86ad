//! What the tables themselves refuse.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use voxanne_testkit::two_orgs;

use crate::desk::{Desk, TEN};

async fn constraint(connection: &mut PgConnection, statement: String) -> String {
    let refused = sqlx::query(AssertSqlSafe(statement.clone()))
        .execute(connection)
        .await;
    let error = refused
        .err()
        .unwrap_or_else(|| panic!("accepted: {statement}"));
    let database = error.into_database_error().expect("the database refused");
    database
        .constraint()
        .map_or_else(|| database.message().to_owned(), str::to_owned)
}

#[tokio::test]
async fn a_range_that_could_block_nothing_or_everything_is_refused() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    desk.book(&clinic.tenant, clinic.booking(TEN, "+14155550123"))
        .await
        .unwrap();
    let mut owner = desk.database.owner().await;
    for (from, to) in [
        ("'2026-12-02 10:00Z'", "'2026-12-02 10:00Z'"),
        ("'2026-12-02 10:30Z'", "'2026-12-02 10:00Z'"),
        ("'-infinity'", "'infinity'"),
        ("'2026-12-02 10:00Z'", "'infinity'"),
        ("'2026-12-02 10:00Z'", "'2036-12-02 10:30Z'"),
    ] {
        let statement = format!("UPDATE booking.claim SET busy_from = {from}, busy_to = {to}");
        let refused = constraint(&mut owner, statement).await;
        // The range itself refuses to end before it begins.
        let known = [
            "claim_range_is_finite",
            "range lower bound must be less than or equal to range upper bound",
        ];
        assert!(known.contains(&&*refused), "{from} {to}: {refused}");
    }
}

#[tokio::test]
async fn a_row_cannot_point_into_another_organisation() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let (acme, globex) = (desk.clinic(&acme).await, desk.clinic(&globex).await);
    desk.book(&acme.tenant, acme.booking(TEN, "+14155550123"))
        .await
        .unwrap();
    let mut owner = desk.database.owner().await;
    let org = acme.tenant.org().as_uuid();
    for (table, column, id) in [
        ("provider", "location_id", &globex.location),
        ("booking", "provider_id", &globex.provider),
        ("booking", "service_id", &globex.service),
        ("schedule", "provider_id", &globex.provider),
    ] {
        let (_, id) = id.split_once('_').unwrap();
        let statement =
            format!("UPDATE booking.{table} SET {column} = '{id}' WHERE org_id = '{org}'");
        let refused = constraint(&mut owner, statement).await;
        assert!(refused.ends_with("_fkey"), "{table}.{column}: {refused}");
    }
    let (_, provider) = globex.provider.split_once('_').unwrap();
    let statement = format!(
        "UPDATE booking.claim SET provider_id = '{provider}' WHERE provider_id IS NOT NULL"
    );
    let refused = constraint(&mut owner, statement).await;
    assert_eq!(refused, "claim_provider_fkey");
}

#[tokio::test]
async fn history_can_only_be_added_to() {
    let desk = Desk::open().await;
    let url = desk.database.url("booking");
    let mut service = PgConnection::connect(secrecy::ExposeSecret::expose_secret(&url))
        .await
        .unwrap();
    for statement in [
        "UPDATE booking.booking_change SET status = 'booked'",
        "DELETE FROM booking.booking_change",
        "DELETE FROM booking.booking",
        "UPDATE booking.booking SET created_at = now()",
        "UPDATE booking.claim SET busy_to = busy_from",
        "DELETE FROM booking.patient",
    ] {
        let refused = constraint(&mut service, statement.to_owned()).await;
        assert!(
            refused.starts_with("permission denied"),
            "{statement}: {refused}"
        );
    }
}
