//! One mail, from its row to the mail server.

use std::time::Instant;

use metrics::{counter, histogram};
use voxanne_telemetry::names;

use super::{
    Addressed, Mail,
    plan::{self, Next, Outcome},
    row,
    sender::Sender,
    smtp::Server,
    store::{self, Leased},
};
use crate::{Error, links};

impl Sender {
    /// Tries a leased mail. What goes wrong on our side leaves the lease to run out.
    pub(super) async fn work_on(&self, leased: &Leased) {
        if let Err(error) = self.try_once(leased).await {
            tracing::error!(mail.id = %leased.id, %error, "a mail waits");
        }
    }

    #[tracing::instrument(name = "mail.hand_over", skip_all, fields(mail.id = %leased.id))]
    async fn try_once(&self, leased: &Leased) -> Result<(), Error> {
        let Some(server) = &self.server else {
            return Ok(());
        };
        let addressed = match self.open(leased).await {
            Ok(addressed) => addressed,
            Err(error) => {
                tracing::error!(mail.id = %leased.id, %error, "a queued mail does not open");
                return self.settle(leased, "failed").await;
            }
        };
        let Some(addressed) = self.resolve(leased, addressed).await? else {
            return self.settle(leased, "dropped").await;
        };
        let outcome = self.hand_over(server, leased, &addressed).await;
        match plan::next(outcome, leased.attempts, self.clock.now(), jitter()?) {
            Next::Sent => self.settle(leased, "sent").await,
            Next::Failed => self.settle(leased, "failed").await,
            Next::TryAt(due_at) => {
                let mut tx = self.begin().await?;
                store::put_off(&mut tx, leased, due_at).await?;
                tx.commit().await?;
                Ok(())
            }
        }
    }

    async fn open(&self, leased: &Leased) -> Result<Addressed, Error> {
        let sealing = &self.mails.sealing;
        let plain = sealing.open(row(leased.id), &leased.sealed).await?;
        serde_json::from_slice(&plain).map_err(|_| Error::Unreadable("mail"))
    }

    /// Turns a request for a new password into a link, if the address has an account. The link is
    /// stored with the mail, so that another try sends the same one.
    async fn resolve(
        &self,
        leased: &Leased,
        addressed: Addressed,
    ) -> Result<Option<Addressed>, Error> {
        let Mail::ResetRequested = addressed.mail else {
            return Ok(Some(addressed));
        };
        let mut tx = self.begin().await?;
        let issued = links::reset(&mut tx, &addressed.to, self.clock.now()).await?;
        let Some(token) = issued else {
            tx.commit().await?;
            return Ok(None);
        };
        let addressed = Addressed {
            mail: Mail::ResetPassword { token },
            ..addressed
        };
        let sealed = self.mails.seal(leased.id, &addressed).await?;
        store::update_sealed(&mut tx, leased, &sealed).await?;
        tx.commit().await?;
        Ok(Some(addressed))
    }

    async fn hand_over(&self, server: &Server, leased: &Leased, addressed: &Addressed) -> Outcome {
        let Some(letter) = addressed.mail.letter(&self.public_url) else {
            return Outcome::Refused;
        };
        let started = Instant::now();
        let outcome = server.hand_over(leased.id, &addressed.to, letter).await;
        let label = match outcome {
            Outcome::Accepted => "ok",
            Outcome::Refused => "refused",
            Outcome::NotNow => "failed",
        };
        histogram!(names::PROVIDER_REQUEST_SECONDS,
            "provider" => "smtp", "operation" => "send", "outcome" => label)
        .record(started.elapsed());
        outcome
    }

    async fn settle(&self, leased: &Leased, state: &'static str) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        store::settle(&mut tx, leased, state, self.clock.now()).await?;
        tx.commit().await?;
        if state == "failed" {
            let (kind, attempts) = (&leased.kind, leased.attempts);
            tracing::error!(mail.id = %leased.id, mail.kind = kind, attempts, "a mail was given up");
        }
        counter!(names::MAILS, "kind" => leased.kind.clone(), "state" => state).increment(1);
        Ok(())
    }
}

/// A number from 0 to 1, so that mails that failed together are not tried together.
fn jitter() -> Result<f64, Error> {
    let mut byte = [0];
    aws_lc_rs::rand::fill(&mut byte).map_err(|_unspecified| Error::NoRandomness)?;
    Ok(f64::from(byte[0]) / f64::from(u8::MAX))
}
