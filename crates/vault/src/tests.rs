mod alone;
mod first_format;

use std::{future::pending, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use voxanne_ids::OrgId;
use zeroize::Zeroizing;

use super::*;

const SECRET: &[u8] = b"a provider's token";

fn entry(id: &str, byte: u8) -> String {
    format!("{id}:{}", STANDARD.encode([byte; 32]))
}

fn keyring(ids: &[(&str, u8)]) -> Keyring {
    let entries: Vec<String> = ids.iter().map(|(id, byte)| entry(id, *byte)).collect();
    Keyring::parse(&entries.join(",")).expect("the keys are well formed")
}

fn vault(ids: &[(&str, u8)]) -> Vault {
    keyring(ids).into()
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
        version: 7,
    }
}

/// A data key, wrapped by the first of these keys.
async fn made(ids: &[(&str, u8)]) -> (DataKey, Wrapped) {
    vault(ids).make(org(1), 1).await.expect("randomness")
}

fn refused<T>(opened: Result<T, OpenError>) -> bool {
    matches!(opened, Err(OpenError::Refused))
}

#[tokio::test]
async fn what_is_sealed_opens_again_after_a_restart() {
    let (key, wrapped) = made(&[("k1", 1)]).await;
    let later = vault(&[("k1", 1)]);
    let again = later.unwrap(org(1), 1, &wrapped).await.unwrap();
    for plain in [SECRET, b"", &[0; 4096]] {
        let record = key.seal(&place(), plain).unwrap();
        assert_eq!(again.open(&place(), &record).unwrap().as_slice(), plain);
    }
}

#[tokio::test]
async fn a_record_does_not_open_in_another_place() {
    let ring = [("k1", 1)];
    let (key, _) = made(&ring).await;
    let (another_version, _) = vault(&ring).make(org(1), 2).await.unwrap();
    let record = key.seal(&place(), SECRET).unwrap();
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
        Place {
            version: 8,
            ..place()
        },
    ] {
        assert!(refused(key.open(&elsewhere, &record)), "{elsewhere:?}");
    }
    assert!(refused(another_version.open(&place(), &record)));
    let misplaced = Place {
        org: org(2),
        ..place()
    };
    let sealed = key.seal(&misplaced, SECRET);
    assert!(matches!(sealed, Err(SealError::Misplaced)), "{sealed:?}");
}

#[tokio::test]
async fn no_bit_of_a_record_can_be_altered() {
    let (key, _) = made(&[("k1", 1)]).await;
    let record = key.seal(&place(), SECRET).unwrap();
    for (index, bit) in bits(&record) {
        let mut altered = record.clone();
        altered[index] ^= 1 << bit;
        let error = key.open(&place(), &altered).expect_err("it was altered");
        assert_eq!(error.to_string(), "the record does not open here");
    }
    for length in 0..record.len() {
        assert!(refused(key.open(&place(), &record[..length])), "{length}");
    }
}

#[tokio::test]
async fn a_wrapped_key_is_bound_to_its_organisation_and_version() {
    let vault = vault(&[("k1", 1), ("k0", 0)]);
    let (_, wrapped) = vault.make(org(1), 1).await.unwrap();
    assert!(refused(vault.unwrap(org(2), 1, &wrapped).await));
    assert!(refused(vault.unwrap(org(1), 2, &wrapped).await));
    let renamed = Wrapped {
        key_id: "k0".to_owned(),
        ..wrapped.clone()
    };
    assert!(refused(vault.unwrap(org(1), 1, &renamed).await));
    for (index, bit) in bits(&wrapped.bytes) {
        let mut altered = wrapped.clone();
        altered.bytes[index] ^= 1 << bit;
        assert!(refused(vault.unwrap(org(1), 1, &altered).await), "{index}");
    }
}

#[tokio::test]
async fn rotation_wraps_the_same_key_anew() {
    let (key, wrapped) = made(&[("k0", 0)]).await;
    let record = key.seal(&place(), SECRET).unwrap();
    let both = vault(&[("k1", 1), ("k0", 0)]);
    let fresh = both.rewrap(org(1), 1, &wrapped).await.unwrap().unwrap();
    assert_eq!(fresh.key_id, "k1");
    assert_eq!(both.rewrap(org(1), 1, &fresh).await.unwrap(), None);
    let only_new = vault(&[("k1", 1)]);
    let key = only_new.unwrap(org(1), 1, &fresh).await.unwrap();
    assert_eq!(key.open(&place(), &record).unwrap().as_slice(), SECRET);
    let old = only_new.unwrap(org(1), 1, &wrapped).await.unwrap_err();
    assert!(matches!(&old, OpenError::UnknownKey(id) if id == "k0"));
    assert!(old.to_string().contains("`k0`"));
    assert!(only_new.knows("k1") && !only_new.knows("k0"));
}

#[tokio::test]
async fn another_key_of_the_same_name_does_not_unwrap() {
    let (_, wrapped) = made(&[("k1", 1)]).await;
    assert!(refused(
        vault(&[("k1", 2)]).unwrap(org(1), 1, &wrapped).await
    ));
}

/// A key service that never answers.
struct Silent;

impl Wrapper for Silent {
    fn current(&self) -> &'static str {
        "remote"
    }

    fn knows(&self, key_id: &str) -> bool {
        key_id == "remote"
    }

    fn wrap<'a>(&'a self, _: &'a [u8], _: &'a [u8]) -> Answer<'a, Wrapped> {
        Box::pin(pending())
    }

    fn unwrap<'a>(&'a self, _: &'a [u8], _: &'a Wrapped) -> Answer<'a, Zeroizing<Vec<u8>>> {
        Box::pin(pending())
    }
}

#[tokio::test]
async fn a_key_service_that_hangs_counts_as_away() {
    let vault = Vault::new(Arc::new(Silent), None);
    let made = vault.make(org(1), 1).await;
    assert!(matches!(made, Err(OpenError::Away(_))), "{made:?}");
}

#[tokio::test]
async fn no_nonce_comes_twice() {
    const RECORDS: usize = 500_000;
    let (key, _) = made(&[("k1", 1)]).await;
    let mut nonces: Vec<[u8; 12]> = (0..RECORDS)
        .map(|_| {
            let record = key.seal(&place(), b"x").unwrap();
            record[5..17].try_into().expect("twelve bytes")
        })
        .collect();
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), RECORDS);
}

#[tokio::test]
async fn a_secret_beyond_the_limit_is_refused() {
    let (key, _) = made(&[("k1", 1)]).await;
    let sealed = key.seal(&place(), &vec![0; 65 * 1024]);
    assert!(matches!(sealed, Err(SealError::TooLong)), "{sealed:?}");
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
fn a_file_may_have_a_key_a_line() {
    let text = format!("{}\n{}\n", entry("k2", 2), entry("k1", 1));
    let keyring = Keyring::parse(&text).unwrap();
    assert_eq!(keyring.ids().collect::<Vec<_>>(), ["k2", "k1"]);
}

#[tokio::test]
async fn debug_output_holds_no_key_and_no_ciphertext() {
    let (key, wrapped) = made(&[("k1", 1)]).await;
    let org = org(1);
    for (shown, expected) in [
        (format!("{:?}", keyring(&[("k1", 1)])), r#"["k1"]"#.into()),
        (
            format!("{:?}", vault(&[("k1", 1)])),
            r#"Vault { current: "k1", .. }"#.into(),
        ),
        (
            format!("{wrapped:?}"),
            r#"Wrapped { key_id: "k1", .. }"#.into(),
        ),
        (
            format!("{key:?}"),
            format!("DataKey {{ org: {org:?}, version: 1, key: Key([REDACTED]) }}"),
        ),
    ] {
        let expected: String = expected;
        assert_eq!(shown, expected);
    }
}

fn bits(bytes: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    (0..bytes.len()).flat_map(|index| (0..8).map(move |bit| (index, bit)))
}
