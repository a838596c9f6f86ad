//! The voice-tooling service's process.

use std::process::ExitCode;

use voxanne_voice_tooling::{Config, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    voxanne_runtime::run("voice-tooling", Config::from_env, serve)
}
