//! A private Postgres: its binaries, its folder, its life.

pub(crate) mod account;
pub(crate) mod cluster;
pub(crate) mod find;
pub(crate) mod obtain;

pub(crate) use cluster::Cluster;
pub(crate) use find::Binaries;

use anyhow::Result;

use crate::checkout::Checkout;
use crate::say::say;

/// The oldest server the schema runs on.
pub(crate) const OLDEST: u32 = 15;

/// Finds the server's binaries, or gets them.
///
/// `major` is the version of data that exists already, which no other version reads.
pub(crate) fn binaries(checkout: &Checkout, major: Option<u32>) -> Result<Binaries> {
    if let Some(found) = find::system(major) {
        say(
            "postgres",
            format!("version {} in {}", found.major, found.bin.display()),
        );
        return Ok(found);
    }
    obtain::obtain(checkout, major)
}
