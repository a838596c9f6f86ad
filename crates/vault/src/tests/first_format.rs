//! Bytes that an earlier version stored must stay readable.

use super::*;

const TOKEN: &[u8] = b"0123456789abcdef0123456789abcdef";
const AUTH_TOKEN: &str = "01026b318bd9b8bd952d1e53f1a900e1f8c9eebe27e72b0a072f9cf6bb47dcae513b487300b14aabed0fce648da8279d779af1efd94b41d85836fc930249667099dbc139a16582f5ca453f14b5b01338aa825c6287624ec25580214f3d569ddb1ccb12c4842d030b66feabae5f760caa9856050d9adaaacf75d11611";

fn record() -> Vec<u8> {
    (0..AUTH_TOKEN.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&AUTH_TOKEN[at..at + 2], 16).expect("two digits"))
        .collect()
}

#[test]
fn a_record_of_the_first_format_opens_in_its_place() {
    let vault = vault(&[("k2", 2), ("k1", 7)]);
    let plain = vault.open_first_format(&place(), &record()).unwrap();
    assert_eq!(plain.as_slice(), TOKEN);
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
    ] {
        let moved = vault.open_first_format(&elsewhere, &record());
        assert!(refused(moved), "{elsewhere:?}");
    }
}

#[test]
fn no_bit_of_it_can_be_altered() {
    let vault = vault(&[("k1", 7)]);
    let record = record();
    for (index, bit) in bits(&record) {
        let mut altered = record.clone();
        altered[index] ^= 1 << bit;
        let opened = vault.open_first_format(&place(), &altered);
        assert!(opened.is_err(), "byte {index}, bit {bit}");
    }
    for length in 0..record.len() {
        let opened = vault.open_first_format(&place(), &record[..length]);
        assert!(opened.is_err(), "cut to {length} bytes");
    }
}

#[test]
fn its_key_is_named_when_it_is_missing() {
    let opened = vault(&[("k2", 2)]).open_first_format(&place(), &record());
    assert!(matches!(opened, Err(OpenError::UnknownKey(id)) if id == "k1"));
}
