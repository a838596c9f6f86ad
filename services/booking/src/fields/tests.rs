use super::*;

#[test]
fn a_phone_number_is_kept_in_e164() {
    for (text, kept) in [
        ("+1 (415) 555-0123", Some("+14155550123")),
        ("4155550123", Some("+14155550123")),
        ("+49 30 901820", Some("+4930901820")),
        ("+1 555 123 4567", Some("+15551234567")),
        ("+1 155 123 4567", None),
        ("415 555 012", None),
        ("", None),
        ("911", None),
        ("+1", None),
        ("+1 900 234 5678", None),
        ("call me", None),
        ("+1415555012345678901234567890123456789012", None),
        ("+1 911 555 0123", None),
        ("+1 411 555 0123", None),
        ("112", None),
        ("+44 999", None),
        ("+44 118 118", None),
        ("+49 110", None),
        ("+49 900 1 234567", None),
        ("+44 909 879 0000", None),
        ("+44 20 7946 0958", Some("+442079460958")),
        ("90210", None),
        ("(555) CALL-NOW", None),
        ("1-800-FLOWERS", None),
        ("\u{202e}+14155550123", None),
        ("+\u{0661}4155550123", None),
        ("+1415555\u{200b}0123", None),
        ("415555012\u{0}", None),
    ] {
        let read = text.parse::<Phone>().ok();
        assert_eq!(read.as_ref().map(Phone::as_str), kept, "{text:?}");
    }
}

#[test]
fn a_name_is_one_line_with_single_blanks() {
    assert_eq!(
        "  Ada   Lovelace ".parse(),
        Ok(Name("Ada Lovelace".to_owned()))
    );
    for text in ["", "  ", "a\nb", "a\0b", &"x".repeat(121)] {
        assert!(text.parse::<Name>().is_err(), "{text:?}");
    }
}

#[test]
fn what_is_no_address_is_refused() {
    assert!("ada@clinic.example".parse::<Email>().is_ok());
    for text in [
        "", "a", "a@b", "@b.c", "a@b.", "a b@c.de", "a@b@c.de", "a@b.c\0",
    ] {
        assert!(text.parse::<Email>().is_err(), "{text:?}");
    }
}

#[test]
fn a_text_may_have_lines_but_no_control_characters() {
    assert_eq!(free_text(" a\nb ", 3), Ok("a\nb".into()));
    assert!(free_text("abcd", 3).is_err());
    assert!(free_text("a\0", 3).is_err());
}
