//! `cargo xtask deps`: the allowed direction of dependencies, and who may use what.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::checkout::Checkout;
use crate::say::say;

/// The project's packages in the order of use: each may use only what stands
/// in an earlier line.
const ORDER: &[&[&str]] = &[
    &[
        "voxanne-proto",
        "voxanne-ids",
        "voxanne-clock",
        "voxanne-privacy",
        "voxanne-audit",
    ],
    &["voxanne-problem", "voxanne-telemetry"],
    &["voxanne-tenant"],
    &["voxanne-pg", "voxanne-vault", "voxanne-resilience"],
    // Beside pg in the picture, but its records live in the caller's transaction.
    &["voxanne-idempotency"],
    &["voxanne-events"],
    // It counts over the connection to Redis that events keeps.
    &["voxanne-limits"],
    &["voxanne-runtime"],
    &[
        "voxanne-gateway",
        "voxanne-identity",
        "voxanne-booking",
        "voxanne-notification",
        "voxanne-voice-tooling",
        "voxanne-realtime",
        "voxanne-doctor",
    ],
];

/// For tests only: a development dependency everywhere else.
const FOR_TESTS: &str = "voxanne-testkit";

/// Programs round the fleet, which use none of its packages.
const APART: &[&str] = &["voxanne-sandbox", "voxanne-proto-gen", "xtask"];

/// Whole-fleet tests and measurements, which may use everything.
const OVER_ALL: &[&str] = &["voxanne-tests", "voxanne-bench", FOR_TESTS];

/// Crates with an idea of their own about the design, and where that is at home.
const AT_HOME: &[(&str, &[&str])] = &[
    (
        "sqlx",
        &[
            "voxanne-ids",
            "voxanne-privacy",
            "voxanne-pg",
            "voxanne-idempotency",
            "voxanne-events",
            "voxanne-identity",
            "voxanne-booking",
            "voxanne-notification",
            "voxanne-voice-tooling",
            "voxanne-doctor",
        ],
    ),
    (
        "axum",
        &[
            "voxanne-gateway",
            "voxanne-realtime",
            "voxanne-runtime",
            "voxanne-sandbox",
        ],
    ),
    (
        "redis",
        &["voxanne-idempotency", "voxanne-events", "voxanne-limits"],
    ),
    ("tonic-types", &["voxanne-problem"]),
    (
        "reqwest",
        &[
            "voxanne-resilience",
            "voxanne-gateway",
            "voxanne-booking",
            "voxanne-notification",
            "voxanne-voice-tooling",
            "voxanne-sandbox",
        ],
    ),
    ("jsonwebtoken", &["voxanne-gateway", "voxanne-identity"]),
];

/// Compares the workspace with the rules.
pub(crate) fn deps(checkout: &Checkout) -> Result<bool> {
    let metadata = checkout.metadata(&["--no-deps"])?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo lists no packages")?;
    let mut broken = Vec::new();
    for package in packages {
        let name = package["name"].as_str().context("a package has no name")?;
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            broken.extend(Edge::read(name, dependency).and_then(|edge| edge.fault()));
        }
    }
    for fault in &broken {
        say("deps", fault);
    }
    if broken.is_empty() {
        say(
            "deps",
            format!("{} packages keep the order", packages.len()),
        );
    }
    Ok(broken.is_empty())
}

/// One package's use of another.
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    in_tests: bool,
}

impl<'a> Edge<'a> {
    fn read(from: &'a str, dependency: &'a Value) -> Option<Self> {
        let to = dependency["name"].as_str()?;
        Some(Self {
            from,
            to,
            in_tests: dependency["kind"] == "dev",
        })
    }

    /// Why this use is not allowed, if it is not.
    fn fault(&self) -> Option<String> {
        let Self { from, to, in_tests } = *self;
        if OVER_ALL.contains(&from) {
            return None;
        }
        if to == FOR_TESTS {
            let fault = format!("{from} uses {to} outside its tests");
            return (!in_tests).then_some(fault);
        }
        if let Some((_, homes)) = AT_HOME.iter().find(|(name, _)| *name == to) {
            let fault = format!("{from} uses {to}, which is at home in {}", homes.join(", "));
            return (!in_tests && !homes.contains(&from)).then_some(fault);
        }
        let to_place = place(to)?;
        if APART.contains(&from) {
            return Some(format!("{from} uses {to}, but stands apart from the fleet"));
        }
        let Some(from_place) = place(from) else {
            return Some(format!("{from} has no place in the order of packages"));
        };
        let fault = format!("{from} uses {to}, which does not stand before it");
        (to_place >= from_place).then_some(fault)
    }
}

fn place(package: &str) -> Option<usize> {
    ORDER.iter().position(|line| line.contains(&package))
}

#[cfg(test)]
mod tests {
    use super::Edge;

    #[test]
    fn only_earlier_packages_are_used() {
        for (from, to, in_tests, allowed) in [
            ("voxanne-booking", "voxanne-events", false, true),
            ("voxanne-booking", "voxanne-identity", false, false),
            ("voxanne-booking", "voxanne-identity", true, false),
            ("voxanne-events", "voxanne-runtime", false, false),
            ("voxanne-idempotency", "voxanne-pg", false, true),
            ("voxanne-pg", "voxanne-idempotency", false, false),
            ("voxanne-booking", "voxanne-testkit", true, true),
            ("voxanne-booking", "voxanne-testkit", false, false),
            ("xtask", "voxanne-ids", false, false),
            ("voxanne-tests", "voxanne-booking", true, true),
            ("voxanne-new", "voxanne-ids", false, false),
        ] {
            assert_eq!(
                Edge { from, to, in_tests }.fault().is_none(),
                allowed,
                "{from} → {to}"
            );
        }
    }

    #[test]
    fn a_crate_stays_where_it_is_at_home() {
        for (from, to, in_tests, allowed) in [
            ("voxanne-booking", "sqlx", false, true),
            ("voxanne-gateway", "sqlx", false, false),
            ("voxanne-gateway", "sqlx", true, true),
            ("voxanne-gateway", "serde", false, true),
        ] {
            assert_eq!(
                Edge { from, to, in_tests }.fault().is_none(),
                allowed,
                "{from} → {to}"
            );
        }
    }
}
