//! Following a chain from entry to entry.

use uuid::Uuid;

use crate::{Entry, Hash};

/// Where a chain ends, as the database or the end of an export says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    /// Number of the newest entry, 0 when there is none.
    pub seq: i64,
    /// Hash of the newest entry.
    pub hash: Hash,
}

/// What is wrong with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it is another organisation's")]
    OtherOrg,
    #[error("it is not the one that follows: an entry is missing, repeated or out of order")]
    OutOfOrder,
    #[error("it does not follow from the entry before")]
    Unlinked,
    #[error("it says something else than when it was written")]
    Changed,
    #[error("the newest entries are missing")]
    Truncated,
}

/// Where a chain is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}: {fault}")]
pub struct Broken {
    /// The number that was expected there.
    pub seq: i64,
    /// What is wrong.
    pub fault: Fault,
}

/// A chain as far as it was followed.
#[derive(Clone, Debug)]
pub struct Chain {
    org: Uuid,
    /// `None` when the first entry may be any, as in an export of a few days.
    last: Option<Head>,
}

impl Chain {
    /// The chain of `org` from its first entry on.
    pub const fn from_start(org: Uuid) -> Self {
        let nothing = Head {
            seq: 0,
            hash: Hash::ZERO,
        };
        Self {
            org,
            last: Some(nothing),
        }
    }

    /// The chain of `org` from whichever entry comes first, whose link backwards is taken on trust.
    pub const fn from_anywhere(org: Uuid) -> Self {
        Self { org, last: None }
    }

    /// Goes on to `entry`, which must be the next one.
    ///
    /// # Errors
    /// It is not, or it is not what was written.
    pub fn follow(&mut self, entry: &Entry) -> Result<(), Broken> {
        let last = self.last.unwrap_or(Head {
            seq: entry.seq.saturating_sub(1),
            hash: if entry.seq == 1 {
                Hash::ZERO
            } else {
                entry.previous
            },
        });
        let seq = last.seq + 1;
        let fault = if entry.org != self.org {
            Some(Fault::OtherOrg)
        } else if entry.seq != seq {
            Some(Fault::OutOfOrder)
        } else if entry.previous != last.hash {
            Some(Fault::Unlinked)
        } else if entry.hash != entry.expected_hash() {
            Some(Fault::Changed)
        } else {
            None
        };
        if let Some(fault) = fault {
            return Err(Broken { seq, fault });
        }
        self.last = Some(Head {
            seq,
            hash: entry.hash,
        });
        Ok(())
    }

    /// How far the chain was followed; `None` when no entry was.
    pub const fn reached(&self) -> Option<Head> {
        self.last
    }

    /// Ends where `head` says.
    ///
    /// # Errors
    /// It ends earlier or later, or with another entry.
    pub fn end(&self, head: &Head) -> Result<(), Broken> {
        let reached = self.last.unwrap_or(Head {
            seq: 0,
            hash: Hash::ZERO,
        });
        let fault = if reached.seq < head.seq {
            Fault::Truncated
        } else if reached.seq > head.seq {
            Fault::OutOfOrder
        } else if reached.hash != head.hash {
            Fault::Unlinked
        } else {
            return Ok(());
        };
        Err(Broken {
            seq: reached.seq + 1,
            fault,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORG: Uuid = Uuid::from_u128(1);

    fn chain(length: i64) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut previous = Hash::ZERO;
        for seq in 1..=length {
            let mut entry = Entry {
                org: ORG,
                seq,
                at: jiff::Timestamp::from_microsecond(1_700_000_000_000_000 + seq).unwrap(),
                caller: "user:usr_1".into(),
                request_id: format!("request-{seq}"),
                action: "patient.read".into(),
                records: vec![Uuid::from_u128(7), Uuid::from_u128(8)],
                previous,
                hash: Hash::ZERO,
            };
            entry.hash = entry.expected_hash();
            previous = entry.hash;
            entries.push(entry);
        }
        entries
    }

    fn head(entries: &[Entry]) -> Head {
        let last = entries.last().unwrap();
        Head {
            seq: last.seq,
            hash: last.hash,
        }
    }

    fn verify(entries: &[Entry], head: &Head) -> Result<(), Broken> {
        let mut chain = Chain::from_start(ORG);
        for entry in entries {
            chain.follow(entry)?;
        }
        chain.end(head)
    }

    fn broken(seq: i64, fault: Fault) -> Result<(), Broken> {
        Err(Broken { seq, fault })
    }

    #[test]
    fn what_was_written_is_whole_also_after_json() {
        let entries = chain(4);
        let line = |entry| serde_json::to_string(entry).unwrap();
        let read: Vec<Entry> = entries
            .iter()
            .map(|entry| serde_json::from_str(&line(entry)).unwrap())
            .collect();
        assert_eq!(verify(&read, &head(&entries)), Ok(()));
        let mut part = Chain::from_anywhere(ORG);
        for entry in &entries[2..] {
            part.follow(entry).unwrap();
        }
        assert_eq!(part.end(&head(&entries)), Ok(()));
    }

    #[test]
    fn every_change_of_an_entry_shows() {
        let changes: [fn(&mut Entry); 6] = [
            |entry| entry.at += jiff::SignedDuration::from_micros(1),
            |entry| entry.caller = "user:usr_2".into(),
            |entry| entry.request_id.push('x'),
            |entry| entry.action = "patient.listed".into(),
            |entry| entry.records.swap(0, 1),
            |entry| entry.hash.0[31] ^= 1,
        ];
        for change in changes {
            let mut entries = chain(4);
            let head = head(&entries);
            change(&mut entries[1]);
            assert_eq!(verify(&entries, &head), broken(2, Fault::Changed));
        }
    }

    #[test]
    fn a_change_with_a_hash_that_fits_breaks_the_next_link() {
        let mut entries = chain(4);
        let end = head(&entries);
        entries[1].caller = "user:usr_2".into();
        entries[1].hash = entries[1].expected_hash();
        assert_eq!(verify(&entries, &end), broken(3, Fault::Unlinked));
        // Done to the last entry, only the head tells.
        let mut entries = chain(4);
        entries[3].caller = "user:usr_2".into();
        entries[3].hash = entries[3].expected_hash();
        assert_eq!(verify(&entries, &end), broken(5, Fault::Unlinked));
    }

    #[test]
    fn a_removed_moved_repeated_or_foreign_entry_shows() {
        let whole = chain(5);
        let head = head(&whole);
        let mut removed = whole.clone();
        removed.remove(2);
        assert_eq!(verify(&removed, &head), broken(3, Fault::OutOfOrder));
        let mut first = whole.clone();
        first.remove(0);
        assert_eq!(verify(&first, &head), broken(1, Fault::OutOfOrder));
        let mut moved = whole.clone();
        moved.swap(1, 2);
        assert_eq!(verify(&moved, &head), broken(2, Fault::OutOfOrder));
        let mut repeated = whole.clone();
        repeated.insert(2, whole[1].clone());
        assert_eq!(verify(&repeated, &head), broken(3, Fault::OutOfOrder));
        let mut foreign = whole.clone();
        foreign[1].org = Uuid::from_u128(2);
        assert_eq!(verify(&foreign, &head), broken(2, Fault::OtherOrg));
        assert_eq!(verify(&whole[..4], &head), broken(5, Fault::Truncated));
        assert_eq!(verify(&[], &head), broken(1, Fault::Truncated));
        let earlier = Head {
            seq: 4,
            hash: whole[3].hash,
        };
        assert_eq!(verify(&whole, &earlier), broken(6, Fault::OutOfOrder));
    }

    #[test]
    fn a_first_entry_that_follows_something_is_not_the_first() {
        let mut entries = chain(1);
        entries[0].previous.0[0] = 1;
        entries[0].hash = entries[0].expected_hash();
        for mut chain in [Chain::from_start(ORG), Chain::from_anywhere(ORG)] {
            let followed = chain.follow(&entries[0]);
            assert_eq!(followed, broken(1, Fault::Unlinked));
        }
    }
}
