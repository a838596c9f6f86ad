//! What somebody who waits would take.

use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime};
use voxanne_ids::ProviderId;

/// A part of the clinic's day, by the civil hour in which a visit starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartOfDay {
    Any,
    /// Before noon.
    Morning,
    /// From noon to five.
    Afternoon,
    /// From five on.
    Evening,
}

impl PartOfDay {
    const ALL: [Self; 4] = [Self::Any, Self::Morning, Self::Afternoon, Self::Evening];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == word)
    }

    const fn hours(self) -> RangeInclusive<i8> {
        match self {
            Self::Any => 0..=23,
            Self::Morning => 0..=11,
            Self::Afternoon => 12..=16,
            Self::Evening => 17..=23,
        }
    }
}

/// When and with whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// `None`: any provider.
    pub(crate) provider: Option<ProviderId>,
    /// Both included.
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) part: PartOfDay,
}

impl Wish {
    /// Whether a visit with `provider` that starts at this time by the clinic's clock is wanted.
    pub(crate) fn takes(&self, provider: ProviderId, start: DateTime) -> bool {
        self.provider.is_none_or(|wanted| wanted == provider)
            && (self.from..=self.to).contains(&start.date())
            && self.part.hours().contains(&start.hour())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(part: PartOfDay) -> Wish {
        Wish {
            provider: None,
            from: "2026-12-01".parse().unwrap(),
            to: "2026-12-03".parse().unwrap(),
            part,
        }
    }

    #[test]
    fn both_days_are_included_and_no_other() {
        for (start, wanted) in [
            ("2026-11-30T23:59", false),
            ("2026-12-01T00:00", true),
            ("2026-12-03T23:59", true),
            ("2026-12-04T00:00", false),
        ] {
            let takes = wish(PartOfDay::Any).takes(ProviderId::new(), start.parse().unwrap());
            assert_eq!(takes, wanted, "{start}");
        }
    }

    #[test]
    fn each_hour_is_in_one_part_of_the_day() {
        for (start, part) in [
            ("2026-12-01T00:00", PartOfDay::Morning),
            ("2026-12-01T11:59", PartOfDay::Morning),
            ("2026-12-01T12:00", PartOfDay::Afternoon),
            ("2026-12-01T16:59", PartOfDay::Afternoon),
            ("2026-12-01T17:00", PartOfDay::Evening),
            ("2026-12-01T23:59", PartOfDay::Evening),
        ] {
            for one in PartOfDay::ALL {
                let takes = wish(one).takes(ProviderId::new(), start.parse().unwrap());
                let wanted = one == part || one == PartOfDay::Any;
                assert_eq!(takes, wanted, "{start} {one:?}");
            }
        }
    }

    #[test]
    fn a_wanted_provider_is_the_only_one() {
        let provider = ProviderId::new();
        let wish = Wish {
            provider: Some(provider),
            ..wish(PartOfDay::Any)
        };
        let start = "2026-12-01T09:00".parse().unwrap();
        assert!(wish.takes(provider, start));
        assert!(!wish.takes(ProviderId::new(), start));
    }
}
