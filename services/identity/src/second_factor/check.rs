//! Whether a code is the user's.

use jiff::Timestamp;
use voxanne_ids::UserId;
use voxanne_pg::SystemTx;

use super::{Secret, recovery, row, store};
use crate::{Error, Identity};

/// What became of a code. The caller commits whichever it is: a wrong code counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Right,
    Wrong,
    /// Too many were wrong; seconds until the next one is looked at.
    TooMany(u64),
}

impl Checked {
    pub(crate) fn into_result(self) -> Result<(), Error> {
        match self {
            Self::Right => Ok(()),
            Self::Wrong => Err(Error::WrongCode),
            Self::TooMany(seconds) => {
                Err(Error::TooManyCodes(std::time::Duration::from_secs(seconds)))
            }
        }
    }
}

impl Identity {
    /// Checks a code of the app, which is good once, or uses a recovery code up. The user's row is
    /// locked until the commit, so two uses of one code are seen one after the other.
    pub(crate) async fn check_code(
        &self,
        tx: &mut SystemTx,
        user: UserId,
        code: &str,
        now: Timestamp,
    ) -> Result<Checked, Error> {
        let stored = store::lock(tx, user).await?;
        let stored = stored.ok_or(Error::SecondFactorOff)?;
        // Recovery codes cannot be guessed; whoever makes wrong tries cannot lock their owner out.
        if let Some(hash) = recovery::hash(user, code) {
            let is_known = store::delete_recovery_code(tx, user, &hash).await?;
            return Ok(if is_known {
                Checked::Right
            } else {
                Checked::Wrong
            });
        }
        if let Some(wait) = stored.tries.wait(now) {
            return Ok(Checked::TooMany(wait.unsigned_abs().as_secs().max(1)));
        }
        let secret = self.sealing.open(row(user), &stored.sealed).await?;
        let step = Secret::read(&secret)?.step_of(code, now)?;
        match step.filter(|step| *step > stored.last_step) {
            Some(step) => {
                store::update_accepted(tx, user, step).await?;
                Ok(Checked::Right)
            }
            None => {
                store::update_tries(tx, user, stored.tries.failed(now)).await?;
                Ok(Checked::Wrong)
            }
        }
    }
}
