//! Where chains ended, as lines that can be kept elsewhere and compared later.

use std::{collections::BTreeMap, fmt, str::FromStr};

use anyhow::Context as _;
use uuid::Uuid;
use voxanne_audit::{Hash, Head};

/// The head of each organisation's chain; in text one line each: organisation, number, hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Heads(BTreeMap<Uuid, Head>);

impl Heads {
    pub(super) fn of(&self, org: Uuid) -> Option<Head> {
        self.0.get(&org).copied()
    }

    pub(super) fn orgs(&self) -> impl Iterator<Item = Uuid> {
        self.0.keys().copied()
    }

    pub(super) fn add(&mut self, org: Uuid, head: Head) {
        self.0.insert(org, head);
    }
}

impl fmt::Display for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (org, Head { seq, hash }) in &self.0 {
            writeln!(f, "{org} {seq} {hash:?}")?;
        }
        Ok(())
    }
}

impl FromStr for Heads {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, anyhow::Error> {
        let mut heads = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (org, head) = read(line).with_context(|| {
                format!("`{line}` is no head: an organisation, a number and a hash")
            })?;
            heads.add(org, head);
        }
        Ok(heads)
    }
}

fn read(line: &str) -> Option<(Uuid, Head)> {
    let mut words = line.split_whitespace();
    let org = words.next()?.parse().ok()?;
    let seq = words.next()?.parse().ok()?;
    let hash: Hash = serde_json::from_value(words.next()?.into()).ok()?;
    words.next().is_none().then_some((org, Head { seq, hash }))
}
