use voxanne_testkit::eventually;

use crate::{
    credentials::{job, open, put, webhook_secrets},
    fixture::{ACCOUNT, Fixture, TOKEN, reason},
};

#[tokio::test]
async fn a_secret_moved_to_another_organisation_does_not_open() {
    let fixture = Fixture::start().await;
    let acme = fixture.owner("lee@acme.example").await.tenant;
    let globex = fixture.owner("kim@globex.example").await.tenant;
    put(&fixture, &acme, TOKEN).await.unwrap();
    put(&fixture, &globex, TOKEN).await.unwrap();
    let mut owner = fixture.database.owner().await;
    sqlx::query(
        "UPDATE identity.organization_api_secret mine SET sealed = theirs.sealed
         FROM identity.organization_api_secret theirs
         WHERE mine.org_id = $1 AND theirs.org_id = $2",
    )
    .bind(globex.org())
    .bind(acme.org())
    .execute(&mut owner)
    .await
    .unwrap();
    assert_eq!(reason(open(&fixture, &job(&globex)).await), "INTERNAL");
    let found = webhook_secrets(&fixture, ACCOUNT).await;
    assert_eq!(found.len(), 1, "the other organisation's webhooks go on");
    assert_eq!(found[0].org_id, acme.org().to_string());
}

#[tokio::test]
async fn no_secret_is_stored_as_it_is() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let mut owner = fixture.database.owner().await;
    let rows: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed FROM identity.organization_api_secret")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    assert_eq!(rows.len(), 1);
    assert!(
        !rows[0]
            .windows(8)
            .any(|bytes| bytes == &TOKEN.as_bytes()[..8])
    );
}

#[tokio::test]
async fn a_missing_vault_key_is_our_fault_and_nothing_is_shown() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let rotated = Fixture::over(fixture.database.clone(), "k2").await;
    let refused = open(&rotated, &job(&owner)).await.unwrap_err();
    assert_eq!(refused.reason, "INTERNAL");
    assert!(!refused.message.contains("k1"), "{}", refused.message);
}

#[tokio::test]
async fn a_new_vault_key_takes_over_from_the_old_one() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let version = open(&fixture, &job(&owner)).await.unwrap().version;
    let both = Fixture::over(fixture.database.clone(), "k2,k1").await;
    assert_eq!(
        open(&both, &job(&owner)).await.unwrap().secrets["authToken"],
        TOKEN
    );
    eventually("the secret is sealed with the new key", || async {
        let mut owner = both.database.owner().await;
        let sealed: Vec<u8> =
            sqlx::query_scalar("SELECT sealed FROM identity.organization_api_secret")
                .fetch_one(&mut owner)
                .await
                .unwrap();
        sealed[2..].starts_with(b"k2")
    })
    .await;
    let only_new = Fixture::over(fixture.database.clone(), "k2").await;
    let opened = open(&only_new, &job(&owner)).await.unwrap();
    assert_eq!(
        (&*opened.secrets["authToken"], opened.version),
        (TOKEN, version)
    );
}
