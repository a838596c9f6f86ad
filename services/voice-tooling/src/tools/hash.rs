//! One hash for one meaning, whatever the order of its fields.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;

/// SHA-256 of the canonical form, in hex.
pub(crate) fn of(value: &Value) -> String {
    hex::encode(digest(&SHA256, canonical(value).as_bytes()))
}

/// JSON with sorted fields and no spaces.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<_, _> = fields.iter().collect();
            let parts: Vec<_> = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(&**name), canonical(value)))
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => {
            let parts: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", parts.join(","))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_fields_means_nothing() {
        let one: Value =
            serde_json::from_str(r#"{"b":[1,{"y":null,"x":"\"é"}],"a":true}"#).unwrap();
        let two: Value =
            serde_json::from_str(r#"{ "a":true, "b":[1,{"x":"\"é","y":null}]}"#).unwrap();
        assert_eq!(
            canonical(&one),
            r#"{"a":true,"b":[1,{"x":"\"é","y":null}]}"#
        );
        assert_eq!(of(&one), of(&two));
        assert_eq!(of(&one).len(), 64);
    }
}
