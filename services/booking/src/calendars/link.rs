//! The way to one person's calendar: access tokens, deadlines and a breaker for each organisation.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use moka::future::Cache;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use voxanne_clock::Clock;
use voxanne_ids::OrgId;
use voxanne_resilience::{Breakers, Client, Tolerance};
use voxanne_tenant::Outbound;

use super::{
    CalendarTiming, Calendars, Connection,
    google::{Call, Google, failure::Failure, oauth::OAuth},
    grants::Grants,
};
use crate::config::GoogleConfig;

/// Calendars at work at one time, and organisations in trouble.
const TOKENS: u64 = 10_000;
const BREAKERS: usize = 1_000;
/// A token is not used in its last minute.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// Google and everything that is needed to ask it.
pub(crate) struct Link {
    pub(super) google: Google,
    pub(super) oauth: OAuth,
    pub(super) grants: Grants,
    pub(super) timing: CalendarTiming,
    /// Where Google rings.
    pub(super) bell: Url,
    clock: Clock,
    tokens: Cache<Connection, Token>,
    breakers: Breakers<OrgId>,
}

#[derive(Clone)]
struct Token {
    secret: Arc<SecretString>,
    until: Timestamp,
}

impl Link {
    pub(crate) fn new(
        config: &GoogleConfig,
        clock: Clock,
        (identity, outbound): (Client, Outbound),
    ) -> anyhow::Result<Self> {
        let timeout = config.timing.google_timeout.unsigned_abs();
        let google = Google::new(config.api.clone(), timeout)?;
        let client = (config.client_id.clone(), &config.client_secret);
        let callback = below(&config.public_url, &["google", "oauth", "callback"]);
        let http = google.http().clone();
        Ok(Self {
            oauth: OAuth::new(http, client, &config.oauth, &callback),
            google,
            grants: Grants::new(identity, outbound),
            timing: config.timing,
            bell: below(&config.public_url, &["webhooks", "google-calendar"]),
            clock,
            tokens: Cache::builder()
                .max_capacity(TOKENS)
                .time_to_live(std::time::Duration::from_secs(3_600))
                .build(),
            breakers: Breakers::new(Tolerance::default(), BREAKERS),
        })
    }

    /// Makes one call to the calendar of `connection`.
    pub(super) async fn call(
        &self,
        connection: Connection,
        call: Call<'_>,
    ) -> Result<Value, Failure> {
        let permit = self
            .breakers
            .permit(&connection.org)
            .map_err(|open| Failure::Paused(open.retry_after))?;
        let outcome = self.attempt(connection, &call).await;
        match &outcome {
            Err(failure) if failure.is_outage() => permit.failed(),
            _ => permit.succeeded(),
        }
        outcome
    }

    /// A token that Google does not take any more is replaced once; when the next is not taken
    /// either, it is the consent that is over.
    async fn attempt(&self, connection: Connection, call: &Call<'_>) -> Result<Value, Failure> {
        let token = self.token(connection).await?;
        match self.google.call(&token, call).await {
            Err(Failure::TokenOver) => {
                self.tokens.invalidate(&connection).await;
                let token = self.token(connection).await?;
                let outcome = self.google.call(&token, call).await;
                outcome.map_err(|failure| match failure {
                    Failure::TokenOver => Failure::Withdrawn,
                    other => other,
                })
            }
            outcome => outcome,
        }
    }

    /// An access token, which those who need it at the same time ask for together.
    async fn token(&self, connection: Connection) -> Result<Arc<SecretString>, Failure> {
        let is_over = |token: &Token| token.until - MARGIN <= self.clock.now();
        if self
            .tokens
            .get(&connection)
            .await
            .is_some_and(|token| is_over(&token))
        {
            self.tokens.invalidate(&connection).await;
        }
        let fetch = self.fetch(connection);
        let token = self.tokens.try_get_with(connection, fetch).await;
        token.map(|token| token.secret).map_err(|failure| *failure)
    }

    async fn fetch(&self, connection: Connection) -> Result<Token, Failure> {
        let job = Calendars::job(connection.org);
        let kept = self.grants.open(&job, connection.provider).await;
        let kept = kept.map_err(|problem| {
            problem.log();
            Failure::Away
        })?;
        let kept = kept.ok_or(Failure::Withdrawn)?;
        let access = self.oauth.refresh(&kept).await?;
        let lives = SignedDuration::try_from(access.lives).unwrap_or(MARGIN);
        Ok(Token {
            secret: Arc::new(access.token),
            until: self
                .clock
                .now()
                .saturating_add(lives)
                .unwrap_or(Timestamp::MAX),
        })
    }

    pub(super) async fn forget(&self, connection: Connection) {
        self.tokens.invalidate(&connection).await;
    }
}

fn below(public: &Url, path: &[&str]) -> Url {
    let mut url = public.clone();
    url.path_segments_mut()
        .expect("the configured address is an http URL")
        .pop_if_empty()
        .push("api")
        .extend(path);
    url
}
