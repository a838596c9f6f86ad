//! One process that the runner started: its command, its log, its end.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::checkout::which;
use crate::stop;

/// `setpriv` where it can tie a process to the life of its parent (Linux).
static SETPRIV: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let setpriv = which("setpriv")?;
    let tried = Command::new(&setpriv)
        .args(["--pdeathsig", "TERM", "true"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried
        .is_ok_and(|status| status.success())
        .then_some(setpriv)
});

/// A command that receives `signal` when the runner dies, even by `kill -9`.
///
/// Where the system offers no such tie, the next `up` or `down` ends what is
/// left. The kernel watches the thread that started the process, so these
/// commands are only ever started from the main thread.
pub(crate) fn tied(program: impl AsRef<OsStr>, signal: &str) -> Command {
    let mut command = match &*SETPRIV {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", signal]).arg(program);
            command
        }
        None => Command::new(program),
    };
    // A group of its own keeps the terminal's Ctrl-C from reaching it, so the
    // order of ending stays the runner's.
    command.stdin(Stdio::null()).process_group(0);
    command
}

/// Runs a command to its end with its output shown, and fails unless it succeeds.
pub(crate) fn run(command: &mut Command, what: &str) -> Result<()> {
    let status = wait(command, what)?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(())
}

/// Runs a command to its end; a request to stop ends it and the caller.
pub(crate) fn wait(command: &mut Command, what: &str) -> Result<ExitStatus> {
    stop::check()?;
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {what}"))?;
    loop {
        if let Some(status) = child.try_wait()? {
            stop::check()?;
            return Ok(status);
        }
        if stop::requested() {
            end(&mut child, Signal::TERM, Duration::from_secs(10));
            return Err(stop::Stopped.into());
        }
        stop::tick();
    }
}

/// Starts a command in the background with its output in a fresh log.
///
/// The log of the run before is kept beside it as `<name>.log.1`.
pub(crate) fn start(command: &mut Command, log: &Path, what: &str) -> Result<Child> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let output = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write {}", log.display()))?;
    command.stdout(output.try_clone()?).stderr(output);
    command
        .spawn()
        .with_context(|| format!("cannot start {what}"))
}

/// Puts the log of an earlier run aside.
pub(crate) fn rotate(log: &Path) {
    let mut aside = log.as_os_str().to_owned();
    aside.push(".1");
    // There may be no earlier log, and a log that cannot be moved is appended to.
    fs::rename(log, aside).ok();
}

/// Ends a child and its process group: politely, then after `grace` by force.
pub(crate) fn end(child: &mut Child, signal: Signal, grace: Duration) {
    let pid = Pid::from_child(child);
    ask(pid, signal);
    let deadline = Instant::now() + grace;
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        stop::tick();
    }
    kill_process_group(pid, Signal::KILL).ok();
    drop(child.wait());
}

/// Sends the signal that asks a process to end.
///
/// SIGTERM goes to the whole group, because cargo leaves its compilers behind
/// otherwise. Postgres takes SIGINT for itself alone.
pub(crate) fn ask(pid: Pid, signal: Signal) {
    // A process that ended by itself has nothing left to receive.
    if signal == Signal::TERM {
        kill_process_group(pid, signal).ok();
    } else {
        kill_process(pid, signal).ok();
    }
}

/// The last lines of a log, for the person who has to find out why.
pub(crate) fn last_lines(log: &Path, count: usize) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(count);
    lines[from..]
        .iter()
        .map(|line| format!("    {line}\n"))
        .collect()
}
