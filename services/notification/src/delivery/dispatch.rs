//! Finds what is due and sets somebody to work on it.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::sync::broadcast::error::RecvError;
use tracing::Instrument as _;
use voxanne_events::{Heard, Rings};
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
    while !process.shutdown.is_cancelled() {
        if let Err(problem) = round(&delivery, &capacity, &process).await {
            problem.log();
            tracing::warn!(%problem, "messages wait");
        }
        let wait = async {
            tokio::select! {
                () = wake.woken() => {}
                () = ring(&mut rings) => {}
                () = tokio::time::sleep(POLL) => {}
            }
        };
        process.shutdown.run_until_cancelled(wait).await;
        // One round answers every ring that came before it.
        rings.drain();
    }
}

async fn ring(rings: &mut Heard) {
    if let Err(RecvError::Closed) = rings.recv().await {
        std::future::pending::<()>().await;
    }
}

async fn round(
    delivery: &Arc<Delivery>,
    capacity: &Capacity,
    process: &Process,
) -> Result<(), Problem> {
    for org in store::find_due_orgs(&delivery.pool, delivery.clock.now()).await? {
        let tenant = Tenant::for_job(org, JOB);
        let leased = match lease(delivery, &tenant, capacity.free(org)).await {
            Ok(leased) => leased,
            // One clinic's trouble must not hold up the others.
            Err(problem) => {
                problem.log();
                tracing::warn!(org.id = %org, %problem, "messages wait");
                continue;
            }
        };
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
    }
    Ok(())
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
