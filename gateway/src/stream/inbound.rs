//! What a client sends: at most one wish to resume, and signs of life.

use axum::extract::ws::{Message, WebSocket};
use futures_util::{StreamExt as _, stream::SplitStream};
use tokio::sync::{Notify, oneshot};

use super::{end::End, frames::FromClient};

/// Listens until the socket has to end.
pub(super) async fn listen(
    inbound: &mut SplitStream<WebSocket>,
    resume: oneshot::Sender<i64>,
    life: &Notify,
) -> End {
    let mut resume = Some(resume);
    while let Some(message) = inbound.next().await {
        match message {
            Ok(Message::Text(text)) => {
                let (Some(resume), Ok(FromClient::Resume { after })) =
                    (resume.take(), serde_json::from_str(&text))
                else {
                    return End::NotUnderstood;
                };
                if resume.send(after).is_err() {
                    return End::Left;
                }
            }
            Ok(Message::Binary(_)) => return End::Binary,
            Ok(Message::Ping(_) | Message::Pong(_)) => life.notify_one(),
            Ok(Message::Close(_)) => return End::Left,
            // Broken, or a message over the limit; a client that still listens is told so.
            Err(_) => return End::NotUnderstood,
        }
    }
    End::Left
}
