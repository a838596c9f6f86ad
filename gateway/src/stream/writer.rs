//! The one place that writes to a socket.

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use futures_util::{SinkExt as _, stream::SplitSink};
use tokio::sync::{mpsc, oneshot};
use voxanne_clock::Clock;
use voxanne_telemetry::names;

use super::delivery::Outgoing;

type Sink = SplitSink<WebSocket, Message>;

/// Writes what is queued until it is told to say goodbye; even a write that does not go on is left
/// for that.
pub(super) async fn write(
    mut sink: Sink,
    mut queue: mpsc::Receiver<Outgoing>,
    mut goodbye: oneshot::Receiver<Option<CloseFrame>>,
    clock: Clock,
) {
    let close = tokio::select! {
        biased;
        close = &mut goodbye => close,
        written = write_all(&mut sink, &mut queue, &clock) => match written {
            // The queue ends a moment before it is said why.
            Ok(()) => goodbye.await,
            Err(error) => {
                tracing::debug!(%error, "a socket is gone");
                return;
            }
        },
    };
    if let Ok(Some(close)) = close
        && let Err(error) = sink.send(Message::Close(Some(close))).await
    {
        tracing::debug!(%error, "a client was not told why its socket ends");
    }
}

async fn write_all(
    sink: &mut Sink,
    queue: &mut mpsc::Receiver<Outgoing>,
    clock: &Clock,
) -> Result<(), axum::Error> {
    while let Some(outgoing) = queue.recv().await {
        let (message, at) = match outgoing {
            Outgoing::Text(text, at) => (Message::Text(text), at),
            Outgoing::Ping => (Message::Ping(Bytes::new()), None),
        };
        sink.send(message).await?;
        if let Some(at) = at {
            let lag = clock.now().duration_since(at).as_secs_f64().max(0.0);
            metrics::histogram!(names::SOCKET_LAG_SECONDS).record(lag);
        }
    }
    Ok(())
}
