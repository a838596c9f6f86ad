//! What stays of a name when case, accents, blanks and punctuation are left out, so that a person
//! is found however the name was written.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A name can grow when its characters are taken apart.
const LONGEST: usize = 400;

/// The key of `name`; names that differ in nothing else have the same.
///
/// Letters of other scripts stay as they are: spelling them in Latin would make one of many names. So
/// do the vowels and sounds that other scripts write as marks: they are no accents.
pub(crate) fn of(name: &str) -> String {
    let upper: String = name
        .nfkd()
        .filter(|c| !is_accent(*c))
        .map(without_stroke)
        .flat_map(char::to_uppercase)
        .collect();
    // Through capitals, so that `ß` and `ss` are alike.
    let letters = upper.nfkd().flat_map(char::to_lowercase);
    let key: String = letters
        .filter(|c| c.is_alphanumeric() || is_combining_mark(*c))
        .take(LONGEST)
        .collect();
    if key.is_empty() {
        // Without a letter there is nothing to leave out, and an empty key would fit everybody.
        return name.chars().take(LONGEST).collect();
    }
    key
}

/// What Latin, Greek and Cyrillic letters wear.
const fn is_accent(mark: char) -> bool {
    matches!(mark, '\u{300}'..='\u{36f}')
}

/// Letters that Unicode does not take apart, though people write them without the stroke.
const fn without_stroke(letter: char) -> char {
    match letter {
        'ø' | 'Ø' => 'o',
        'ł' | 'Ł' => 'l',
        'đ' | 'Đ' | 'ð' | 'Ð' => 'd',
        'ħ' | 'Ħ' => 'h',
        'ı' => 'i',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_name_however_it_is_written() {
        for (written, same) in [
            ("O'Brien", ["o’brien", "OBRIEN", "O  Brien", "o-brien"]),
            ("Müller", ["MÜLLER", "Mu\u{308}ller", "Muller", "müller "]),
            ("Groß", ["GROSS", "gross", "Gross", "groß"]),
            (
                "Søren Łuk",
                ["soren luk", "SØREN ŁUK", "Sören Luk", "SorenLuk"],
            ),
            (
                "José María",
                [
                    "jose maria",
                    "JOSE\u{301} MARIA\u{301}",
                    "José\u{200b}María",
                    "Jose-Maria",
                ],
            ),
            ("Yıldız", ["yildiz", "YILDIZ", "Yildiz", "yıldız"]),
            ("ﬁona", ["Fiona", "FIONA", "fiona", "Fi\u{202e}ona"]),
        ] {
            for other in same {
                assert_eq!(of(written), of(other), "{written} {other}");
            }
        }
    }

    #[test]
    fn other_names_stay_others() {
        for (one, other) in [
            ("Jon Smith", "John Smith"),
            ("张伟", "章伟"),
            ("Анна", "Anna"),
            ("राम", "रमा"),
            ("かき", "がき"),
            ("Ann", "Anna"),
            ("!", "?"),
            ("=cmd()", "cmd2"),
        ] {
            assert_ne!(of(one), of(other), "{one} {other}");
        }
        assert!(!of("...").is_empty());
    }

    proptest! {
        /// A name in capitals, or with its accents apart, is the same name; and a key has no end.
        #[test]
        fn case_and_accents_never_matter(name in "\\PC{1,120}") {
            let key = of(&name);
            prop_assert!(!key.is_empty() && key.chars().count() <= LONGEST);
            if name.chars().any(char::is_alphanumeric) {
                prop_assert_eq!(of(&name.nfd().collect::<String>()), key);
            }
        }

        #[test]
        fn blanks_never_matter(words in proptest::collection::vec("[a-zA-Z]{1,10}", 1..5)) {
            prop_assert_eq!(of(&words.join(" ")), of(&words.concat()));
        }
    }
}
