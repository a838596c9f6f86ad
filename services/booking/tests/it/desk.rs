//! A running booking service and a clinic in it.

mod clients;

use std::time::Duration;

use jiff::Timestamp;
use tonic::{Request, transport::Channel};
use voxanne_booking::{Config, GoogleConfig, serve};
use voxanne_clock::{Clock, to_proto};
use voxanne_problem::Problem;
use voxanne_proto::booking::v1::{self as proto, create_booking_request::Who};
use voxanne_tenant::{Outbound, Tenant};
use voxanne_testkit::{Database, Running, keys, start};

/// A Tuesday; London is on UTC then.
pub(crate) const NOW: &str = "2026-12-01T08:00:00Z";
/// The Wednesday after.
pub(crate) const TEN: &str = "2026-12-02T10:00:00Z";

pub(crate) struct Desk {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    pub(crate) outbound: Outbound,
    channel: Channel,
    pub(crate) running: Running,
}

/// One clinic with a provider and a service of half an hour.
#[derive(Clone, Debug)]
pub(crate) struct Clinic {
    pub(crate) tenant: Tenant,
    pub(crate) location: String,
    pub(crate) provider: String,
    pub(crate) service: String,
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
pub(crate) fn proto_at(text: &str) -> Option<prost_types::Timestamp> {
    Some(to_proto(at(text)))
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::open_with(None).await
    }

    pub(crate) async fn open_with(redis_url: Option<secrecy::SecretString>) -> Self {
        let clock = Clock::fixed(at(NOW));
        Self::open_over(Database::fresh().await, clock, (redis_url, None)).await
    }

    /// Stops the service and waits until nothing of it runs.
    pub(crate) async fn stop(&self) {
        self.running.stop().await;
    }

    /// Another service on what the stopped one left.
    pub(crate) async fn open_again(self) -> Self {
        Self::open_over(self.database, self.clock, (None, None)).await
    }

    /// The service over `database`.
    pub(crate) async fn open_over(
        database: Database,
        clock: Clock,
        (redis_url, google): (Option<secrecy::SecretString>, Option<GoogleConfig>),
    ) -> Self {
        let url = database.url("booking");
        let config = |grpc_addr| Config {
            database_url: url,
            redis_url,
            grpc_addr,
            context_keys: keys(),
            pool_size: 10,
            hold_ttl: Duration::from_secs(300),
            google,
            offer_ttl: Duration::from_secs(900),
        };
        let running = start("booking", clock.clone(), config, serve).await;
        let outbound = Outbound::new(keys(), clock.clone(), "gateway", "booking");
        Self {
            database,
            clock,
            outbound,
            channel: running.channel(),
            running,
        }
    }

    pub(crate) fn ask<M>(&self, tenant: &Tenant, message: M) -> Request<M> {
        self.outbound.request(tenant, message)
    }

    /// Sets up a clinic in London.
    pub(crate) async fn clinic(&self, tenant: &Tenant) -> Clinic {
        let set_up = proto::SetUpClinicRequest {
            name: "Main".into(),
            time_zone: "Europe/London".into(),
        };
        self.clinics()
            .set_up_clinic(self.ask(tenant, set_up))
            .await
            .unwrap();
        let provider = self.provider(tenant, "Dr. Lee").await;
        let service = self.service(tenant, "Check-up", (30, 0, 0)).await;
        let location = provider.location_id;
        Clinic {
            tenant: tenant.clone(),
            location,
            provider: provider.id,
            service,
        }
    }

    pub(crate) async fn provider(&self, tenant: &Tenant, name: &str) -> proto::Provider {
        let new = proto::CreateProviderRequest {
            name: name.into(),
            location_id: String::new(),
        };
        let created = self
            .clinics()
            .create_provider(self.ask(tenant, new))
            .await
            .unwrap();
        created.into_inner().provider.unwrap()
    }

    /// Adds a service with its minutes: visit, before, after.
    pub(crate) async fn service(
        &self,
        tenant: &Tenant,
        name: &str,
        (visit, before, after): (u32, u32, u32),
    ) -> String {
        let new = proto::CreateServiceRequest {
            name: name.into(),
            duration_minutes: visit,
            buffer_before_minutes: before,
            buffer_after_minutes: after,
            terms: None,
        };
        let created = self
            .clinics()
            .create_service(self.ask(tenant, new))
            .await
            .unwrap();
        created.into_inner().service.unwrap().id
    }

    /// Changes the terms of a service.
    pub(crate) async fn terms(&self, clinic: &Clinic, terms: proto::Terms) {
        let change = proto::UpdateServiceRequest {
            id: clinic.service.clone(),
            terms: Some(terms),
            ..Default::default()
        };
        self.clinics()
            .update_service(self.ask(&clinic.tenant, change))
            .await
            .unwrap();
    }

    pub(crate) async fn room(&self, tenant: &Tenant, name: &str, kind: &str) -> proto::Room {
        let new = proto::CreateRoomRequest {
            name: name.into(),
            location_id: String::new(),
            kind: kind.into(),
        };
        let created = self.days().create_room(self.ask(tenant, new)).await;
        created.unwrap().into_inner().room.unwrap()
    }

    /// Sets a day of the whole clinic that differs from its week.
    pub(crate) async fn exception(
        &self,
        tenant: &Tenant,
        new: proto::CreateExceptionRequest,
    ) -> Result<proto::DayException, Problem> {
        let created = self.days().create_exception(self.ask(tenant, new)).await?;
        Ok(created.into_inner().exception.unwrap())
    }

    pub(crate) async fn block(
        &self,
        tenant: &Tenant,
        new: proto::CreateBlockRequest,
    ) -> Result<proto::Block, Problem> {
        let created = self.days().create_block(self.ask(tenant, new)).await?;
        Ok(created.into_inner().block.unwrap())
    }

    /// The civil starts that are free within a span, and the reason of each empty day.
    pub(crate) async fn day(
        &self,
        clinic: &Clinic,
        span: (&str, &str),
    ) -> (Vec<String>, Vec<String>) {
        let wanted = proto::FindSlotsRequest {
            explain: true,
            ..clinic.wanted(span.0, span.1)
        };
        let found = self.slots(&clinic.tenant, wanted).await.unwrap();
        let starts = found.slots.into_iter().map(|slot| slot.local_time);
        let empty = found.empty_days.into_iter();
        (starts.collect(), empty.map(|day| day.reason).collect())
    }

    pub(crate) async fn book(
        &self,
        tenant: &Tenant,
        request: proto::CreateBookingRequest,
    ) -> Result<proto::Booking, Problem> {
        let answer = self
            .bookings()
            .create_booking(self.ask(tenant, request))
            .await?;
        Ok(answer.into_inner().booking.unwrap())
    }

    pub(crate) async fn cancel(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<proto::Booking, Problem> {
        let request = proto::CancelBookingRequest {
            id: id.into(),
            version: None,
            reason: String::new(),
        };
        let answer = self
            .bookings()
            .cancel_booking(self.ask(tenant, request))
            .await?;
        Ok(answer.into_inner().booking.unwrap())
    }

    pub(crate) async fn mark(
        &self,
        tenant: &Tenant,
        id: &str,
        mark: proto::Mark,
    ) -> Result<proto::Booking, Problem> {
        let request = proto::MarkBookingRequest {
            id: id.into(),
            mark: mark.into(),
            ..Default::default()
        };
        let answer = self
            .bookings()
            .mark_booking(self.ask(tenant, request))
            .await?;
        Ok(answer.into_inner().booking.unwrap())
    }

    pub(crate) async fn reschedule(
        &self,
        tenant: &Tenant,
        request: proto::RescheduleBookingRequest,
    ) -> Result<proto::Booking, Problem> {
        let answer = self
            .bookings()
            .reschedule_booking(self.ask(tenant, request))
            .await?;
        Ok(answer.into_inner().booking.unwrap())
    }

    pub(crate) async fn slots(
        &self,
        tenant: &Tenant,
        request: proto::FindSlotsRequest,
    ) -> Result<proto::FindSlotsResponse, Problem> {
        Ok(self
            .bookings()
            .find_slots(self.ask(tenant, request))
            .await?
            .into_inner())
    }

    /// What the event log says happened in this organisation.
    pub(crate) async fn events(&self, tenant: &Tenant) -> Vec<(String, serde_json::Value)> {
        sqlx::query_as("SELECT type, data FROM events.event WHERE org_id = $1 ORDER BY seq")
            .bind(tenant.org())
            .fetch_all(&mut self.database.owner().await)
            .await
            .unwrap()
    }

    /// Rows of a table, past the service's back.
    pub(crate) async fn count(&self, table: &'static str) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&mut self.database.owner().await)
            .await
            .unwrap()
    }
}

impl Clinic {
    /// A request for `start` by a patient of this number.
    pub(crate) fn booking(&self, start: &str, phone: &str) -> proto::CreateBookingRequest {
        proto::CreateBookingRequest {
            service_id: self.service.clone(),
            provider_id: self.provider.clone(),
            starts_at: proto_at(start),
            who: Some(Who::Patient(proto::BookedPatient {
                name: "Ada Lovelace".into(),
                phone: phone.into(),
                email: String::new(),
                ..Default::default()
            })),
            ..Default::default()
        }
    }

    pub(crate) fn wanted(&self, from: &str, to: &str) -> proto::FindSlotsRequest {
        proto::FindSlotsRequest {
            service_id: self.service.clone(),
            from: proto_at(from),
            to: proto_at(to),
            ..Default::default()
        }
    }
}

/// The bad fields of a problem, each with its code.
pub(crate) fn bad_fields(problem: &Problem) -> Vec<String> {
    problem
        .violations
        .iter()
        .map(|one| format!("{} {}", one.field, one.code))
        .collect()
}
