//! `cargo xtask down`: ends what `up` started, also what a killed one left.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::checkout::Checkout;
use crate::leftovers::Register;
use crate::lock::{self, Holder};
use crate::say::say;
use crate::stop;

/// Longer than all stages of an orderly end together.
const ORDERLY: Duration = Duration::from_secs(70);

pub(crate) fn down(checkout: &Checkout) -> Result<bool> {
    if !checkout.state().exists() {
        say("down", "nothing runs here");
        return Ok(true);
    }
    let lock_file = checkout.state_path("up.lock")?;
    let deadline = Instant::now() + ORDERLY;
    let mut asked = false;
    let lock = loop {
        match lock::take(&lock_file)? {
            Holder::Caller(lock) => break lock,
            Holder::Other(pid) if !asked => {
                let Some(pid) = pid.and_then(Pid::from_raw) else {
                    bail!("{} names no process", lock_file.display());
                };
                say(
                    "down",
                    format!(
                        "asking the supervisor (pid {}) to end",
                        pid.as_raw_nonzero()
                    ),
                );
                kill_process(pid, Signal::TERM)?;
                asked = true;
            }
            Holder::Other(_) if Instant::now() < deadline => stop::tick(),
            Holder::Other(_) => bail!("the supervisor did not end"),
        }
    };
    let leftovers = Register::at(checkout.state_path("pids.json")?).sweep();
    fs::remove_file(checkout.state_path("dev.json")?).ok();
    drop(lock);
    say(
        "down",
        if asked || leftovers > 0 {
            "everything has ended"
        } else {
            "nothing runs here"
        },
    );
    Ok(true)
}
