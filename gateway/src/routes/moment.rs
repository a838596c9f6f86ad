//! Moments as the API writes and reads them: RFC 3339 in UTC.

use jiff::Timestamp;

/// Absent when the service gave none, or one that no calendar has.
pub(crate) fn text(at: Option<prost_types::Timestamp>) -> Option<String> {
    let at = voxanne_clock::from_proto(&at?).ok()?;
    Some(at.to_string())
}

/// A moment that a service always gives.
pub(crate) fn written(at: Option<prost_types::Timestamp>) -> String {
    text(at).unwrap_or_default()
}

pub(crate) fn to_proto(at: Option<Timestamp>) -> Option<prost_types::Timestamp> {
    at.map(voxanne_clock::to_proto)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc() {
        let at: Timestamp = "2026-12-01T10:00:00+01:00".parse().unwrap();
        assert_eq!(
            text(to_proto(Some(at))).as_deref(),
            Some("2026-12-01T09:00:00Z")
        );
        let half = "2026-12-01T09:00:00.5Z".parse().unwrap();
        assert_eq!(
            text(to_proto(Some(half))).as_deref(),
            Some("2026-12-01T09:00:00.5Z")
        );
        assert_eq!(text(None), None);
    }
}
