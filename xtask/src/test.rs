//! `cargo xtask test`: every test, on a Postgres and a Redis of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::checkout::Checkout;
use crate::fleet::Fleet;
use crate::leftovers::{Register, birth};
use crate::ports::Ports;
use crate::postgres;
use crate::postgres::account::Account;
use crate::postgres::cluster::{Access, OWNER};
use crate::process::{run, wait};
use crate::say::say;
use crate::{doctests, pooler, redis, secrets};

/// A cluster that nobody needs after the run may forget what a power cut loses.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=400",
    "max_wal_size=4GB",
    "log_min_messages=fatal",
    "timezone=UTC",
];

/// Runs the tests; `Ok(false)` means that some failed.
pub(crate) fn test(checkout: &Checkout, filter: &[String]) -> Result<bool> {
    let servers = Servers::open(checkout)?;
    // One package's tests start no fleet, so a package that does not compile
    // is not in their way.
    if !chooses_package(filter) || filter.iter().any(|arg| arg.ends_with("voxanne-tests")) {
        run(&mut checkout.cargo(&["build"]), "cargo build")?;
    }
    let binaries = checkout.binaries(false)?;
    let tests = servers.run_tests(checkout, &binaries, filter)?;
    if !tests || !filter.is_empty() {
        return Ok(tests);
    }
    doctests::run(checkout)
}

fn chooses_package(filter: &[String]) -> bool {
    filter
        .iter()
        .any(|arg| arg.starts_with("-p") || arg.starts_with("--package"))
}

/// What the tests run on; dropping it ends and removes it.
struct Servers {
    /// Ends before the folder goes, because fields are dropped in order.
    fleet: Fleet,
    folder: Scratch,
    database: String,
    redis: Option<(PathBuf, String)>,
    /// The port of a pooler before the database.
    pooler: Option<u16>,
}

impl Servers {
    fn open(checkout: &Checkout) -> Result<Self> {
        let folder = Scratch::make()?;
        let cluster = postgres::cluster(checkout, &folder.0.join("postgres"))?;
        cluster.create(&Access::Trust, None)?;
        let port = Ports::ephemeral()?;
        let mut fleet = Fleet::new(Register::at(folder.0.join("pids.json")));
        fleet.start(vec![cluster.spec(
            port,
            SETTINGS,
            &folder.0.join("postgres.log"),
        )])?;
        let mut servers = Self {
            database: format!("postgres://{OWNER}@127.0.0.1:{port}/"),
            redis: None,
            pooler: None,
            fleet,
            folder,
        };
        if let Some(server) = pooler::server() {
            servers.start_pooler(server, port)?;
        }
        if let Some(server) = redis::server()? {
            servers.start_redis(server)?;
        }
        Ok(servers)
    }

    fn start_redis(&mut self, server: PathBuf) -> Result<()> {
        let port = Ports::ephemeral()?;
        let folder = &self.folder.0;
        let spec = redis::spec(
            server.clone(),
            &folder.join("redis"),
            port,
            &folder.join("redis.log"),
        )?;
        self.fleet.start(vec![spec])?;
        self.redis = Some((server, format!("redis://127.0.0.1:{port}")));
        Ok(())
    }

    fn start_pooler(&mut self, server: PathBuf, postgres: u16) -> Result<()> {
        let port = Ports::ephemeral()?;
        let (folder, log) = (
            self.folder.0.join("pgbouncer"),
            self.folder.0.join("pgbouncer.log"),
        );
        let spec = pooler::spec(server, &folder, (port, postgres), &log)?;
        self.fleet.start(vec![spec])?;
        self.pooler = Some(port);
        Ok(())
    }

    fn run_tests(&self, checkout: &Checkout, binaries: &Path, filter: &[String]) -> Result<bool> {
        let nextest = is_installed(checkout, "nextest");
        let mut command = if nextest {
            checkout.cargo(&["nextest", "run"])
        } else {
            say("test", "cargo-nextest is not installed, using cargo test");
            checkout.cargo(&["test", "--lib", "--bins", "--tests"])
        };
        // Cargo ignores a chosen package beside `--workspace`.
        if !chooses_package(filter) {
            command.arg("--workspace");
        }
        if nextest && crate::checkout::variable("CI").is_some() {
            command.args(["--profile", "ci"]);
        }
        command.args(filter);
        self.describe(&mut command, binaries);
        Ok(wait(&mut command, "the tests")?.success())
    }

    fn describe(&self, command: &mut Command, binaries: &Path) {
        command.env(
            "VOXANNE_TEST_DATABASE_URL",
            format!("{}postgres", self.database),
        );
        command.env("VOXANNE_BIN_DIR", binaries);
        if let Some(port) = self.pooler {
            command.env("VOXANNE_TEST_POOLER_PORT", port.to_string());
        }
        if let Some((server, url)) = &self.redis {
            command
                .env("VOXANNE_TEST_REDIS_URL", url)
                .env("VOXANNE_REDIS_SERVER", server);
        }
    }
}

/// Whether `cargo <tool>` exists.
pub(crate) fn is_installed(checkout: &Checkout, tool: &str) -> bool {
    let output = checkout.cargo(&[tool, "--version"]).output();
    output.is_ok_and(|output| output.status.success())
}

/// How the names of test folders begin; the runner's number follows.
const SCRATCH: &str = "voxanne-test-";

/// Removes the folders of runs that were killed before they could.
fn remove_abandoned(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let runner = name
            .strip_prefix(SCRATCH)
            .and_then(|rest| rest.split('-').next());
        let gone = runner
            .and_then(|pid| pid.parse().ok())
            .is_some_and(|pid| birth(pid).is_none());
        if gone {
            // A folder of another user cannot be removed and is not missed.
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// A folder that is removed at the end, in reach of the server's account.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> Result<Self> {
        let parent = std::env::temp_dir();
        remove_abandoned(&parent);
        let name = format!("{SCRATCH}{}-{}", std::process::id(), secrets::token()?);
        let wanted = parent.join(name);
        let folder = postgres::account::reachable(&wanted, Account::needed()?)
            .context("no folder for the test databases")?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            say(
                "test",
                format!("{} stays behind: {error}", self.0.display()),
            );
        }
    }
}
