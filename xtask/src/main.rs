//! The one entry point for people: starts the fleet, runs the tests, checks the machine.

mod apt;
mod checkout;
mod doctests;
mod fleet;
mod http;
mod leftovers;
mod ports;
mod postgres;
mod process;
mod redis;
mod say;
mod secrets;
mod stop;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::checkout::Checkout;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Starts, tests and checks Voxanne")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test on a private Postgres and Redis
    Test {
        /// Passed on to the test runner, for example a part of a test's name
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        filter: Vec<String>,
    },
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if error.is::<stop::Stopped>() => {
            say::say("stopped", "everything that was started has ended");
            // What shells report for an end by Ctrl-C.
            ExitCode::from(130)
        }
        Err(error) => {
            say::say("error", format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Performs the task; `Ok(false)` is a failure that was already explained.
fn perform(task: Task) -> Result<bool> {
    let checkout = Checkout::find()?;
    stop::listen()?;
    match task {
        Task::Test { filter } => test::test(&checkout, &filter),
    }
}
