//! The one entry point for people: starts the fleet, runs the tests, checks the machine.

mod apt;
mod bench;
mod checkout;
mod ci;
mod database;
mod demo;
mod deps;
mod detach;
mod dev_json;
mod doctests;
mod doctor;
mod down;
mod fleet;
mod generate;
mod http;
mod leftovers;
mod lock;
mod pooler;
mod ports;
mod postgres;
mod private_file;
mod process;
mod redis;
mod say;
mod secrets;
mod services;
mod stop;
mod test;
mod up;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::checkout::Checkout;
use crate::generate::Mode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Starts, tests and checks Voxanne")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start everything on this machine, with two demo clinics
    Up(up::Options),
    /// End what `up` started
    Down,
    /// Run every test on a private Postgres and Redis
    Test {
        /// Passed on to the test runner, for example a part of a test's name
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        filter: Vec<String>,
    },
    /// Look at this machine, or at a running fleet, and say what to do
    Doctor(doctor::Options),
    /// Write the generated code and the OpenAPI document
    Gen {
        /// Fail if what is committed differs
        #[arg(long)]
        check: bool,
    },
    /// Check who depends on whom
    Deps,
    /// Measure a release build and write the report
    Bench {
        /// Passed on to the benchmark
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run every check that a change has to pass
    Ci(ci::Options),
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
    // `up` listens by itself, because a detached one outlives its terminal.
    if !matches!(task, Task::Up(_)) {
        stop::listen()?;
    }
    match task {
        Task::Up(options) => up::up(&checkout, &options),
        Task::Down => down::down(&checkout),
        Task::Test { filter } => test::test(&checkout, &filter),
        Task::Doctor(options) => doctor::doctor(&checkout, &options),
        Task::Gen { check } => {
            generate::generate(&checkout, if check { Mode::Check } else { Mode::Write })
        }
        Task::Deps => deps::deps(&checkout),
        Task::Bench { args } => bench::bench(&checkout, &args),
        Task::Ci(options) => ci::ci(&checkout, &options),
    }
}
