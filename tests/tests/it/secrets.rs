//! I11: a secret or a patient's data never reaches a log, and each store holds only what it is for.

mod api_keys;
mod collector;
mod credentials;
mod flows;
mod injection;
mod links;
mod odd;
mod people;
mod refusals;
mod sessions;
mod stores;
mod visits;

use voxanne_tests::Fleet;

use self::{
    collector::Collector,
    flows::{Canaries, Loose},
    stores::{Dump, metrics, redis, tables},
};

/// Where a patient's data is at rest. Each of these rows is its organisation's alone.
const PATIENTS: [&str; 9] = [
    "booking.booking",
    // Why a visit was cancelled, in the words of who did it.
    "booking.booking_change",
    "booking.patient",
    "booking.patient_phone",
    "booking.task",
    "booking.waitlist_entry",
    // The answers that repetitions get.
    "idempotency.record",
    "notification.message",
    "voice_tooling.call",
];
/// Where the address is at rest of who signs in, or is asked to.
const ACCOUNTS: [&str; 2] = ["identity.invitation", "identity.user_account"];
/// In Redis an answer that repetitions get lies for 60 seconds under such a name, sealed.
const ANSWERS: &str = "idempotency:";

#[tokio::test(flavor = "multi_thread")]
async fn canaries_reach_no_log_and_no_store_that_is_not_theirs() {
    let (collector, addr) = Collector::start().await;
    let fleet = Fleet::start_observed("info,voxanne=debug", addr).await;
    let canaries = flows::run(&fleet).await;
    let mut found = Vec::new();

    let refusals = [Dump::new("the refusals", &canaries.refusals)];
    found.extend(search_all(&refusals, &canaries));
    let answers = [Dump::new("what is told of credentials", &canaries.answers)];
    found.extend(search(&answers, &canaries.secrets, &[]));

    let metrics = metrics(&fleet).await;
    assert!(
        metrics.iter().all(|one| one.holds("voxanne_")),
        "{metrics:?}"
    );
    found.extend(search_all(&metrics, &canaries));

    let redis = redis(&fleet).await;
    assert!(
        redis.iter().any(|dump| dump.name.starts_with(ANSWERS)),
        "Redis was in use"
    );
    found.extend(search_all(&redis, &canaries));

    let tables = tables(&fleet).await;
    assert!(tables.iter().any(|table| table.name == "events.event"));
    found.extend(search(&tables, &canaries.secrets, &[]));
    found.extend(search(&tables, &canaries.personal, &PATIENTS));
    found.extend(search(&tables, &canaries.accounts, &ACCOUNTS));
    // Were a canary not even at home, it would prove nothing that it is nowhere else.
    for home in PATIENTS {
        let at_home = tables.iter().filter(|table| table.name == home);
        let canary = |table: &Dump| {
            canaries
                .personal
                .iter()
                .any(|(_, value)| table.holds(value))
        };
        assert!(at_home.clone().any(canary), "no canary is in {home}");
    }

    // A process that ends sends its last traces and has written its last line.
    for name in ["gateway"].into_iter().chain(voxanne_tests::SERVICES) {
        assert_eq!(fleet.terminate(name), Some(0), "{name}");
    }
    let traces = [Dump::new("the traces", &collector.text())];
    for name in ["gateway"].into_iter().chain(voxanne_tests::SERVICES) {
        assert!(traces[0].holds(name), "{name} is traced");
    }
    assert!(traces[0].holds("booking.book"), "what is done is traced");
    found.extend(search_all(&traces, &canaries));

    let logs = fleet.logs();
    found.extend(injection::forged(&logs));
    assert!(logs.contains("\"level\":\"DEBUG\""), "the logs are verbose");
    let logs = [Dump::new("the logs", &logs)];
    found.extend(search_all(&logs, &canaries));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every canary of any kind in what is home to none.
fn search_all(dumps: &[Dump], canaries: &Loose) -> Vec<String> {
    let kinds = [&canaries.secrets, &canaries.personal, &canaries.accounts];
    kinds
        .into_iter()
        .flat_map(|kind| search(dumps, kind, &[]))
        .collect()
}

/// Every canary that is somewhere else than at `home`, by its name and never by its value.
fn search(dumps: &[Dump], canaries: &Canaries, home: &[&str]) -> Vec<String> {
    dumps
        .iter()
        .filter(|dump| !home.contains(&dump.name.as_str()))
        .flat_map(|dump| {
            let held = canaries.iter().filter(|(_, value)| dump.holds(value));
            held.map(|(name, value)| {
                let line = dump.line(value);
                format!("{} is in {}: {line}", name, dump.name)
            })
        })
        .collect()
}
