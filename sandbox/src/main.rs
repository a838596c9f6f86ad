//! Runs the sandbox until SIGTERM or SIGINT.

use std::process::ExitCode;

use anyhow::Context as _;
use tokio::{net::TcpListener, signal::unix};
use voxanne_sandbox::{Config, Listeners, serve};

/// `EX_USAGE`: the environment is wrong, trying again will not help.
const USAGE: u8 = 64;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .init();
    let config = match Config::from_process() {
        Ok(config) => config,
        Err(wrong) => {
            tracing::error!(variables = wrong.join("; "), "bad environment");
            return ExitCode::from(USAGE);
        }
    };
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the sandbox stopped");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> anyhow::Result<()> {
    let mut terminate = unix::signal(unix::SignalKind::terminate()).context("SIGTERM")?;
    let mut interrupt = unix::signal(unix::SignalKind::interrupt()).context("SIGINT")?;
    let http = TcpListener::bind(config.http_addr)
        .await
        .context("binding HTTP_ADDR")?;
    let address = http.local_addr().context("reading the bound address")?;
    tracing::info!(http.addr = %address, "listening");
    let smtp = match config.smtp_addr {
        None => None,
        Some(addr) => Some(TcpListener::bind(addr).await.context("binding SMTP_ADDR")?),
    };
    serve(config, Listeners { http, smtp }, async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
    .await
}
