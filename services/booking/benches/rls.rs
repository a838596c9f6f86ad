//! What row-level security costs: the same service twice on one database, once under its own role and
//! once under one that the policies do not bind, taking turns.
//!
//! `VOXANNE_TEST_DATABASE_URL=<a superuser's> cargo bench -p voxanne-booking --bench rls`
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]
#![expect(clippy::print_stdout, reason = "a command for people")]

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use sqlx::AssertSqlSafe;
use tonic::transport::Channel;
use voxanne_booking::{Config, serve};
use voxanne_clock::{Clock, to_proto};
use voxanne_ids::OrgId;
use voxanne_proto::booking::v1::{
    self as proto, booking_service_client::BookingServiceClient,
    clinic_service_client::ClinicServiceClient, create_booking_request::Who,
};
use voxanne_tenant::{Outbound, Tenant};
use voxanne_testkit::{Database, Running, keys, staff, start};

const NOW: &str = "2026-12-01T08:00:00Z";
/// Clinics that share the load; bookings of one are numbered one after the other.
const CLINICS: usize = 32;
const CLIENTS: usize = 8;
const WARM_UP: Duration = Duration::from_secs(3);
const TURN: Duration = Duration::from_secs(3);
/// Pairs of turns; each begins with the other service than the one before.
const PAIRS: usize = 12;

/// A service that runs here.
struct Arm {
    name: &'static str,
    channel: Channel,
    took: Vec<Duration>,
    /// Bookings a second, for each turn.
    rates: Vec<f64>,
    _running: Running,
}

struct Clinic {
    tenant: Tenant,
    service: String,
    /// Minutes from the first slot to the next that nobody has asked for.
    next: AtomicI64,
}

#[tokio::main]
async fn main() {
    let database = Database::fresh().await;
    let outbound = Outbound::new(keys(), clock(), "gateway", "booking");
    let (role, url) = unbound(&database).await;
    let mut arms = [
        Arm::start("with policies", database.url("booking")).await,
        Arm::start("without", url).await,
    ];
    let clinics: Vec<_> =
        join_all((0..CLINICS).map(|_| Clinic::open(&arms[0].channel, &outbound))).await;
    // The plans that the first bookings get are those for empty tables, and whoever comes first would
    // keep them: known sizes make both plan anew.
    for _ in 0..2 {
        for arm in &mut arms {
            arm.turn(&clinics, &outbound, WARM_UP).await;
            (arm.took, arm.rates) = (Vec::new(), Vec::new());
        }
        sqlx::query("ANALYZE")
            .execute(&mut database.owner().await)
            .await
            .unwrap();
    }
    for pair in 0..PAIRS {
        for turn in 0..2 {
            arms[(pair + turn) % 2]
                .turn(&clinics, &outbound, TURN)
                .await;
        }
    }
    println!("| bookings | count | a second (median of {PAIRS} turns) | p50 ms | p99 ms |");
    println!("|---|---|---|---|---|");
    for arm in &mut arms {
        println!("{}", arm.line());
    }
    // Turns stand side by side, so that what else the machine does meets both of a pair.
    let mut ratios: Vec<_> = arms[0]
        .rates
        .iter()
        .zip(&arms[1].rates)
        .map(|(with, without)| with / without)
        .collect();
    ratios.sort_by(f64::total_cmp);
    let cost = (1.0 - ratios[PAIRS / 2]) * 100.0;
    println!(
        "\ncost of policies: {cost:.1} % of throughput (median of {PAIRS} pairs; goal: at most 10 %)"
    );
    println!("pairs: {ratios:.3?}");
    let drop = AssertSqlSafe(format!("DROP ROLE {role}"));
    sqlx::query(drop)
        .execute(&mut database.owner().await)
        .await
        .unwrap();
}

fn clock() -> Clock {
    Clock::fixed(NOW.parse().unwrap())
}

/// A role with booking's rights that policies do not bind, and the URL to connect with it.
async fn unbound(database: &Database) -> (String, SecretString) {
    let role = format!("bench_{}", uuid::Uuid::new_v4().simple());
    let create =
        format!("CREATE ROLE {role} LOGIN INHERIT BYPASSRLS IN ROLE svc_booking, sys_booking");
    let mut owner = database.owner().await;
    sqlx::query(AssertSqlSafe(create))
        .execute(&mut owner)
        .await
        .unwrap();
    let mut url: url::Url = database.owner_url().parse().unwrap();
    url.set_username(&role).unwrap();
    url.set_password(None).unwrap();
    (role, url.to_string().into())
}

impl Arm {
    async fn start(name: &'static str, database_url: SecretString) -> Self {
        let config = |grpc_addr| Config {
            database_url,
            redis_url: None,
            grpc_addr,
            context_keys: keys(),
            pool_size: 10,
            hold_ttl: Duration::from_secs(300),
            google: None,
            offer_ttl: Duration::from_secs(900),
        };
        let running = start("booking", clock(), config, serve).await;
        let channel = running.channel();
        Self {
            name,
            channel,
            took: Vec::new(),
            rates: Vec::new(),
            _running: running,
        }
    }

    /// Books for as long as `turn`.
    async fn turn(&mut self, clinics: &[Clinic], outbound: &Outbound, turn: Duration) {
        let began = Instant::now();
        let clients = (0..CLIENTS).map(|client| {
            let channel = self.channel.clone();
            let own = clinics.iter().cycle().skip(client * CLINICS / CLIENTS);
            book_until(channel, outbound, own, began + turn)
        });
        let took: Vec<_> = join_all(clients).await.into_iter().flatten().collect();
        let count = f64::from(u32::try_from(took.len()).unwrap());
        self.rates.push(count / began.elapsed().as_secs_f64());
        self.took.extend(took);
    }

    fn line(&mut self) -> String {
        self.took.sort();
        let at =
            |share: usize| self.took[(self.took.len() - 1) * share / 100].as_secs_f64() * 1000.0;
        let mut rates = self.rates.clone();
        rates.sort_by(f64::total_cmp);
        let (count, rate) = (self.took.len(), rates[rates.len() / 2]);
        format!(
            "| {} | {count} | {rate:.0} | {:.2} | {:.2} |",
            self.name,
            at(50),
            at(99)
        )
    }
}

/// One client's bookings, at one clinic after the other, and how long each took.
async fn book_until(
    channel: Channel,
    outbound: &Outbound,
    clinics: impl Iterator<Item = &Clinic>,
    end: Instant,
) -> Vec<Duration> {
    let mut took = Vec::new();
    for clinic in clinics.take_while(|_| Instant::now() < end) {
        let asked = Instant::now();
        clinic.book(&channel, outbound).await;
        took.push(asked.elapsed());
    }
    took
}

impl Clinic {
    /// A clinic that never closes.
    async fn open(channel: &Channel, outbound: &Outbound) -> Self {
        let tenant = staff(OrgId::new());
        let mut clinics = ClinicServiceClient::new(channel.clone());
        let set_up = proto::SetUpClinicRequest {
            name: "Main".into(),
            time_zone: "UTC".into(),
        };
        clinics
            .set_up_clinic(outbound.request(&tenant, set_up))
            .await
            .unwrap();
        let provider = proto::CreateProviderRequest {
            name: "Dr. Lee".into(),
            ..Default::default()
        };
        clinics
            .create_provider(outbound.request(&tenant, provider))
            .await
            .unwrap();
        let service = proto::CreateServiceRequest {
            name: "Check-up".into(),
            duration_minutes: 5,
            ..Default::default()
        };
        let service = clinics
            .create_service(outbound.request(&tenant, service))
            .await
            .unwrap();
        let hours = (1..=7).map(|weekday| proto::Hours {
            weekday,
            opens: "00:00".into(),
            closes: "24:00".into(),
        });
        let week = proto::PutScheduleRequest {
            hours: hours.collect(),
            ..Default::default()
        };
        clinics
            .put_schedule(outbound.request(&tenant, week))
            .await
            .unwrap();
        let service = service.into_inner().service.unwrap().id;
        Self {
            tenant,
            service,
            next: AtomicI64::new(0),
        }
    }

    /// Books a time that nobody has.
    async fn book(&self, channel: &Channel, outbound: &Outbound) {
        let minutes = self.next.fetch_add(5, Ordering::Relaxed);
        let first: Timestamp = NOW.parse().unwrap();
        let starts_at = first + SignedDuration::from_mins(24 * 60 + minutes);
        let wish = proto::CreateBookingRequest {
            service_id: self.service.clone(),
            starts_at: Some(to_proto(starts_at)),
            who: Some(Who::Patient(proto::BookedPatient {
                name: "Ada Lovelace".into(),
                phone: format!("+1415555{:04}", minutes / 5 % 10_000),
                email: String::new(),
                ..Default::default()
            })),
            ..Default::default()
        };
        let mut bookings = BookingServiceClient::new(channel.clone());
        bookings
            .create_booking(outbound.request(&self.tenant, wish))
            .await
            .unwrap();
    }
}
