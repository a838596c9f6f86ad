//! A mail server that delivers to a shelf, where a developer or a test reads what was sent.

mod conversation;
mod message;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use self::conversation::converse;
pub(crate) use self::message::Mail;
use crate::{
    Sandbox,
    faults::{Fault, Mode, Target},
    shelf::Shelf,
};

const SHELF: usize = 1_000;
/// Conversations at the same time; the next one waits to be accepted.
const AT_ONCE: usize = 16;
/// Pause after a failed accept: it is usually a shortage of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The mails that arrived.
pub(crate) struct Inbox(pub(crate) Shelf<Mail>);

impl Default for Inbox {
    fn default() -> Self {
        Self(Shelf::new(SHELF))
    }
}

/// Takes mails on `listener` until the sandbox stops.
pub(crate) async fn serve(sandbox: Arc<Sandbox>, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = sandbox.stop.cancelled() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no mail can be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let shared = Arc::clone(&sandbox);
        sandbox.tasks.spawn(async move {
            tokio::select! {
                () = meet(&shared, stream, peer) => {}
                () = shared.stop.cancelled() => {}
            }
            drop(place);
        });
    }
}

/// One connection, and the fault that it meets.
async fn meet(sandbox: &Sandbox, stream: TcpStream, peer: SocketAddr) {
    let fault = sandbox.faults.meet(Target::Mail, true);
    let mode = fault.as_ref().map(|fault| fault.mode);
    if mode == Some(Mode::Down) {
        return;
    }
    if mode == Some(Mode::Slow) {
        let wait = fault.as_ref().map(Fault::wait).unwrap_or_default();
        tokio::time::sleep(wait).await;
    }
    if let Err(error) = converse(sandbox, stream, peer, fault.as_ref()).await {
        tracing::debug!(%error, "a client left");
    }
}
