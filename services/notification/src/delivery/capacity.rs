//! How much may be under way at one time.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use voxanne_ids::OrgId;

/// Twilio limits the calls an account may have open at one time, so this is counted per clinic.
const PER_ORG: u32 = 4;
const OVERALL: u32 = 32;

/// Wakes the dispatcher before its poll does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wake(Arc<Bell>);

#[derive(Debug, Default)]
struct Bell {
    /// Who rang since the dispatcher looked; a clinic counts once.
    orgs: Mutex<BTreeSet<OrgId>>,
    notify: Notify,
}

impl Wake {
    /// Says that a message of `org` may be due, or that there is room for one more.
    pub(crate) fn wake(&self, org: OrgId) {
        lock(&self.0.orgs).insert(org);
        self.0.notify.notify_one();
    }

    /// The clinics to look at.
    pub(super) async fn woken(&self) -> BTreeSet<OrgId> {
        self.0.notify.notified().await;
        std::mem::take(&mut *lock(&self.0.orgs))
    }
}

/// Places for messages under way.
#[derive(Clone, Debug)]
pub(crate) struct Capacity {
    taken: Arc<Mutex<HashMap<OrgId, u32>>>,
    wake: Wake,
}

/// One place; dropping it frees it, and wakes the dispatcher when the clinic had no other.
#[derive(Debug)]
pub(crate) struct Place {
    capacity: Capacity,
    org: OrgId,
    was_used: bool,
}

impl Capacity {
    pub(crate) fn new(wake: Wake) -> Self {
        Self {
            taken: Arc::default(),
            wake,
        }
    }

    /// Takes a place for `org`, if there is one.
    pub(super) fn take(&self, org: OrgId) -> Option<Place> {
        let mut taken = lock(&self.taken);
        if free(&taken, org) == 0 {
            return None;
        }
        *taken.entry(org).or_default() += 1;
        Some(Place {
            capacity: self.clone(),
            org,
            was_used: true,
        })
    }

    /// Takes every place there is for `org`.
    pub(super) fn take_all(&self, org: OrgId) -> Vec<Place> {
        std::iter::from_fn(|| self.take(org)).collect()
    }
}

impl Place {
    /// Frees a place that nothing was found for.
    pub(super) fn give_back(mut self) {
        self.was_used = false;
    }
}

fn free(taken: &HashMap<OrgId, u32>, org: OrgId) -> u32 {
    let overall = OVERALL.saturating_sub(taken.values().sum());
    let own = PER_ORG.saturating_sub(taken.get(&org).copied().unwrap_or_default());
    own.min(overall)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.capacity.taken);
        // Where there was room, nothing waited for this place.
        let was_full = free(&taken, self.org) == 0;
        if let Some(count) = taken.get_mut(&self.org) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.org);
            }
        }
        drop(taken);
        if was_full && self.was_used {
            self.capacity.wake.wake(self.org);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn one_clinic_cannot_take_every_place() {
        let capacity = Capacity::new(Wake::default());
        let (acme, globex) = (OrgId::new(), OrgId::new());
        let places = capacity.take_all(acme);
        assert_eq!(places.len(), PER_ORG as usize);
        assert!(capacity.take(acme).is_none());
        assert_eq!(capacity.take_all(globex).len(), PER_ORG as usize);
        drop(places);
        assert!(capacity.take(acme).is_some());
    }

    #[test]
    fn all_clinics_together_have_an_end() {
        let capacity = Capacity::new(Wake::default());
        let places: Vec<_> = (0..OVERALL - 1)
            .map(|_| capacity.take(OrgId::new()).unwrap())
            .collect();
        assert_eq!(capacity.take_all(OrgId::new()).len(), 1);
        drop(places);
    }

    #[test]
    fn a_place_wakes_when_it_was_the_last_and_used() {
        let wake = Wake::default();
        let capacity = Capacity::new(wake.clone());
        let org = OrgId::new();
        let mut places = capacity.take_all(org);
        for place in places.drain(1..) {
            place.give_back();
        }
        assert_eq!(wake.woken().now_or_never(), None);
        places.extend(capacity.take_all(org));
        places.pop();
        assert_eq!(wake.woken().now_or_never(), Some([org].into()));
        drop(places);
        assert_eq!(wake.woken().now_or_never(), None);
    }
}
