//! The realtime service's process.

use std::process::ExitCode;

use voxanne_realtime::{Config, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    voxanne_runtime::run("realtime", Config::from_env, serve)
}
