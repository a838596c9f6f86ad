//! Postgres binaries that are on the machine already.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::OLDEST;
use crate::checkout::{variable, which};

/// A folder with `initdb` and `postgres`.
pub(crate) struct Binaries {
    pub(crate) bin: PathBuf,
    /// Libraries that the loader does not find by itself.
    pub(crate) lib: Option<PathBuf>,
    pub(crate) major: u32,
}

/// The first installation that is new enough, newest first where several are.
pub(crate) fn system(major: Option<u32>) -> Option<Binaries> {
    let fits = |found: &Binaries| major.map_or(found.major >= OLDEST, |major| found.major == major);
    candidates()
        .into_iter()
        .filter_map(|bin| inspect(&bin, None))
        .find(fits)
}

/// What a folder holds, if it holds a server that runs here.
pub(crate) fn inspect(bin: &Path, lib: Option<&Path>) -> Option<Binaries> {
    if !bin.join("initdb").is_file() {
        return None;
    }
    let mut command = Command::new(bin.join("postgres"));
    if let Some(lib) = lib {
        command.env("LD_LIBRARY_PATH", lib);
    }
    let output = command.arg("--version").output().ok()?;
    let major = parse_major(&String::from_utf8_lossy(&output.stdout))?;
    Some(Binaries {
        bin: bin.to_path_buf(),
        lib: lib.map(Path::to_path_buf),
        major,
    })
}

fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = variable("PG_BIN_DIR")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    let mut packaged = Vec::new();
    for (parent, below) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
    ] {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name.trim_start_matches("postgresql@").parse::<u32>().ok();
            packaged.extend(version.map(|version| (version, entry.path().join(below))));
        }
    }
    packaged.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.extend(packaged.into_iter().map(|(_, bin)| bin));
    folders.extend(which("initdb").and_then(|initdb| initdb.parent().map(Path::to_path_buf)));
    folders.extend(pg_config());
    folders
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new(which("pg_config")?)
        .arg("--bindir")
        .output()
        .ok()?;
    let bin = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!bin.is_empty()).then(|| PathBuf::from(bin))
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian …)`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse_major;

    #[test]
    fn the_major_version_is_read() {
        for (version, major) in [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
                Some(15),
            ),
            ("postgres (PostgreSQL) 18.4\n", Some(18)),
            ("postgres (PostgreSQL) 19beta1\n", Some(19)),
            ("bash: postgres: not found", None),
        ] {
            assert_eq!(parse_major(version), major, "{version}");
        }
    }
}
