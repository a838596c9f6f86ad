//! The process-wide metrics recorder.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    thread,
    time::Duration,
};

use anyhow::Context as _;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::names;

/// Latency buckets in seconds, from 1 ms (a warm read) to 10 s (the longest deadline in use).
const BUCKETS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// How often recorded samples are folded into their buckets.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

static INSTALLED: OnceLock<Prometheus> = OnceLock::new();
static INSTALLING: Mutex<()> = Mutex::new(());

/// Reads the metrics of this process.
#[derive(Clone)]
pub struct Prometheus(PrometheusHandle);

impl Prometheus {
    /// Renders every metric in Prometheus' text format.
    pub fn render(&self) -> String {
        self.0.render()
    }
}

/// Installs the recorder, or returns the one in place; the flag tells which.
pub(crate) fn install(service: &'static str) -> anyhow::Result<(Prometheus, bool)> {
    let _only_one = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(installed) = INSTALLED.get() {
        return Ok((installed.clone(), false));
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets(&BUCKETS)?
        .add_global_label("service", service)
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).context("another metrics recorder is in place")?;
    names::describe();
    fold_samples(handle.clone())?;
    let installed = INSTALLED.get_or_init(|| Prometheus(handle));
    Ok((installed.clone(), true))
}

/// Folds samples for as long as the process lives. A histogram keeps every sample in memory until
/// somebody does, so an instance that nobody scrapes would grow without bound.
fn fold_samples(handle: PrometheusHandle) -> anyhow::Result<()> {
    thread::Builder::new()
        .name("metrics-upkeep".to_owned())
        .spawn(move || {
            loop {
                thread::sleep(UPKEEP_EVERY);
                handle.run_upkeep();
            }
        })
        .context("no thread for the metrics")?;
    Ok(())
}
