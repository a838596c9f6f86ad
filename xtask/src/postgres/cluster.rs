//! One data folder of Postgres: made, started, and found again.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal};

use super::account::Account;
use super::find::Binaries;
use crate::fleet::{Ready, Spec};
use crate::leftovers;
use crate::process::tied;

/// The superuser of a private cluster.
pub(crate) const OWNER: &str = "postgres";

/// Who may connect with what.
pub(crate) enum Access {
    /// With a password, checked by SCRAM: for data that stays.
    Password(String),
    /// Anybody on this machine: for a cluster that lives as long as one test run.
    Trust,
}

pub(crate) struct Cluster {
    binaries: Binaries,
    account: Option<Account>,
    folder: PathBuf,
}

impl Cluster {
    pub(super) fn new(folder: PathBuf, account: Option<Account>, binaries: Binaries) -> Self {
        Self {
            binaries,
            account,
            folder,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the data folder, with a database in it if one is named, unless it is there.
    pub(crate) fn create(&self, access: &Access, database: Option<&str>) -> Result<bool> {
        let data = self.data();
        if data.join("PG_VERSION").is_file() {
            return Ok(false);
        }
        // Everything is made aside and renamed when complete, so a kill leaves
        // a cluster that works or none.
        let making = self.folder.join("data.making");
        if making.exists() {
            fs::remove_dir_all(&making)?;
        }
        fs::create_dir(&making)?;
        fs::set_permissions(&making, fs::Permissions::from_mode(0o700))?;
        self.own(&making)?;
        self.initdb(&making, access)?;
        if let Some(database) = database {
            self.single_user(&making, &format!("CREATE DATABASE {database}"))?;
        }
        fs::rename(&making, &data)?;
        Ok(true)
    }

    /// Gives the superuser of a cluster from an earlier run another password.
    pub(crate) fn set_password(&self, password: &str) -> Result<()> {
        let statement = format!("ALTER ROLE {OWNER} PASSWORD '{password}'");
        self.single_user(&self.data(), &statement)
    }

    /// How to run the server, on the loopback address only.
    pub(crate) fn spec(self, port: u16, settings: &'static [&'static str], log: &Path) -> Spec {
        let status = self.data().join("postmaster.pid");
        Spec {
            name: "postgres".to_owned(),
            log: log.to_path_buf(),
            // SIGINT ends sessions and then the server; SIGTERM would wait for
            // the sessions to end by themselves.
            end_with: Signal::INT,
            ready: Ready::Postmaster(status),
            command: Box::new(move || {
                self.end_leftover();
                let mut command = self.program("postgres", &self.folder);
                command
                    .arg("-D")
                    .arg(self.data())
                    .args(["-p", &port.to_string()]);
                command.args(["-c", "listen_addresses=127.0.0.1"]);
                command
                    .arg("-c")
                    .arg(format!("unix_socket_directories={}", self.sockets()));
                for setting in settings {
                    command.args(["-c", setting]);
                }
                command
            }),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A folder for the socket, or none where the path is too long for one.
    fn sockets(&self) -> String {
        let folder = self.data().display().to_string();
        if folder.len() > 80 {
            String::new()
        } else {
            folder
        }
    }

    fn initdb(&self, data: &Path, access: &Access) -> Result<()> {
        let mut command = self.program("initdb", data);
        command
            .args(["-U", OWNER, "--encoding=UTF8", "--no-locale", "-D"])
            .arg(data);
        match access {
            Access::Trust => {
                command.args(["--auth=trust", "--no-sync"]);
                complete(&mut command, "initdb")
            }
            Access::Password(password) => {
                // initdb takes a password from a file only, and wants its
                // folder empty.
                let file = self.folder.join("password");
                fs::write(&file, "")?;
                fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
                fs::write(&file, password)?;
                self.own(&file)?;
                command
                    .arg("--auth=scram-sha-256")
                    .arg("--pwfile")
                    .arg(&file);
                let made = complete(&mut command, "initdb");
                fs::remove_file(&file)?;
                made
            }
        }
    }

    /// Runs one statement with no server running, which needs no client.
    fn single_user(&self, data: &Path, statement: &str) -> Result<()> {
        let mut command = self.program("postgres", data);
        command
            .args(["--single", "-j", "-D"])
            .arg(data)
            .arg("postgres");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().context("cannot start postgres")?;
        let mut input = child.stdin.take().context("postgres has no input")?;
        input.write_all(statement.as_bytes())?;
        drop(input);
        let output = child.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        // The single-user server ends well whatever its statement came to.
        if !output.status.success() || text.contains("ERROR:") || text.contains("FATAL:") {
            bail!("Postgres refused to prepare its data: {}", text.trim());
        }
        Ok(())
    }

    /// Ends a server that outlived the run that started it, and takes away the
    /// note of one that did not: its number may be another program's by now.
    fn end_leftover(&self) {
        let note = self.data().join("postmaster.pid");
        let Ok(text) = fs::read_to_string(&note) else {
            return;
        };
        let pid = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse::<i32>().ok());
        if let Some(pid) = pid.and_then(Pid::from_raw).filter(|pid| self.is_ours(*pid)) {
            leftovers::end(pid, Signal::INT);
        }
        fs::remove_file(&note).ok();
    }

    fn is_ours(&self, pid: Pid) -> bool {
        let pid = pid.as_raw_nonzero().to_string();
        let words = fs::read(Path::new("/proc").join(&pid).join("cmdline")).or_else(|_| {
            Command::new("ps")
                .args(["-o", "command=", "-p", &pid])
                .output()
                .map(|out| out.stdout)
        });
        let data = self.data().display().to_string();
        words.is_ok_and(|words| String::from_utf8_lossy(&words).contains(&data))
    }

    fn program(&self, name: &str, folder: &Path) -> Command {
        let mut command = tied(self.binaries.bin.join(name), "INT");
        command.current_dir(folder);
        if let Some(lib) = &self.binaries.lib {
            command.env("LD_LIBRARY_PATH", lib);
        }
        // Settings of a person's own server are no settings of this one.
        for name in [
            "PGDATA",
            "PGHOST",
            "PGPORT",
            "PGUSER",
            "PGDATABASE",
            "PGPASSWORD",
        ] {
            command.env_remove(name);
        }
        if let Some(account) = self.account {
            account.apply(&mut command);
        }
        command
    }

    fn own(&self, path: &Path) -> Result<()> {
        self.account.map_or(Ok(()), |account| account.own(path))
    }
}

/// The version of the data in a folder, if there is data.
pub(crate) fn version_of(folder: &Path) -> Option<u32> {
    fs::read_to_string(folder.join("data/PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn complete(command: &mut Command, what: &str) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {what}"))?;
    if !output.status.success() {
        bail!(
            "{what} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
