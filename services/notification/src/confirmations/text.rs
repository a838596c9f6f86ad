//! The words of a confirmation: the clinic, the time, and how to opt out, nothing about the patient.

use jiff::civil;

/// One text costs once as long as it fits.
const ROOM: usize = 160;
/// The characters of GSM 03.38 that take two places; all others take one.
const EXTENDED: &str = "^{}\\[~]|€";

/// Confirms an appointment at `clinic` at the location's civil time `local`.
pub(crate) fn confirmation(clinic: &str, local: civil::DateTime) -> String {
    let when = local.strftime("%A, %B %-d at %-I:%M %p");
    let rest = format!(": your appointment is booked for {when}. Reply STOP to opt out.");
    let mut name = plain(clinic);
    while !name.is_empty() && places(&name) + places(&rest) > ROOM {
        name.pop();
    }
    format!("{}{rest}", name.trim())
}

/// Replaces what a word processor puts into names and GSM 03.38 lacks: one such character would
/// halve the room of the whole text.
fn plain(name: &str) -> String {
    name.chars()
        .map(|letter| match letter {
            '‘' | '’' | '`' | '´' => '\'',
            '“' | '”' => '"',
            '–' | '—' => '-',
            'á' | 'â' | 'ã' => 'a',
            'Á' | 'À' | 'Â' | 'Ã' => 'A',
            'ê' | 'ë' => 'e',
            'È' | 'Ê' | 'Ë' => 'E',
            'í' | 'î' | 'ï' => 'i',
            'Í' | 'Ì' | 'Î' | 'Ï' => 'I',
            'ó' | 'ô' | 'õ' => 'o',
            'Ó' | 'Ò' | 'Ô' | 'Õ' => 'O',
            'ú' | 'û' => 'u',
            'Ú' | 'Ù' | 'Û' => 'U',
            'ç' => 'c',
            other if other.is_whitespace() || other.is_control() => ' ',
            other => other,
        })
        .collect()
}

fn places(text: &str) -> usize {
    text.chars()
        .map(|letter| if EXTENDED.contains(letter) { 2 } else { 1 })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The characters of GSM 03.38 that take one place, letters and digits apart.
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";

    fn is_gsm(text: &str) -> bool {
        text.chars().all(|letter| {
            letter.is_ascii_alphanumeric() || BASIC.contains(letter) || EXTENDED.contains(letter)
        })
    }

    fn at(text: &str) -> civil::DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_confirmation_names_the_clinic_and_the_time() {
        for (clinic, local, text) in [
            (
                "Oak Clinic",
                "2026-12-01T14:00",
                "Oak Clinic: your appointment is booked for Tuesday, December 1 at 2:00 PM. Reply STOP to opt out.",
            ),
            (
                "Clínica “Niño’s”",
                "2026-02-28T09:05",
                "Clinica \"Niño's\": your appointment is booked for Saturday, February 28 at 9:05 AM. Reply STOP to opt out.",
            ),
            (
                "Noon",
                "2026-12-01T00:30",
                "Noon: your appointment is booked for Tuesday, December 1 at 12:30 AM. Reply STOP to opt out.",
            ),
        ] {
            assert_eq!(confirmation(clinic, at(local)), text);
        }
    }

    #[test]
    fn a_confirmation_is_one_text_however_long_the_name() {
        for clinic in [
            "",
            "€",
            &"W".repeat(120),
            &"[".repeat(120),
            &"é’".repeat(60),
        ] {
            let text = confirmation(clinic, at("2026-09-30T22:00"));
            assert!(places(&text) <= ROOM && is_gsm(&text), "{text}");
            assert!(text.ends_with("Reply STOP to opt out."), "{text}");
        }
    }
}
