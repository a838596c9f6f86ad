//! Applies the migrations: `DATABASE_URL` is the owner's, `SERVICE_ROLE_PASSWORD` is optional.
#![expect(
    clippy::print_stderr,
    reason = "a command for people and for a Kubernetes job"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "its whole configuration is two variables"
)]

use std::{env, process::ExitCode};

/// `EX_USAGE` of sysexits(3), as every process of the fleet.
const BAD_CONFIGURATION: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Ok(url) = env::var("DATABASE_URL") else {
        eprintln!("migrate: DATABASE_URL is missing: the URL of the role that owns the schema");
        return ExitCode::from(BAD_CONFIGURATION);
    };
    let password = env::var("SERVICE_ROLE_PASSWORD").ok();
    match voxanne_pg::migrate(&url, password.as_deref()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("migrate: {error:#}");
            ExitCode::FAILURE
        }
    }
}
