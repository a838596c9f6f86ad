//! The life of a process, the same for every binary of the fleet.
//!
//! [`run`] reads the environment (every bad variable is named at once, exit 64), sets up telemetry,
//! serves until the first SIGTERM or Ctrl-C, drains within a grace period, and flushes.

mod admin;
mod detach;
mod env;
mod garbled;
mod grpc;
mod measure;
mod probe;
mod process;
mod readiness;

use std::{process::ExitCode, time::Duration};

pub use env::{Env, Invalid, Reader};
pub use grpc::serve_grpc;
pub use process::Process;
pub use readiness::{Need, Readiness};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use voxanne_telemetry::{Settings, Telemetry};

/// `EX_USAGE` of sysexits(3).
const BAD_CONFIGURATION: u8 = 64;
/// Requests in flight get this long after a stop signal; Kubernetes allows 45 s in our manifests.
const GRACE: Duration = Duration::from_secs(20);
/// What background work gets when the process did not end in good order.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Runs the service called `service` to its end.
///
/// `--help` prints its variables, `--health` asks the process at `ADMIN_ADDR` whether it turns.
pub fn run<C, F>(
    service: &'static str,
    from_env: fn(&Env) -> Result<C, Invalid>,
    serve: fn(C, Process) -> F,
) -> ExitCode
where
    F: Future<Output = anyhow::Result<()>>,
{
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("--health") => return probe::health(&Env::from_process()),
        Some(_) => return help(service, from_env),
    }
    let env = Env::from_process();
    let (common, config) = match both(Common::from_env(&env), from_env(&env)) {
        Ok(settings) => settings,
        Err(invalid) => {
            say(&format!(
                "{service}: the configuration is not usable\n{invalid}"
            ));
            return ExitCode::from(BAD_CONFIGURATION);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the operating system gives threads to a starting process");
    let code = runtime.block_on(live(service, common, |process| serve(config, process)));
    // Threads that still block, as a hash does, must not hold up the exit.
    runtime.shutdown_timeout(Duration::from_secs(1));
    code
}

async fn live<F>(
    service: &'static str,
    common: Common,
    serve: impl FnOnce(Process) -> F,
) -> ExitCode
where
    F: Future<Output = anyhow::Result<()>>,
{
    // One TLS provider in the process; a second installation means that it is there already.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let telemetry = match voxanne_telemetry::init(service, &common.telemetry) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            say(&format!("{service}: telemetry could not start: {error:#}"));
            return ExitCode::FAILURE;
        }
    };
    voxanne_telemetry::panics::log_panics();
    let process = Process::new(service);
    let outcome = serve_until_stopped(&process, &telemetry, &common, serve).await;
    if let Err(error) = &outcome {
        tracing::error!(error = format!("{error:#}"), "process failed");
    }
    tracing::info!("process ends");
    let flushed = tokio::task::spawn_blocking(move || telemetry.shutdown()).await;
    match (outcome, flushed, process.has_failed()) {
        (Ok(()), Ok(()), false) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

async fn serve_until_stopped<F>(
    process: &Process,
    telemetry: &Telemetry,
    common: &Common,
    serve: impl FnOnce(Process) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    // The admin server outlives the drain, so that readiness can be seen going down.
    let admin_end = CancellationToken::new();
    admin::start(
        process,
        telemetry.metrics(),
        common.admin_addr,
        admin_end.clone(),
    )
    .await?;
    stop_on_signal(process.clone(), common.drain_delay);
    let hard_stop = async {
        process.shutdown.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    let served = tokio::select! {
        served = serve(process.clone()) => served,
        () = hard_stop => Err(anyhow::anyhow!("requests were still running after {GRACE:?}")),
        () = second_signal(process.shutdown.clone()) => Err(anyhow::anyhow!("stopped at once")),
    };
    process.shutdown.cancel();
    admin_end.cancel();
    process.tasks.close();
    let patience = if served.is_ok() { GRACE } else { AFTER_FAILURE };
    if tokio::time::timeout(patience, process.tasks.wait())
        .await
        .is_err()
    {
        tracing::warn!("background work did not end in time");
    }
    served
}

/// Drains: requests that were sent before the world heard of the stop still find a listener during
/// `delay`.
fn stop_on_signal(process: Process, delay: Duration) {
    let shutdown = process.shutdown.clone();
    process.tasks.clone().spawn(async move {
        let Some(()) = shutdown.run_until_cancelled(signal()).await else {
            return;
        };
        tracing::info!("stopping");
        process.readiness.drain();
        shutdown
            .run_until_cancelled(tokio::time::sleep(delay))
            .await;
        shutdown.cancel();
    });
}

async fn second_signal(shutdown: CancellationToken) {
    shutdown.cancelled().await;
    signal().await;
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate =
        signal(SignalKind::terminate()).expect("a handler for SIGTERM can be installed");
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.expect("a handler for SIGINT"),
        _ = terminate.recv() => {}
    }
}

/// What every process reads.
struct Common {
    admin_addr: std::net::SocketAddr,
    /// How long requests are still taken after readiness went down.
    drain_delay: Duration,
    telemetry: Settings,
}

impl Common {
    fn from_env(env: &Env) -> Result<Self, Invalid> {
        let mut read = env.reader();
        let admin_addr = read.required("ADMIN_ADDR");
        let drain_seconds = read.or("DRAIN_SECONDS", 0);
        let log = read.or("LOG", "info".to_owned());
        let otlp_endpoint = read.optional::<String>("OTEL_EXPORTER_OTLP_ENDPOINT");
        let sentry_dsn = read
            .optional::<String>("SENTRY_DSN")
            .map(|dsn| dsn.map(SecretString::from));
        read.finish(|| {
            Some(Self {
                admin_addr: admin_addr?,
                drain_delay: Duration::from_secs(drain_seconds?),
                telemetry: Settings {
                    log: log?,
                    otlp_endpoint: otlp_endpoint?,
                    sentry_dsn: sentry_dsn?,
                },
            })
        })
    }
}

fn both<A, B>(a: Result<A, Invalid>, b: Result<B, Invalid>) -> Result<(A, B), Invalid> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err(a.and(b)),
        (Err(invalid), _) | (_, Err(invalid)) => Err(invalid),
    }
}

fn help<C>(service: &str, from_env: fn(&Env) -> Result<C, Invalid>) -> ExitCode {
    let env = Env::from_pairs::<&str>([]);
    // Reading an empty environment notes every variable; that most are missing is no matter here.
    drop(both(Common::from_env(&env), from_env(&env)));
    say(&format!(
        "{service}: configured by environment variables only\n\n{}",
        env.variables()
    ));
    ExitCode::SUCCESS
}

#[expect(clippy::print_stderr, reason = "said before telemetry exists")]
fn say(text: &str) {
    eprintln!("{text}");
}
