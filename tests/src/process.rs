//! One process of the fleet, which a test may kill and start again.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// How to start a binary, and the process while it runs.
#[derive(Debug)]
pub(crate) struct Process {
    binary: PathBuf,
    env: Vec<(&'static str, String)>,
    log: PathBuf,
    child: Option<Child>,
}

impl Process {
    pub(crate) fn new(binary: PathBuf, env: Vec<(&'static str, String)>, log: PathBuf) -> Self {
        Self {
            binary,
            env,
            log,
            child: None,
        }
    }

    pub(crate) fn start(&mut self) {
        let child = Command::new(&self.binary)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(self.open_log())
            .stderr(self.open_log())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.binary.display()));
        self.child = Some(child);
    }

    /// SIGKILL, as a machine that loses power.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child of ours can be killed");
            child.wait().expect("a child of ours can be waited for");
        }
    }

    /// SIGTERM, and the code it exits with.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        let mut child = self.child.take().expect("the process runs");
        let pid = child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.expect("kill(1) is everywhere").success());
        child
            .wait()
            .expect("a child of ours can be waited for")
            .code()
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    fn open_log(&self) -> File {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .expect("the folder is ours")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
