//! Debian's package manager, where there is one and the caller may use it.

use std::process::Stdio;

use anyhow::Result;

use crate::checkout::which;
use crate::process::{run, tied};
use crate::say::say;

/// Whether packages can be installed here without asking for a password.
pub(crate) fn is_possible() -> bool {
    rustix::process::geteuid().is_root() && which("apt-get").is_some()
}

/// Installs one package with what it needs and nothing it only recommends.
pub(crate) fn install(package: &str) -> Result<()> {
    say("apt-get", format!("installing {package}"));
    let apt = |args: &[&str]| {
        let mut command = tied("apt-get", "TERM");
        command
            .args(["-q", "-q"])
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive")
            // Pages of unpacking; what goes wrong comes on the standard error.
            .stdout(Stdio::null());
        run(&mut command, &format!("apt-get {}", args.join(" ")))
    };
    apt(&["update"])?;
    apt(&["install", "-y", "--no-install-recommends", package])
}
