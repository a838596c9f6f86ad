//! Finding who calls.

use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::{Permission, Tenant};

use super::{
    matching::{self, Evidence, Match},
    store,
};
use crate::{Desk, Error, fields::Phone, rights};

/// What a caller said.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) phone: Private<Phone>,
    pub(crate) evidence: Evidence,
}

/// Who calls, for the service that asks; and what the agent says, which tells nothing of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identified {
    pub(crate) sentence: &'static str,
    pub(crate) who: Match,
}

impl Evidence {
    /// What is said next. It must depend on nothing but what was given.
    const fn sentence(&self) -> &'static str {
        match (self.name_key.is_some(), self.born.is_some()) {
            (true, true) => "Thank you. How can I help you?",
            (true, false) => "Thank you. May I also have your date of birth?",
            (false, true) => "Thank you. May I also have your full name?",
            (false, false) => "May I have your full name and your date of birth?",
        }
    }
}

impl Desk {
    pub(crate) async fn identify_patient(
        &self,
        tenant: &Tenant,
        claimed: &Claimed,
    ) -> Result<Identified, Error> {
        rights::require(tenant, Permission::PatientsWrite)?;
        let sentence = claimed.evidence.sentence();
        let mut who = Match::Nobody;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        // A number proves nothing, so nothing is looked up for it.
        if claimed.evidence.proves_anything() {
            let candidates = store::candidates(&mut tx, &claimed.phone, &claimed.evidence).await?;
            who = matching::decide(&claimed.evidence, &candidates);
        }
        let found = match who {
            Match::One(id) => Some(id.as_uuid()),
            Match::Nobody | Match::Several => None,
        };
        tx.note("patient.identified", found);
        tx.commit().await?;
        Ok(Identified { sentence, who })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_way_to_ask_has_one_sentence() {
        let name = Some(Private::from("ada"));
        let born = Some(Private::new("1980-02-29".parse().unwrap()));
        let mut sentences = BTreeSet::new();
        for (name_key, born) in [
            (None, None),
            (name.clone(), None),
            (None, born.clone()),
            (name, born),
        ] {
            sentences.insert(Evidence { name_key, born }.sentence());
        }
        assert_eq!(sentences.len(), 4);
    }
}
