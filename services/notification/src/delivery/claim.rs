//! Marks a message as being sent, before Twilio is called.

use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use super::{Delivery, note, prepare::Ready, store};
use crate::messages::{Cause, Message, State, store as messages};

/// Whether the message may be sent now.
pub(super) enum Claimed {
    Yes(Box<Message>),
    /// Another text to the same recipient is on its way.
    Busy,
    /// There is nothing more to do: somebody else did it, or it must not be sent.
    No,
}

impl Delivery {
    /// From here on until the lease ends, nobody else sends `seen`. A recipient who opted out in a
    /// transaction that committed before this one is not texted.
    pub(super) async fn claim(
        &self,
        tenant: &Tenant,
        seen: &Message,
        ready: &Ready,
    ) -> Result<Claimed, Problem> {
        let now = self.clock.now();
        let mut message = seen.clone();
        let mut tx = self.begin(tenant).await?;
        let hindrance = store::hindrance(&mut tx, &ready.to, seen.id).await?;
        if hindrance.opted_out {
            message.to.clone_from(&ready.to);
            let cause = Cause::words("the recipient has opted out of texts");
            let news = message.enter(State::Suppressed, cause, now);
            if messages::save(&mut tx, seen, &message).await? {
                note(&mut tx, seen, &message);
                self.commit(tx, news).await?;
            }
            return Ok(Claimed::No);
        }
        if hindrance.busy {
            return Ok(Claimed::Busy);
        }
        message.begin((&ready.to, &ready.body), now, self.lease_end(now));
        let news = message.enter(State::Sending, Cause::NONE, now);
        match messages::save(&mut tx, seen, &message).await {
            Ok(true) => {}
            Ok(false) => return Ok(Claimed::No),
            // Another worker claimed a text to the same recipient a moment ago.
            Err(problem) if problem.reason == messages::RECIPIENT_BUSY => return Ok(Claimed::Busy),
            Err(problem) => return Err(problem),
        }
        // The audit log tells how it ends; that it was begun is seen in the message.
        self.commit(tx, news).await?;
        Ok(Claimed::Yes(Box::new(message)))
    }
}
