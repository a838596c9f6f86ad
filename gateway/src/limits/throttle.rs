//! How often somebody may guess: passwords, codes and everything else that lets people in.
//!
//! A failure counts for the account and the client's network together, for the account, and for the
//! address. A browser that has signed in to the account before has a budget to itself, so that
//! nobody can lock its owner out by guessing from elsewhere. An account need not exist to be counted.

use std::{future::Future, time::Duration};

use tonic::{Response, Status};
use unicode_normalization::UnicodeNormalization as _;
use voxanne_limits::{Attempt, Ticket, Window};
use voxanne_problem::{Kind, Problem};
use voxanne_telemetry::names;

use super::{Client, Limits, counted, network};

impl Limits {
    /// Carries out `work`, in which `client` tries to get in, unless there were too many failures.
    ///
    /// `account` is the e-mail address that was named, if one was. What succeeds does not count,
    /// and neither does what failed on our side.
    pub(crate) async fn attempt<T>(
        &self,
        client: &Client,
        account: Option<&str>,
        work: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, Problem> {
        // Counted first and taken back later: a hundred guesses at once must not all pass while
        // none has failed yet.
        let attempts = self.guesses(client, account);
        let ticket = self.count(&attempts).await?;
        let outcome = work.await.map_err(Problem::from);
        if outcome.as_ref().map_or_else(is_ours, |_| true) {
            self.limiter.forgive(ticket).await;
        }
        outcome.map(Response::into_inner)
    }

    /// Counts a mail of one `kind` that somebody has us send to `account`, whether it exists or
    /// not. Each kind counts for itself: nobody keeps a forgotten password from its owner by having
    /// them invited.
    pub(crate) async fn mail(
        &self,
        client: &Client,
        kind: &str,
        account: &str,
    ) -> Result<(), Problem> {
        let account = self.account(account);
        let address = self.hidden("address", &counted(client.address));
        let attempts = [
            attempt(
                format!("mail:{kind}:{account}"),
                self.settings.account_mails,
            ),
            attempt(
                format!("mail:address:{address}"),
                self.settings.address_mails,
            ),
        ];
        self.count(&attempts).await.map(drop)
    }

    fn guesses(&self, client: &Client, account: Option<&str>) -> Vec<Attempt> {
        let settings = &self.settings;
        let address = self.hidden("address", &counted(client.address));
        let by_address = attempt(
            format!("login:address:{address}"),
            settings.address_failures,
        );
        let Some(account) = account.map(|account| self.account(account)) else {
            return vec![by_address];
        };
        if let Some(device) = self.known_device(client, &account) {
            let key = format!("login:device:{account}:{device}");
            return vec![attempt(key, settings.network_failures)];
        }
        let network = self.hidden("network", &network(client.address));
        let by_network = format!("login:network:{account}:{network}");
        let by_account = format!("login:account:{account}");
        vec![
            attempt(by_network, settings.network_failures),
            attempt(by_account, settings.account_failures),
            by_address,
        ]
    }

    /// Stands for an e-mail address, however it is written: by the same rule as identity's, or each
    /// spelling would have guesses of its own.
    pub(super) fn account(&self, email: &str) -> String {
        let lowered = email.trim().nfc().collect::<String>().to_lowercase();
        self.hidden("account", lowered.nfc().collect::<String>().as_bytes())
    }

    async fn count(&self, attempts: &[Attempt]) -> Result<Ticket, Problem> {
        self.limiter.attempt(attempts).await.map_err(|wait| {
            metrics::counter!(names::LIMITED, "limit" => "login").increment(1);
            throttled(wait)
        })
    }
}

/// Whether a failure says nothing about what was tried.
fn is_ours(problem: &Problem) -> bool {
    // The password was right; the code that is asked for is counted by itself.
    if problem.reason == "SECOND_FACTOR_REQUIRED" {
        return true;
    }
    match problem.kind {
        Kind::RateLimited | Kind::Unavailable | Kind::Timeout | Kind::Internal => true,
        Kind::Invalid
        | Kind::Unprocessable
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::Gone
        | Kind::Conflict => false,
    }
}

fn attempt(key: String, window: Window) -> Attempt {
    Attempt { key, window }
}

fn throttled(wait: Duration) -> Problem {
    Problem::new(
        Kind::RateLimited,
        "LOGIN_THROTTLED",
        "too many attempts, come again after the time that is told",
    )
    .retry_after(wait)
}
