//! A cache on the tests' Redis, and a hand in that Redis.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use redis::{
    AsyncCommands as _, Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::ExposeSecret as _;
use voxanne_idempotency::{
    Fingerprint, Key, KeyedRequest,
    cache::{Answer, Cache, Known, Place},
};
use voxanne_ids::OrgId;
use voxanne_tenant::Keys;
use voxanne_testkit::{eventually, redis_url};

pub(crate) const MARKER: &str = "Ada-Marker-Lovelace";

pub(crate) struct Stage {
    pub(crate) cache: Cache,
    redis: ConnectionManager,
}

impl Stage {
    /// A gateway's cache with keys made of these bytes, the newest first.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let client = Client::open(redis_url().expose_secret()).expect("a Redis URL");
        let redis = ConnectionManager::new_lazy_with_config(client, ConnectionManagerConfig::new())
            .expect("nothing is connected yet");
        let cache = Cache::new(Some(redis.clone()), &keys(bytes));
        Self { cache, redis }
    }

    /// Keeps [`answer`], however busy Redis is.
    pub(crate) async fn keep(&self, place: &Place<'_>) {
        eventually("the answer is kept", || async {
            self.cache.keep(place, answer()).await;
            self.cache.look_up(place).await == Known::Finished(answer())
        })
        .await;
    }

    /// Marks `place`, which nobody has marked.
    pub(crate) async fn mark(&self, place: &Place<'_>) {
        let before = self.entries(place.org).await.len();
        eventually("the mark is set", || async {
            self.cache.mark(place).await;
            self.entries(place.org).await.len() > before
        })
        .await;
    }

    /// With `value` under `name` it is as if nothing lay there: nobody is answered, and the next
    /// request is marked as the first.
    pub(crate) async fn is_ignored(&self, place: &Place<'_>, name: &str, value: &[u8]) {
        self.put(name, value).await;
        eventually("it is dropped", || async {
            assert_eq!(self.cache.look_up(place).await, Known::Unknown);
            self.entry(name).await.is_none()
        })
        .await;
        self.mark(place).await;
        look(&self.cache, place, &Known::Running).await;
    }

    /// What this one kept for `place` is not known to `other`, which hears from the same Redis.
    pub(crate) async fn is_unknown_to(&self, other: &Self, place: &Place<'_>) {
        let probe = KeyedRequest {
            key: Key::parse("probe").expect("a key"),
            fingerprint: Fingerprint::of(&[b"probe"]),
        };
        let probe = Place {
            keyed: &probe,
            ..place.clone()
        };
        other.keep(&probe).await;
        assert_eq!(other.cache.look_up(place).await, Known::Unknown);
    }

    /// Name and value of the one entry of `org`.
    pub(crate) async fn only_entry(&self, org: OrgId) -> (String, Vec<u8>) {
        let names = self.entries(org).await;
        let [name] = names.as_slice() else {
            panic!("one entry: {names:?}")
        };
        let value = self.entry(name).await.expect("it is there");
        (name.clone(), value)
    }

    pub(crate) async fn put(&self, name: &str, value: &[u8]) {
        let done = self.redis.clone().set_ex::<_, _, ()>(name, value, 60).await;
        done.expect("Redis answers");
    }

    pub(crate) async fn remove(&self, name: &str) {
        let done = self.redis.clone().del::<_, ()>(name).await;
        done.expect("Redis answers");
    }

    async fn entry(&self, name: &str) -> Option<Vec<u8>> {
        self.redis.clone().get(name).await.expect("Redis answers")
    }

    async fn entries(&self, org: OrgId) -> Vec<String> {
        let pattern = format!("*{org}*");
        self.redis.clone().keys(pattern).await.expect("few keys")
    }
}

pub(crate) fn keys(bytes: &[u8]) -> Keys {
    let list = bytes
        .iter()
        .map(|byte| format!("k{byte}:{}", BASE64_STANDARD.encode([*byte; 32])))
        .collect::<Vec<_>>();
    list.join(",").parse().expect("good keys")
}

pub(crate) fn answer() -> Answer {
    Answer {
        status: 201,
        content_type: "application/json".to_owned(),
        body: format!(r#"{{"patient":"{MARKER}"}}"#),
    }
}

pub(crate) fn request(key: &str, body: &str) -> KeyedRequest {
    KeyedRequest {
        key: Key::parse(key).expect("a key"),
        fingerprint: Fingerprint::of(&[body.as_bytes()]),
    }
}

pub(crate) fn place<'a>(org: OrgId, path: &'a str, keyed: &'a KeyedRequest) -> Place<'a> {
    Place {
        org,
        method: "POST",
        path,
        keyed,
    }
}

/// The cache comes to tell `expected`; it is soon impatient with a busy Redis.
pub(crate) async fn look(cache: &Cache, place: &Place<'_>, expected: &Known) {
    eventually("the cache tells it", || async {
        cache.look_up(place).await == *expected
    })
    .await;
}
