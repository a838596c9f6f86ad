//! `cargo xtask bench`: measures a release fleet that lives for the measurement.

use std::fs;

use anyhow::Result;

use crate::checkout::Checkout;
use crate::process::run;
use crate::up::{self, Options, Terminal};

/// Runs the benchmark, which finds the fleet through `VOXANNE_DEV_JSON`.
pub(crate) fn bench(checkout: &Checkout, args: &[String]) -> Result<bool> {
    let package = ["--release", "--package", "voxanne-bench"];
    // Built first: a compiler beside the fleet would be measured with it.
    run(checkout.cargo(&["build"]).args(package), "cargo build")?;
    // A state of its own: what a person has in `up` is neither used nor slowed.
    let apart = checkout.apart("bench");
    if apart.state().exists() {
        fs::remove_dir_all(apart.state())?;
    }
    let options = Options {
        release: true,
        port: 8080,
        no_demo: false,
        terminal: Terminal::default(),
    };
    let home = up::start(&apart, &options)?;
    let mut bench = apart.cargo(&["run"]);
    bench.args(package).arg("--").args(args);
    if !args.iter().any(|arg| arg.starts_with("--report")) {
        let engine = args.iter().any(|arg| arg == "--engine");
        let page = if engine { "ENGINE.md" } else { "REPORT.md" };
        let page = checkout.root().join("bench").join(page);
        bench.arg("--report").arg(page);
    }
    bench.env("VOXANNE_DEV_JSON", home.dev_json());
    bench.env(
        "VOXANNE_READY_SECONDS",
        format!("{:.2}", home.ready_after().as_secs_f32()),
    );
    run(&mut bench, "the benchmark")?;
    Ok(true)
}
