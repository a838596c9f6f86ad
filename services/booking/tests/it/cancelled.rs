//! Callers that hang up at any moment leave no transaction open and see nobody else's rows.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use uuid::Uuid;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::{eventually, two_orgs};

use crate::desk::{Clinic, Desk, TEN};

const CALLS: u32 = 3000;
const CALLERS: u32 = 16;

#[derive(Default)]
struct Seen {
    answered: AtomicU32,
    cancelled: AtomicU32,
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_calls_that_are_dropped_leave_nothing_open() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let clinics = [desk.clinic(&acme).await, desk.clinic(&globex).await];
    for (clinic, phone) in clinics.iter().zip(["+14155550123", "+14155550199"]) {
        let booked = desk.book(&clinic.tenant, clinic.booking(TEN, phone)).await;
        booked.unwrap();
    }
    let seen = Seen::default();
    join_all((0..CALLERS).map(|_| call_and_hang_up(&desk, &clinics, &seen))).await;
    let (answered, cancelled) = (seen.answered.into_inner(), seen.cancelled.into_inner());
    assert!(
        answered > 100 && cancelled > 300,
        "{answered} answered, {cancelled} cancelled"
    );
    let owner = tokio::sync::Mutex::new(desk.database.owner().await);
    eventually("no transaction is left open", || async {
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND usename = 'svc_booking' AND xact_start IS NOT NULL",
        )
        .fetch_one(&mut *owner.lock().await)
        .await
        .unwrap();
        open == 0
    })
    .await;
    for clinic in &clinics {
        let listed = desk.ask(&clinic.tenant, proto::ListBookingsRequest::default());
        let listed = desk
            .bookings()
            .list_bookings(listed)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            listed.bookings.len(),
            1,
            "a dropped call left half of its work"
        );
    }
}

/// The calls of one caller, each dropped after a random part of the time that a call takes.
async fn call_and_hang_up(desk: &Desk, clinics: &[Clinic; 2], seen: &Seen) {
    let mut longest = 20_000_u64;
    for _ in 0..CALLS / CALLERS {
        let chance = Uuid::new_v4().as_u128();
        let clinic = &clinics[usize::from(chance & 1 == 0)];
        let patience = Duration::from_micros(u64::try_from(chance >> 64).unwrap() % longest);
        let work = async {
            if chance & 0x300 == 0 {
                book(desk, clinic).await;
            } else {
                look(desk, clinic).await;
            }
        };
        if tokio::time::timeout(patience, work).await.is_ok() {
            longest = (longest * 4 / 5).max(100);
            seen.answered.fetch_add(1, Ordering::Relaxed);
        } else {
            longest = (longest * 21 / 20).min(500_000);
            seen.cancelled.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Asks for a time that is taken: the whole transaction is worked through, and nothing comes of it.
async fn book(desk: &Desk, clinic: &Clinic) {
    let wish = clinic.booking(TEN, "+14155550177");
    assert!(desk.book(&clinic.tenant, wish).await.is_err());
}

/// Lists the one booking that is the clinic's own. A connection on which too many calls are dropped
/// is closed by the server, and calls beside them end without an answer of the service's.
async fn look(desk: &Desk, clinic: &Clinic) {
    let request = desk.ask(&clinic.tenant, proto::ListBookingsRequest::default());
    match desk.bookings().list_bookings(request).await {
        Ok(listed) => {
            let bookings = listed.into_inner().bookings;
            let services: Vec<_> = bookings.iter().map(|one| &one.service_id).collect();
            assert_eq!(services, [&clinic.service], "rows of another organisation");
        }
        Err(status) => assert!(status.details().is_empty(), "{status:?}"),
    }
}
