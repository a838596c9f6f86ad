//! Telling identity who was refused another organisation, for the log of their own.
//!
//! It happens after the answer and once in a while for each caller: a refusal stays as cheap as it
//! was, and nobody fills a log or keeps identity busy by trying again.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use voxanne_ids::OrgId;
use voxanne_proto::identity::v1::NoteRefusalRequest;

use crate::{auth::Verified, clients::Clients};

/// Who was refused within this time is not told again.
const QUIET: Duration = Duration::from_secs(15 * 60);
/// Callers that are remembered.
const REMEMBERED: u64 = 10_000;
/// Refusals that are told at the same time; others may be told when the caller tries again.
const AT_ONCE: usize = 16;
/// How long identity may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Refusals {
    clients: Arc<Clients>,
    tasks: TaskTracker,
    told: Cache<(OrgId, Uuid), ()>,
    places: Arc<Semaphore>,
}

impl Refusals {
    pub(crate) fn new(clients: Arc<Clients>, tasks: TaskTracker) -> Self {
        Self {
            clients,
            tasks,
            told: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(QUIET)
                .build(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The caller asked for the organisation `named` and was refused.
    pub(crate) fn other_org(&self, verified: &Verified, named: OrgId) {
        let caller = (verified.org, verified.holder.id());
        if !self.told.entry(caller).or_insert(()).is_fresh() {
            return;
        }
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            self.told.invalidate(&caller);
            return;
        };
        let message = NoteRefusalRequest {
            named: named.to_string(),
        };
        let refusals = &self.clients.refusals;
        let request = refusals.request(&verified.tenant().within(PATIENCE), message);
        let (mut client, told) = (refusals.client(), self.told.clone());
        self.tasks.spawn(async move {
            if let Err(status) = client.note_refusal(request).await {
                tracing::debug!(code = ?status.code(), "identity was not told of a refusal");
                told.invalidate(&caller);
            }
            drop(place);
        });
    }
}
