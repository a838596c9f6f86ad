//! Two clinics, the service between them and Google, and a clock that a test moves.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use voxanne_booking::{CalendarTiming, GoogleConfig, OAuthUrls};
use voxanne_clock::Clock;
use voxanne_ids::{BookingId, OrgId};
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::{System, Tenant};
use voxanne_testkit::{Database, eventually, free_addr, two_orgs};

use super::{
    google::{CLIENT, GoogleSide, SECRET},
    vault::Vault,
};
use crate::desk::{Clinic, Desk, NOW, at};

/// Where the browser comes back to; nobody listens there.
const PUBLIC: &str = "http://127.0.0.1:9";
pub(crate) const ADA: &str = "ada@sandbox.example";
pub(crate) const BO: &str = "bo@sandbox.example";
pub(crate) const PHONE: &str = "+14155550123";

pub(crate) struct Stage {
    pub(crate) desk: Desk,
    pub(crate) google: GoogleSide,
    pub(crate) vault: Vault,
    pub(crate) acme: Clinic,
    pub(crate) globex: Clinic,
    config: GoogleConfig,
}

/// What the browser holds after the question was asked.
pub(crate) struct Asked {
    pub(crate) url: String,
    pub(crate) browser: String,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let clock = Clock::fixed(at(NOW));
        let vault = Vault::default();
        let identity = vault.serve(clock.clone()).await;
        let callback = format!("{PUBLIC}/api/google/oauth/callback");
        let google = GoogleSide::start(free_addr(), &callback).await;
        let url: url::Url = google.url.parse().unwrap();
        let config = GoogleConfig {
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.into(),
            api: url.clone(),
            oauth: OAuthUrls::at(Some(&url)),
            public_url: PUBLIC.parse().unwrap(),
            identity_url: format!("http://{identity}"),
            timing: CalendarTiming {
                google_timeout: SignedDuration::from_secs(5),
                ..CalendarTiming::default()
            },
        };
        let google_config = Some(config.clone());
        let desk = Desk::open_over(Database::fresh().await, clock, (None, google_config)).await;
        let (acme, globex) = two_orgs();
        let (acme, globex) = (desk.clinic(&acme).await, desk.clinic(&globex).await);
        Self {
            desk,
            google,
            vault,
            acme,
            globex,
            config,
        }
    }

    /// Stops the service as SIGTERM does and starts it again on the same database.
    pub(crate) async fn restart(&mut self) {
        self.desk.running.stop().await;
        let (database, clock) = (self.desk.database.clone(), self.desk.clock.clone());
        let google = Some(self.config.clone());
        self.desk = Desk::open_over(database, clock, (None, google)).await;
    }

    /// Lets time pass.
    pub(crate) fn later(&self, by: SignedDuration) -> Timestamp {
        let now = self.desk.clock.now() + by;
        self.desk.clock.set(now);
        now
    }

    pub(crate) async fn ask(&self, tenant: &Tenant, provider: &str) -> Result<Asked, Problem> {
        let message = proto::StartConnectRequest {
            provider_id: provider.to_owned(),
        };
        let request = self.desk.ask(tenant, message);
        let answer = self.desk.calendars().start_connect(request).await?;
        let answer = answer.into_inner();
        Ok(Asked {
            url: answer.url,
            browser: answer.browser,
        })
    }

    /// The browser is back with what Google told it.
    pub(crate) async fn finish(&self, brought: &Value, browser: &str) -> Result<String, Problem> {
        let text = |name: &str| brought[name].as_str().unwrap_or_default().to_owned();
        let message = proto::FinishConnectRequest {
            state: text("state"),
            code: text("code"),
            error: text("error"),
            browser: browser.to_owned(),
        };
        let system = System::new("gateway", "test");
        let request = self.desk.outbound.system_request(&system, message);
        let answer = self.desk.calendars().finish_connect(request).await?;
        Ok(answer.into_inner().provider_id)
    }

    /// Connects the calendar of a clinic's provider to `account` and waits until it was read.
    pub(crate) async fn connect(&self, clinic: &Clinic, account: &str) {
        let asked = self.ask(&clinic.tenant, &clinic.provider).await.unwrap();
        let brought = self.google.consent(&asked.url, account, Value::Null).await;
        let connected = self.finish(&brought, &asked.browser).await.unwrap();
        assert_eq!(connected, clinic.provider);
        self.synced_since(clinic, self.desk.clock.now()).await;
    }

    pub(crate) async fn calendar(&self, clinic: &Clinic) -> proto::Calendar {
        let message = proto::ListCalendarsRequest::default();
        let request = self.desk.ask(&clinic.tenant, message);
        let answer = self.desk.calendars().list_calendars(request).await.unwrap();
        let calendars = answer.into_inner().calendars;
        let own = calendars
            .into_iter()
            .find(|one| one.provider_id == clinic.provider);
        own.unwrap()
    }

    /// Waits until what Google had at `since` is known.
    pub(crate) async fn synced_since(&self, clinic: &Clinic, since: Timestamp) {
        eventually("the calendar is read", || async {
            let synced = self.calendar(clinic).await.synced_at;
            synced.is_some_and(|at| voxanne_clock::from_proto(&at).unwrap() >= since)
        })
        .await;
    }

    /// Lets the poll come round once more.
    pub(crate) async fn poll(&self, clinic: &Clinic) {
        let now = self.later(SignedDuration::from_mins(5));
        self.synced_since(clinic, now).await;
    }

    pub(crate) async fn update(&self, clinic: &Clinic, change: proto::UpdateCalendarRequest) {
        let message = proto::UpdateCalendarRequest {
            provider_id: clinic.provider.clone(),
            ..change
        };
        let request = self.desk.ask(&clinic.tenant, message);
        self.desk
            .calendars()
            .update_calendar(request)
            .await
            .unwrap();
    }

    /// Whether the half hour at `start` is offered.
    pub(crate) async fn is_offered(&self, clinic: &Clinic, start: &str) -> bool {
        let until = (at(start) + SignedDuration::from_mins(30)).to_string();
        let found = self
            .desk
            .slots(&clinic.tenant, clinic.wanted(start, &until))
            .await;
        !found.unwrap().slots.is_empty()
    }

    /// Kinds of events about calendars, in order, each with what it says.
    pub(crate) async fn told(&self, clinic: &Clinic) -> Vec<(String, Value)> {
        let mut events = self.desk.events(&clinic.tenant).await;
        events.retain(|(kind, _)| kind.starts_with("calendar."));
        events
    }

    /// Waits until an event about calendars of this kind was told `count` times.
    pub(crate) async fn tells(&self, clinic: &Clinic, kind: &str, count: usize) {
        eventually(&format!("{kind} is told {count} times"), || async {
            let told = self.told(clinic).await;
            told.iter().filter(|(told, _)| told == kind).count() == count
        })
        .await;
    }

    /// Waits until no booking of the organisation has to be written.
    pub(crate) async fn written(&self, org: OrgId) {
        eventually("everything is written", || async {
            let behind: i64 = sqlx::query_scalar(
                "SELECT (SELECT count(*) FROM booking.calendar_event WHERE org_id = $1 AND is_due)
                  + (SELECT count(*) FROM events.counter
                     LEFT JOIN events.progress ON progress.org_id = counter.org_id
                       AND progress.consumer = 'booking.write_calendars'
                     WHERE counter.org_id = $1 AND counter.seq > coalesce(progress.seq, 0))",
            )
            .bind(org)
            .fetch_one(&mut self.desk.database.owner().await)
            .await
            .unwrap();
            behind == 0
        })
        .await;
    }

    /// Books, and waits until it stands in the calendar.
    pub(crate) async fn book(&self, clinic: &Clinic, start: &str) -> proto::Booking {
        let booked = self
            .desk
            .book(&clinic.tenant, clinic.booking(start, PHONE))
            .await;
        self.written(clinic.tenant.org()).await;
        booked.unwrap()
    }
}

/// The id of a booking's event.
pub(crate) fn event_id(booking: &proto::Booking) -> String {
    let id: BookingId = booking.id.parse().unwrap();
    id.as_uuid().simple().to_string()
}
