//! The notification process.

use std::process::ExitCode;

use voxanne_notification::Config;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    voxanne_runtime::run(
        "notification",
        Config::from_env,
        voxanne_notification::serve,
    )
}
