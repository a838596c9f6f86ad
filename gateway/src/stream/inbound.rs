//! What a client sends: at most one wish to resume, and signs of life.

use std::time::Duration;

use axum::{
    Error,
    extract::ws::{Message, WebSocket},
};
use futures_util::{StreamExt as _, stream::SplitStream};
use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};
use tokio_tungstenite::tungstenite;

use super::{end::End, frames::FromClient};

/// Pings and pongs that a client may send in a while; a browser sends none by itself.
const MOST_SIGNS: u32 = 60;
const WHILE: Duration = Duration::from_secs(10);

/// Listens until the socket has to end.
pub(super) async fn listen(
    inbound: &mut SplitStream<WebSocket>,
    resume: oneshot::Sender<i64>,
    life: &Notify,
) -> End {
    let mut resume = Some(resume);
    let mut signs = Signs::default();
    while let Some(message) = inbound.next().await {
        if signs.is_flood(&message, Instant::now()) {
            return End::NotUnderstood;
        }
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
            // A client that still listens is told what was wrong.
            Err(error) => return fault(error),
        }
    }
    End::Left
}

/// Signs of life that came since a moment.
#[derive(Default)]
struct Signs {
    since: Option<Instant>,
    count: u32,
}

impl Signs {
    /// Whether there are more than life needs; each costs an answer.
    fn is_flood(&mut self, message: &Result<Message, Error>, now: Instant) -> bool {
        if !matches!(message, Ok(Message::Ping(_) | Message::Pong(_))) {
            return false;
        }
        let is_over = self.since.is_none_or(|since| now - since > WHILE);
        if is_over {
            (self.since, self.count) = (Some(now), 0);
        }
        self.count += 1;
        self.count > MOST_SIGNS
    }
}

fn fault(error: Error) -> End {
    let Ok(error) = error.into_inner().downcast::<tungstenite::Error>() else {
        return End::Left;
    };
    match *error {
        tungstenite::Error::Capacity(_) => End::TooLarge,
        tungstenite::Error::Utf8(_) => End::NoText,
        tungstenite::Error::Protocol(_) => End::BrokenFrames,
        _ => End::Left,
    }
}
