//! `cargo xtask gen`: what is generated and committed, written anew or compared.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::checkout::Checkout;
use crate::process::run;
use crate::say::say;

const DOCUMENT: &str = "gateway/openapi.json";

/// Whether to write the files or to compare them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Check,
}

/// Writes or checks the gRPC code and the OpenAPI document.
pub(crate) fn generate(checkout: &Checkout, mode: Mode) -> Result<bool> {
    say("gen", "gRPC code from proto/");
    let mut code = checkout.cargo(&["run", "--quiet", "--package", "voxanne-proto-gen"]);
    if mode == Mode::Check {
        code.args(["--", "--check"]);
    }
    run(&mut code, "the generation of the gRPC code")?;

    say("gen", format!("{DOCUMENT} from the gateway's routes"));
    let document = openapi(checkout)?;
    let path = checkout.root().join(DOCUMENT);
    if mode == Mode::Write {
        fs::write(&path, document).with_context(|| format!("cannot write {DOCUMENT}"))?;
        return Ok(true);
    }
    let same = fs::read(&path).is_ok_and(|committed| committed == document);
    if !same {
        say(
            "gen",
            format!("{DOCUMENT} is out of date: run `cargo xtask gen` and commit it"),
        );
    }
    Ok(same)
}

fn openapi(checkout: &Checkout) -> Result<Vec<u8>> {
    let package = [
        "run",
        "--quiet",
        "--package",
        "voxanne-gateway",
        "--bin",
        "gateway",
    ];
    let mut gateway = checkout.cargo(&package);
    // What the compiler has to say belongs on the terminal; the document is
    // the standard output.
    gateway
        .args(["--", "openapi"])
        .stderr(std::process::Stdio::inherit());
    let output = gateway.output().context("cannot run the gateway")?;
    if !output.status.success() {
        bail!("the gateway printed no document ({})", output.status);
    }
    Ok(output.stdout)
}
