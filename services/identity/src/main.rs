//! The identity service's process.

use std::process::ExitCode;

use voxanne_identity::{Config, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    voxanne_runtime::run("identity", Config::from_env, serve)
}
