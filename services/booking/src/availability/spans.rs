//! Times that are gone.

use super::Span;

/// Spans in order of which no two overlap or touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spans(Vec<Span>);

impl Spans {
    /// Orders `spans` and joins those that overlap, as what staff overbooked does, or touch.
    pub(crate) fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_unstable_by_key(|span| span.from);
        spans.dedup_by(|next, kept| {
            let joined = next.from <= kept.to;
            if joined {
                kept.to = kept.to.max(next.to);
            }
            joined
        });
        Self(spans)
    }

    pub(crate) fn overlap(&self, wanted: &Span) -> bool {
        let next = self.0.partition_point(|span| span.to <= wanted.from);
        self.0.get(next).is_some_and(|span| span.overlaps(wanted))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(from: i64, to: i64) -> Span {
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        Span {
            from: at(from),
            to: at(to),
        }
    }

    proptest! {
        #[test]
        fn joining_changes_nothing_about_what_is_taken(
            spans in proptest::collection::vec((0_i64..60, 1_i64..20), 0..12),
            (from, length) in (0_i64..80, 1_i64..10),
        ) {
            let spans: Vec<_> = spans.into_iter().map(|(from, length)| span(from, from + length)).collect();
            let wanted = span(from, from + length);
            let one_by_one = spans.iter().any(|taken| taken.overlaps(&wanted));
            prop_assert_eq!(Spans::new(spans).overlap(&wanted), one_by_one);
        }
    }
}
