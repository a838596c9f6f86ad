use sqlx::{Connection as _, PgConnection};
use voxanne_testkit::eventually;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_request_in_flight_is_finished_before_the_process_ends() {
    let fixture = Fixture::start().await;
    let mut owner = fixture.database.owner().await;
    let mut held = owner.begin().await.unwrap();
    sqlx::query("LOCK TABLE identity.organization")
        .execute(&mut *held)
        .await
        .unwrap();
    let signing_up = fixture.sign_up("lee@acme.example");
    let stopping = async {
        eventually("the sign-up waits for the table", || waits(&fixture)).await;
        fixture.running.process.shutdown.cancel();
        held.rollback().await.unwrap();
    };
    let (signed_up, ()) = tokio::join!(signing_up, stopping);
    assert!(signed_up.is_ok(), "{signed_up:?}");
    fixture.running.stop().await;
}

async fn waits(fixture: &Fixture) -> bool {
    let mut owner: PgConnection = fixture.database.owner().await;
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database = (
        SELECT oid FROM pg_database WHERE datname = current_database()))",
    )
    .fetch_one(&mut owner)
    .await
    .expect("the catalog can be read")
}
