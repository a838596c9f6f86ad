//! Keys come and go while members work.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use jsonwebtoken::{Algorithm, Header};
use voxanne_testkit::eventually;

use super::{booking, with_token};
use crate::api::fixture::{Api, Behind, KEY_ID, Person, jwk, private};

/// A token of `person` under the key made from `seed`.
pub(super) fn token(person: &Person, id: &str, seed: u8) -> String {
    let header = Header {
        kid: Some(id.to_owned()),
        ..Header::new(Algorithm::EdDSA)
    };
    jsonwebtoken::encode(&header, &person.claims(), &private(seed)).expect("claims encode")
}

async fn status(api: &Api, person: &Person, token: &str) -> u16 {
    with_token(api, person.org, token).await.status
}

#[tokio::test]
async fn a_new_key_is_learnt_and_a_dropped_one_takes_its_tokens_along() {
    let api = Behind::booking(booking()).start().await;
    let person = Person::new("staff");
    let (old, new) = (token(&person, KEY_ID, 7), token(&person, "k2", 8));
    assert_eq!(status(&api, &person, &old).await, 200);
    assert_eq!(status(&api, &person, &new).await, 401);
    api.publish(vec![jwk(KEY_ID, 7), jwk("k2", 8)]);
    eventually("the new key is learnt", || async {
        status(&api, &person, &new).await == 200
    })
    .await;
    assert_eq!(status(&api, &person, &old).await, 200, "both are published");
    // The old token lies verified in the cache, and its key is dropped.
    api.publish(vec![jwk("k2", 8)]);
    eventually("the old key's tokens are refused", || async {
        // Anybody's unknown key makes the gateway look again.
        status(&api, &person, &token(&person, "k3", 9)).await;
        status(&api, &person, &old).await == 401
    })
    .await;
    assert_eq!(status(&api, &person, &new).await, 200);
}

/// A key that leaks is replaced under its own name: its tokens must not live on in the cache.
#[tokio::test]
async fn another_key_under_the_same_name_is_another_key() {
    let api = Behind::booking(booking()).start().await;
    let person = Person::new("staff");
    let (leaked, fresh) = (token(&person, KEY_ID, 7), token(&person, KEY_ID, 8));
    assert_eq!(status(&api, &person, &leaked).await, 200);
    api.publish(vec![jwk(KEY_ID, 8)]);
    eventually("the leaked key's tokens are refused", || async {
        status(&api, &person, &token(&person, "k3", 9)).await;
        status(&api, &person, &leaked).await == 401
    })
    .await;
    assert_eq!(status(&api, &person, &fresh).await, 200);
}

/// Members who sign in and ask three times each, again and again.
#[derive(Clone, Default)]
struct Work {
    signs_new: Arc<AtomicBool>,
    done: Arc<AtomicBool>,
    failed: Arc<AtomicUsize>,
    with_old: Arc<AtomicUsize>,
    with_new: Arc<AtomicUsize>,
}

impl Work {
    async fn go_on(self, api: Arc<Api>) {
        while !self.done.load(Ordering::Relaxed) {
            if self.signs_new.load(Ordering::Relaxed) {
                self.member(&api, ("k2", 8)).await;
                self.with_new.fetch_add(1, Ordering::Relaxed);
            } else {
                self.member(&api, (KEY_ID, 7)).await;
                self.with_old.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    async fn member(&self, api: &Api, (id, seed): (&str, u8)) {
        let person = Person::new("staff");
        let token = token(&person, id, seed);
        for _ in 0..3 {
            if status(api, &person, &token).await != 200 {
                self.failed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    async fn has_come(counter: &AtomicUsize) {
        let enough = || async { counter.load(Ordering::Relaxed) >= 20 };
        eventually("members have worked", enough).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_rotate_while_members_work() {
    let api = Arc::new(Behind::booking(booking()).start().await);
    let work = Work::default();
    let mut members = tokio::task::JoinSet::new();
    for _ in 0..4 {
        members.spawn(work.clone().go_on(api.clone()));
    }
    // In the order that identity's documentation gives: publish, sign, drop.
    Work::has_come(&work.with_old).await;
    api.publish(vec![jwk(KEY_ID, 7), jwk("k2", 8)]);
    let probe = Person::new("auditor");
    eventually("the gateway has seen the new key", || async {
        status(&api, &probe, &token(&probe, "k2", 8)).await == 200
    })
    .await;
    work.signs_new.store(true, Ordering::Relaxed);
    Work::has_come(&work.with_new).await;
    work.done.store(true, Ordering::Relaxed);
    while let Some(member) = members.join_next().await {
        member.expect("no member panics");
    }
    assert_eq!(work.failed.load(Ordering::Relaxed), 0, "no request failed");
    api.publish(vec![jwk("k2", 8)]);
    let late = token(&probe, KEY_ID, 7);
    eventually("the old key is refused after its end", || async {
        status(&api, &probe, &token(&probe, "k3", 9)).await;
        status(&api, &probe, &late).await == 401
    })
    .await;
}
