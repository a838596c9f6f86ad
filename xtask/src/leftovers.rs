//! Processes of an earlier run that was killed before it could end them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Map, Value, json};

use crate::say::say;
use crate::stop;

/// The list of what runs, on disk from the moment each process starts.
pub(crate) struct Register {
    path: PathBuf,
}

impl Register {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Notes every process that runs, under its name.
    pub(crate) fn write(&self, pids: &[(String, u32)]) -> Result<()> {
        let noted: Map<String, Value> = pids
            .iter()
            .map(|(name, pid)| (name.clone(), json!({"pid": pid, "started": birth(*pid)})))
            .collect();
        fs::write(&self.path, Value::Object(noted).to_string())
            .with_context(|| format!("cannot write {}", self.path.display()))
    }

    pub(crate) fn remove(&self) {
        // There is nothing to remove when nothing was started.
        fs::remove_file(&self.path).ok();
    }

    /// Ends every noted process that still runs and is the one that was noted.
    pub(crate) fn sweep(&self) -> usize {
        let Ok(text) = fs::read_to_string(&self.path) else {
            return 0;
        };
        let noted: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
        let mut ended = 0;
        for (name, entry) in noted.iter().filter(|(_, entry)| is_same(entry)) {
            let pid = entry["pid"]
                .as_u64()
                .and_then(|pid| i32::try_from(pid).ok());
            let Some(pid) = pid.and_then(Pid::from_raw) else {
                continue;
            };
            say(
                "leftover",
                format!("ending {name} (pid {pid}) of an earlier run"),
            );
            let signal = if name == "postgres" {
                Signal::INT
            } else {
                Signal::TERM
            };
            end(pid, signal);
            ended += 1;
        }
        self.remove();
        ended
    }
}

/// Ends a process that is no child of this one.
pub(crate) fn end(pid: Pid, signal: Signal) {
    kill_process(pid, signal).ok();
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        // One that ended and that nobody has waited for still takes signals.
        if birth(pid.as_raw_nonzero().get().unsigned_abs()).is_none() {
            return;
        }
        stop::tick();
    }
    kill_process(pid, Signal::KILL).ok();
}

fn is_same(entry: &Value) -> bool {
    let pid = entry["pid"]
        .as_u64()
        .and_then(|pid| u32::try_from(pid).ok());
    let Some(now) = pid.and_then(birth) else {
        return false;
    };
    entry["started"].as_str() == Some(now.as_str())
}

/// When a process began, which together with its number names it for good:
/// numbers are used again, also for programs of other people.
pub(crate) fn birth(pid: u32) -> Option<String> {
    let stat = Path::new("/proc").join(pid.to_string()).join("stat");
    if let Ok(stat) = fs::read_to_string(stat) {
        // The name in parentheses may hold spaces. Behind it the first field is
        // the state and the 20th the start time.
        let (_, behind) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = behind.split_whitespace().collect();
        let is_over = fields.first() == Some(&"Z");
        return fields
            .get(19)
            .filter(|_| !is_over)
            .map(|&started| started.to_owned());
    }
    if Path::new("/proc/self").exists() {
        return None;
    }
    let pid = pid.to_string();
    let output = Command::new("ps")
        .args(["-o", "lstart=", "-p", &pid])
        .output()
        .ok()?;
    let started = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!started.is_empty()).then_some(started)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::{Register, birth};

    #[test]
    fn a_noted_process_is_ended_and_a_stranger_is_not() {
        let mut ours = Command::new("sleep")
            .arg("60")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let path = std::env::temp_dir().join(format!("voxanne-register-{}", ours.id()));
        let register = Register::at(path.clone());
        register.write(&[("ours".to_owned(), ours.id())]).unwrap();
        // A number that was used again: this process, noted with another birth.
        let noted = std::fs::read_to_string(&path).unwrap();
        let me = std::process::id();
        let noted = noted.replacen(
            '{',
            &format!("{{\"me\":{{\"pid\":{me},\"started\":\"1\"}},"),
            1,
        );
        std::fs::write(&path, noted).unwrap();
        let reaper = std::thread::spawn(move || ours.wait());

        assert_eq!(register.sweep(), 1);

        assert!(!reaper.join().unwrap().unwrap().success());
        assert!(!path.exists());
    }

    #[test]
    fn a_process_keeps_its_birth() {
        let me = std::process::id();
        assert_eq!(birth(me), birth(me));
        assert!(birth(me).is_some());
    }
}
