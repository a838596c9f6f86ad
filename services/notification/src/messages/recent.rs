//! What was recorded of messages a moment ago: most callbacks tell no more than Twilio's answer did,
//! and need no transaction then.

use std::time::Duration;

use moka::future::Cache;
use voxanne_ids::{MessageId, OrgId};

use super::{Message, State};

/// Messages whose callbacks are still to come.
const KEPT: u64 = 10_000;
/// Callbacks follow the answer within seconds.
const KEEP: Duration = Duration::from_secs(60);

/// How far messages have come at least, by what this process has recorded of them.
#[derive(Clone)]
pub(crate) struct Recent(Cache<(OrgId, MessageId), Known>);

/// A state of the attempt that Twilio knows by an id. A state's rank never sinks within an attempt.
#[derive(Clone)]
struct Known {
    sid: String,
    state: State,
}

impl Recent {
    pub(crate) fn new() -> Self {
        let cache = Cache::builder().max_capacity(KEPT).time_to_live(KEEP);
        Self(cache.build())
    }

    /// Keeps what a transaction that has committed wrote of `message`.
    pub(crate) async fn keep(&self, org: OrgId, message: &Message) {
        if let Some(sid) = message.sid.clone() {
            let state = message.state;
            self.0.insert((org, message.id), Known { sid, state }).await;
        }
    }

    /// Whether it is recorded that the attempt `sid` of the message came as far as `state`.
    pub(crate) async fn covers(
        &self,
        org: OrgId,
        message: Option<MessageId>,
        sid: &str,
        state: State,
    ) -> bool {
        let Some(message) = message else { return false };
        let known = self.0.get(&(org, message)).await;
        known.is_some_and(|known| known.sid == sid && state.rank() <= known.state.rank())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::messages::Kind;

    #[tokio::test]
    async fn only_what_this_attempt_is_known_to_have_reached_is_covered() {
        let (recent, org, at) = (Recent::new(), OrgId::new(), Timestamp::UNIX_EPOCH);
        let mut message = Message::queued(Kind::Direct, None, at, at);
        let id = Some(message.id);
        recent.keep(org, &message).await;
        assert!(!recent.covers(org, id, "SM1", State::Sent).await, "no id");
        (message.sid, message.state) = (Some("SM1".to_owned()), State::Sent);
        recent.keep(org, &message).await;
        for (org, message, sid, state, is_covered) in [
            (org, id, "SM1", State::Sent, true),
            (org, id, "SM1", State::Delivered, false),
            (org, id, "SM2", State::Sent, false),
            (org, None, "SM1", State::Sent, false),
            (org, Some(MessageId::new()), "SM1", State::Sent, false),
            (OrgId::new(), id, "SM1", State::Sent, false),
        ] {
            let covers = recent.covers(org, message, sid, state).await;
            assert_eq!(covers, is_covered, "{message:?} {sid} {state:?}");
        }
    }
}
