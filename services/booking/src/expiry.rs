//! Ends what has run out: offers of the waitlist, and holds.
//!
//! What is due is found in Postgres, so nothing is forgotten when a process dies, and replicas may
//! do it at once.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use voxanne_problem::Problem;

use crate::{Desk, Error};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

impl Desk {
    /// Looks for what has run out until `shutdown`. A failed round is made up for by the next.
    pub(crate) async fn end_expired(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            tell("offers", self.expire_offers().await);
            tell("holds", self.expire_holds().await);
            shutdown
                .run_until_cancelled(tokio::time::sleep(PAUSE))
                .await;
        }
    }
}

fn tell(what: &'static str, round: Result<(), Error>) {
    if let Err(error) = round {
        let problem = Problem::from(error);
        problem.log();
        tracing::warn!(%problem, what, "what has run out waits to be ended");
    }
}
