//! What a person would not want to read in a log.
//!
//! Names, numbers, addresses and whatever was said or written travel as [`Private`]. It cannot be
//! printed, so no log line, span, panic or error text repeats it by accident; where a value has to
//! leave, [`expose`](Private::expose) says so in a word that a review finds.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A value that no `Debug` shows and that has no `Display`.
///
/// It crosses JSON and the database as the value itself: those are where it is at home.
///
/// ```compile_fail
/// println!("{}", voxanne_privacy::Private::new("Ada Lovelace"));
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type))]
#[cfg_attr(feature = "sqlx", sqlx(transparent))]
#[serde(transparent)]
pub struct Private<T>(T);

impl<T> Private<T> {
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the one place it is meant for: a statement's parameter, a provider's form,
    /// the message of a caller who may read it.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// [`expose`](Self::expose), by value.
    pub fn into_exposed(self) -> T {
        self.0
    }

    /// Another private value made of this one.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Private<U> {
        Private(make(self.0))
    }
}

impl Private<String> {
    /// Whether there is no text, which says nothing about what it would be.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Private<String> {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<T: FromStr> FromStr for Private<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, Serialize, Deserialize)]
    struct Patient {
        name: Private<String>,
        phone: Option<Private<String>>,
    }

    #[test]
    fn nothing_that_prints_shows_it() {
        let patient = Patient {
            name: "Ada Lovelace".into(),
            phone: Some("+14155550123".into()),
        };
        for shown in [
            format!("{patient:?}"),
            format!("{patient:#?}"),
            format!("{:?}", Err::<(), _>(patient.name.clone())),
            format!(
                "{:?}",
                patient.phone.clone().map(|phone| phone.map(|p| p.len()))
            ),
        ] {
            assert!(shown.contains("[private]"), "{shown}");
            assert!(!shown.contains("Ada") && !shown.contains("415"), "{shown}");
        }
    }

    #[test]
    fn it_crosses_json_as_itself() {
        let text = r#"{"name":"Ada","phone":null}"#;
        let patient: Patient = serde_json::from_str(text).unwrap();
        assert_eq!(patient.name.expose(), "Ada");
        assert_eq!(serde_json::to_string(&patient).unwrap(), text);
    }
}
