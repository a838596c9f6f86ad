//! One tool call from its arrival to its answer.

use std::time::{Duration, Instant};

use voxanne_pg::{OrgTx, problem};
use voxanne_privacy::Private;
use voxanne_problem::Problem;
use voxanne_telemetry::names;
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    calls::{self, Report},
    runs::{Answer, Request, Said, store},
    tools::Tool,
};

/// What a tool may take when the caller set no limit.
const LONGEST: Duration = Duration::from_secs(10);
/// A fifth of the caller's limit, within these bounds, is kept back to write the answer down and to
/// send it: late, the best answer is none.
const TO_WRITE: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(1));

/// How a call stands when it arrives.
enum Arrival {
    /// It was answered before.
    Answered(Said),
    New {
        enabled: bool,
    },
}

impl VoiceTooling {
    /// Runs a tool call. Repeating it repeats its effect at most once.
    ///
    /// # Errors
    /// Only when this service itself cannot work; everything else is an answer.
    pub(crate) async fn run_tool(
        &self,
        tenant: &Tenant,
        request: &Request,
    ) -> Result<Said, Problem> {
        let started = Instant::now();
        let enabled = match self.arrive(tenant, request).await? {
            Arrival::Answered(said) => return Ok(said),
            Arrival::New { enabled } => enabled,
        };
        let answer = self.answer(tenant, request, enabled).await;
        let took = started.elapsed();
        let outcome = match answer.said {
            Said::Result(_) => "result",
            Said::Error(_) => "error",
        };
        let tool = Tool::named(&request.name).map_or("unknown", Tool::name);
        metrics::histogram!(names::TOOL_CALL_SECONDS, "tool" => tool, "outcome" => outcome)
            .record(took);
        match self.finish(tenant, request, &answer, took).await {
            Ok(said) => Ok(said),
            // What was done is done, and the agent must hear of it; a repetition finds it by key.
            Err(problem) => {
                problem.log();
                Ok(answer.said)
            }
        }
    }

    async fn arrive(&self, tenant: &Tenant, request: &Request) -> Result<Arrival, Problem> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        if let Some(said) = store::load_settled(&mut tx, request)
            .await
            .map_err(problem)?
        {
            let call = calls::store::lock(&mut tx, &request.vapi_call_id)
                .await
                .map_err(problem)?;
            tx.note("call.tool_repeated", [call.id.as_uuid()]);
            tx.commit().await.map_err(problem)?;
            return Ok(Arrival::Answered(said));
        }
        let report = Report {
            vapi_call_id: request.vapi_call_id.clone(),
            caller_number: request.caller_number.clone(),
            ended: false,
            ended_reason: Private::default(),
            started_at: None,
            ended_at: None,
            transcript: Private::default(),
            summary: Private::default(),
            at: now,
        };
        let (call, events) = self.hear(&mut tx, &report).await.map_err(problem)?;
        // What the tool does in booking is booking's to note, for the same caller and request.
        tx.note("call.tool_run", [call.id.as_uuid()]);
        store::insert_run(&mut tx, request, now)
            .await
            .map_err(problem)?;
        let enabled = store::load_enabled(&mut tx).await.map_err(problem)?;
        self.log.commit(tx, events).await.map_err(problem)?;
        Ok(Arrival::New { enabled })
    }

    async fn answer(&self, tenant: &Tenant, request: &Request, enabled: bool) -> Answer {
        let Some(tool) = Tool::named(&request.name) else {
            return Answer::error("There is no tool of that name.");
        };
        if !enabled {
            return Answer::error(
                "The clinic takes no bookings by this line at the moment. Please offer to call \
                 the clinic during its opening hours.",
            );
        }
        let arguments = match self
            .toolbox
            .schema(tool)
            .read(request.arguments_json.expose())
        {
            Ok(arguments) => Private::new(arguments),
            Err(sentence) => return Answer::error(&sentence),
        };
        let left = tenant.time_left(LONGEST);
        let to_write = (left / 5).clamp(TO_WRITE.0, TO_WRITE.1);
        let tenant = tenant.clone().within(left.saturating_sub(to_write));
        match tool {
            Tool::GetCalendarSlots => self.offer_slots(&tenant, request, &arguments).await,
            Tool::BookClinicAppointment => self.book(&tenant, request, &arguments).await,
        }
    }

    /// Writes the answer down. Of answers given at the same time the first one counts for all.
    async fn finish(
        &self,
        tenant: &Tenant,
        request: &Request,
        answer: &Answer,
        took: Duration,
    ) -> Result<Said, Problem> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        // The call is locked before its runs, here as on arrival: two orders would deadlock.
        let call = calls::store::lock(&mut tx, &request.vapi_call_id)
            .await
            .map_err(problem)?;
        if !store::update_run(&mut tx, request, answer, took)
            .await
            .map_err(problem)?
        {
            let first = store::load_settled(&mut tx, request)
                .await
                .map_err(problem)?;
            return Ok(first.unwrap_or_else(|| answer.said.clone()));
        }
        let events = vec![call.event("call.updated", now)];
        self.log.commit(tx, events).await.map_err(problem)?;
        Ok(answer.said.clone())
    }
}
