//! The figures as a page.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    cost::Cost,
    latencies::Latencies,
    listen::Frames,
    load::Load,
    members::{Verified, Work},
    sign_in::SignIns,
};

/// Everything one run measured.
pub(crate) struct Measured {
    pub(crate) rate: u32,
    pub(crate) seconds: u32,
    pub(crate) clinics: usize,
    /// Seconds of the same load before the tool calls that are counted.
    pub(crate) warm_up: u32,
    pub(crate) ready_seconds: Option<f64>,
    pub(crate) load: Load,
    /// What members and programs read afterwards, beside a quarter of the tool calls.
    pub(crate) work: Work,
    /// How the gateway knew them.
    pub(crate) verified: Verified,
    pub(crate) cost: Cost,
    /// Sign-ins with a wrong password.
    pub(crate) sign_ins: SignIns,
    pub(crate) frames: Frames,
    /// Latencies, and the number of texts the sandbox holds.
    pub(crate) handovers: (Latencies, usize),
    /// Resident KiB of each process before and after the load.
    pub(crate) idle: BTreeMap<String, u64>,
    pub(crate) busy: BTreeMap<String, u64>,
}

/// Renders Markdown.
pub(crate) fn render(measured: Measured) -> String {
    let mut page = introduce(&measured);
    let Measured {
        load,
        work,
        verified,
        cost,
        sign_ins,
        frames,
        idle,
        busy,
        ..
    } = measured;
    let (handovers, _) = measured.handovers;
    let rows = [
        (
            "tool call to answer: getCalendarSlots",
            load.slots,
            "p99 ≤ 50",
        ),
        (
            "tool call to answer: bookClinicAppointment",
            load.bookings,
            "p99 ≤ 50",
        ),
        ("booking made to text accepted", handovers, "p99 ≤ 1000"),
        ("change made to WebSocket frame", frames.lag, "p99 ≤ 100"),
        (
            "page read by a member or a program with a key, beside a quarter of the calls",
            work.reads,
            "",
        ),
    ];
    for (what, latencies, goal) in rows {
        line(
            &mut page,
            format_args!("| {what} | {} | {goal} |", latencies.row()),
        );
    }
    cache(&mut page, &verified, work.failed);
    authentication(&mut page, &cost);
    accounts(&mut page, &sign_ins);
    memory(&mut page, &idle, &busy);
    if let Some(ready) = measured.ready_seconds {
        line(
            &mut page,
            format_args!("\n`up` (built) to `ready`: {ready:.1} s"),
        );
    }
    page
}

fn introduce(measured: &Measured) -> String {
    let Measured {
        rate,
        seconds,
        clinics,
        warm_up,
        load,
        frames,
        ..
    } = measured;
    let texts = measured.handovers.1;
    let machine = machine();
    format!(
        "# Benchmark\n\n\
         Written by `cargo xtask bench`: a release build of the whole fleet, the sandbox, Postgres, \
         Redis and the load generator itself on one machine ({machine}). Times are from the \
         outside: a tool call from its first byte to its answer, after {warm_up} s of the same load; an \
         event from the moment before its commit, the first and the mixed seconds included.\n\n\
         {rate} tool calls a second for {seconds} s over {clinics} clinics: {} asked for times, {} \
         booked, {} refused, {} failed; {texts} texts; {} gaps in {} events.\n\n\
         | milliseconds | count | p50 | p95 | p99 | max | goal |\n\
         |---|---|---|---|---|---|---|\n",
        load.slots.len(),
        load.booked,
        load.taken,
        load.failed,
        frames.gaps,
        frames.lag.len(),
    )
}

/// How often the gateway knew a token or a key from before.
fn cache(page: &mut String, verified: &Verified, failed: usize) {
    line(
        page,
        format_args!(
            "\nOf {} tokens and keys {} % were found verified in the gateway's cache (goal ≥ 99); {failed} \
             reads failed.",
            verified.count(),
            verified.rate(),
        ),
    );
}

/// Medians of requests that end in the gateway, taken in turn in one loop.
fn authentication(page: &mut String, cost: &Cost) {
    let member = cost.member.median_micros();
    line(
        page,
        format_args!(
            "\n| request that ends in the gateway | p50 µs | a member's takes more by | goal |\n|---|---|---|---|"
        ),
    );
    line(
        page,
        format_args!("| of a member, `…/providers?limit=0` | {member} | | |"),
    );
    for (what, latencies) in [
        ("the same without a token", &cost.nobody),
        ("`/config.json`, for anybody", &cost.open),
    ] {
        let median = latencies.median_micros();
        let more = member - median;
        line(page, format_args!("| {what} | {median} | {more} | ≤ 100 |"));
    }
}

/// Medians of sign-ins that are refused, taken in turn.
fn accounts(page: &mut String, sign_ins: &SignIns) {
    let apart = sign_ins.apart();
    line(
        page,
        format_args!(
            "\nA wrong password is refused after {} µs (p50 of {}) where the address has an account and \
             after {} µs where it has none: {}.{} % apart (goal < 5).",
            sign_ins.known.median_micros(),
            sign_ins.known.len(),
            sign_ins.unknown.median_micros(),
            apart / 10,
            apart % 10,
        ),
    );
}

fn memory(page: &mut String, idle: &BTreeMap<String, u64>, busy: &BTreeMap<String, u64>) {
    line(
        page,
        format_args!("\n| process | idle MiB | after the load MiB |\n|---|---|---|"),
    );
    for (name, kib) in idle {
        let after = busy.get(name).copied().unwrap_or_default();
        line(
            page,
            format_args!("| {name} | {} | {} |", mib(*kib), mib(after)),
        );
    }
}

/// Processors and memory, as Linux tells them.
fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib: u64 = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_default();
    format!("{processors} processors, {} GiB", kib / 1024 / 1024)
}

fn mib(kib: u64) -> String {
    format!("{}.{}", kib / 1024, kib % 1024 * 10 / 1024)
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(page, "{text}").expect("a string takes any text");
}
