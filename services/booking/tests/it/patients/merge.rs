//! Making one patient of two.

use futures_util::future::join_all;
use sqlx::Connection as _;
use voxanne_proto::booking::v1::{self as proto, create_booking_request::Who};
use voxanne_tenant::Tenant;
use voxanne_testkit::{eventually, two_orgs};

use super::{PHONE, person, reason};
use crate::desk::{Clinic, Desk, TEN};

const OTHER: &str = "+14155550188";

/// A clinic with Ada, known twice.
struct Twice {
    desk: Desk,
    clinic: Clinic,
    goes: proto::Patient,
    stays: proto::Patient,
}

impl Twice {
    async fn open() -> Self {
        let desk = Desk::open().await;
        let clinic = desk.clinic(&two_orgs().0).await;
        let new = proto::CreatePatientRequest {
            email: "ada@clinic.example".into(),
            further_phones: vec!["+14155550177".into()],
            ..person("Ada Lovelace", PHONE, "1980-02-29")
        };
        let goes = desk.add(&clinic.tenant, new).await.unwrap();
        let stays = person("Ada King", OTHER, "");
        let stays = desk.add(&clinic.tenant, stays).await.unwrap();
        Self {
            desk,
            clinic,
            goes,
            stays,
        }
    }

    fn tenant(&self) -> &Tenant {
        &self.clinic.tenant
    }

    async fn merge(&self) -> proto::Patient {
        let both = (&*self.goes.id, &*self.stays.id);
        self.desk.merge(self.tenant(), both).await.unwrap()
    }

    fn booking_of(&self, start: &str, id: &str) -> proto::CreateBookingRequest {
        proto::CreateBookingRequest {
            who: Some(Who::PatientId(id.into())),
            ..self.clinic.booking(start, PHONE)
        }
    }

    /// Whose the bookings are, past the service's back.
    async fn holders(&self) -> Vec<uuid::Uuid> {
        sqlx::query_scalar("SELECT patient_id FROM booking.booking")
            .fetch_all(&mut self.desk.database.owner().await)
            .await
            .unwrap()
    }

    /// Waits until a statement of the service's is waiting for a row.
    async fn somebody_waits(&self) {
        let owner = tokio::sync::Mutex::new(self.desk.database.owner().await);
        eventually("a statement waits for a lock", || async {
            sqlx::query_scalar(
                "SELECT EXISTS (SELECT FROM pg_stat_activity
                 WHERE datname = current_database() AND usename = 'svc_booking'
                   AND wait_event_type = 'Lock')",
            )
            .fetch_one(&mut *owner.lock().await)
            .await
            .unwrap()
        })
        .await;
    }
}

fn bare(id: &str) -> uuid::Uuid {
    id.split_once('_').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn what_belonged_to_the_first_belongs_to_the_second() {
    let twice = Twice::open().await;
    let (desk, tenant) = (&twice.desk, twice.tenant());
    let booked = twice.booking_of(TEN, &twice.goes.id);
    let booking = desk.book(tenant, booked).await.unwrap();
    let callback = proto::CreateTaskRequest {
        patient_id: twice.goes.id.clone(),
        ..Default::default()
    };
    let task = desk.callback(tenant, callback).await.unwrap();
    let merged = twice.merge().await;
    assert_eq!(merged.id, twice.stays.id);
    assert_eq!((&*merged.name, &*merged.phone), ("Ada King", OTHER));
    assert_eq!(merged.phones, [OTHER, PHONE, "+14155550177"]);
    assert_eq!(
        merged.email, "ada@clinic.example",
        "what was not known is learnt"
    );
    assert_eq!(merged.date_of_birth, "1980-02-29");
    let get = proto::GetBookingRequest { id: booking.id };
    let moved = desk.bookings().get_booking(desk.ask(tenant, get)).await;
    let moved = moved.unwrap().into_inner().booking.unwrap();
    assert_eq!(moved.patient.unwrap().id, twice.stays.id);
    assert_eq!(moved.history, booking.history, "history is kept");
    let task = desk.task(tenant, &task.id).await.unwrap();
    assert_eq!(task.patient_id, twice.stays.id);
    let tombstone = desk.patient(tenant, &twice.goes.id).await.unwrap();
    assert_eq!(tombstone.merged_into_id, twice.stays.id);
    assert_eq!((&*tombstone.name, &*tombstone.phone), ("Ada Lovelace", ""));
    assert!(tombstone.phones.is_empty());
    let listed = desk.ask(tenant, proto::ListPatientsRequest::default());
    let listed = desk.clinics().list_patients(listed).await.unwrap();
    assert_eq!(listed.into_inner().patients, [merged]);
    let events = desk.events(tenant).await;
    let (_, told) = events
        .iter()
        .find(|(kind, _)| kind == "patient.merged")
        .unwrap();
    assert_eq!(
        *told,
        serde_json::json!({ "patientId": twice.goes.id, "intoId": twice.stays.id })
    );
}

#[tokio::test]
async fn an_id_from_before_still_means_the_person() {
    let twice = Twice::open().await;
    let (desk, tenant) = (&twice.desk, twice.tenant());
    twice.merge().await;
    let booked = desk
        .book(tenant, twice.booking_of(TEN, &twice.goes.id))
        .await
        .unwrap();
    assert_eq!(booked.patient.unwrap().id, twice.stays.id);
    // A caller who goes on giving the name of before is the same person, and no third.
    for name in ["Ada King", "Ada Lovelace"] {
        let found = desk.identify(tenant, (name, "")).await.unwrap();
        assert_eq!(found.patient_id, twice.stays.id, "{name}");
        let again = desk.add(tenant, person(name, PHONE, "")).await.unwrap();
        assert_eq!(again.id, twice.stays.id, "{name}");
    }
    let change = proto::UpdatePatientRequest {
        id: twice.goes.id.clone(),
        name: Some("Ada".into()),
        ..Default::default()
    };
    let changed = desk
        .clinics()
        .update_patient(desk.ask(tenant, change))
        .await;
    assert_eq!(reason(changed.map_err(Into::into)), "PATIENT_MERGED");
}

#[tokio::test]
async fn nobody_is_merged_twice_or_in_a_circle() {
    let twice = Twice::open().await;
    let (desk, tenant) = (&twice.desk, twice.tenant());
    let third = desk
        .add(tenant, person("Ada Byron", "+14155550166", ""))
        .await
        .unwrap();
    let (goes, stays) = (&*twice.goes.id, &*twice.stays.id);
    let itself = desk.merge(tenant, (goes, goes)).await;
    assert_eq!(reason(itself), "INVALID");
    twice.merge().await;
    for (from, into) in [
        (goes, stays),
        (goes, &*third.id),
        (stays, goes),
        (&third.id, goes),
    ] {
        let again = desk.merge(tenant, (from, into)).await.unwrap_err();
        assert_eq!(again.reason, "PATIENT_MERGED");
        let into: serde_json::Value = serde_json::from_str(&again.extension.unwrap()).unwrap();
        assert_eq!(into["intoId"], *stays);
    }
    // A chain is no circle.
    desk.merge(tenant, (stays, &third.id)).await.unwrap();
    let booked = desk
        .book(tenant, twice.booking_of(TEN, goes))
        .await
        .unwrap();
    assert_eq!(booked.patient.unwrap().id, third.id);
    let back = desk.merge(tenant, (&third.id, goes)).await;
    assert_eq!(reason(back), "PATIENT_MERGED");
}

#[tokio::test]
async fn two_merges_the_other_way_round_leave_one_patient() {
    let twice = Twice::open().await;
    let (desk, tenant) = (&twice.desk, twice.tenant());
    let (goes, stays) = (&*twice.goes.id, &*twice.stays.id);
    let both = [(goes, stays), (stays, goes)].map(|both| desk.merge(tenant, both));
    let done = join_all(both).await;
    let reasons: Vec<_> = done.into_iter().map(reason).collect();
    let mut sorted = reasons.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["", "PATIENT_MERGED"], "{reasons:?}");
}

#[tokio::test]
async fn a_merge_waits_for_a_booking_that_is_being_made() {
    let twice = Twice::open().await;
    let (desk, tenant) = (&twice.desk, twice.tenant());
    let booked = desk
        .book(tenant, twice.booking_of(TEN, &twice.goes.id))
        .await
        .unwrap();
    // Somebody who books has found the patient and not yet written the booking.
    let mut booker = desk.database.owner().await;
    let mut booker = booker.begin().await.unwrap();
    sqlx::query("SELECT FROM booking.patient WHERE id = $1 FOR KEY SHARE")
        .bind(bare(&twice.goes.id))
        .execute(&mut *booker)
        .await
        .unwrap();
    let booking = async {
        twice.somebody_waits().await;
        sqlx::query(
            "INSERT INTO booking.booking SELECT copy.* FROM booking.booking,
               jsonb_populate_record(booking, jsonb_build_object('id', gen_random_uuid())) AS copy
             WHERE booking.id = $1",
        )
        .bind(bare(&booked.id))
        .execute(&mut *booker)
        .await
        .unwrap();
        booker.commit().await.unwrap();
    };
    let (merged, ()) = tokio::join!(twice.merge(), booking);
    assert_eq!(merged.id, twice.stays.id);
    assert_eq!(twice.holders().await, [bare(&twice.stays.id); 2]);
}

#[tokio::test]
async fn a_booking_waits_for_a_merge_and_is_the_merged_patients() {
    let twice = Twice::open().await;
    let (desk, tenant) = (&twice.desk, twice.tenant());
    let mut merger = desk.database.owner().await;
    let mut merger = merger.begin().await.unwrap();
    let (goes, stays) = (bare(&twice.goes.id), bare(&twice.stays.id));
    sqlx::query("SELECT FROM booking.patient WHERE id = $1 FOR UPDATE")
        .bind(goes)
        .execute(&mut *merger)
        .await
        .unwrap();
    let merge = async {
        twice.somebody_waits().await;
        sqlx::query("UPDATE booking.patient SET merged_into = $2, phone = '' WHERE id = $1")
            .bind(goes)
            .bind(stays)
            .execute(&mut *merger)
            .await
            .unwrap();
        merger.commit().await.unwrap();
    };
    let booking = desk.book(tenant, twice.booking_of(TEN, &twice.goes.id));
    let (booked, ()) = tokio::join!(booking, merge);
    assert_eq!(booked.unwrap().patient.unwrap().id, twice.stays.id);
    assert_eq!(twice.holders().await, [stays]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_booking_is_lost_to_a_merge_that_runs_meanwhile() {
    for round in 0..5 {
        let twice = Twice::open().await;
        let (desk, tenant) = (&twice.desk, twice.tenant());
        let books = (9..17).map(|hour| {
            let start = format!("2026-12-02T{hour:02}:00:00Z");
            let by_name = twice.clinic.booking(&start, PHONE);
            let by_id = twice.booking_of(&start, &twice.goes.id);
            desk.book(tenant, if hour % 2 == 0 { by_id } else { by_name })
        });
        let (merged, booked) = tokio::join!(twice.merge(), join_all(books));
        assert_eq!(merged.id, twice.stays.id);
        for one in booked {
            one.unwrap();
        }
        let holders = twice.holders().await;
        assert_eq!(holders, [bare(&twice.stays.id); 8], "round {round}");
    }
}

#[tokio::test]
async fn two_visits_at_once_are_both_kept() {
    let twice = Twice::open().await;
    let (desk, tenant) = (&twice.desk, twice.tenant());
    let other = desk.provider(tenant, "Dr. Adams").await.id;
    desk.book(tenant, twice.booking_of(TEN, &twice.goes.id))
        .await
        .unwrap();
    let second = proto::CreateBookingRequest {
        provider_id: other,
        ..twice.booking_of(TEN, &twice.stays.id)
    };
    desk.book(tenant, second).await.unwrap();
    twice.merge().await;
    assert_eq!(twice.holders().await, [bare(&twice.stays.id); 2]);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM booking.claim WHERE patient_id = $1")
        .bind(bare(&twice.goes.id))
        .fetch_one(&mut desk.database.owner().await)
        .await
        .unwrap();
    assert_eq!(left, 0, "the tombstone is nowhere at any time");
}

#[tokio::test]
async fn a_visit_that_moved_keeps_its_patient_busy() {
    let twice = Twice::open().await;
    let (desk, tenant) = (&twice.desk, twice.tenant());
    let other = desk.provider(tenant, "Dr. Adams").await.id;
    let booked = twice.booking_of(TEN, &twice.goes.id);
    desk.book(tenant, booked).await.unwrap();
    twice.merge().await;
    let elsewhere = proto::CreateBookingRequest {
        provider_id: other,
        ..twice.booking_of(TEN, &twice.stays.id)
    };
    assert_eq!(reason(desk.book(tenant, elsewhere).await), "PATIENT_BUSY");
}

#[tokio::test]
async fn a_patient_has_twenty_numbers_at_most() {
    let twice = Twice::open().await;
    let (desk, tenant) = (&twice.desk, twice.tenant());
    let many = |from: usize| {
        (from..from + 18)
            .map(|n| format!("+141555502{n:02}"))
            .collect()
    };
    let numbers = proto::CreatePatientRequest {
        further_phones: many(10),
        ..person("Ada King", OTHER, "")
    };
    assert_eq!(desk.add(tenant, numbers).await.unwrap().phones.len(), 19);
    let refused = desk.merge(tenant, (&twice.goes.id, &twice.stays.id)).await;
    assert_eq!(reason(refused), "TOO_MANY_PHONES");
    let goes = desk.patient(tenant, &twice.goes.id).await.unwrap();
    assert_eq!(goes, twice.goes, "a refused merge changes nothing");
}
