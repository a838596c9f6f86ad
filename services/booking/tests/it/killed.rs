//! Many who want the same slots, while the processes that book for them are killed again and again.

mod clinic;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, future::join_all, stream};
use jiff::{SignedDuration, Timestamp, Unit};
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;
use tonic::{
    Code, Status,
    transport::{Channel, Endpoint},
};
use voxanne_clock::{Clock, to_proto};
use voxanne_idempotency::{Fingerprint, Key, KeyedRequest};
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_proto::booking::v1::{
    self as proto, booking_service_client::BookingServiceClient,
    clinic_service_client::ClinicServiceClient, create_booking_request::Who,
};
use voxanne_tenant::Outbound;
use voxanne_testkit::{Database, eventually, free_addr, keys, staff};

use self::clinic::Clinic;

/// How many attempts there are, unless this variable says otherwise.
const COUNT: &str = "VOXANNE_TEST_CONTENDED_ATTEMPTS";
const USUAL: usize = 1_000;
/// Attempts for each slot; few attempts make do with fewer.
const FOR_A_SLOT: usize = 100;
const FEWEST_SLOTS: usize = 200;
const AT_ONCE: usize = 16;
const CLINICS: usize = 4;
const PROVIDERS: usize = 5;
/// A strike each.
const PAUSE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_overlaps_and_nothing_is_lost_or_doubled_however_often_a_process_dies() {
    let count = count();
    let arena = Arena::open(count).await;
    let done = CancellationToken::new();
    let began = Instant::now();
    let (kills, ledger) = tokio::join!(arena.strike(&done), async {
        let ledger = arena.attempt_all(count).await;
        done.cancel();
        ledger
    });
    let took = began.elapsed();
    println!(
        "{count} attempts over {} slots, {kills} kills: {} booked in {took:.1?}",
        arena.slots,
        ledger.len()
    );
    assert!(kills > 0);
    arena.settle(&ledger).await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "how much is attempted is up to whoever runs the test"
)]
fn count() -> usize {
    let wanted = std::env::var(COUNT).ok();
    wanted.map_or(USUAL, |count| count.parse().expect("a number"))
}

/// Two processes over one database, and clinics that never close.
struct Arena {
    database: Database,
    outbound: Outbound,
    addrs: [SocketAddr; 2],
    channels: [Channel; 2],
    processes: [std::sync::Mutex<Killable>; 2],
    clinics: Vec<Clinic>,
    /// Slots that are fought for, of all providers together.
    slots: usize,
    first: Timestamp,
}

/// A process; it is killed when dropped.
struct Killable(Child);

impl Drop for Killable {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).unwrap();
    }
}

fn spawn(database: &Database, grpc: SocketAddr) -> Killable {
    let url = database.url("booking");
    let child = Command::new(env!("CARGO_BIN_EXE_booking"))
        .env_clear()
        .env("DATABASE_URL", url.expose_secret())
        .env("GRPC_ADDR", grpc.to_string())
        .env("ADMIN_ADDR", "127.0.0.1:0")
        .env(
            "INTERNAL_CONTEXT_KEYS",
            "test:dGVzdHMgc2hhcmUgdGhpcyBrZXkgb2YgMzIgYnl0ZXM=",
        )
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Killable(child.unwrap())
}

impl Arena {
    async fn open(count: usize) -> Self {
        let database = Database::fresh().await;
        let addrs = [free_addr(), free_addr()];
        let processes = addrs.map(|addr| std::sync::Mutex::new(spawn(&database, addr)));
        let channels = addrs.map(|addr| {
            Endpoint::from_shared(format!("http://{addr}"))
                .unwrap()
                .connect_lazy()
        });
        let clock = Clock::system();
        let tomorrow = clock.now().round(Unit::Hour).unwrap() + SignedDuration::from_hours(48);
        let outbound = Outbound::new(keys(), clock, "gateway", "booking");
        serves(&channels[0], &outbound).await;
        let clinics = (0..CLINICS).map(|_| Clinic::open(&channels[0], &outbound, PROVIDERS));
        Self {
            clinics: join_all(clinics).await,
            database,
            outbound,
            addrs,
            channels,
            processes,
            slots: FEWEST_SLOTS.max(count / FOR_A_SLOT),
            first: tomorrow,
        }
    }

    /// Kills one process and starts it again, now this one, now the other; gives how often.
    async fn strike(&self, done: &CancellationToken) -> usize {
        let mut strikes = tokio::time::interval(PAUSE);
        for kills in 0.. {
            tokio::select! {
                _ = strikes.tick() => {}
                () = done.cancelled() => return kills,
            }
            let victim = kills % 2;
            // There is always one to ask, however long the other takes to come back.
            serves(&self.channels[1 - victim], &self.outbound).await;
            let mut process = self.processes[victim].lock().unwrap();
            process.0.kill().and_then(|()| process.0.wait()).unwrap();
            *process = spawn(&self.database, self.addrs[victim]);
        }
        unreachable!("numbers do not end")
    }

    /// Attempts `count` bookings of slots at random; gives what was booked under each key.
    async fn attempt_all(&self, count: usize) -> BTreeMap<usize, String> {
        let attempts = stream::iter(0..count).map(|number| async move {
            let booked = self.insist(number).await;
            Some((number, booked?))
        });
        let all: Vec<_> = attempts.buffer_unordered(AT_ONCE).collect().await;
        all.into_iter().flatten().collect()
    }

    /// Repeats one attempt under its key until it is known what came of it.
    async fn insist(&self, number: usize) -> Option<String> {
        let outcome = std::sync::Mutex::new(None);
        let tried = AtomicUsize::new(number);
        eventually("the attempt is answered", || async {
            let channel = &self.channels[tried.fetch_add(1, Ordering::Relaxed) % 2];
            let answer = self.attempt(channel, number).await;
            let known = answer.is_some();
            *outcome.lock().unwrap() = answer;
            known
        })
        .await;
        outcome.into_inner().unwrap().expect("it was answered")
    }

    /// `None`: nobody knows.
    async fn attempt(&self, channel: &Channel, number: usize) -> Option<Option<String>> {
        let slot = scattered(number) % self.slots;
        let clinic = &self.clinics[slot % CLINICS];
        let rest = slot / CLINICS;
        // Visits of half an hour every quarter of one: neighbours overlap.
        let starts_at =
            self.first + SignedDuration::from_mins(15) * i32::try_from(rest / PROVIDERS).unwrap();
        let wish = proto::CreateBookingRequest {
            service_id: clinic.service.clone(),
            provider_id: clinic.providers[rest % PROVIDERS].clone(),
            starts_at: Some(to_proto(starts_at)),
            who: Some(Who::Patient(proto::BookedPatient {
                name: "Ada Lovelace".into(),
                phone: format!("+1415{}", 2_000_000 + number % 7_999_999),
                ..Default::default()
            })),
            ..Default::default()
        };
        let mut request = self.outbound.request(&clinic.tenant, wish);
        KeyedRequest {
            key: Key::parse(&format!("attempt-{number}")).unwrap(),
            fingerprint: Fingerprint::of(&[&number.to_be_bytes()]),
        }
        .attach(&mut request);
        let mut bookings = BookingServiceClient::new(channel.clone());
        match bookings.create_booking(request).await {
            Ok(answer) => Some(Some(answer.into_inner().booking.unwrap().id)),
            Err(status) => {
                let is_unknown = is_unknown(&status);
                let problem = Problem::from(status);
                if problem.reason == "SLOT_TAKEN" {
                    return Some(None);
                }
                assert!(is_unknown, "{problem:?}");
                None
            }
        }
    }

    /// Compares what was answered with what is stored.
    async fn settle(&self, ledger: &BTreeMap<usize, String>) {
        let mut owner = self.database.owner().await;
        let stored: Vec<(OrgId, voxanne_ids::BookingId, String)> =
            sqlx::query_as("SELECT org_id, id, status FROM booking.booking")
                .fetch_all(&mut owner)
                .await
                .unwrap();
        assert!(stored.iter().all(|(_, _, status)| status == "booked"));
        let mut stored: Vec<_> = stored.iter().map(|(_, id, _)| id.to_string()).collect();
        let mut answered: Vec<_> = ledger.values().cloned().collect();
        stored.sort_unstable();
        answered.sort_unstable();
        assert_eq!(
            answered, stored,
            "what was answered is what is stored, once each"
        );
        // Past the constraint: by the bookings themselves.
        let overlaps: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM booking.booking one JOIN booking.booking other
               ON other.org_id = one.org_id AND other.provider_id = one.provider_id
              AND other.id > one.id
              AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at",
        )
        .fetch_one(&mut owner)
        .await
        .unwrap();
        assert_eq!(overlaps, 0);
        for (what, table) in [
            ("changes", "booking.booking_change"),
            ("events", "events.event WHERE type = 'booking.created'"),
            ("entries", "audit.entry WHERE action = 'booking.created'"),
            (
                "claims of providers",
                "booking.claim WHERE provider_id IS NOT NULL",
            ),
        ] {
            let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            let count: i64 = sqlx::query_scalar(count)
                .fetch_one(&mut owner)
                .await
                .unwrap();
            assert_eq!(usize::try_from(count).unwrap(), ledger.len(), "{what}");
        }
        // A visit keeps at most two neighbours away, and nearly every slot was wanted.
        assert!(ledger.len() * 4 >= self.slots, "{} booked", ledger.len());
    }
}

/// Waits until the process at the other end answers.
async fn serves(channel: &Channel, outbound: &Outbound) {
    eventually("a process serves", || async {
        let request =
            outbound.request(&staff(OrgId::new()), proto::ListProvidersRequest::default());
        let mut clinics = ClinicServiceClient::new(channel.clone());
        clinics.list_providers(request).await.is_ok()
    })
    .await;
}

/// Whether nobody can tell what came of a request: its process died or was too busy.
fn is_unknown(status: &Status) -> bool {
    let came_from_here = std::error::Error::source(status).is_some();
    came_from_here
        || matches!(
            status.code(),
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Aborted
        )
}

/// The same for the same number, and without a pattern between neighbours (splitmix64).
fn scattered(number: usize) -> usize {
    let mut mixed = (number as u64)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from(mixed >> 33).unwrap()
}
