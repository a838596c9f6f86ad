//! The processes that run: started in stages, watched, ended in reverse.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal};

use crate::leftovers::Register;
use crate::process;
use crate::say::say;
use crate::{http, stop};

/// How long a process may take until it answers. A debug build on a busy
/// machine takes seconds.
const START: Duration = Duration::from_secs(90);
/// How long a process may take to end before it is killed.
const GRACE: Duration = Duration::from_secs(10);
/// The pauses before a process that died is started again.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A process that lived this long starts over with the first pause.
const STEADY: Duration = Duration::from_secs(30);

/// How to run one process.
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) command: Box<dyn Fn() -> Command>,
    pub(crate) log: PathBuf,
    pub(crate) end_with: Signal,
    pub(crate) ready: Ready,
}

/// What shows that a process is of use.
pub(crate) enum Ready {
    /// A URL answers with success.
    Http(String),
    /// A loopback port accepts connections.
    Port(u16),
    /// Postgres says so in its own note, so no client is needed.
    Postmaster(PathBuf),
}

struct Member {
    spec: Spec,
    stage: usize,
    state: State,
    pause: Duration,
}

enum State {
    Running { child: Child, since: Instant },
    Down { until: Instant },
}

/// Everything that was started; dropping it ends everything.
pub(crate) struct Fleet {
    members: Vec<Member>,
    stages: usize,
    register: Register,
}

impl Fleet {
    pub(crate) fn new(register: Register) -> Self {
        Self {
            members: Vec::new(),
            stages: 0,
            register,
        }
    }

    /// Starts one stage and waits until all of it is ready.
    pub(crate) fn start(&mut self, specs: Vec<Spec>) -> Result<()> {
        let first = self.members.len();
        self.stages += 1;
        for spec in specs {
            stop::check()?;
            process::rotate(&spec.log);
            let child = process::start(&mut (spec.command)(), &spec.log, &spec.name)?;
            self.members.push(Member {
                spec,
                stage: self.stages,
                state: State::Running {
                    child,
                    since: Instant::now(),
                },
                pause: FIRST_PAUSE,
            });
            self.register.write(&self.pids())?;
        }
        let deadline = Instant::now() + START;
        for member in &mut self.members[first..] {
            member.await_ready(deadline)?;
        }
        Ok(())
    }

    /// The number of every process that runs, by name.
    pub(crate) fn pids(&self) -> Vec<(String, u32)> {
        let running = self
            .members
            .iter()
            .filter_map(|member| match &member.state {
                State::Running { child, .. } => Some((member.spec.name.clone(), child.id())),
                State::Down { .. } => None,
            });
        running.collect()
    }

    /// Looks at every process once and starts again what died; says whether
    /// anything changed.
    pub(crate) fn tend(&mut self) -> Result<bool> {
        let mut changed = false;
        for member in &mut self.members {
            changed |= member.tend()?;
        }
        if changed {
            self.register.write(&self.pids())?;
        }
        Ok(changed)
    }

    /// Ends everything, the last stage first.
    pub(crate) fn end(&mut self) {
        while let Some(stage) = self.members.last().map(|member| member.stage) {
            let from = self.members.partition_point(|member| member.stage < stage);
            let mut ending = self.members.split_off(from);
            for member in &ending {
                member.ask();
            }
            for member in &mut ending {
                member.end();
            }
        }
        self.register.remove();
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.end();
    }
}

impl Member {
    fn await_ready(&mut self, deadline: Instant) -> Result<()> {
        loop {
            stop::check()?;
            let State::Running { child, .. } = &mut self.state else {
                bail!("{} is down", self.spec.name);
            };
            if let Some(status) = child.try_wait()? {
                bail!(
                    "{} ended at start ({status})\n{}",
                    self.spec.name,
                    self.why()
                );
            }
            if self.spec.ready.is_met() {
                return Ok(());
            }
            if Instant::now() >= deadline {
                bail!("{} did not get ready\n{}", self.spec.name, self.why());
            }
            stop::tick();
        }
    }

    fn why(&self) -> String {
        let lines = process::last_lines(&self.spec.log, 15);
        format!("  the end of {}:\n{lines}", self.spec.log.display())
    }

    /// Whether the process changed its state since the last look.
    fn tend(&mut self) -> Result<bool> {
        match &mut self.state {
            State::Running { child, since } => {
                let Some(status) = child.try_wait()? else {
                    return Ok(false);
                };
                if since.elapsed() > STEADY {
                    self.pause = FIRST_PAUSE;
                }
                self.rest(&format!("ended ({status})"));
            }
            State::Down { until } if Instant::now() >= *until => {
                let mut command = (self.spec.command)();
                match process::start(&mut command, &self.spec.log, &self.spec.name) {
                    Ok(child) => {
                        self.state = State::Running {
                            child,
                            since: Instant::now(),
                        }
                    }
                    // A binary is missing for a moment while it is built anew.
                    Err(error) => self.rest(&format!("{error:#}")),
                }
            }
            State::Down { .. } => return Ok(false),
        }
        Ok(true)
    }

    /// Pauses before the next start, longer each time.
    fn rest(&mut self, why: &str) {
        say(
            "restart",
            format!("{} {why}, starting it again", self.spec.name),
        );
        self.state = State::Down {
            until: Instant::now() + self.pause,
        };
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    fn ask(&self) {
        if let State::Running { child, .. } = &self.state {
            process::ask(Pid::from_child(child), self.spec.end_with);
        }
    }

    fn end(&mut self) {
        if let State::Running { child, .. } = &mut self.state {
            process::end(child, self.spec.end_with, GRACE);
        }
    }
}

impl Ready {
    fn is_met(&self) -> bool {
        match self {
            Self::Http(url) => http::answers(url),
            Self::Port(port) => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
                TcpStream::connect_timeout(&address, Duration::from_millis(500)).is_ok()
            }
            Self::Postmaster(note) => postmaster_is_ready(note).unwrap_or(false),
        }
    }
}

/// The eighth line of the note is Postgres's own word on its state.
fn postmaster_is_ready(note: &std::path::Path) -> Result<bool> {
    let text = fs::read_to_string(note).context("not started")?;
    Ok(text
        .lines()
        .nth(7)
        .is_some_and(|state| state.trim() == "ready"))
}

#[cfg(test)]
mod tests;
