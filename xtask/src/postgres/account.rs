//! The user that Postgres runs as when the runner is root, which it refuses.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// The account to drop to, or none when the runner is no root.
    pub(crate) fn needed() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let account = Self::named(&users, "postgres").or_else(|| Self::named(&users, "nobody"));
        account
            .context("Postgres refuses root, and there is no user `postgres` or `nobody`")
            .map(Some)
    }

    fn named(users: &str, name: &str) -> Option<Self> {
        let line = users
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        let uid = fields.next()?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Self { uid, gid })
    }

    /// Makes a command run as this account; the root groups are dropped too.
    pub(crate) fn apply(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    pub(crate) fn own(self, path: &Path) -> Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
            .with_context(|| format!("cannot hand over {}", path.display()))
    }

    /// Whether the account can enter a folder, all its parents included.
    fn enters(self, folder: &Path) -> bool {
        let mut command = Command::new("true");
        command.current_dir(folder).stdin(Stdio::null());
        self.apply(&mut command);
        command.status().is_ok_and(|status| status.success())
    }
}

/// A folder that the server's account can reach: `wanted`, else one under the
/// system's variable data whose name is derived from `wanted`.
pub(crate) fn reachable(wanted: &Path, account: Option<Account>) -> Result<PathBuf> {
    let parent = wanted.parent().context("a folder needs a parent")?;
    fs::create_dir_all(parent)?;
    let Some(account) = account else {
        make(wanted, 0o700)?;
        return Ok(wanted.to_path_buf());
    };
    if account.enters(parent) {
        make(wanted, 0o755)?;
        return Ok(wanted.to_path_buf());
    }
    let elsewhere = Path::new("/var/tmp").join(format!("voxanne-{:016x}", fingerprint(wanted)));
    make(&elsewhere, 0o755)?;
    Ok(elsewhere)
}

/// Makes a folder, or takes one that is there and its own.
///
/// Names under a folder for everybody can be taken by anybody beforehand.
fn make(folder: &Path, mode: u32) -> Result<()> {
    match DirBuilder::new().mode(mode).create(folder) {
        Ok(()) => fs::set_permissions(folder, fs::Permissions::from_mode(mode))?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let there = fs::symlink_metadata(folder)?;
            if !there.is_dir() || there.uid() != rustix::process::geteuid().as_raw() {
                bail!("{} belongs to somebody else", folder.display());
            }
        }
        Err(error) => {
            return Err(error).with_context(|| format!("cannot make {}", folder.display()));
        }
    }
    Ok(())
}

/// FNV-1a: the same on every machine and in every release, so the folder is
/// found again.
fn fingerprint(path: &Path) -> u64 {
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let users = "postgres2:x:1:2::/:/bin/sh\npostgres:x:101:104:,,,:/var/lib:/bin/bash\n";
        assert_eq!(
            Account::named(users, "postgres"),
            Some(Account { uid: 101, gid: 104 })
        );
        assert_eq!(Account::named(users, "nobody"), None);
    }
}
