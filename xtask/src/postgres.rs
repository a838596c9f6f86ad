//! A private Postgres: its binaries, its folder, its life.

pub(crate) mod account;
pub(crate) mod cluster;
pub(crate) mod find;
pub(crate) mod obtain;

pub(crate) use cluster::Cluster;
use find::Binaries;

use std::path::Path;

use anyhow::Result;

use crate::checkout::Checkout;
use crate::say::say;

use account::Account;

/// The oldest server the schema runs on.
pub(crate) const OLDEST: u32 = 15;

/// The cluster of a folder, with binaries that are found or obtained.
pub(crate) fn cluster(checkout: &Checkout, wanted: &Path) -> Result<Cluster> {
    let account = Account::needed()?;
    let folder = account::reachable(wanted, account)?;
    // What is downloaded has to be in reach of the same account.
    let tools = if folder == wanted {
        checkout.root().join(".voxanne/tools")
    } else {
        say(
            "postgres",
            format!(
                "its user cannot enter the checkout, using {}",
                folder.display()
            ),
        );
        folder.join("tools")
    };
    let binaries = binaries(&tools, cluster::version_of(&folder))?;
    Ok(Cluster::new(folder, account, binaries))
}

/// Finds the server's binaries, or gets them.
///
/// `major` is the version of data that exists already, which no other version reads.
fn binaries(tools: &Path, major: Option<u32>) -> Result<Binaries> {
    if let Some(found) = find::system(major) {
        say(
            "postgres",
            format!("version {} in {}", found.major, found.bin.display()),
        );
        return Ok(found);
    }
    obtain::obtain(tools, major)
}
