//! Starts the gateway, or prints its OpenAPI document.

use std::process::ExitCode;

use voxanne_gateway::Config;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("openapi") {
        return print_document();
    }
    voxanne_runtime::run("gateway", Config::from_env, voxanne_gateway::serve)
}

#[expect(clippy::print_stdout, reason = "the document is what was asked for")]
fn print_document() -> ExitCode {
    println!("{}", voxanne_gateway::openapi::text());
    ExitCode::SUCCESS
}
