//! Which secrets a webhook's signature is compared with.

use jiff::SignedDuration;
use voxanne_proto::identity::v1::PutCredentialRequest;

use crate::{
    credentials::{job, open, put, twilio, webhook_secrets},
    fixture::{ACCOUNT, Fixture, TOKEN, answer},
    tested::record,
};

const NEW: &str = "fedcba9876543210fedcba9876543210";
const NEWER: &str = "00112233445566778899aabbccddeeff";

async fn known(fixture: &Fixture) -> Vec<String> {
    let found = webhook_secrets(fixture, ACCOUNT).await;
    let mut secrets: Vec<_> = found.into_iter().map(|known| known.secret).collect();
    secrets.sort();
    secrets
}

fn sorted(secrets: &[&str]) -> Vec<String> {
    let mut sorted: Vec<_> = secrets.iter().map(|one| (*one).to_owned()).collect();
    sorted.sort();
    sorted
}

#[tokio::test]
async fn a_replaced_secret_counts_for_ten_minutes() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    assert_eq!(known(&fixture).await, [TOKEN]);
    put(&fixture, &owner, NEW).await.unwrap();
    assert_eq!(known(&fixture).await, sorted(&[TOKEN, NEW]));
    let opened = open(&fixture, &job(&owner)).await.unwrap();
    assert_eq!(opened.secrets.len(), 1, "it is for signatures only");
    let nine = fixture.clock.now() + SignedDuration::from_mins(9);
    fixture.clock.set(nine);
    put(&fixture, &owner, NEW).await.unwrap();
    let both = sorted(&[TOKEN, NEW]);
    assert_eq!(known(&fixture).await, both, "storing it again ends nothing");
    fixture.clock.set(nine + SignedDuration::from_mins(1));
    assert_eq!(known(&fixture).await, [NEW], "and prolongs nothing");
    put(&fixture, &owner, NEWER).await.unwrap();
    assert_eq!(known(&fixture).await, sorted(&[NEW, NEWER]));
}

#[tokio::test]
async fn the_secret_of_another_account_does_not_go_on() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let elsewhere = PutCredentialRequest {
        external_id: "ACffffffffffffffffffffffffffffffff".into(),
        ..twilio(NEW, "+15551234567")
    };
    let request = fixture.within(&owner, elsewhere);
    answer(fixture.client().put_credential(request).await).unwrap();
    assert_eq!(known(&fixture).await, Vec::<String>::new());
    put(&fixture, &owner, NEWER).await.unwrap();
    assert_eq!(known(&fixture).await, [NEWER]);
}

#[tokio::test]
async fn squatters_cannot_crowd_an_accounts_owner_out() {
    let fixture = Fixture::start().await;
    for number in 0..40 {
        let squatter = fixture.owner(&format!("{number}@squat.example")).await;
        put(&fixture, &squatter.tenant, NEW).await.unwrap();
    }
    let owner = fixture.owner("lee@acme.example").await.tenant;
    put(&fixture, &owner, TOKEN).await.unwrap();
    let found = webhook_secrets(&fixture, ACCOUNT).await;
    assert_eq!(found.len(), 32);
    assert!(!found.iter().any(|known| known.secret == TOKEN));
    let version = open(&fixture, &job(&owner)).await.unwrap().version;
    record(&fixture, &owner, version, true).await.unwrap();
    let found = webhook_secrets(&fixture, ACCOUNT).await;
    assert_eq!(found.len(), 32);
    assert_eq!(found[0].org_id, owner.org().to_string());
    // The account stays theirs when its token is replaced.
    put(&fixture, &owner, NEWER).await.unwrap();
    let found = webhook_secrets(&fixture, ACCOUNT).await;
    let theirs: Vec<_> = found.iter().take(2).map(|known| &*known.secret).collect();
    assert!(
        theirs.contains(&NEWER) && theirs.contains(&TOKEN),
        "{theirs:?}"
    );
}
