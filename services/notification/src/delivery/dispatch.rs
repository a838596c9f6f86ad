//! Finds what is due and sets somebody to work on it.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use tokio::sync::broadcast::error::RecvError;
use tracing::Instrument as _;
use voxanne_events::{Heard, Rings};
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_runtime::Process;
use voxanne_tenant::Tenant;

use super::{
    Delivery,
    capacity::{Capacity, Wake},
    store,
};
use crate::messages::Message;

/// How often to look when nothing wakes the dispatcher.
const POLL: Duration = Duration::from_millis(250);
const JOB: &str = "notification.sender";

/// Runs until the process stops. What is under way then is finished by tasks of the process.
pub(crate) async fn run(delivery: Arc<Delivery>, rings: Rings, wake: Wake, process: Process) {
    let capacity = Capacity::new(wake.clone());
    let mut rings = rings.subscribe_to(&["message.queued"]);
    let mut looked = Instant::now();
    let mut rang = None;
    while !process.shutdown.is_cancelled() {
        // All are looked at now and then however much rings: a ring may have been lost.
        if rang.is_none() || looked.elapsed() >= POLL {
            (rang, looked) = (None, Instant::now());
        }
        if let Err(problem) = round(&delivery, &capacity, &process, rang.take()).await {
            problem.log();
            tracing::warn!(%problem, "messages wait");
        }
        let wait = async {
            tokio::select! {
                () = wake.woken() => None,
                rang = ring(&mut rings) => rang,
                () = tokio::time::sleep(POLL) => None,
            }
        };
        rang = process.shutdown.run_until_cancelled(wait).await.flatten();
    }
}

/// The organisations that rang; `None` when all are to be looked at.
async fn ring(rings: &mut Heard) -> Option<BTreeSet<OrgId>> {
    match rings.recv().await {
        Ok(org) => {
            let mut rang = rings.drain()?;
            rang.insert(org);
            Some(rang)
        }
        Err(RecvError::Lagged(_)) => None,
        Err(RecvError::Closed) => std::future::pending().await,
    }
}

async fn round(
    delivery: &Arc<Delivery>,
    capacity: &Capacity,
    process: &Process,
    rang: Option<BTreeSet<OrgId>>,
) -> Result<(), Problem> {
    let orgs = match rang {
        Some(orgs) => orgs.into_iter().collect(),
        None => store::find_due_orgs(&delivery.pool, delivery.clock.now()).await?,
    };
    for org in orgs {
        if let Err(problem) = fill(delivery, capacity, process, org).await {
            // One clinic's trouble must not hold up the others.
            problem.log();
            tracing::warn!(org.id = %org, %problem, "messages wait");
        }
    }
    Ok(())
}

/// Sets somebody to work on each message that is due, as far as there is room. A place that is given
/// back while others are looked for wakes nobody, so it is looked again until there is no room or
/// nothing due.
async fn fill(
    delivery: &Arc<Delivery>,
    capacity: &Capacity,
    process: &Process,
    org: OrgId,
) -> Result<(), Problem> {
    let tenant = Tenant::for_job(org, JOB);
    loop {
        let free = capacity.free(org);
        let leased = lease(delivery, &tenant, free).await?;
        let is_all = leased.len() < free as usize;
        for message in leased {
            let place = capacity.enter(org);
            let (delivery, tenant) = (Arc::clone(delivery), tenant.clone());
            let span =
                tracing::info_span!("message.deliver", org.id = %org, message.id = %message.id);
            if let Some(trace) = &message.trace {
                voxanne_telemetry::trace::continue_from(&span, trace);
            }
            let work = async move {
                delivery.work_on(&tenant, message).await;
                drop(place);
            };
            process.tasks.spawn(work.instrument(span).boxed());
        }
        if is_all || free == 0 {
            return Ok(());
        }
    }
}

async fn lease(delivery: &Delivery, tenant: &Tenant, free: u32) -> Result<Vec<Message>, Problem> {
    if free == 0 {
        return Ok(Vec::new());
    }
    let mut tx = delivery.begin(tenant).await?;
    let now = delivery.clock.now();
    let lease_end = now.saturating_add(delivery.timing.lease).unwrap_or(now);
    let leased = store::lease(&mut tx, now, lease_end, free).await?;
    delivery.commit(tx, Vec::new()).await?;
    Ok(leased)
}
