//! Identifiers that cannot be mistaken for one another.
//!
//! Inside, an id is a UUIDv7. Outside it is a prefix that says what it names and 32 hex digits:
//! `bkg_0190f3a2c0de7000800000000000abcd`. A bare UUID is read wherever an id is.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// The text is not an id of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `{0}_` and 32 hex digits, or a UUID")]
pub struct InvalidId(pub &'static str);

fn parse(prefix: &'static str, text: &str) -> Result<Uuid, InvalidId> {
    let hex = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .unwrap_or(text);
    // `try_parse` also reads braces and URNs, which nobody means here.
    if !hex.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
        return Err(InvalidId(prefix));
    }
    Uuid::try_parse(hex).map_err(|_| InvalidId(prefix))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type)]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The text before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id; later ids sort after earlier ones.
            #[expect(clippy::new_without_default, reason = "a random default would surprise")]
            #[expect(clippy::disallowed_methods, reason = "the one place ids are made")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse($prefix, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// One customer organisation. Every tenant-owned row carries one.
    OrgId = "org";
    /// A person who signs in.
    UserId = "usr";
    /// One sign-in of one user in one organisation.
    SessionId = "ses";
    /// A place where patients are seen.
    LocationId = "loc";
    /// A person whose time is booked.
    ProviderId = "prv";
    /// A kind of appointment.
    ServiceId = "svc";
    /// A person who is seen.
    PatientId = "pat";
    /// A room or device that visits need.
    RoomId = "room";
    /// An appointment.
    BookingId = "bkg";
    /// A slot that is kept for a while.
    HoldId = "hld";
    /// A civil day that differs from the week.
    ExceptionId = "exc";
    /// A time at which somebody or something cannot be booked.
    BlockId = "blk";
    /// Visits that come again.
    SeriesId = "srs";
    /// Somebody who waits for time to become free.
    WaitlistEntryId = "wle";
    /// One text message.
    MessageId = "msg";
    /// Something that needs somebody's attention.
    TaskId = "tsk";
    /// One phone call with an agent.
    CallId = "call";
    /// A clinic's voice agent.
    AgentId = "agt";
    /// A program's key to one clinic.
    KeyId = "key";
    /// Somebody who is asked to join an organisation.
    InvitationId = "inv";
    /// One mail to a user.
    MailId = "eml";
    /// One committed fact in the event log.
    EventId = "evt";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_what_it_prints() {
        let id = BookingId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            id.as_uuid().to_string().parse(),
            Ok(id),
            "a bare UUID is an id too"
        );
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let patient = PatientId::new().to_string();
        for text in [
            patient.as_str(),
            "",
            "bkg_",
            "bkg_zz",
            "{67e55044-10b1-426f-9247-bb680e5fe0c8}",
        ] {
            assert_eq!(text.parse::<BookingId>(), Err(InvalidId("bkg")), "{text}");
        }
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let ids: Vec<_> = (0..100).map(|_| EventId::new()).collect();
        assert!(ids.is_sorted());
    }
}
