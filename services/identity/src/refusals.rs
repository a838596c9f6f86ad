//! What was refused, for the audit logs of those it concerns.
//!
//! An attempt is noted once in a while and not each time, so that nobody fills a log by trying
//! again. It is written after the answer: only what concerns an account can be written at all, and
//! the time that takes would tell which addresses have one.

pub(crate) mod write;

use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::mpsc;
use uuid::Uuid;
use voxanne_ids::{OrgId, UserId};
use voxanne_tenant::{System, Tenant};

/// Who was refused the same within this time is not noted again by this process.
const QUIET: Duration = Duration::from_secs(15 * 60);
/// Refusals that are remembered; of a flood of different ones, some are noted twice.
const REMEMBERED: u64 = 10_000;
/// Refusals that wait to be written; more of them at once are a flood that logs are no place for.
const WAITING: usize = 256;

/// A refusal that is still to be written.
struct Refusal {
    whose: Whose,
    action: &'static str,
    record: Uuid,
}

/// Whose log tells it.
enum Whose {
    /// The log of every organisation that the owner of the account belongs to.
    Account { user: UserId, request_id: String },
    /// The log of the caller's own organisation.
    Caller(Box<Tenant>),
}

/// Takes refusals, without any wait.
#[derive(Clone)]
pub(crate) struct Refusals {
    queue: mpsc::Sender<Refusal>,
    told: Cache<String, ()>,
}

impl Refusals {
    /// With what [`write`] them.
    fn new() -> (Self, mpsc::Receiver<Refusal>) {
        let (queue, waiting) = mpsc::channel(WAITING);
        let told = Cache::builder()
            .max_capacity(REMEMBERED)
            .time_to_live(QUIET)
            .build();
        (Self { queue, told }, waiting)
    }

    /// Somebody who said to be `user` was refused.
    pub(crate) fn sign_in(&self, system: &System, action: &'static str, user: UserId) {
        self.take(Refusal {
            whose: Whose::Account {
                user,
                request_id: system.request_id().to_owned(),
            },
            action,
            record: user.as_uuid(),
        });
    }

    /// A signed-in caller was refused something of their own account.
    pub(crate) fn own(&self, tenant: &Tenant, action: &'static str, user: UserId) {
        self.caller(tenant, action, user.as_uuid());
    }

    /// A caller was refused the organisation `named`, which is not theirs.
    pub(crate) fn other_org(&self, tenant: &Tenant, named: OrgId) {
        self.caller(tenant, "org.entry_refused", named.as_uuid());
    }

    fn caller(&self, tenant: &Tenant, action: &'static str, record: Uuid) {
        self.take(Refusal {
            whose: Whose::Caller(Box::new(tenant.clone())),
            action,
            record,
        });
    }

    fn take(&self, refusal: Refusal) {
        let mark = refusal.mark();
        if !self.told.entry_by_ref(&mark).or_insert(()).is_fresh() {
            return;
        }
        if self.queue.try_send(refusal).is_err() {
            self.told.invalidate(&mark);
            tracing::debug!("a refusal is not noted, too many of them wait");
        }
    }
}

impl Refusal {
    /// The same for all that are noted as one. The record is left out: who tries one organisation
    /// after the other would fill the log as well.
    fn mark(&self) -> String {
        match &self.whose {
            Whose::Account { user, .. } => format!("{user} {}", self.action),
            Whose::Caller(tenant) => {
                format!("{} {} {}", tenant.org(), tenant.caller(), self.action)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(queue: &mut mpsc::Receiver<Refusal>) -> usize {
        std::iter::from_fn(|| queue.try_recv().ok()).count()
    }

    #[test]
    fn the_same_is_told_once_and_another_is_told_too() {
        let (refusals, mut queue) = Refusals::new();
        let system = System::new("gateway", "r");
        let (lee, kim) = (UserId::new(), UserId::new());
        for _ in 0..20 {
            refusals.sign_in(&system, "user.login_refused", lee);
        }
        assert_eq!(waiting(&mut queue), 1);
        refusals.sign_in(&system, "user.code_refused", lee);
        refusals.sign_in(&system, "user.login_refused", kim);
        assert_eq!(waiting(&mut queue), 2);
        let tenant = Tenant::for_job(OrgId::new(), "test");
        for _ in 0..20 {
            refusals.other_org(&tenant, OrgId::new());
        }
        assert_eq!(waiting(&mut queue), 1, "whichever organisation it is");
    }

    #[test]
    fn a_flood_waits_for_nothing_and_what_did_not_fit_is_told_later() {
        let (refusals, mut queue) = Refusals::new();
        let system = System::new("gateway", "r");
        let users: Vec<_> = (0..=WAITING).map(|_| UserId::new()).collect();
        for user in &users {
            refusals.sign_in(&system, "user.login_refused", *user);
        }
        assert_eq!(waiting(&mut queue), WAITING);
        for user in &users {
            refusals.sign_in(&system, "user.login_refused", *user);
        }
        assert_eq!(waiting(&mut queue), 1, "the last one, which did not fit");
    }
}
