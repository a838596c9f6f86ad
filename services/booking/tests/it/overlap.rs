//! No two bookings that block a provider overlap, whatever is done at once.

use proptest::{prelude::*, test_runner::TestRunner};
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk};

#[derive(Clone, Debug)]
enum Step {
    /// Book a service at a quarter of an hour after nine.
    Book { service: usize, quarter: u32 },
    /// Cancel what the step of this number booked.
    Cancel(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0_usize..3, 0_u32..16).prop_map(|(service, quarter)| Step::Book { service, quarter }),
        1 => (0_usize..24).prop_map(Step::Cancel),
    ];
    proptest::collection::vec(step, 24)
}

async fn perform(desk: &Desk, clinic: &Clinic, services: &[String], steps: &[Step]) {
    let mut booked = Vec::new();
    for wave in steps.chunks(8) {
        let calls = wave.iter().map(|step| async {
            match step {
                Step::Book { service, quarter } => {
                    let minutes = 9 * 60 + quarter * 15;
                    let start = format!("2026-12-02T{:02}:{:02}:00Z", minutes / 60, minutes % 60);
                    let request = proto::CreateBookingRequest {
                        service_id: services[*service].clone(),
                        ..clinic.booking(&start, "+14155550123")
                    };
                    desk.book(&clinic.tenant, request)
                        .await
                        .ok()
                        .map(|booking| booking.id)
                }
                Step::Cancel(number) => {
                    let earlier: Option<&String> = booked.get(*number);
                    if let Some(id) = earlier {
                        desk.cancel(&clinic.tenant, id).await.expect("it is there");
                    }
                    None
                }
            }
        });
        let made = futures_util::future::join_all(calls).await;
        booked.extend(made.into_iter().flatten());
    }
}

#[test]
fn trap_02_i1_no_two_blocking_ranges_of_a_resource_overlap() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let desk = runtime.block_on(Desk::open());
    let config = ProptestConfig {
        cases: 12,
        max_shrink_iters: 20,
        ..Default::default()
    };
    TestRunner::new(config)
        .run(&steps(), |steps| {
            let (overlaps, active): (i64, i64) = runtime.block_on(async {
                let clinic = desk.clinic(&two_orgs().0).await;
                let mut services = Vec::new();
                for length in [(15, 0, 0), (30, 15, 0), (45, 0, 20)] {
                    services.push(desk.service(&clinic.tenant, "Visit", length).await);
                }
                perform(&desk, &clinic, &services, &steps).await;
                sqlx::query_as(
                    "SELECT count(*) FILTER (WHERE one.owner_id <> two.owner_id), count(*)
                     FROM booking.claim one JOIN booking.claim two
                       ON one.org_id = two.org_id AND one.resource_id = two.resource_id
                      AND one.busy && two.busy
                     WHERE one.org_id = $1",
                )
                .bind(clinic.tenant.org())
                .fetch_one(&mut desk.database.owner().await)
                .await
                .unwrap()
            });
            prop_assert_eq!(overlaps, 0);
            let asked = steps.iter().any(|step| matches!(step, Step::Book { .. }));
            prop_assert!(active > 0 || !asked);
            Ok(())
        })
        .unwrap();
}
