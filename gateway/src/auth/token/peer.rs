//! Tokens that another library has signed: JavaScript's jose, by `peer/peer.mjs`.

use std::{collections::BTreeMap, sync::Arc};

use serde::Deserialize;
use serde_json::Value;

use super::{Shape, verify};
use crate::{
    auth::keys::{Key, Kind, Rules},
    config::Issuer,
};

const SECRET: &str = "a secret that the peer and the gateway share";

#[derive(Deserialize)]
struct Peer {
    at: i64,
    issuer: String,
    jwks: Published,
    good: BTreeMap<String, String>,
    forged: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

impl Peer {
    fn accepts(&self, token: &str) -> bool {
        let rules = Rules {
            issuer: Issuer {
                name: self.issuer.clone(),
                audience: "authenticated".to_owned(),
            },
            kind: Kind::External,
        };
        let published: BTreeMap<_, _> = self
            .jwks
            .keys
            .iter()
            .cloned()
            .filter_map(Key::read)
            .collect();
        assert_eq!(published.len(), 6, "every kind of key is read");
        let shape = Shape::read(token).expect("the peer's tokens are well formed");
        let secret = Arc::new(Key::of_secret(&SECRET.into()));
        let key = match shape.key_id.as_deref() {
            None | Some("env-hs256") => &*secret,
            Some(id) => &published[id],
        };
        verify(token, key, &rules, self.at + 60).is_ok()
    }
}

#[test]
fn another_librarys_tokens_are_understood_and_its_forgeries_are_not() {
    let peer: Peer = serde_json::from_str(include_str!("peer/peer.json")).expect("JSON");
    assert_eq!((peer.good.len(), peer.forged.len() > 30), (7, true));
    for (name, token) in &peer.good {
        assert!(peer.accepts(token), "{name}");
    }
    for (name, token) in &peer.forged {
        let shaped = Shape::read(token).is_ok();
        assert!(!shaped || !peer.accepts(token), "{name}");
    }
}
