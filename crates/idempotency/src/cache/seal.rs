//! What Redis gets to see: names that tell nothing, and entries that open under their own name only.

use std::sync::Arc;

use aws_lc_rs::hmac;
use voxanne_tenant::Keys;

use super::Place;
use crate::Fingerprint;

const NAMES: &str = "idempotency.cache.names.v1";
const ENTRIES: &str = "idempotency.cache.entries.v1";

/// A pair of keys for each key of the fleet, the newest first. Each names its entries by itself,
/// so an entry's name already says which key opens it.
#[derive(Clone)]
pub(super) struct Seals(Arc<[Seal]>);

struct Seal {
    names: hmac::Key,
    entries: voxanne_vault::Key,
}

impl Seals {
    pub(super) fn of(keys: &Keys) -> Self {
        let pairs = keys.derive(NAMES).zip(keys.derive(ENTRIES));
        let seals = pairs.map(|(names, entries)| Seal {
            names: hmac::Key::new(hmac::HMAC_SHA256, &*names),
            entries: voxanne_vault::Key::new(&*entries).expect("a derived key has 32 bytes"),
        });
        Self(seals.collect())
    }

    /// Where the newest key keeps what belongs to `place`.
    pub(super) fn name(&self, place: &Place<'_>) -> String {
        self.0[0].name(place)
    }

    /// Wherever any key would have kept it, the newest first.
    pub(super) fn names(&self, place: &Place<'_>) -> Vec<String> {
        self.0.iter().map(|seal| seal.name(place)).collect()
    }

    /// Encrypts `plain` for `name`, which the newest key made; nothing when the system gives no
    /// randomness.
    pub(super) fn seal(&self, name: &str, plain: &[u8]) -> Option<Vec<u8>> {
        self.0[0].entries.seal(name.as_bytes(), plain).ok()
    }

    /// Decrypts what lies under `name`, which the key at `which` of [`Self::names`] made.
    pub(super) fn open<T>(
        &self,
        which: usize,
        name: &str,
        sealed: &[u8],
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let seal = self.0.get(which)?;
        let plain = seal.entries.open(name.as_bytes(), sealed).ok()?;
        read(&plain)
    }
}

impl Seal {
    /// A client may have put anything into its key, a telephone number for one, and a plain hash of
    /// that could be guessed.
    fn name(&self, place: &Place<'_>) -> String {
        let scope = Fingerprint::of(&[
            place.method.as_bytes(),
            place.path.as_bytes(),
            place.keyed.key.as_str().as_bytes(),
        ]);
        let mark = hmac::sign(&self.names, scope.as_bytes());
        format!("idempotency:{}:{}", place.org, hex::encode(mark))
    }
}
