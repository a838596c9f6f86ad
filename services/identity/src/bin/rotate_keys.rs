//! Moves everything in the vault on to the first key of `VAULT_KEYS`, while the services run.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command for people and for a Kubernetes job"
)]

use std::{env, process::ExitCode};

use voxanne_clock::Clock;
use voxanne_identity::rotation::{Config, Options, rotate};
use voxanne_runtime::Env;

/// `EX_USAGE` of sysexits(3), as every process of the fleet.
const BAD_CONFIGURATION: u8 = 64;
const USAGE: &str = "\
rotate-keys: moves everything in the vault on to the first key of VAULT_KEYS

It may be killed and started again at any time, and two of them do no harm.
It reads DATABASE_URL (as svc_identity) and VAULT_KEYS or VAULT_KEYS_FILE.

  --check             change nothing, say which keys are in use
  --renew             give every organisation a new data key as well
  --renew-before T    only those whose data key is older than T, such as 2026-11-22T09:00:00Z
  --batch N           rows of one batch, 100 unless given

It ends with 0 when nothing needs an older key, else with 1.";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(options) = read(env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(BAD_CONFIGURATION);
    };
    let config = match Config::from_env(&Env::from_process()) {
        Ok(config) => config,
        Err(invalid) => {
            eprintln!("rotate-keys: the configuration is not usable\n{invalid}");
            return ExitCode::from(BAD_CONFIGURATION);
        }
    };
    if let Some(moment) = options.renew_before {
        println!("making new data keys; to go on after an interruption: --renew-before {moment}");
    }
    match rotate(config, options, |line| println!("{line}")).await {
        Ok(outcome) => {
            print!("{outcome}");
            match outcome.is_complete() {
                true => ExitCode::SUCCESS,
                false => ExitCode::FAILURE,
            }
        }
        Err(error) => {
            eprintln!("rotate-keys: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--check" => options.check_only = true,
            "--renew" => options.renew_before = Some(Clock::system().now()),
            "--renew-before" => options.renew_before = Some(arguments.next()?.parse().ok()?),
            "--batch" => {
                let size = arguments.next()?.parse().ok();
                options.batch = size.filter(|size| (1..=10_000).contains(size))?;
            }
            _ => return None,
        }
    }
    Some(options)
}
