//! Unknown keys make the gateway look for them, and no number of them makes it look often.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use futures_util::future::join_all;
use serde_json::json;
use voxanne_proto::identity::v1::{GetJwksRequest, GetJwksResponse};
use voxanne_testkit::eventually;

use super::{booking, rotation::token, with_token};
use crate::{
    api::fixture::{Behind, KEY_ID, Person, jwk},
    fake::Rpcs,
};

/// How often a gateway may have asked an issuer that did so first after `started`: each time two
/// seconds or more after the time before.
pub(super) fn most_since(started: Instant) -> usize {
    1 + usize::try_from(started.elapsed().as_secs() / 2).expect("few")
}

/// Behind an identity that counts how often it is asked for its keys.
fn counting() -> (Behind, Arc<AtomicUsize>) {
    let plain = Behind::booking(booking());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let identity = plain.sessions.rpcs(Rpcs::default()).unary(
        "/voxanne.identity.v1.IdentityService/GetJwks",
        move |_: tonic::Request<GetJwksRequest>| {
            counted.fetch_add(1, Ordering::SeqCst);
            let jwks = json!({ "keys": [jwk(KEY_ID, 7)] }).to_string();
            async { Ok(GetJwksResponse { jwks }) }
        },
    );
    (Behind { identity, ..plain }, asked)
}

#[tokio::test]
async fn no_number_of_unknown_keys_keeps_identity_busy() {
    let started = Instant::now();
    let (behind, asked) = counting();
    let api = behind.start().await;
    let person = Person::new("staff");
    let good = person.token();
    assert_eq!(with_token(&api, person.org, &good).await.status, 200);
    let tries = join_all((0..50).map(|number| {
        let forged = token(&person, &format!("unknown-{number}"), 9);
        let (api, org) = (&api, person.org);
        async move { with_token(api, org, &forged).await.status }
    }));
    assert_eq!(tries.await, vec![401; 50]);
    // The time is read last: whatever was counted happened before.
    let (count, most) = (asked.load(Ordering::SeqCst), most_since(started));
    assert!(count <= most, "{count} fetches where {most} are allowed");
    eventually("an unknown key makes the gateway look again", || async {
        let late = token(&person, "unknown-late", 9);
        assert_eq!(with_token(&api, person.org, &late).await.status, 401);
        asked.load(Ordering::SeqCst) > count
    })
    .await;
    let (count, most) = (asked.load(Ordering::SeqCst), most_since(started));
    assert!(count <= most, "{count} fetches where {most} are allowed");
}
