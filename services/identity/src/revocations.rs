//! What ended before its proof expires, in one feed that every gateway follows.

pub(crate) mod check;
pub(crate) mod list;
pub(crate) mod prune;
pub(crate) mod store;
pub(crate) mod wire;

use jiff::SignedDuration;
use voxanne_ids::{KeyId, OrgId, SessionId};

/// The channel on which gateways are told to look into the feed at once.
pub(crate) const BELL: &str = "voxanne:revocations";
/// A revocation matters as long as a token of its session can be valid. Ours last minutes; gateways
/// accept those of other issuers for an hour at most.
const MATTERS_FOR: SignedDuration = SignedDuration::from_hours(2);

/// What has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Session(SessionId),
    Key(KeyId),
}

/// An entry of the feed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Revocation {
    pub(crate) org: OrgId,
    pub(crate) what: Ended,
    position: i64,
}
