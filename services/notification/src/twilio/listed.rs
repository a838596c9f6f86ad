//! Finding a message in Twilio's list.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde::Deserialize;
use voxanne_privacy::Private;

/// Twilio's clock and ours may differ by this much, and Twilio's times have whole seconds.
pub(crate) const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// An entry of the list, as far as it matters here; Twilio may leave any field empty.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Listed {
    pub(crate) sid: String,
    pub(crate) status: Option<String>,
    pub(crate) error_code: Option<u32>,
    body: Option<Private<String>>,
    direction: Option<String>,
    date_created: Option<String>,
}

impl Listed {
    /// Whether this may be the text that was sent with `body` at `attempted_at`. An account that
    /// does not keep texts shows an empty one.
    pub(crate) fn may_be(&self, body: &Private<String>, attempted_at: Timestamp) -> bool {
        let shown = self.body.as_ref().map_or("", |body| body.expose().trim());
        let ours = self.direction.as_deref() == Some("outbound-api");
        ours && (shown.is_empty() || shown == body.expose().trim())
            && self
                .created_at()
                .is_some_and(|at| at >= attempted_at.saturating_sub(SKEW).unwrap_or(attempted_at))
    }

    fn created_at(&self) -> Option<Timestamp> {
        let zoned = rfc2822::parse(self.date_created.as_deref()?).ok()?;
        Some(zoned.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(body: &str, direction: &str, created: &str) -> Listed {
        Listed {
            sid: "SM1".to_owned(),
            status: None,
            error_code: None,
            body: Some(body.into()),
            direction: Some(direction.to_owned()),
            date_created: Some(created.to_owned()),
        }
    }

    #[test]
    fn a_text_is_recognised_by_its_words_and_its_time() {
        let at: Timestamp = "2026-11-22T10:00:00.7Z".parse().unwrap();
        let now = "Sun, 22 Nov 2026 10:00:00 +0000";
        for (entry, may_be) in [
            (listed("Hello", "outbound-api", now), true),
            (listed("", "outbound-api", now), true),
            (
                listed("Hello ", "outbound-api", "Sun, 22 Nov 2026 11:00:05 +0100"),
                true,
            ),
            (listed("Hello", "inbound", now), false),
            (listed("Other", "outbound-api", now), false),
            (
                listed("Hello", "outbound-api", "Sun, 22 Nov 2026 09:59:00 +0000"),
                false,
            ),
            (listed("Hello", "outbound-api", "yesterday"), false),
        ] {
            assert_eq!(entry.may_be(&"Hello".into(), at), may_be, "{entry:?}");
        }
    }
}
