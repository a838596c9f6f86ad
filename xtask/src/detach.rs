//! `cargo xtask up --detach`: the supervisor goes on after the command returned.

use std::env;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Signal;

use crate::checkout::Checkout;
use crate::process;
use crate::say::plain;
use crate::stop;
use crate::up::Options;

/// What the supervisor says last, so that the command knows when to return.
pub(crate) const LAST_LINE: &str = "It goes on in the background; `cargo xtask down` ends it.";

/// Starts the supervisor and shows what it says until it is ready.
pub(crate) fn start(checkout: &Checkout, options: &Options) -> Result<bool> {
    stop::listen()?;
    let log = checkout.log("up");
    process::rotate(&log);
    let mut command = Command::new(env::current_exe().context("cannot find the runner itself")?);
    command.args(["up", "--detached", "--port", &options.port.to_string()]);
    if options.release {
        command.arg("--release");
    }
    if options.no_demo {
        command.arg("--no-demo");
    }
    command
        .stdin(Stdio::null())
        .process_group(0)
        .current_dir(checkout.root());
    let mut supervisor = process::start(&mut command, &log, "the supervisor")?;
    let mut output = fs::File::open(&log)?;
    let mut shown = String::new();
    loop {
        if stop::requested() {
            process::end(&mut supervisor, Signal::TERM, Duration::from_secs(60));
            return Err(stop::Stopped.into());
        }
        let ended = has_ended(&mut supervisor)?;
        show(&mut output, &mut shown)?;
        if shown.contains(LAST_LINE) {
            return Ok(true);
        }
        if ended {
            return Ok(false);
        }
        stop::tick();
    }
}

fn has_ended(supervisor: &mut Child) -> Result<bool> {
    Ok(supervisor.try_wait()?.is_some())
}

/// Prints the whole lines that came since the last look.
fn show(output: &mut fs::File, shown: &mut String) -> Result<()> {
    output.seek(SeekFrom::Start(shown.len() as u64))?;
    let mut bytes = Vec::new();
    output.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    if let Some(end) = text.rfind('\n') {
        plain(&text[..end]);
        shown.push_str(&text[..=end]);
    }
    Ok(())
}
