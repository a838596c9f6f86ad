//! Telling our own echo from a change that somebody made in Google.

use jiff::Timestamp;

use super::google::answer::Event;
use crate::availability::Span;

/// What somebody did to our event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Moved,
    Deleted,
}

impl Change {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Deleted => "deleted",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Moved, Self::Deleted]
            .into_iter()
            .find(|one| one.as_str() == word)
    }
}

/// What we know of an event of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ours {
    /// Whether it is in the calendar, as far as we wrote.
    pub(crate) is_written: bool,
    /// Whether we are about to write it, so that what Google says now is about to change.
    pub(crate) is_due: bool,
    pub(crate) etag: String,
    /// Google's time of our last write.
    pub(crate) updated: Option<Timestamp>,
    pub(crate) span: Option<Span>,
    /// What somebody did to it that was told already.
    pub(crate) told: Option<Change>,
    /// The etag of that.
    pub(crate) told_etag: String,
}

/// What to do about an event of ours that Google tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Our own echo, or news from before our last write.
    Nothing,
    /// Somebody touched it, and it still stands for the booking.
    Touched,
    /// Somebody did this to it, which is to be told.
    Tell(Change),
    /// It stands for no booking any more and takes its owner's time all the same.
    Theirs,
}

/// Compares by what the event says, not by its etag alone: an answer that never came leaves us
/// without the etag of our own write.
pub(crate) fn judge(ours: &Ours, event: &Event, span: Option<Span>) -> Verdict {
    if ours.is_due {
        return Verdict::Nothing;
    }
    if !ours.is_written {
        return match event.is_cancelled {
            true => Verdict::Nothing,
            false => Verdict::Theirs,
        };
    }
    let is_old = matches!((event.updated, ours.updated), (Some(told), Some(wrote)) if told < wrote);
    if is_old || (event.etag == ours.etag && !event.is_cancelled) {
        return Verdict::Nothing;
    }
    let change = match (event.is_cancelled, span == ours.span) {
        (true, _) => Some(Change::Deleted),
        (false, false) => Some(Change::Moved),
        (false, true) => None,
    };
    match change {
        None => Verdict::Touched,
        Some(change) if ours.told == Some(change) && ours.told_etag == event.etag => {
            Verdict::Nothing
        }
        Some(change) => Verdict::Tell(change),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn span(from: &str, to: &str) -> Span {
        Span {
            from: at(from),
            to: at(to),
        }
    }

    fn ours() -> Ours {
        Ours {
            is_written: true,
            is_due: false,
            etag: "\"1\"".to_owned(),
            updated: Some(at("2026-12-01T08:00:00Z")),
            span: Some(span("2026-12-02T10:00:00Z", "2026-12-02T10:30:00Z")),
            told: None,
            told_etag: String::new(),
        }
    }

    fn event(etag: &str, updated: &str) -> Event {
        Event {
            id: "abcde".to_owned(),
            etag: etag.to_owned(),
            updated: Some(at(updated)),
            is_cancelled: false,
            is_free: false,
            start: None,
            end: None,
        }
    }

    const LATER: &str = "2026-12-01T09:00:00Z";

    #[test]
    fn our_own_echo_is_no_change() {
        let same = ours().span;
        let elsewhere = Some(span("2026-12-02T11:00:00Z", "2026-12-02T11:30:00Z"));
        let echo = event("\"1\"", "2026-12-01T08:00:00Z");
        assert_eq!(judge(&ours(), &echo, same), Verdict::Nothing);
        let before = event("\"0\"", "2026-12-01T07:59:59Z");
        assert_eq!(judge(&ours(), &before, elsewhere), Verdict::Nothing);
        let about_to_change = Ours {
            is_due: true,
            ..ours()
        };
        let news = event("\"2\"", LATER);
        assert_eq!(judge(&about_to_change, &news, elsewhere), Verdict::Nothing);
    }

    #[test]
    fn what_somebody_did_is_told_once() {
        let elsewhere = Some(span("2026-12-02T11:00:00Z", "2026-12-02T11:30:00Z"));
        let moved = event("\"2\"", LATER);
        assert_eq!(
            judge(&ours(), &moved, elsewhere),
            Verdict::Tell(Change::Moved)
        );
        let told = Ours {
            told: Some(Change::Moved),
            told_etag: "\"2\"".to_owned(),
            ..ours()
        };
        assert_eq!(judge(&told, &moved, elsewhere), Verdict::Nothing);
        let again = event("\"3\"", LATER);
        assert_eq!(
            judge(&told, &again, elsewhere),
            Verdict::Tell(Change::Moved)
        );
        let gone = Event {
            is_cancelled: true,
            ..event("\"4\"", LATER)
        };
        assert_eq!(
            judge(&told, &gone, ours().span),
            Verdict::Tell(Change::Deleted)
        );
    }

    #[test]
    fn another_colour_is_no_conflict() {
        let touched = event("\"2\"", LATER);
        assert_eq!(judge(&ours(), &touched, ours().span), Verdict::Touched);
    }

    #[test]
    fn what_was_cancelled_here_and_restored_there_is_theirs() {
        let cancelled = Ours {
            is_written: false,
            ..ours()
        };
        let restored = event("\"2\"", LATER);
        assert_eq!(judge(&cancelled, &restored, ours().span), Verdict::Theirs);
        let deleted = Event {
            is_cancelled: true,
            ..restored
        };
        assert_eq!(judge(&cancelled, &deleted, ours().span), Verdict::Nothing);
    }
}
