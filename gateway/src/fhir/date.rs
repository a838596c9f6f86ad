//! Dates with FHIR's prefixes, as stretches of time.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use voxanne_proto::booking::v1::ListLocationsRequest;
use voxanne_tenant::Tenant;

use crate::{App, reply::Refusal};

/// A moment, or a civil day at the clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Day {
    At(Timestamp),
    On(Date),
}

/// How a date limits what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    Eq,
    Ge,
    Gt,
    Lt,
    Le,
}

/// One limit, as `ge2026-12-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    prefix: Prefix,
    day: Day,
}

/// From a moment on and before another, where they are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
}

impl Day {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let at = || text.parse().ok().map(Self::At);
        // A date of jiff may have a time behind it.
        match text.len() {
            10 => text.parse().ok().map(Self::On),
            _ => at(),
        }
    }

    /// The first moment, and the first behind. A moment is written to the second.
    fn ends(self, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::At(at) => Some((at, at.checked_add(SignedDuration::from_secs(1)).ok()?)),
            Self::On(date) => {
                let next = date.checked_add(1.day()).ok()?;
                let first = |date: Date| zone.to_zoned(date.at(0, 0, 0, 0)).ok();
                Some((first(date)?.timestamp(), first(next)?.timestamp()))
            }
        }
    }
}

impl Limit {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (prefix, rest) = match text.split_at_checked(2)? {
            ("ge", rest) => (Prefix::Ge, rest),
            ("gt", rest) => (Prefix::Gt, rest),
            ("lt", rest) => (Prefix::Lt, rest),
            ("le", rest) => (Prefix::Le, rest),
            ("eq", rest) => (Prefix::Eq, rest),
            _ => (Prefix::Eq, text),
        };
        let day = Day::parse(rest)?;
        Some(Self { prefix, day })
    }

    /// From this day on.
    pub(super) const fn from(day: Day) -> Self {
        let prefix = Prefix::Ge;
        Self { prefix, day }
    }

    /// Until this moment, or the end of this day.
    pub(super) const fn until(day: Day) -> Self {
        let prefix = match day {
            Day::At(_) => Prefix::Lt,
            Day::On(_) => Prefix::Le,
        };
        Self { prefix, day }
    }
}

impl Span {
    /// What all of `limits` leave; `None` when a day is none that a calendar has.
    pub(super) fn of(limits: &[Limit], zone: &TimeZone) -> Option<Self> {
        let mut span = Self::default();
        for limit in limits {
            let (start, behind) = limit.day.ends(zone)?;
            let (from, to) = match limit.prefix {
                Prefix::Ge => (Some(start), None),
                Prefix::Gt => (Some(behind), None),
                Prefix::Lt => (None, Some(start)),
                Prefix::Le => (None, Some(behind)),
                Prefix::Eq => (Some(start), Some(behind)),
            };
            // Nothing is smaller than any moment.
            span.from = span.from.max(from);
            span.to = [span.to, to].into_iter().flatten().min();
        }
        Some(span)
    }

    /// Whether no moment is within.
    pub(super) fn is_empty(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if to <= from)
    }
}

/// The zone that days are meant in: that of the clinic's first location. Nobody is asked when every
/// limit is a moment.
pub(super) async fn zone(
    app: &App,
    tenant: &Tenant,
    limits: &[Limit],
) -> Result<TimeZone, Refusal> {
    if limits.iter().all(|limit| matches!(limit.day, Day::At(_))) {
        return Ok(TimeZone::UTC);
    }
    let clinic = &app.clients.clinic;
    let first = ListLocationsRequest {
        limit: 1,
        ..ListLocationsRequest::default()
    };
    let request = clinic.request(tenant, first);
    let page = clinic.client().list_locations(request).await?.into_inner();
    let name = page.locations.first().map_or("", |one| &one.time_zone);
    Ok(TimeZone::get(name).unwrap_or(TimeZone::UTC))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(limits: &[&str]) -> (String, String) {
        let limits: Vec<_> = limits
            .iter()
            .map(|one| Limit::parse(one).unwrap())
            .collect();
        let zone = TimeZone::get("America/New_York").unwrap();
        let span = Span::of(&limits, &zone).unwrap();
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        (text(span.from), text(span.to))
    }

    #[test]
    fn limits_are_stretches_of_time_at_the_clinic() {
        for (limits, from, to) in [
            (&["ge2026-12-01T09:00:00Z"][..], "2026-12-01T09:00:00Z", ""),
            (&["gt2026-12-01T09:00:00Z"], "2026-12-01T09:00:01Z", ""),
            (&["lt2026-12-01T09:00:00+01:00"], "", "2026-12-01T08:00:00Z"),
            (&["le2026-12-01T09:00:00Z"], "", "2026-12-01T09:00:01Z"),
            (
                &["2026-12-01"],
                "2026-12-01T05:00:00Z",
                "2026-12-02T05:00:00Z",
            ),
            (&["gt2026-12-01"], "2026-12-02T05:00:00Z", ""),
            // The day on which clocks go forward has 23 hours.
            (
                &["eq2027-03-14"],
                "2027-03-14T05:00:00Z",
                "2027-03-15T04:00:00Z",
            ),
            (
                &[
                    "ge2026-12-01",
                    "ge2026-12-03",
                    "lt2026-12-09",
                    "lt2026-12-08",
                ],
                "2026-12-03T05:00:00Z",
                "2026-12-08T05:00:00Z",
            ),
        ] {
            assert_eq!(span(limits), (from.to_owned(), to.to_owned()), "{limits:?}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "g",
            "ge",
            "2026",
            "ap2026-12-01",
            "ge2026-13-01",
            "2026-12-01T09:00",
            "é1",
            "2026-02-30",
        ] {
            assert_eq!(Limit::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_that_no_calendar_goes_beyond_is_refused() {
        let last = Limit::parse("le9999-12-31").unwrap();
        assert_eq!(Span::of(&[last], &TimeZone::UTC), None);
    }

    #[test]
    fn a_span_that_ends_before_it_begins_is_empty() {
        let limits = ["ge2026-12-02", "lt2026-12-02"].map(|one| Limit::parse(one).unwrap());
        assert!(Span::of(&limits, &TimeZone::UTC).unwrap().is_empty());
        assert!(!Span::default().is_empty());
    }
}
