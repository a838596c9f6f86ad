//! The loop that hands queued mails over.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use futures_util::future::join_all;
use metrics::{counter, gauge};
use tokio_util::sync::CancellationToken;
use url::Url;
use voxanne_clock::Clock;
use voxanne_pg::{Pool, SystemTx};
use voxanne_telemetry::names;

use super::{Mails, Smtp, smtp::Server, store};
use crate::Error;

/// How often to look when nothing wakes the sender: another replica's mail, or one whose pause ends.
const POLL: Duration = Duration::from_secs(1);
/// How often overdue mails are cleared away while none can be sent.
const POLL_UNSENT: Duration = Duration::from_secs(60);

/// Everything that sending takes.
pub(crate) struct Sender {
    pub(super) pool: Pool,
    pub(super) clock: Clock,
    pub(super) mails: Mails,
    pub(super) public_url: Url,
    /// None where no mail server is configured.
    pub(super) server: Option<Server>,
}

impl Sender {
    pub(crate) fn new(
        pool: Pool,
        clock: Clock,
        mails: Mails,
        public_url: Url,
        smtp: Option<&Smtp>,
    ) -> anyhow::Result<Self> {
        let server = smtp.map(Server::new).transpose().context("mail server")?;
        if server.is_none() {
            tracing::warn!(
                "SMTP_URL is not set: mails wait and expire, nobody can verify an address or reset \
                 a password"
            );
        }
        Ok(Self {
            pool,
            clock,
            mails,
            public_url,
            server,
        })
    }

    /// Sends until `shutdown`. A failed round is made up for by the next one; several replicas may
    /// do it at once.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        let sender = Arc::new(self);
        let pause = match sender.server {
            Some(_) => POLL,
            None => POLL_UNSENT,
        };
        while !shutdown.is_cancelled() {
            match sender.round().await {
                Ok(0) => {}
                // There may be more.
                Ok(_) => continue,
                Err(error) => tracing::warn!(%error, "mails wait"),
            }
            let wait = async {
                tokio::select! {
                    () = sender.mails.wake.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            };
            shutdown.run_until_cancelled(wait).await;
        }
    }

    /// Clears away what is overdue and tries what is due, a few mails at a time; returns how many
    /// it tried.
    async fn round(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut tx = self.begin().await?;
        let expired = store::expire(&mut tx, now).await?;
        let waiting = store::count_queued(&mut tx).await?;
        let leased = match self.server {
            Some(_) => store::lease(&mut tx, now).await?,
            None => Vec::new(),
        };
        tx.commit().await?;
        gauge!(names::MAILS_WAITING).set(waiting);
        for kind in expired {
            tracing::warn!(mail.kind = kind, "a mail could not be sent in time");
            counter!(names::MAILS, "kind" => kind, "state" => "expired").increment(1);
        }
        join_all(leased.iter().map(|leased| self.work_on(leased))).await;
        Ok(leased.len())
    }

    pub(super) async fn begin(&self) -> Result<SystemTx, sqlx::Error> {
        let why = "mails go to people, not to organisations";
        SystemTx::begin(&self.pool, "identity", why).await
    }
}
