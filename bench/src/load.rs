//! Tool calls at a constant rate, as Vapi sends them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::{task::JoinSet, time::MissedTickBehavior};
use uuid::Uuid;

use crate::{
    fleet::{Clinic, Fleet},
    latencies::Latencies,
};

/// What came of the load.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// `getCalendarSlots`, question to answer.
    pub(crate) slots: Latencies,
    /// `bookClinicAppointment`, question to answer.
    pub(crate) bookings: Latencies,
    pub(crate) booked: usize,
    /// Bookings the agent was refused because another caller was faster.
    pub(crate) taken: usize,
    pub(crate) failed: usize,
}

/// One caller asks for times and books one of them: two tool calls.
///
/// `first` is the number of callers before these, so that nobody asks for the same times.
pub(crate) async fn run(
    fleet: &Fleet,
    clinics: &[Clinic],
    (rate, seconds): (u32, u32),
    first: u32,
) -> Load {
    let callers = rate * seconds / 2;
    let mut ticks = tokio::time::interval(Duration::from_secs(2) / rate.max(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut running = JoinSet::new();
    for (number, clinic) in (first..first + callers).zip(clinics.iter().cycle()) {
        ticks.tick().await;
        let call = Call {
            http: fleet.http.clone(),
            base: format!("{}/api/vapi/tools", fleet.gateway),
            secret: fleet.webhook_secret.clone(),
            assistant: clinic.assistant.clone(),
            id: Uuid::new_v4().to_string(),
            phone: format!("+1415{:07}", 5_570_000 + number),
            day: number / 40,
        };
        running.spawn(call.play());
    }
    let mut all = Load::default();
    while let Some(one) = running.join_next().await {
        match one {
            Ok(one) => {
                all.slots.extend(one.slots);
                all.bookings.extend(one.bookings);
                all.booked += one.booked;
                all.taken += one.taken;
                all.failed += one.failed;
            }
            Err(_) => all.failed += 1,
        }
    }
    all
}

struct Call {
    http: reqwest::Client,
    base: String,
    secret: String,
    assistant: String,
    id: String,
    phone: String,
    /// Callers spread over the days ahead, as patients do.
    day: u32,
}

impl Call {
    async fn play(self) -> Load {
        let mut load = Load::default();
        let tomorrow = jiff::Timestamp::UNIX_EPOCH
            .checked_add(jiff::SignedDuration::from_secs(unix_seconds() + 86_400))
            .expect("a moment of this century")
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date();
        let date = tomorrow
            .checked_add(jiff::Span::new().days(i64::from(self.day % 50)))
            .expect("a day of this century");
        let arguments = json!({ "date": date.to_string() });
        let started = Instant::now();
        let found = self
            .tool("get-calendar-slots", "getCalendarSlots", arguments)
            .await;
        load.slots.add(started.elapsed());
        let Some(slot) = found.as_ref().and_then(|found| slot_of(found, &self.id)) else {
            load.failed += 1;
            return load;
        };
        let arguments = json!({ "slotId": slot, "patientName": "Bench Patient" });
        let started = Instant::now();
        let booked = self
            .tool(
                "book-clinic-appointment",
                "bookClinicAppointment",
                arguments,
            )
            .await;
        load.bookings.add(started.elapsed());
        match booked {
            Some(answer) if answer["result"].is_string() => load.booked += 1,
            Some(answer) if answer["error"].is_string() => load.taken += 1,
            _ => load.failed += 1,
        }
        load
    }

    async fn tool(&self, path: &str, name: &str, arguments: Value) -> Option<Value> {
        let id = format!("call_{}", Uuid::new_v4().simple());
        let call = json!({ "id": id, "type": "function",
                           "function": { "name": name, "arguments": arguments } });
        let message = json!({ "message": {
            "type": "tool-calls",
            "timestamp": unix_seconds() * 1000,
            "toolCallList": [call],
            "toolCalls": [call],
            "toolWithToolCallList": [],
            "call": { "id": self.id, "type": "inboundPhoneCall", "status": "in-progress",
                      "assistantId": self.assistant },
            "customer": { "number": self.phone },
            "artifact": { "messages": [] },
        }});
        let answer = self
            .http
            .post(format!("{}/{path}", self.base))
            .header("X-Vapi-Secret", &self.secret)
            .json(&message)
            .send()
            .await
            .ok()?;
        let body: Value = answer.json().await.ok()?;
        body["results"].get(0).cloned()
    }
}

/// One of the offered slots; different callers take different ones.
fn slot_of(found: &Value, call: &str) -> Option<String> {
    let result: Value = serde_json::from_str(found["result"].as_str()?).ok()?;
    let slots = result["data"]["slots"].as_array()?;
    let pick = usize::from(*call.as_bytes().last()?) % slots.len().max(1);
    Some(slots.get(pick)?["slotId"].as_str()?.to_owned())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the benchmark asks the machine's clock"
)]
pub(crate) fn unix_seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}
