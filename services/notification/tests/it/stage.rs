//! Two clinics, the service between them and Twilio, and what a test asks of all that.

mod appointment;

use std::{net::SocketAddr, time::Duration};

use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};
use tonic::{Request, Status, transport::Channel};
use voxanne_clock::Clock;
use voxanne_events::{Doorbell, Log, New};
use voxanne_ids::{BookingId, OrgId};
use voxanne_notification::{Config, Timing, serve};
use voxanne_pg::OrgTx;
use voxanne_proto::notification::v1::{
    ListMessagesRequest, Message, SendMessageRequest,
    credential_test_service_client::CredentialTestServiceClient,
    notification_service_client::NotificationServiceClient,
};
use voxanne_tenant::{Caller, Outbound, Tenant};
use voxanne_testkit::{Database, Running, eventually, free_addr, keys, start, two_orgs};

pub(crate) use self::appointment::booking;
use crate::{
    edge::Edge,
    twilio::{ACME, GLOBEX, TwilioSide, credential},
    upstreams::Upstreams,
};

pub(crate) struct Stage {
    pub(crate) acme: Tenant,
    pub(crate) globex: Tenant,
    pub(crate) upstreams: Upstreams,
    pub(crate) edge: Edge,
    pub(crate) database: Database,
    service: Running,
    setting: Setting,
}

/// The keys of `voxanne_testkit::keys`, as a process reads them.
const KEYS: &str = "test:dGVzdHMgc2hhcmUgdGhpcyBrZXkgb2YgMzIgYnl0ZXM=";

/// What a service is started with.
#[derive(Clone)]
struct Setting {
    twilio: SocketAddr,
    public: String,
    upstreams: (SocketAddr, SocketAddr),
    timing: Timing,
}

/// As patient as a test can afford.
pub(crate) fn hasty() -> Timing {
    let millis = SignedDuration::from_millis;
    Timing {
        lease: millis(4_000),
        twilio_timeout: millis(700),
        retry_after: millis(20),
        refused_retry_after: millis(20),
        unknown_grace: millis(100),
        unknown_gap: millis(50),
        unknown_give_up: millis(300),
        clinic_cache: millis(20),
    }
}

impl Stage {
    /// Both clinics are connected to their accounts at a Twilio that answers.
    pub(crate) async fn start() -> (Self, TwilioSide) {
        Self::start_with(hasty()).await
    }

    pub(crate) async fn start_with(timing: Timing) -> (Self, TwilioSide) {
        let addr = free_addr();
        let twilio = TwilioSide::start(addr).await;
        (Self::start_before(addr, timing).await, twilio)
    }

    /// Nobody listens at `twilio` yet.
    pub(crate) async fn start_before(twilio: SocketAddr, timing: Timing) -> Self {
        let (acme, globex) = two_orgs();
        let (upstreams, edge) = (Upstreams::default(), Edge::default());
        for (tenant, account, name) in [(&acme, ACME, "Acme"), (&globex, GLOBEX, "Globex")] {
            upstreams.name(tenant.org(), name);
            upstreams.connect(tenant.org(), credential(account));
            edge.knows(account, &webhook(tenant));
        }
        let setting = Setting {
            twilio,
            public: edge.start().await,
            upstreams: upstreams.serve().await,
            timing,
        };
        let database = Database::fresh().await;
        let service = run(&database, &setting).await;
        edge.leads_to(service.grpc);
        Self {
            acme,
            globex,
            upstreams,
            edge,
            database,
            service,
            setting,
        }
    }

    /// Stops the service as SIGTERM does and starts it again.
    pub(crate) async fn restart(&mut self) {
        self.service.stop().await;
        self.service = run(&self.database, &self.setting).await;
        self.edge.leads_to(self.service.grpc);
    }

    /// A second process of the service beside the first.
    pub(crate) async fn second(&self) -> Running {
        run(&self.database, &self.setting).await
    }

    /// Stops the service for good.
    pub(crate) async fn stop(&self) {
        self.service.stop().await;
    }

    pub(crate) fn client(&self) -> NotificationServiceClient<Channel> {
        NotificationServiceClient::new(self.service.channel())
    }

    pub(crate) fn tests(&self) -> CredentialTestServiceClient<Channel> {
        CredentialTestServiceClient::new(self.service.channel())
    }

    pub(crate) fn request<M>(&self, tenant: &Tenant, message: M) -> Request<M> {
        Outbound::new(keys(), Clock::system(), "gateway", "notification").request(tenant, message)
    }

    pub(crate) async fn send(
        &self,
        tenant: &Tenant,
        to: &str,
        body: &str,
    ) -> Result<Message, Status> {
        let message = SendMessageRequest {
            to: to.to_owned(),
            body: body.to_owned(),
        };
        let answer = self
            .client()
            .send_message(self.request(tenant, message))
            .await;
        Ok(answer?.into_inner().message.unwrap())
    }

    pub(crate) async fn messages(&self, tenant: &Tenant) -> Vec<Message> {
        let request = self.request(tenant, ListMessagesRequest::default());
        let answer = self.client().list_messages(request).await.unwrap();
        answer.into_inner().messages
    }

    /// Waits until the clinic's only message is in `state`.
    pub(crate) async fn reaches(&self, tenant: &Tenant, state: &str) -> Message {
        eventually(&format!("the message is {state}"), || async {
            let messages = self.messages(tenant).await;
            messages.len() == 1 && messages[0].state == state
        })
        .await;
        self.messages(tenant).await.remove(0)
    }

    /// Books for a patient with `phone`, three days ahead, and announces it.
    pub(crate) async fn book(&self, tenant: &Tenant, phone: &str) -> BookingId {
        let booking = booking(phone);
        let id = booking.id.parse().unwrap();
        self.upstreams.book(tenant.org(), booking);
        self.announce(tenant, id).await;
        id
    }

    /// Commits `booking.created` as the booking service does.
    pub(crate) async fn announce(&self, tenant: &Tenant, booking: BookingId) {
        self.announce_as(tenant, json!({"bookingId": booking}))
            .await;
    }

    pub(crate) async fn announce_as(&self, tenant: &Tenant, data: Value) {
        self.commit(tenant, "booking.created", data).await;
    }

    /// Commits an event of the booking service.
    pub(crate) async fn commit(&self, tenant: &Tenant, kind: &'static str, data: Value) {
        let pool = self.database.pool("booking");
        let tx = OrgTx::begin(&pool, tenant).await.unwrap();
        let event = New {
            kind,
            at: Clock::system().now(),
            data,
        };
        let log = Log::new(Doorbell::silent());
        log.commit(tx, vec![event]).await.unwrap();
        pool.close().await;
    }

    /// What the service announced in `org`, in order, as name and state.
    pub(crate) async fn announced(&self, org: OrgId) -> Vec<(String, String)> {
        let events: Vec<(String, Value)> = sqlx::query_as(
            "SELECT type, data FROM events.event
             WHERE org_id = $1 AND type LIKE 'message.%' ORDER BY seq",
        )
        .bind(org)
        .fetch_all(&mut self.owner().await)
        .await
        .unwrap();
        let state = |data: Value| data["state"].as_str().unwrap().to_owned();
        events
            .into_iter()
            .map(|(kind, data)| (kind, state(data)))
            .collect()
    }

    /// How many messages of all clinics are so.
    pub(crate) async fn count(&self, condition: &'static str) -> usize {
        let counted = format!("SELECT count(*) FROM notification.message WHERE {condition}");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(counted))
            .fetch_one(&mut self.owner().await)
            .await
            .unwrap();
        usize::try_from(count).unwrap()
    }

    /// The variables of a process of its own, on this stage.
    pub(crate) fn environment(&self, grpc: SocketAddr) -> Vec<(&'static str, String)> {
        let Setting {
            twilio,
            public,
            upstreams,
            timing,
        } = &self.setting;
        let database = self.database.url("notification");
        vec![
            ("DATABASE_URL", database.expose_secret().to_owned()),
            ("GRPC_ADDR", grpc.to_string()),
            ("ADMIN_ADDR", "127.0.0.1:0".to_owned()),
            ("INTERNAL_CONTEXT_KEYS", KEYS.to_owned()),
            ("IDENTITY_URL", format!("http://{}", upstreams.0)),
            ("BOOKING_URL", format!("http://{}", upstreams.1)),
            ("TWILIO_BASE_URL", format!("http://{twilio}")),
            ("PUBLIC_URL", public.clone()),
            ("SEND_LEASE", "2s".to_owned()),
            ("TWILIO_TIMEOUT", timing.twilio_timeout.to_string()),
            ("SEND_RETRY_AFTER", timing.retry_after.to_string()),
            ("UNKNOWN_GRACE", timing.unknown_grace.to_string()),
            ("UNKNOWN_GAP", timing.unknown_gap.to_string()),
            ("UNKNOWN_GIVE_UP", timing.unknown_give_up.to_string()),
        ]
    }

    pub(crate) async fn owner(&self) -> PgConnection {
        self.database.owner().await
    }
}

async fn run(database: &Database, setting: &Setting) -> Running {
    let setting = setting.clone();
    let config = |grpc_addr| Config {
        database_url: database.url("notification"),
        database_pool_size: 6,
        redis_url: None,
        grpc_addr,
        context_keys: keys(),
        identity_url: format!("http://{}", setting.upstreams.0),
        booking_url: format!("http://{}", setting.upstreams.1),
        twilio_base_url: format!("http://{}", setting.twilio).parse().unwrap(),
        twilio_messaging_base_url: format!("http://{}", setting.twilio).parse().unwrap(),
        public_url: setting.public.parse().unwrap(),
        timing: setting.timing,
    };
    start("notification", Clock::system(), config, serve).await
}

/// Somebody who acts in `org`.
#[expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]
pub(crate) fn acting(org: OrgId, caller: Caller) -> Tenant {
    Tenant::authenticated(org, caller, "test")
}

/// Twilio, after the gateway verified its signature.
pub(crate) fn webhook(tenant: &Tenant) -> Tenant {
    acting(tenant.org(), Caller::Webhook("twilio".to_owned()))
}

/// Longer than any test.
pub(crate) const NEVER: SignedDuration = SignedDuration::from_hours(1);

/// Makes sure that nothing more happens for a while that is long for the service.
pub(crate) async fn stays<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let until = std::time::Instant::now() + Duration::from_millis(800);
    while std::time::Instant::now() < until {
        assert!(holds().await, "no longer: {what}");
        tokio::task::yield_now().await;
    }
}
