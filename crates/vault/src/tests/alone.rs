//! Records with a key of their own.

use super::*;

const BOUND: &[u8] = b"one row";

#[tokio::test]
async fn it_opens_where_it_belongs_and_moves_on_to_a_new_key() {
    let old = vault(&[("k0", 0)]);
    let record = old.seal_alone(BOUND, SECRET).await.unwrap();
    assert!(refused(old.open_alone(b"another row", &record).await));
    let both = vault(&[("k1", 1), ("k0", 0)]);
    let fresh = both.rewrap_alone(BOUND, &record).await.unwrap().unwrap();
    assert_eq!(both.rewrap_alone(BOUND, &fresh).await.unwrap(), None);
    let new = vault(&[("k1", 1)]);
    let plain = new.open_alone(BOUND, &fresh).await.unwrap();
    assert_eq!(plain.as_slice(), SECRET);
    let missing = new.open_alone(BOUND, &record).await;
    assert!(matches!(missing, Err(OpenError::UnknownKey(id)) if id == "k0"));
    // The key's name is where a statement can find it.
    assert_eq!((fresh[1], &fresh[2..4]), (2, &b"k1"[..]));
}

#[tokio::test]
async fn no_bit_of_it_can_be_altered() {
    let vault = vault(&[("k1", 1)]);
    let record = vault.seal_alone(BOUND, SECRET).await.unwrap();
    for (index, bit) in bits(&record) {
        let mut altered = record.clone();
        altered[index] ^= 1 << bit;
        let opened = vault.open_alone(BOUND, &altered).await;
        assert!(opened.is_err(), "byte {index}, bit {bit}");
    }
    for length in 0..record.len() {
        assert!(vault.open_alone(BOUND, &record[..length]).await.is_err());
    }
}
