use base64::{Engine as _, engine::general_purpose::STANDARD};
use voxanne_ids::OrgId;

use super::*;

const SECRET: &[u8] = b"a provider's token";

fn entry(id: &str, byte: u8) -> String {
    format!("{id}:{}", STANDARD.encode([byte; 32]))
}

fn keyring(ids: &[(&str, u8)]) -> Keyring {
    let entries: Vec<String> = ids.iter().map(|(id, byte)| entry(id, *byte)).collect();
    Keyring::parse(&entries.join(",")).expect("the keys are well formed")
}

fn org(number: u128) -> OrgId {
    format!("org_{number:032x}")
        .parse()
        .expect("an id in hexadecimal")
}

fn place() -> Place<'static> {
    Place {
        org: org(1),
        provider: "twilio",
        field: "authToken",
    }
}

#[test]
fn what_is_sealed_opens_again() {
    let keyring = keyring(&[("k1", 1)]);
    for plain in [SECRET, b"", &[0; 4096]] {
        let sealed = keyring.seal(&place(), plain).unwrap();
        let stored = Sealed::from_bytes(&sealed.to_bytes()).unwrap();
        assert_eq!(stored, sealed);
        assert_eq!(keyring.open(&place(), &stored).unwrap().as_slice(), plain);
    }
}

#[test]
fn a_record_does_not_open_in_another_place() {
    let keyring = keyring(&[("k1", 1)]);
    let sealed = keyring.seal(&place(), SECRET).unwrap();
    for elsewhere in [
        Place {
            org: org(2),
            ..place()
        },
        Place {
            provider: "google",
            ..place()
        },
        Place {
            field: "apiKeySecret",
            ..place()
        },
        Place {
            provider: "twilioa",
            field: "uthToken",
            ..place()
        },
    ] {
        assert_eq!(
            keyring.open(&elsewhere, &sealed),
            Err(OpenError::Refused),
            "{elsewhere:?}"
        );
    }
}

#[test]
fn no_byte_can_be_altered() {
    let keyring = keyring(&[("k1", 1), ("k0", 0)]);
    let stored = keyring.seal(&place(), SECRET).unwrap().to_bytes();
    for index in 0..stored.len() {
        for bit in 0..8 {
            let mut altered = stored.clone();
            altered[index] ^= 1 << bit;
            let opened = Sealed::from_bytes(&altered)
                .ok()
                .and_then(|sealed| keyring.open(&place(), &sealed).ok());
            assert_eq!(opened, None, "byte {index}, bit {bit}");
        }
    }
    for length in 0..stored.len() {
        let opened = Sealed::from_bytes(&stored[..length])
            .ok()
            .and_then(|sealed| keyring.open(&place(), &sealed).ok());
        assert_eq!(opened, None, "cut to {length} bytes");
    }
}

#[test]
fn an_old_key_still_opens_after_rotation() {
    let before = keyring(&[("k0", 0)]);
    let after = keyring(&[("k1", 1), ("k0", 0)]);
    let old = before.seal(&place(), SECRET).unwrap();
    assert_eq!(after.open(&place(), &old).unwrap().as_slice(), SECRET);
    assert!(!after.is_current(&old));
    let new = after.seal(&place(), SECRET).unwrap();
    assert_eq!(new.key_id(), "k1");
    assert!(after.is_current(&new));
}

#[test]
fn a_key_that_is_not_in_the_keyring_is_named() {
    let sealed = keyring(&[("k7", 7)]).seal(&place(), SECRET).unwrap();
    let error = keyring(&[("k1", 1)]).open(&place(), &sealed).unwrap_err();
    assert_eq!(error, OpenError::UnknownKey("k7".to_owned()));
    assert!(error.to_string().contains("`k7`"));
}

#[test]
fn another_key_of_the_same_name_does_not_open() {
    let sealed = keyring(&[("k1", 1)]).seal(&place(), SECRET).unwrap();
    assert_eq!(
        keyring(&[("k1", 2)]).open(&place(), &sealed),
        Err(OpenError::Refused)
    );
}

#[test]
fn equal_secrets_are_sealed_differently() {
    let keyring = keyring(&[("k1", 1)]);
    let [first, second] = [(); 2].map(|()| keyring.seal(&place(), SECRET).unwrap());
    assert_ne!(first.wrapped, second.wrapped);
    assert_ne!(first.ciphertext, second.ciphertext);
}

#[test]
fn a_secret_beyond_the_limit_is_refused() {
    let keyring = keyring(&[("k1", 1)]);
    assert_eq!(
        keyring.seal(&place(), &vec![0; 65 * 1024]),
        Err(SealError::TooLong)
    );
}

#[test]
fn a_bad_keyring_is_refused_without_quoting_it() {
    let short = format!("k1:{}", STANDARD.encode([1; 16]));
    let twice = format!("{},{}", entry("k1", 1), entry("k1", 2));
    let trailing = format!("{},", entry("k1", 1));
    for (text, expected) in [
        ("", InvalidKeys::Empty),
        (" ", InvalidKeys::Empty),
        ("hunter2hunter2", InvalidKeys::Malformed(1)),
        ("K 1:AAAA", InvalidKeys::Malformed(1)),
        (":AAAA", InvalidKeys::Malformed(1)),
        (&trailing, InvalidKeys::Malformed(2)),
        ("k1:***", InvalidKeys::Size("k1".to_owned())),
        (&short, InvalidKeys::Size("k1".to_owned())),
        (&twice, InvalidKeys::Duplicate("k1".to_owned())),
    ] {
        let error = Keyring::parse(text).unwrap_err();
        assert_eq!(error, expected, "{text:?}");
        assert!(!error.to_string().contains("hunter2"));
    }
}

#[test]
fn debug_output_holds_no_key_and_no_ciphertext() {
    let keyring = keyring(&[("k1", 1)]);
    assert_eq!(format!("{keyring:?}"), r#"["k1"]"#);
    let sealed = keyring.seal(&place(), SECRET).unwrap();
    assert_eq!(format!("{sealed:?}"), r#"Sealed { key_id: "k1", .. }"#);
}
