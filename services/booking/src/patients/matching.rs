//! Which patient is meant: the number and, beside it, name or date of birth. Never one of them
//! alone, and never a guess.

use jiff::civil::Date;
use voxanne_ids::PatientId;
use voxanne_privacy::Private;

/// What somebody said of a patient, beside the number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// See [`name_key`](super::name_key).
    pub(crate) name_key: Option<Private<String>>,
    pub(crate) born: Option<Private<Date>>,
}

/// A patient with the number, under one of its names.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) id: PatientId,
    pub(crate) name_key: Private<String>,
    pub(crate) born: Option<Private<Date>>,
}

/// Who that can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    Nobody,
    One(PatientId),
    /// More than one fits equally well.
    Several,
}

impl Evidence {
    /// Whether there is anything beside the number.
    pub(crate) const fn proves_anything(&self) -> bool {
        self.name_key.is_some() || self.born.is_some()
    }

    /// How many of the two say that it is `candidate`; none when one of them says that it is not.
    fn speaks_for(&self, candidate: &Candidate) -> usize {
        let name = self
            .name_key
            .as_ref()
            .map(|said| *said == candidate.name_key);
        let born = self.born.as_ref().zip(candidate.born.as_ref());
        let says = [name, born.map(|(said, known)| said == known)];
        if says.contains(&Some(false)) {
            return 0;
        }
        says.iter().flatten().count()
    }
}

/// Who is meant, among the patients with the number.
pub(crate) fn decide(evidence: &Evidence, candidates: &[Candidate]) -> Match {
    let spoken_for = |one: &Candidate| (evidence.speaks_for(one), one.id);
    let fits = candidates.iter().map(spoken_for);
    let fits: Vec<_> = fits.filter(|(strength, _)| *strength > 0).collect();
    let strongest = fits.iter().map(|(strength, _)| *strength).max();
    let best = fits
        .iter()
        .filter(|(strength, _)| Some(*strength) == strongest);
    let mut best: Vec<_> = best.map(|(_, id)| *id).collect();
    best.sort_unstable();
    best.dedup();
    match best[..] {
        [] => Match::Nobody,
        [one] => Match::One(one),
        _ => Match::Several,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::patients::name_key;

    fn id(number: u128) -> PatientId {
        PatientId::from_uuid(Uuid::from_u128(number))
    }

    fn born(text: &str) -> Option<Private<Date>> {
        (!text.is_empty()).then(|| Private::new(text.parse().unwrap()))
    }

    fn said(name: &str, date: &str) -> Evidence {
        Evidence {
            name_key: (!name.is_empty()).then(|| name_key::of(name).into()),
            born: born(date),
        }
    }

    /// A family on one number: father and son of one name, twins, and somebody without a date.
    fn family() -> Vec<Candidate> {
        [
            ("John Smith", "1950-01-01"),
            ("John Smith", "1980-02-02"),
            ("Ann Smith", "2010-03-03"),
            ("Eve Smith", "2010-03-03"),
            ("Zoë O'Brien", ""),
        ]
        .into_iter()
        .zip(1..)
        .map(|((name, date), number)| Candidate {
            id: id(number),
            name_key: name_key::of(name).into(),
            born: born(date),
        })
        .collect()
    }

    #[test]
    fn a_family_on_one_number_is_told_apart() {
        for (name, date, expected) in [
            ("", "", Match::Nobody),
            ("John Smith", "", Match::Several),
            ("JOHN  SMITH", "1980-02-02", Match::One(id(2))),
            ("John Smith", "1999-09-09", Match::Nobody),
            ("", "1950-01-01", Match::One(id(1))),
            ("", "2010-03-03", Match::Several),
            ("ann smith", "2010-03-03", Match::One(id(3))),
            ("Ann Smith", "", Match::One(id(3))),
            ("Bob Smith", "2010-03-03", Match::Nobody),
            ("zoe obrien", "", Match::One(id(5))),
            ("Zoé O’Brien", "1990-01-01", Match::One(id(5))),
            ("", "1990-01-01", Match::Nobody),
        ] {
            let decided = decide(&said(name, date), &family());
            assert_eq!(decided, expected, "{name} {date}");
        }
    }

    #[test]
    fn one_patient_of_two_names_is_one() {
        let mut both = family();
        both.truncate(2);
        both[1].id = id(1);
        both[1].born = born("1950-01-01");
        assert_eq!(decide(&said("John Smith", ""), &both), Match::One(id(1)));
    }

    #[test]
    fn the_order_of_the_candidates_does_not_matter() {
        let mut family = family();
        family.reverse();
        let one = said("John Smith", "1980-02-02");
        assert_eq!(decide(&one, &family), Match::One(id(2)));
        let either = said("John Smith", "");
        assert_eq!(decide(&either, &family), Match::Several);
    }

    #[test]
    fn who_fits_in_both_goes_before_who_fits_in_one() {
        let mut two = family();
        two[0].born = None;
        let decided = decide(&said("John Smith", "1980-02-02"), &two);
        assert_eq!(decided, Match::One(id(2)));
    }
}
