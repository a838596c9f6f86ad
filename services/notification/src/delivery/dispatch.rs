//! Finds what is due and sets somebody to work on it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::Instrument as _;
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_runtime::Process;
use voxanne_tenant::Tenant;

use super::{
    Delivery,
    capacity::{Capacity, Place, Wake},
    store,
};
use crate::messages::Message;

/// How often all are looked at, whatever wakes the dispatcher: for what another process queued, or
/// left behind.
const POLL: Duration = Duration::from_millis(250);
const JOB: &str = "notification.sender";

/// Sets tasks to work on messages, as far as there is room.
#[derive(Clone)]
pub(crate) struct Dispatcher {
    pub(crate) delivery: Arc<Delivery>,
    pub(crate) capacity: Capacity,
    pub(crate) wake: Wake,
    pub(crate) process: Process,
}

/// Runs until the process stops. What is under way then is finished by tasks of the process.
pub(crate) async fn run(dispatcher: Dispatcher) {
    let shutdown = dispatcher.process.shutdown.clone();
    let mut next_poll = Instant::now();
    let mut woken = None;
    while !shutdown.is_cancelled() {
        if woken.is_none() || next_poll <= Instant::now() {
            (woken, next_poll) = (None, Instant::now() + POLL);
        }
        if let Err(problem) = dispatcher.round(woken.take()).await {
            problem.log();
            tracing::warn!(%problem, "messages wait");
        }
        let wait = tokio::time::timeout_at(next_poll, dispatcher.wake.woken());
        woken = shutdown
            .run_until_cancelled(wait)
            .await
            .and_then(Result::ok);
    }
}

impl Dispatcher {
    /// A place for a message that is about to be queued, unless others wait for one.
    pub(crate) fn place(&self, org: OrgId) -> Option<Place> {
        self.capacity.take_new(org)
    }

    /// Looks at the organisations that woke it, or at all.
    async fn round(&self, woken: Option<BTreeSet<OrgId>>) -> Result<(), Problem> {
        let orgs = match woken {
            Some(orgs) => orgs.into_iter().collect(),
            None => {
                let now = self.delivery.clock.now();
                store::find_due_orgs(&self.delivery.pool, now).await?
            }
        };
        for org in orgs {
            if let Err(problem) = self.fill(org).await {
                // One clinic's trouble must not hold up the others.
                problem.log();
                tracing::warn!(org.id = %org, %problem, "messages wait");
            }
        }
        Ok(())
    }

    /// Sets somebody to work on each message that is due, as far as there is room. A place that is
    /// freed while others are looked for wakes nobody, so it is looked again until there is no room
    /// or nothing due.
    async fn fill(&self, org: OrgId) -> Result<(), Problem> {
        let tenant = Tenant::for_job(org, JOB);
        loop {
            let mut places = self.capacity.take_all(org);
            if places.is_empty() {
                return Ok(());
            }
            for message in lease(&self.delivery, &tenant, places.len()).await? {
                if let Some(place) = places.pop() {
                    self.start(org, message, place);
                }
            }
            if !places.is_empty() {
                self.capacity.caught_up(org);
                places.into_iter().for_each(Place::give_back);
                return Ok(());
            }
        }
    }

    /// Has a task work on a message that is leased.
    pub(crate) fn start(&self, org: OrgId, message: Message, place: Place) {
        let delivery = Arc::clone(&self.delivery);
        let span = tracing::info_span!("message.deliver", org.id = %org, message.id = %message.id);
        if let Some(trace) = &message.trace {
            voxanne_telemetry::trace::continue_from(&span, trace);
        }
        let work = async move {
            delivery.work_on(&Tenant::for_job(org, JOB), message).await;
            drop(place);
        };
        self.process.tasks.spawn(work.instrument(span).boxed());
    }
}

async fn lease(
    delivery: &Delivery,
    tenant: &Tenant,
    at_most: usize,
) -> Result<Vec<Message>, Problem> {
    let mut tx = delivery.begin(tenant).await?;
    let now = delivery.clock.now();
    let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
    let leased = store::lease(&mut tx, now, delivery.lease_end(now), limit).await?;
    delivery.commit(tx, Vec::new()).await?;
    Ok(leased)
}
