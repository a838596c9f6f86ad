//! Real processes under the supervisor.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{Fleet, Ready, Spec};
use crate::leftovers::{Register, birth};
use crate::process::tied;
use crate::stop;

/// A folder for one test, and a port that is always ready.
struct Stage {
    folder: PathBuf,
    listener: TcpListener,
}

impl Stage {
    fn set() -> Self {
        let name = format!("voxanne-fleet-{}", crate::secrets::token().unwrap());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        Self {
            folder,
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
        }
    }

    fn fleet(&self) -> Fleet {
        Fleet::new(Register::at(self.folder.join("pids.json")))
    }

    fn spec(&self, name: &str, script: &str) -> Spec {
        let script = script.to_owned();
        Spec {
            name: name.to_owned(),
            log: self.folder.join(format!("{name}.log")),
            end_with: Signal::TERM,
            ready: Ready::Port(self.listener.local_addr().unwrap().port()),
            command: Box::new(move || {
                let mut command = tied("sh", "TERM");
                command.args(["-c", &script]);
                command
            }),
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        stop::tick();
    }
}

#[test]
fn what_died_is_started_again() {
    let stage = Stage::set();
    let mut fleet = stage.fleet();
    fleet
        .start(vec![stage.spec("service", "sleep 60")])
        .unwrap();
    let (_, first) = fleet.pids().remove(0);

    kill_process(
        Pid::from_raw(i32::try_from(first).unwrap()).unwrap(),
        Signal::KILL,
    )
    .unwrap();

    until("another process runs", || {
        fleet.tend().unwrap();
        fleet.pids().first().is_some_and(|(_, pid)| *pid != first)
    });
}

#[test]
fn nothing_outlives_the_fleet() {
    let stage = Stage::set();
    let mut fleet = stage.fleet();
    fleet
        .start(vec![
            stage.spec("a", "sleep 60"),
            stage.spec("b", "sleep 60"),
        ])
        .unwrap();
    let pids = fleet.pids();
    drop(fleet);
    assert!(pids.iter().all(|(_, pid)| birth(*pid).is_none()));
    assert!(!stage.folder.join("pids.json").exists());
}

#[test]
fn the_last_stage_ends_first() {
    let stage = Stage::set();
    let order = stage.folder.join("order");
    let mut fleet = stage.fleet();
    for name in ["first", "second"] {
        let ready = stage.folder.join(format!("{name}.ready"));
        let script = format!(
            "trap 'echo {name} >> {}; exit' TERM; touch {}; while :; do sleep 0.02; done",
            order.display(),
            ready.display()
        );
        fleet.start(vec![stage.spec(name, &script)]).unwrap();
        until("the trap is set", || ready.exists());
    }
    fleet.end();
    assert_eq!(fs::read_to_string(order).unwrap(), "second\nfirst\n");
}

#[test]
fn a_start_that_fails_shows_what_the_process_said() {
    let stage = Stage::set();
    let unready = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut spec = stage.spec("service", "echo DATABASE_URL is missing; exit 64");
    spec.ready = Ready::Port(unready);
    let error = stage.fleet().start(vec![spec]).unwrap_err().to_string();
    assert!(error.contains("exit status: 64"), "{error}");
    assert!(error.contains("DATABASE_URL is missing"), "{error}");
}
