//! How much may be under way at one time.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
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
    places: Arc<Mutex<Places>>,
    wake: Wake,
}

#[derive(Debug, Default)]
struct Places {
    taken: HashMap<OrgId, u32>,
    /// Clinics with messages that found no place: what is new waits its turn behind them.
    behind: HashSet<OrgId>,
}

impl Places {
    fn free(&self, org: OrgId) -> u32 {
        let overall = OVERALL.saturating_sub(self.taken.values().sum());
        let own = PER_ORG.saturating_sub(self.taken.get(&org).copied().unwrap_or_default());
        own.min(overall)
    }
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
            places: Arc::default(),
            wake,
        }
    }

    /// Takes a place for a new message of `org`, if there is one and no message waits for it.
    pub(super) fn take_new(&self, org: OrgId) -> Option<Place> {
        if lock(&self.places).behind.contains(&org) {
            return None;
        }
        let place = self.take(org);
        if place.is_none() {
            lock(&self.places).behind.insert(org);
        }
        place
    }

    /// Takes every place there is for `org`.
    pub(super) fn take_all(&self, org: OrgId) -> Vec<Place> {
        std::iter::from_fn(|| self.take(org)).collect()
    }

    /// Nothing of `org` waits for a place any more.
    pub(super) fn caught_up(&self, org: OrgId) {
        lock(&self.places).behind.remove(&org);
    }

    fn take(&self, org: OrgId) -> Option<Place> {
        let mut places = lock(&self.places);
        if places.free(org) == 0 {
            return None;
        }
        *places.taken.entry(org).or_default() += 1;
        Some(Place {
            capacity: self.clone(),
            org,
            was_used: true,
        })
    }
}

impl Place {
    /// Frees a place that nothing was found for.
    pub(super) fn give_back(mut self) {
        self.was_used = false;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = lock(&self.capacity.places);
        // Where there was room, nothing waited for this place.
        let was_full = places.free(self.org) == 0;
        if let Some(count) = places.taken.get_mut(&self.org) {
            *count -= 1;
            if *count == 0 {
                places.taken.remove(&self.org);
            }
        }
        drop(places);
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
    fn a_new_message_waits_behind_those_that_found_no_place() {
        let capacity = Capacity::new(Wake::default());
        let (acme, globex) = (OrgId::new(), OrgId::new());
        let places = capacity.take_all(acme);
        assert!(capacity.take_new(acme).is_none());
        drop(places);
        assert!(capacity.take_new(acme).is_none());
        assert!(capacity.take_new(globex).is_some());
        capacity.caught_up(acme);
        assert!(capacity.take_new(acme).is_some());
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
