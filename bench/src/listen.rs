//! A dashboard of each clinic, which notes when each event reached it.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context as _;
use futures_util::StreamExt as _;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};
use tokio_util::sync::CancellationToken;

use crate::{
    fleet::{Clinic, Fleet},
    latencies::Latencies,
};

/// What the dashboards saw.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// From the moment a change was made (just before its commit) to its frame.
    pub(crate) lag: Latencies,
    /// `message.sent` by message: when the booking it confirms was made.
    made: BTreeMap<String, jiff::Timestamp>,
    sent: Vec<(String, jiff::Timestamp)>,
    pub(crate) gaps: usize,
}

/// Listeners that run until told to finish.
pub(crate) struct Listeners {
    tasks: JoinSet<Frames>,
    stop: CancellationToken,
}

pub(crate) async fn start(fleet: &Fleet, clinics: &[Clinic]) -> anyhow::Result<Listeners> {
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    for clinic in clinics {
        let url = format!(
            "{}/frontend/stream",
            fleet.gateway.replacen("http", "ws", 1)
        );
        let mut request = url.into_client_request()?;
        let protocols = format!("voxanne.v1, bearer.{}", clinic.token);
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocols.parse()?);
        let (mut socket, _) = connect_async(request)
            .await
            .context("a dashboard cannot listen")?;
        let stopped = stop.clone();
        tasks.spawn(async move {
            let mut frames = Frames::default();
            let mut last = None;
            loop {
                let message = tokio::select! {
                    message = socket.next() => message,
                    () = stopped.cancelled() => return frames,
                };
                match message {
                    Some(Ok(Message::Text(text))) => note(&mut frames, &mut last, &text),
                    Some(Ok(_)) => {}
                    _ => return frames,
                }
            }
        });
    }
    Ok(Listeners { tasks, stop })
}

impl Listeners {
    /// Gives the last events a moment to arrive and gathers everything.
    pub(crate) async fn finish(mut self) -> Frames {
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.stop.cancel();
        let mut all = Frames::default();
        while let Some(Ok(one)) = self.tasks.join_next().await {
            all.lag.extend(one.lag);
            all.made.extend(one.made);
            all.sent.extend(one.sent);
            all.gaps += one.gaps;
        }
        all
    }
}

fn note(frames: &mut Frames, last: &mut Option<i64>, text: &str) {
    let now = now();
    let Ok(message) = serde_json::from_str::<Value>(text) else {
        return;
    };
    let Some(seq) = message["seq"].as_i64() else {
        return;
    };
    if last.replace(seq).is_some_and(|before| seq != before + 1) {
        frames.gaps += 1;
    }
    let at = message["at"]
        .as_str()
        .and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let Some(at) = at.filter(|_| message["type"] == "event") else {
        return;
    };
    frames.lag.add(now.duration_since(at).unsigned_abs());
    let booking = message["data"]["bookingId"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    match message["event"].as_str() {
        Some("booking.created") => {
            frames.made.insert(booking, at);
        }
        Some("message.sent") => frames.sent.push((booking, at)),
        _ => {}
    }
}

/// From the moment a booking was made (just before its commit) to Twilio's having accepted its
/// text, by our own record of it.
pub(crate) fn handovers(frames: &Frames, texts: &BTreeMap<String, i64>) -> (Latencies, usize) {
    let mut latencies = Latencies::default();
    for (booking, sent) in &frames.sent {
        if let Some(made) = frames.made.get(booking) {
            latencies.add(sent.duration_since(*made).unsigned_abs());
        }
    }
    (latencies, texts.len())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the benchmark asks the machine's clock"
)]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
