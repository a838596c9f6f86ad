//! Stand-ins for Vapi, Twilio, Google and a mail server: a developer's machine and the tests need no account.

mod clock;
mod config;
mod control;
mod faults;
mod google;
mod mail;
mod outbound;
mod shelf;
mod twilio;
mod vapi;
mod wire;

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{
    Json, Router,
    http::Uri,
    response::{IntoResponse as _, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use crate::{config::Config, google::GoogleClient, twilio::accounts::Account};
use crate::{
    faults::Faults, google::Google, mail::Inbox, outbound::Outbound, twilio::Twilio, vapi::Vapi,
    wire::Wire,
};

/// How long an unfinished answer may keep a stopping process alive.
const DRAIN: Duration = Duration::from_secs(5);

/// Everything the stand-ins remember, shared by all handlers.
pub(crate) struct Sandbox {
    pub(crate) faults: Faults,
    pub(crate) twilio: Twilio,
    pub(crate) vapi: Vapi,
    pub(crate) google: Google,
    pub(crate) inbox: Inbox,
    pub(crate) outbound: Outbound,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

/// Where the sandbox is reached.
pub struct Listeners {
    /// For everything that speaks HTTP.
    pub http: TcpListener,
    /// For mails; without one there is no mail server.
    pub smtp: Option<TcpListener>,
}

impl From<TcpListener> for Listeners {
    fn from(http: TcpListener) -> Self {
        Self { http, smtp: None }
    }
}

/// Answers on `listeners` until `shutdown` resolves, then ends the deliveries under way.
pub async fn serve(
    config: Config,
    listeners: impl Into<Listeners>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let sandbox = Arc::new(Sandbox {
        faults: Faults::default(),
        twilio: Twilio::new(config.twilio_accounts, config.twilio_inbound_url),
        vapi: Vapi::new(config.vapi_private_key)?,
        google: Google::new(config.google_client),
        inbox: Inbox::default(),
        outbound: Outbound::new().context("building the HTTP client")?,
        tasks: TaskTracker::new(),
        stop: CancellationToken::new(),
    });
    let Listeners { http, smtp } = listeners.into();
    if let Some(smtp) = smtp {
        sandbox.tasks.spawn(mail::serve(Arc::clone(&sandbox), smtp));
    }
    let app = router(&sandbox).into_make_service_with_connect_info::<Wire>();
    let stop = sandbox.stop.clone();
    let server = axum::serve(wire::Wires(http), app).with_graceful_shutdown(async move {
        shutdown.await;
        stop.cancel();
    });
    tokio::select! {
        ended = async { server.await } => ended.context("serving HTTP")?,
        () = overdue(&sandbox.stop) => tracing::warn!("answers were cut at shutdown"),
    }
    sandbox.tasks.close();
    sandbox.tasks.wait().await;
    Ok(())
}

async fn overdue(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(DRAIN).await;
}

fn router(sandbox: &Arc<Sandbox>) -> Router {
    Router::new()
        .route(
            "/healthz",
            get(async || Json(serde_json::json!({"status": "ok"}))),
        )
        .merge(twilio::routes(sandbox))
        .merge(vapi::routes(sandbox))
        .merge(google::routes(sandbox))
        .nest("/_sandbox", control::routes())
        .fallback(nothing_here)
        .with_state(Arc::clone(sandbox))
}

/// Answers an unknown path as the service it was probably meant for.
async fn nothing_here(uri: Uri) -> Response {
    if uri.path().starts_with("/2010-04-01/") {
        twilio::refusal::Refusal::not_found(uri.path()).into_response()
    } else if uri.path().starts_with("/calendar/") {
        google::refusal::Refusal::not_found().into_response()
    } else {
        vapi::refusal::Refusal::not_found(format!("Cannot reach {}", uri.path())).into_response()
    }
}
