//! Our ids as FHIR's: at most 64 letters, digits, dashes and dots.
//!
//! An id of ours has an underscore behind its prefix, where FHIR gets a dash. A slot id is longer:
//! it goes without its prefix and with dots for underscores, which makes 63 characters.

const SLOT: &str = "slt_";

/// `bkg_0190…` as `bkg-0190…`.
pub(super) fn written(ours: &str) -> String {
    ours.replacen('_', "-", 1)
}

/// The other way; an id as the REST API writes it is understood too.
pub(super) fn read(theirs: &str) -> String {
    theirs.replacen('-', "_", 1)
}

pub(super) fn written_slot(ours: &str) -> String {
    ours.strip_prefix(SLOT).unwrap_or(ours).replace('_', ".")
}

pub(super) fn read_slot(theirs: &str) -> String {
    format!("{SLOT}{}", theirs.replace('.', "_"))
}

#[cfg(test)]
mod tests {
    use voxanne_ids::BookingId;

    use super::*;

    fn fits(id: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        (1..=64).contains(&id.len()) && id.chars().all(plain)
    }

    #[test]
    fn an_id_is_one_of_fhir_and_comes_back() {
        let ours = BookingId::new().to_string();
        assert!(fits(&written(&ours)), "{}", written(&ours));
        assert_eq!(read(&written(&ours)), ours);
        assert_eq!(read(&ours), ours);
    }

    #[test]
    fn a_slot_id_is_one_of_fhir_and_comes_back() {
        let ours = format!("slt_{}", "-_aZ09b".repeat(9));
        assert!(fits(&written_slot(&ours)), "{}", written_slot(&ours));
        assert_eq!(read_slot(&written_slot(&ours)), ours);
    }

    #[test]
    fn any_text_is_read_without_a_panic() {
        for text in ["", "-", "_", ".", "bkg", "é-é", "a-b-c"] {
            let _ = (
                read(text),
                read_slot(text),
                written(text),
                written_slot(text),
            );
        }
    }
}
