//! How many sockets are open, so that one organisation cannot take them all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use uuid::Uuid;
use voxanne_ids::OrgId;
use voxanne_problem::{Kind, Problem};
use voxanne_telemetry::names;

/// Sockets of this process.
const OF_ALL: usize = 5000;
/// Sockets of one organisation in this process.
const OF_ORG: usize = 200;
/// Sockets of one member, or one API key, in this process: tabs and devices.
const OF_USER: usize = 20;

#[derive(Debug, Default)]
pub(super) struct Seats(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    orgs: HashMap<OrgId, usize>,
    users: HashMap<(OrgId, Uuid), usize>,
}

/// One open socket; the place is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    taken: Arc<Mutex<Taken>>,
    org: OrgId,
    user: Uuid,
}

impl Seats {
    pub(super) fn take(&self, org: OrgId, user: Uuid) -> Result<Seat, Problem> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_org = taken.orgs.get(&org).copied().unwrap_or_default();
        let of_user = taken.users.get(&(org, user)).copied().unwrap_or_default();
        if taken.all >= OF_ALL || of_org >= OF_ORG || of_user >= OF_USER {
            return Err(too_many());
        }
        taken.all += 1;
        taken.orgs.insert(org, of_org + 1);
        taken.users.insert((org, user), of_user + 1);
        metrics::gauge!(names::SOCKETS).increment(1.0);
        Ok(Seat {
            taken: self.0.clone(),
            org,
            user,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        release(&mut taken.orgs, &self.org);
        release(&mut taken.users, &(self.org, self.user));
        metrics::gauge!(names::SOCKETS).decrement(1.0);
    }
}

fn release<K: Eq + std::hash::Hash>(taken: &mut HashMap<K, usize>, key: &K) {
    let Some(count) = taken.get_mut(key) else {
        return;
    };
    *count -= 1;
    if *count == 0 {
        taken.remove(key);
    }
}

fn too_many() -> Problem {
    Problem::new(
        Kind::RateLimited,
        "TOO_MANY_SOCKETS",
        "too many sockets are open, close one first",
    )
    .retry_after(Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_and_an_organisation_have_so_many_sockets_and_no_more() {
        let seats = Seats::default();
        let org = OrgId::new();
        let user = Uuid::new_v4();
        let mut taken: Vec<_> = (0..OF_USER).map(|_| seats.take(org, user)).collect();
        assert!(taken.iter().all(Result::is_ok));
        assert!(seats.take(org, user).is_err(), "the member has all theirs");
        assert!(
            seats.take(OrgId::new(), user).is_ok(),
            "elsewhere it has not"
        );
        taken.pop();
        taken.push(seats.take(org, user));
        assert!(
            taken.iter().all(Result::is_ok),
            "a closed socket makes room"
        );
        taken.extend((OF_USER..OF_ORG).map(|_| seats.take(org, Uuid::new_v4())));
        assert!(taken.iter().all(Result::is_ok));
        assert!(
            seats.take(org, Uuid::new_v4()).is_err(),
            "the organisation is full"
        );
        drop(taken);
        let left = seats.0.lock().unwrap();
        assert!(left.all == 0 && left.orgs.is_empty() && left.users.is_empty());
    }

    #[test]
    fn a_process_has_so_many_sockets_and_no_more() {
        let seats = Seats::default();
        let mut taken: Vec<_> = (0..OF_ALL)
            .map(|_| seats.take(OrgId::new(), Uuid::new_v4()))
            .collect();
        assert!(taken.iter().all(Result::is_ok));
        assert!(seats.take(OrgId::new(), Uuid::new_v4()).is_err());
        taken.pop();
        assert!(seats.take(OrgId::new(), Uuid::new_v4()).is_ok());
    }
}
