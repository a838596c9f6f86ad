//! The webhooks that the stand-ins send to the project.

use std::time::Duration;

use reqwest::{Client, Request, Response, redirect};

/// How long a webhook may take when its sender sets no time of its own.
pub(crate) const DEADLINE: Duration = Duration::from_secs(15);
const CONNECT: Duration = Duration::from_secs(5);

pub(crate) struct Outbound {
    pub(crate) client: Client,
}

impl Outbound {
    pub(crate) fn new() -> reqwest::Result<Self> {
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(DEADLINE)
            // A redirected webhook loses its body, so following one would hide a mistake.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { client })
    }

    /// Sends `request`, once more when no connection came about.
    pub(crate) async fn post(&self, request: Request) -> reqwest::Result<Response> {
        let again = request.try_clone();
        match (self.client.execute(request).await, again) {
            (Err(error), Some(again)) if error.is_connect() => self.client.execute(again).await,
            (outcome, _) => outcome,
        }
    }
}
