//! `cargo xtask ci`: every check that a change has to pass, cheapest first.

use anyhow::Result;

use crate::checkout::Checkout;
use crate::deps;
use crate::generate::{self, Mode};
use crate::process::wait;
use crate::say::say;
use crate::test::{self, is_installed};

/// The part of cargo-deny that needs nothing from outside; its advisories are
/// in a git repository that build machines may not reach.
const DENY: &[&str] = &[
    "deny",
    "check",
    "--hide-inclusion-graph",
    "bans",
    "licenses",
    "sources",
];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave the tests out
    #[arg(long)]
    no_test: bool,
}

/// Runs the checks up to the first that fails.
pub(crate) fn ci(checkout: &Checkout, options: &Options) -> Result<bool> {
    Ok(cargo(checkout, &["fmt", "--all", "--check"])?
        && deps::deps(checkout)?
        && deny(checkout)?
        && cargo(
            checkout,
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
        )?
        && generate::generate(checkout, Mode::Check)?
        && (options.no_test || test::test(checkout, &[])?))
}

fn deny(checkout: &Checkout) -> Result<bool> {
    if !is_installed(checkout, "deny") {
        say(
            "ci",
            "cargo-deny is not installed: licences, bans and sources are not checked",
        );
        return Ok(true);
    }
    cargo(checkout, DENY)
}

fn cargo(checkout: &Checkout, args: &[&str]) -> Result<bool> {
    let line = format!("cargo {}", args.join(" "));
    say("ci", &line);
    let passed = wait(&mut checkout.cargo(args), &line)?.success();
    if !passed {
        say("ci", format!("{line} failed"));
    }
    Ok(passed)
}
