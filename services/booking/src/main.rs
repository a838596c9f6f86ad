//! The booking service's process.

use std::process::ExitCode;

use voxanne_booking::{Config, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    voxanne_runtime::run("booking", Config::from_env, serve)
}
