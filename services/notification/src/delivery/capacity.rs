//! How much may be under way at one time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use voxanne_ids::OrgId;

/// Twilio limits the calls an account may have open at one time, so this is counted per clinic.
const PER_ORG: u32 = 4;
const OVERALL: u32 = 32;

/// Wakes the dispatcher before its poll does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wake(Arc<Notify>);

impl Wake {
    /// Says that a message may be due, or that there is room for one more.
    pub(crate) fn wake(&self) {
        self.0.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.0.notified().await;
    }
}

/// Places for messages under way.
#[derive(Clone, Debug)]
pub(super) struct Capacity {
    taken: Arc<Mutex<HashMap<OrgId, u32>>>,
    wake: Wake,
}

/// One place; dropping it frees it, and wakes the dispatcher when there was no other.
#[derive(Debug)]
pub(super) struct Place {
    capacity: Capacity,
    org: OrgId,
}

impl Capacity {
    pub(super) fn new(wake: Wake) -> Self {
        Self {
            taken: Arc::default(),
            wake,
        }
    }

    /// Free places for `org`.
    pub(super) fn free(&self, org: OrgId) -> u32 {
        free(&self.lock(), org)
    }

    /// Takes a place. Only the dispatcher does, and it has asked for [`Capacity::free`] before.
    pub(super) fn enter(&self, org: OrgId) -> Place {
        *self.lock().entry(org).or_default() += 1;
        Place {
            capacity: self.clone(),
            org,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OrgId, u32>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn free(taken: &HashMap<OrgId, u32>, org: OrgId) -> u32 {
    let overall = OVERALL.saturating_sub(taken.values().sum());
    let own = PER_ORG.saturating_sub(taken.get(&org).copied().unwrap_or_default());
    own.min(overall)
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.capacity.lock();
        // Where there was room, nothing waited for this place.
        let was_full = free(&taken, self.org) == 0;
        if let Some(count) = taken.get_mut(&self.org) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.org);
            }
        }
        drop(taken);
        if was_full {
            self.capacity.wake.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_clinic_cannot_take_every_place() {
        let capacity = Capacity::new(Wake::default());
        let (acme, globex) = (OrgId::new(), OrgId::new());
        let places: Vec<_> = (0..PER_ORG).map(|_| capacity.enter(acme)).collect();
        assert_eq!((capacity.free(acme), capacity.free(globex)), (0, PER_ORG));
        drop(places);
        assert_eq!(capacity.free(acme), PER_ORG);
    }

    #[test]
    fn all_clinics_together_have_an_end() {
        let capacity = Capacity::new(Wake::default());
        let places: Vec<_> = (0..OVERALL - 1)
            .map(|_| capacity.enter(OrgId::new()))
            .collect();
        assert_eq!(capacity.free(OrgId::new()), 1);
        drop(places);
    }
}
