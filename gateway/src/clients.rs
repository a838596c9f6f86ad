//! One gRPC client for each service, and the requests made with it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::timeout;
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use url::Url;
use voxanne_clock::Clock;
use voxanne_proto::{
    booking::v1::{
        booking_service_client::BookingServiceClient,
        calendar_service_client::CalendarServiceClient, clinic_service_client::ClinicServiceClient,
        day_service_client::DayServiceClient, hold_service_client::HoldServiceClient,
        patient_service_client::PatientServiceClient, series_service_client::SeriesServiceClient,
        task_service_client::TaskServiceClient, waitlist_service_client::WaitlistServiceClient,
    },
    identity::v1::{
        account_service_client::AccountServiceClient, api_key_service_client::ApiKeyServiceClient,
        audit_service_client::AuditServiceClient, identity_service_client::IdentityServiceClient,
        invitation_service_client::InvitationServiceClient,
        member_service_client::MemberServiceClient, refusal_service_client::RefusalServiceClient,
        session_service_client::SessionServiceClient,
    },
    notification::v1::{
        credential_test_service_client::CredentialTestServiceClient,
        notification_service_client::NotificationServiceClient,
    },
    realtime::v1::realtime_service_client::RealtimeServiceClient,
    voice_tooling::v1::voice_tooling_service_client::VoiceToolingServiceClient,
};
use voxanne_resilience::{Client, grpc_channel};
use voxanne_runtime::{Need, Process};
use voxanne_tenant::{Outbound, System, Tenant};

use crate::Config;

/// Who this process is to the services it calls.
const SELF: &str = "gateway";
const HEALTH_TIMEOUT: Duration = Duration::from_secs(1);

pub struct Clients {
    health: Vec<Arc<Health>>,
    pub identity: Upstream<IdentityServiceClient<Client>>,
    /// Of identity too.
    pub members: Upstream<MemberServiceClient<Client>>,
    pub invitations: Upstream<InvitationServiceClient<Client>>,
    pub refusals: Upstream<RefusalServiceClient<Client>>,
    pub sessions: Upstream<SessionServiceClient<Client>>,
    /// Of identity too.
    pub account: Upstream<AccountServiceClient<Client>>,
    pub api_keys: Upstream<ApiKeyServiceClient<Client>>,
    pub audit: Upstream<AuditServiceClient<Client>>,
    pub booking: Upstream<BookingServiceClient<Client>>,
    pub holds: Upstream<HoldServiceClient<Client>>,
    pub series: Upstream<SeriesServiceClient<Client>>,
    pub waitlist: Upstream<WaitlistServiceClient<Client>>,
    pub clinic: Upstream<ClinicServiceClient<Client>>,
    /// Of booking too.
    pub days: Upstream<DayServiceClient<Client>>,
    pub calendars: Upstream<CalendarServiceClient<Client>>,
    pub patients: Upstream<PatientServiceClient<Client>>,
    pub tasks: Upstream<TaskServiceClient<Client>>,
    pub notification: Upstream<NotificationServiceClient<Client>>,
    pub credential_tests: Upstream<CredentialTestServiceClient<Client>>,
    pub voice_tooling: Upstream<VoiceToolingServiceClient<Client>>,
    pub realtime: Upstream<RealtimeServiceClient<Client>>,
}

impl Clients {
    /// Prepares the connections; a service that is not there yet is no error.
    pub fn connect_lazy(config: &Config, clock: &Clock) -> anyhow::Result<Self> {
        let to = |name| Outbound::new(config.context_keys.clone(), clock.clone(), SELF, name);
        let urls = &config.upstreams;
        let identity = grpc_channel("identity", urls.identity.as_str())?;
        let booking = grpc_channel("booking", urls.booking.as_str())?;
        let notification = grpc_channel("notification", urls.notification.as_str())?;
        let voice_tooling = grpc_channel("voice-tooling", urls.voice_tooling.as_str())?;
        let realtime = grpc_channel("realtime", urls.realtime.as_str())?;
        let health = [
            ("identity", &urls.identity),
            ("booking", &urls.booking),
            ("notification", &urls.notification),
            ("voice-tooling", &urls.voice_tooling),
            ("realtime", &urls.realtime),
        ];
        Ok(Self {
            health: health
                .into_iter()
                .map(|(name, url)| Health::of(name, url).map(Arc::new))
                .collect::<anyhow::Result<_>>()?,
            account: Upstream::new(AccountServiceClient::new(identity.clone()), to("identity")),
            members: Upstream::new(MemberServiceClient::new(identity.clone()), to("identity")),
            invitations: Upstream::new(
                InvitationServiceClient::new(identity.clone()),
                to("identity"),
            ),
            refusals: Upstream::new(RefusalServiceClient::new(identity.clone()), to("identity")),
            sessions: Upstream::new(SessionServiceClient::new(identity.clone()), to("identity")),
            api_keys: Upstream::new(ApiKeyServiceClient::new(identity.clone()), to("identity")),
            audit: Upstream::new(AuditServiceClient::new(identity.clone()), to("identity")),
            identity: Upstream::new(IdentityServiceClient::new(identity), to("identity")),
            calendars: Upstream::new(CalendarServiceClient::new(booking.clone()), to("booking")),
            clinic: Upstream::new(ClinicServiceClient::new(booking.clone()), to("booking")),
            holds: Upstream::new(HoldServiceClient::new(booking.clone()), to("booking")),
            days: Upstream::new(DayServiceClient::new(booking.clone()), to("booking")),
            patients: Upstream::new(PatientServiceClient::new(booking.clone()), to("booking")),
            tasks: Upstream::new(TaskServiceClient::new(booking.clone()), to("booking")),
            series: Upstream::new(SeriesServiceClient::new(booking.clone()), to("booking")),
            waitlist: Upstream::new(WaitlistServiceClient::new(booking.clone()), to("booking")),
            booking: Upstream::new(BookingServiceClient::new(booking), to("booking")),
            credential_tests: Upstream::new(
                CredentialTestServiceClient::new(notification.clone()),
                to("notification"),
            ),
            notification: Upstream::new(
                NotificationServiceClient::new(notification),
                to("notification"),
            ),
            voice_tooling: Upstream::new(
                VoiceToolingServiceClient::new(voice_tooling),
                to("voice-tooling"),
            ),
            realtime: Upstream::new(RealtimeServiceClient::new(realtime), to("realtime")),
        })
    }
}

impl Clients {
    /// Shows in the readiness of `process` which services are away. No single one is required: the
    /// others' routes go on without it. With none of them nothing can be answered.
    pub(crate) fn watch(&self, process: &Process) {
        for health in &self.health {
            let (name, health) = (health.name, health.clone());
            let check = move || health.clone().ask();
            let readiness = process.readiness.clone();
            let watch = readiness.watch(name, Need::Helpful, check, process.shutdown.clone());
            process.spawn("watch-service", watch);
        }
        let all = self.health.clone();
        let check = move || {
            let any = all.iter().any(|one| one.serves.load(Ordering::Relaxed));
            std::future::ready(any)
        };
        let readiness = process.readiness.clone();
        let watch = readiness.watch("services", Need::Required, check, process.shutdown.clone());
        process.spawn("watch-services", watch);
    }
}

/// Whether a service says that it serves.
struct Health {
    name: &'static str,
    client: HealthClient<Channel>,
    /// What it said last.
    serves: AtomicBool,
}

impl Health {
    /// Asks past the breaker: questions about a service that is away must not keep the requests of
    /// members out once it is back.
    fn of(name: &'static str, url: &Url) -> anyhow::Result<Self> {
        let endpoint = Endpoint::from_shared(url.to_string())?.connect_timeout(HEALTH_TIMEOUT);
        Ok(Self {
            name,
            client: HealthClient::new(endpoint.connect_lazy()),
            serves: AtomicBool::new(false),
        })
    }

    async fn ask(self: Arc<Self>) -> bool {
        let every = HealthCheckRequest::default();
        // A service that hangs must not be remembered as one that serves.
        let answer = timeout(HEALTH_TIMEOUT, self.client.clone().check(every)).await;
        let serves = matches!(
            answer,
            Ok(Ok(answer)) if answer.get_ref().status() == ServingStatus::Serving
        );
        self.serves.store(serves, Ordering::Relaxed);
        serves
    }
}

/// A service and how its requests are made.
pub struct Upstream<C> {
    client: C,
    outbound: Outbound,
}

impl<C: Clone> Upstream<C> {
    const fn new(client: C, outbound: Outbound) -> Self {
        Self { client, outbound }
    }

    /// A client to call with; all share one connection and one breaker.
    pub fn client(&self) -> C {
        self.client.clone()
    }

    /// A request within `tenant`.
    pub fn request<M>(&self, tenant: &Tenant, message: M) -> Request<M> {
        self.outbound.request(tenant, message)
    }

    /// A stream within `tenant`, which lasts until either side ends it.
    pub fn stream_request<M>(&self, tenant: &Tenant, message: M) -> Request<M> {
        self.outbound.stream_request(tenant, message)
    }

    /// A request on behalf of request `request_id`, before any organisation is known.
    pub fn system_request<M>(&self, request_id: impl Into<String>, message: M) -> Request<M> {
        self.outbound
            .system_request(&System::new(SELF, request_id), message)
    }
}
