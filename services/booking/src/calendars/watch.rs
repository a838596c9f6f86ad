//! Having Google ring when a calendar changes. The poll goes on all the same: rings get lost.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use url::Url;
use uuid::Uuid;
use voxanne_problem::Problem;

use super::{
    Calendars, Connection, Link,
    google::{Call, failure::Failure},
    secret,
    store::reading::{self, Channel},
};
use crate::Error;

/// How long Google is asked to ring.
const LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A new channel is made while the old one still rings.
const RENEWED: SignedDuration = SignedDuration::from_hours(24);
/// After a refusal it is asked again later; the poll is there.
const ASKED_AGAIN: SignedDuration = SignedDuration::from_hours(1);

impl Calendars {
    /// Makes a channel where there is none, or a new one before the old one ends.
    pub(super) async fn watch(&self, link: &Link, connection: Connection) -> Result<(), Problem> {
        let now = self.clock.now();
        let mut tx = self.tx(connection).await?;
        let reading = reading::lock(&mut tx, connection)
            .await
            .map_err(Error::from)?;
        tx.rollback().await.map_err(Error::from)?;
        let is_wanted = reading.is_some_and(|reading| is_due(reading.channel_until, now));
        if !is_wanted || !can_ring(&link.bell) {
            return Ok(());
        }
        let (channel, until) = match open(link, connection).await {
            Ok(channel) => (Some(channel), now + LASTS),
            Err(failure) => {
                tracing::warn!(failure = failure.word(), "Google does not ring");
                (None, now + RENEWED + ASKED_AGAIN)
            }
        };
        let mut tx = self.tx(connection).await?;
        let before = reading::set_channel(&mut tx, connection, channel.as_ref(), until).await;
        let before = before.map_err(Error::from)?;
        tx.commit().await.map_err(Error::from)?;
        if let Some((id, resource)) = before {
            // One that rings on until it ends is not known any more, and does no harm.
            let body = json!({"id": id, "resourceId": resource});
            if let Err(failure) = link.call(connection, Call::stop(body)).await {
                tracing::debug!(failure = failure.word(), "a channel was not stopped");
            }
        }
        Ok(())
    }
}

async fn open(link: &Link, connection: Connection) -> Result<Channel, Failure> {
    let (id, token) = (Uuid::new_v4(), secret::make());
    let body = json!({
        "id": id,
        "type": "web_hook",
        "address": link.bell,
        "token": token,
        "params": {"ttl": LASTS.as_secs().to_string()},
    });
    let answer = link.call(connection, Call::watch(body)).await?;
    let resource = answer["resourceId"].as_str().ok_or(Failure::Unreadable)?;
    Ok(Channel {
        id,
        token_hash: secret::hash(&token),
        resource: resource.to_owned(),
    })
}

fn is_due(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_none_or(|until| until.duration_since(now) <= RENEWED)
}

/// Google rings at https only; a stand-in on this machine does not mind.
fn can_ring(bell: &Url) -> bool {
    bell.scheme() == "https"
        || matches!(bell.host_str(), Some("127.0.0.1" | "localhost" | "gateway"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_renewed_a_day_before_it_ends() {
        let now = Timestamp::UNIX_EPOCH;
        let hours = |hours| Some(now + SignedDuration::from_hours(hours));
        for (until, due) in [(None, true), (hours(23), true), (hours(25), false)] {
            assert_eq!(is_due(until, now), due, "{until:?}");
        }
    }

    #[test]
    fn nobody_rings_in_the_clear() {
        for (url, can) in [
            ("https://clinic.example/api", true),
            ("http://clinic.example/api", false),
            ("http://127.0.0.1:8080/api", true),
        ] {
            assert_eq!(can_ring(&url.parse().unwrap()), can, "{url}");
        }
    }
}
