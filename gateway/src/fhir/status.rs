//! What our states are in FHIR.
//!
//! A requested booking is `pending`: its time is set and the clinic has not agreed yet. `proposed`
//! is what `$find` suggests. R4 has no word for a booking that its patient confirmed, which stays
//! `booked`; the extension tells it apart.

use voxanne_problem::Violations;

/// Says which of our states an appointment is in.
pub(super) const EXTENSION: &str = "urn:voxanne:fhir:booking-status";

/// FHIR's word and ours. Several of ours may have one word.
const WORDS: [(&str, &str); 7] = [
    ("pending", "requested"),
    ("booked", "booked"),
    ("booked", "confirmed"),
    ("arrived", "arrived"),
    ("fulfilled", "completed"),
    ("noshow", "no_show"),
    ("cancelled", "cancelled"),
];
/// R4's other words, which no booking of ours ever has.
const OTHERS: [&str; 4] = ["proposed", "entered-in-error", "checked-in", "waitlist"];

pub(super) fn written(ours: &str) -> &'static str {
    let known = WORDS.iter().find(|(_, word)| *word == ours);
    // A state that is newer than this table is shown as one that is not settled.
    known.map_or("pending", |(theirs, _)| theirs)
}

/// Our states for FHIR's words with commas between. None are left when no booking can have any.
pub(super) fn read(name: &str, words: &str, wrong: &mut Violations) -> Vec<String> {
    let mut ours = Vec::new();
    for word in words.split(',') {
        let known = WORDS.iter().filter(|(theirs, _)| *theirs == word);
        let before = ours.len();
        ours.extend(known.map(|(_, word)| (*word).to_owned()));
        if ours.len() == before && !OTHERS.contains(&word) {
            wrong.add(name, "ONE_OF", "expected a status of an appointment in R4");
            return Vec::new();
        }
    }
    ours.sort_unstable();
    ours.dedup();
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Vec<String>, ()> {
        let mut wrong = Violations::default();
        let read = read("status", text, &mut wrong);
        wrong.finish(Some(read)).map_err(|_| ())
    }

    #[test]
    fn every_state_has_a_word_and_comes_back_by_it() {
        for (theirs, ours) in WORDS {
            assert_eq!(written(ours), theirs);
            assert!(words(theirs).unwrap().contains(&ours.to_owned()), "{ours}");
        }
    }

    #[test]
    fn words_are_alternatives_and_an_unknown_one_is_refused() {
        assert_eq!(words("booked").unwrap(), ["booked", "confirmed"]);
        assert_eq!(
            words("noshow,arrived,noshow").unwrap(),
            ["arrived", "no_show"]
        );
        assert_eq!(words("proposed,waitlist").unwrap(), Vec::<String>::new());
        for bad in ["", "Booked", "booked,", "no_show", "booked,lost"] {
            assert_eq!(words(bad), Err(()), "{bad}");
        }
    }
}
