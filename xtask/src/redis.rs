//! A private Redis, or none: it only makes things fast.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rustix::process::Signal;

use crate::apt;
use crate::checkout::which;
use crate::fleet::{Ready, Spec};
use crate::process::tied;
use crate::say::say;

/// Finds the server's binary or installs it; without one the fleet runs slower.
pub(crate) fn server() -> Result<Option<PathBuf>> {
    if let Some(found) = which("redis-server") {
        return Ok(Some(found));
    }
    if apt::is_possible() {
        if let Err(error) = apt::install("redis-server") {
            crate::stop::check()?;
            say("redis", format!("{error}"));
        }
        if let Some(found) = which("redis-server") {
            return Ok(Some(found));
        }
    }
    say(
        "redis",
        "not found and not installable: the fleet runs without it, caches cold",
    );
    Ok(None)
}

/// How to run the server, on the loopback address only.
pub(crate) fn spec(server: PathBuf, folder: &Path, port: u16, log: &Path) -> Result<Spec> {
    fs::create_dir_all(folder)?;
    let folder = folder.to_path_buf();
    Ok(Spec {
        name: "redis".to_owned(),
        log: log.to_path_buf(),
        end_with: Signal::TERM,
        ready: Ready::Port(port),
        command: Box::new(move || {
            let mut command = tied(&server, "TERM");
            command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
            command
                .args(["--daemonize", "no", "--save", "60 1", "--dir"])
                .arg(&folder);
            command
        }),
    })
}
