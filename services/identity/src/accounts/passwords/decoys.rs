//! What is checked for an address that has no account.
//!
//! A stored hash keeps its cost until its owner signs in, so the time of a refusal tells what the
//! hash costs. An address without an account is therefore given a cost by lot: each as often as
//! accounts have it, always the same one, and the one that is set once no account has the older.

use std::sync::{Arc, PoisonError, RwLock};

use argon2::{Params, password_hash::phc::PasswordHash};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use voxanne_tenant::Keys;

use super::random;
use crate::Error;

/// Lots are drawn out of so many.
const LOTS: u64 = 1 << 32;
const PURPOSE: &str = "identity address without account";

/// Hashes that no password fits, one for each cost.
#[derive(Clone)]
pub(crate) struct Decoys {
    /// Makes the lots: who could tell them could tell which addresses have none.
    keys: Keys,
    /// The cost that is set, as a hash begins with it.
    set: Arc<str>,
    drawn: Arc<RwLock<Arc<[Decoy]>>>,
}

struct Decoy {
    /// It is for the lots below this one that no decoy before it is for.
    below: u64,
    hash: String,
}

impl Decoys {
    pub(super) fn new(keys: Keys, set: Arc<str>) -> Result<Self, Error> {
        let only = Decoy {
            below: LOTS,
            hash: unfit(&set)?,
        };
        Ok(Self {
            keys,
            set,
            drawn: Arc::new(RwLock::new(Arc::new([only]))),
        })
    }

    /// The hash that stands for the one that nobody has stored for `address`.
    pub(crate) fn of(&self, address: &str) -> String {
        let (_, mark) = self.keys.sign(PURPOSE, address.as_bytes());
        let lot = mark
            .iter()
            .take(4)
            .fold(0, |lot, byte| lot << 8 | u64::from(*byte));
        let drawn = self.drawn.read().unwrap_or_else(PoisonError::into_inner);
        let found = drawn.iter().find(|decoy| lot < decoy.below);
        let found = found.or(drawn.last());
        found.map(|decoy| decoy.hash.clone()).unwrap_or_default()
    }

    /// Draws anew, by how many passwords are stored at which cost. The lowest lots are of the older
    /// costs: as owners sign in, addresses go over to the cost that is set and none comes back.
    pub(crate) fn learn(&self, counts: &[(String, i64)]) -> Result<(), Error> {
        let mut older: Vec<_> = counts
            .iter()
            .filter(|(cost, _)| **cost != *self.set && is_sound(cost))
            .map(|(cost, count)| (cost.as_str(), count.unsigned_abs()))
            .collect();
        older.sort_unstable();
        let stored: u64 = counts.iter().map(|(_, count)| count.unsigned_abs()).sum();
        let (mut decoys, mut before) = (Vec::new(), 0);
        for (cost, count) in older {
            before += count;
            decoys.push(Decoy {
                below: share(before, stored),
                hash: unfit(cost)?,
            });
        }
        decoys.push(Decoy {
            below: LOTS,
            hash: unfit(&self.set)?,
        });
        *self.drawn.write().unwrap_or_else(PoisonError::into_inner) = decoys.into();
        Ok(())
    }
}

/// The part of all lots that `count` is of `all`.
fn share(count: u64, all: u64) -> u64 {
    let lots = u128::from(LOTS) * u128::from(count) / u128::from(all.max(1));
    u64::try_from(lots).unwrap_or(LOTS)
}

/// A hash of this cost with a salt and an output that belong to no password.
fn unfit(cost: &str) -> Result<String, Error> {
    let (salt, output) = (random::<16>()?, random::<32>()?);
    let base64 = |bytes: &[u8]| BASE64_STANDARD_NO_PAD.encode(bytes);
    Ok(format!("{cost}{}${}", base64(&salt), base64(&output)))
}

/// Whether hashes of this cost can be checked.
fn is_sound(cost: &str) -> bool {
    let example =
        format!("{cost}AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    PasswordHash::new(&example).is_ok_and(|hash| Params::try_from(&hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "$argon2id$v=19$m=8,t=1,p=1$";
    const SET: &str = "$argon2id$v=19$m=16,t=2,p=1$";

    fn decoys() -> Decoys {
        let keys = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        Decoys::new(keys.parse().unwrap(), SET.into()).unwrap()
    }

    fn old(decoys: &Decoys) -> Vec<bool> {
        let address = |n| format!("{n}@acme.example");
        let cost = |n| decoys.of(&address(n)).starts_with(OLD);
        (0..1000).map(cost).collect()
    }

    #[test]
    fn an_address_costs_what_an_account_costs() {
        let decoys = decoys();
        assert!(
            old(&decoys).iter().all(|old| !old),
            "nothing else is stored"
        );
        decoys
            .learn(&[(OLD.to_owned(), 300), (SET.to_owned(), 700)])
            .unwrap();
        let before = old(&decoys);
        let count = before.iter().filter(|old| **old).count();
        assert!((250..350).contains(&count), "three in ten: {count}");
        assert_eq!(old(&decoys), before, "the same ones each time");
        // Two hundred of the owners have signed in.
        decoys
            .learn(&[(OLD.to_owned(), 100), (SET.to_owned(), 900)])
            .unwrap();
        let after = old(&decoys);
        let mut pairs = before.iter().zip(&after);
        assert!(
            pairs.all(|(before, after)| *before || !after),
            "none comes back"
        );
        decoys.learn(&[(SET.to_owned(), 1000)]).unwrap();
        assert!(old(&decoys).iter().all(|old| !old));
    }

    #[test]
    fn what_cannot_be_checked_is_no_cost() {
        let decoys = decoys();
        for wrong in [
            "$argon2id$v=19$m=1,t=1,p=1$",
            "$argon2id$v=19$x$",
            "another",
        ] {
            decoys.learn(&[(wrong.to_owned(), 10)]).unwrap();
            assert!(decoys.of("lee@acme.example").starts_with(SET), "{wrong}");
        }
    }
}
