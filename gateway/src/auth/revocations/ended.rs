//! A bounded set that forgets its oldest members first.

use std::collections::{HashSet, VecDeque};

use voxanne_ids::{KeyId, OrgId, SessionId};

/// What a revocation can be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Session(SessionId),
    Key(KeyId),
}

/// A revoked session matters only until its last token expires.
const CAPACITY: usize = 200_000;

/// What has ended. A session is its organisation's: an issuer that gives another's the same id
/// ends nothing there.
#[derive(Default)]
pub(super) struct Ended {
    all: HashSet<(OrgId, Subject)>,
    oldest_first: VecDeque<(OrgId, Subject)>,
}

impl Ended {
    pub(super) fn contains(&self, one: &(OrgId, Subject)) -> bool {
        self.all.contains(one)
    }

    /// Whether any of them was new.
    pub(super) fn add_all(&mut self, many: impl IntoIterator<Item = (OrgId, Subject)>) -> bool {
        let mut changed = false;
        for one in many {
            if self.all.insert(one) {
                self.oldest_first.push_back(one);
                changed = true;
            }
        }
        while self.all.len() > CAPACITY {
            let Some(oldest) = self.oldest_first.pop_front() else {
                break;
            };
            self.all.remove(&oldest);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten_when_there_are_too_many() {
        let org = OrgId::new();
        let many: Vec<_> = (0..CAPACITY + 2)
            .map(|_| (org, Subject::Session(SessionId::new())))
            .collect();
        let mut ended = Ended::default();
        assert!(ended.add_all(many.iter().copied()));
        assert!(!ended.contains(&many[1]) && ended.contains(&many[2]));
        assert!(!ended.add_all([many[2]]), "it is known");
        assert!(!ended.contains(&(OrgId::new(), many[2].1)), "another's");
    }
}
