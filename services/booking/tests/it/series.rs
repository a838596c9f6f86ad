//! Visits that come again.

mod again;
mod refused;

use tonic::Request;
use voxanne_idempotency::{Fingerprint, Key, KeyedRequest};
use voxanne_problem::Problem;
use voxanne_proto::booking::v1::{self as proto, create_series_request::Who};
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk, TEN, proto_at};

const PHONE: &str = "+14155550123";

/// Weekly at ten, from [`TEN`] on.
fn weekly(clinic: &Clinic, count: u32) -> proto::CreateSeriesRequest {
    proto::CreateSeriesRequest {
        service_id: clinic.service.clone(),
        provider_id: clinic.provider.clone(),
        starts_at: proto_at(TEN),
        every_weeks: 1,
        count,
        who: Some(Who::Patient(proto::BookedPatient {
            name: "Ada Lovelace".into(),
            phone: PHONE.into(),
            ..Default::default()
        })),
        ..Default::default()
    }
}

async fn book(
    desk: &Desk,
    clinic: &Clinic,
    request: proto::CreateSeriesRequest,
) -> Result<proto::CreateSeriesResponse, Problem> {
    send(desk, desk.ask(&clinic.tenant, request)).await
}

async fn send(
    desk: &Desk,
    request: Request<proto::CreateSeriesRequest>,
) -> Result<proto::CreateSeriesResponse, Problem> {
    Ok(desk.series().create_series(request).await?.into_inner())
}

async fn cancel(
    desk: &Desk,
    clinic: &Clinic,
    request: proto::CancelSeriesRequest,
) -> Result<proto::CancelSeriesResponse, Problem> {
    let request = desk.ask(&clinic.tenant, request);
    Ok(desk.series().cancel_series(request).await?.into_inner())
}

fn times(bookings: &[proto::Booking]) -> Vec<&str> {
    bookings.iter().map(|one| &*one.local_time).collect()
}

fn missing(problem: &Problem) -> Vec<(String, String)> {
    let extension: serde_json::Value =
        serde_json::from_str(problem.extension.as_deref().unwrap()).unwrap();
    let missing = extension["notBooked"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    missing
        .map(|one| (text(&one["localTime"]), text(&one["reason"])))
        .collect()
}

#[tokio::test]
async fn a_series_is_ordinary_bookings_that_know_each_other() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let series = book(&desk, &clinic, weekly(&clinic, 3)).await.unwrap();
    assert!(series.id.starts_with("srs_"));
    assert_eq!(
        times(&series.bookings),
        ["2026-12-02T10:00", "2026-12-09T10:00", "2026-12-16T10:00"]
    );
    for booking in &series.bookings {
        assert_eq!(booking.series_id, series.id);
        let get = proto::GetBookingRequest {
            id: booking.id.clone(),
        };
        let request = desk.ask(&clinic.tenant, get);
        let stored = desk.bookings().get_booking(request).await.unwrap();
        assert_eq!(stored.into_inner().booking.as_ref(), Some(booking));
    }
    let events = desk.events(&clinic.tenant).await;
    let numbers: Vec<_> = events
        .iter()
        .map(|(kind, data)| (&**kind, data["seriesNumber"].as_u64(), &data["seriesId"]))
        .collect();
    let id = serde_json::Value::from(series.id.clone());
    let told = |number| ("booking.created", Some(number), &id);
    assert_eq!(numbers, [told(1), told(2), told(3)]);
}

/// London goes on summer time on 28 March 2027.
#[tokio::test]
async fn a_series_keeps_its_time_by_the_clinics_clock() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let request = proto::CreateSeriesRequest {
        starts_at: proto_at("2027-03-24T13:00:00Z"),
        ..weekly(&clinic, 2)
    };
    let series = book(&desk, &clinic, request).await.unwrap();
    assert_eq!(
        times(&series.bookings),
        ["2027-03-24T13:00", "2027-03-31T13:00"]
    );
    assert_eq!(
        series.bookings[1].starts_at,
        proto_at("2027-03-31T12:00:00Z")
    );
}

#[tokio::test]
async fn a_series_is_booked_as_a_whole_or_not_at_all() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let rival = clinic.booking("2026-12-09T10:00:00Z", "+14155550199");
    desk.book(&clinic.tenant, rival).await.unwrap();
    // Weekly from Wednesday, and daily over the weekend.
    let refused = book(&desk, &clinic, weekly(&clinic, 3)).await.unwrap_err();
    assert_eq!(refused.reason, "SERIES_NOT_BOOKED");
    let second = |reason: &str| ("2026-12-09T10:00".to_owned(), reason.to_owned());
    assert_eq!(missing(&refused), [second("SLOT_TAKEN")]);
    let daily = proto::CreateSeriesRequest {
        every_weeks: 0,
        every_days: 1,
        ..weekly(&clinic, 4)
    };
    let refused = book(&desk, &clinic, daily).await.unwrap_err();
    let closed = ("2026-12-05T10:00".to_owned(), "OUTSIDE_HOURS".to_owned());
    assert_eq!(missing(&refused), [closed], "a Saturday");
    assert_eq!(desk.count("booking.booking").await, 1);
    assert_eq!(desk.count("booking.patient").await, 1);
    assert_eq!(desk.count("booking.claim").await, 2);
    assert_eq!(desk.events(&clinic.tenant).await.len(), 1);
}

#[tokio::test]
async fn told_to_skip_what_is_taken_it_books_the_others() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let rival = clinic.booking("2026-12-09T10:00:00Z", "+14155550199");
    desk.book(&clinic.tenant, rival).await.unwrap();
    let elsewhere = desk.provider(&clinic.tenant, "Dr. Who").await.id;
    let busy = proto::CreateBookingRequest {
        provider_id: elsewhere,
        ..clinic.booking("2026-12-16T10:00:00Z", PHONE)
    };
    desk.book(&clinic.tenant, busy).await.unwrap();
    let request = proto::CreateSeriesRequest {
        skip_taken: true,
        ..weekly(&clinic, 4)
    };
    let series = book(&desk, &clinic, request.clone()).await.unwrap();
    assert_eq!(
        times(&series.bookings),
        ["2026-12-02T10:00", "2026-12-23T10:00"]
    );
    let skipped: Vec<_> = series
        .not_booked
        .iter()
        .map(|one| (&*one.local_time, &*one.reason))
        .collect();
    assert_eq!(
        skipped,
        [
            ("2026-12-09T10:00", "SLOT_TAKEN"),
            ("2026-12-16T10:00", "PATIENT_BUSY")
        ]
    );
    let nothing_left = book(&desk, &clinic, request).await.unwrap_err();
    assert_eq!(nothing_left.reason, "SERIES_NOT_BOOKED");
}

#[tokio::test]
async fn with_any_provider_the_first_visits_goes_on_if_possible() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let other = desk.provider(&clinic.tenant, "Dr. Who").await.id;
    let any = |count| proto::CreateSeriesRequest {
        provider_id: String::new(),
        ..weekly(&clinic, count)
    };
    // Dr. Lee comes first by name, but has no time at first.
    for start in [TEN, "2026-12-23T10:00:00Z"] {
        let rival = clinic.booking(start, "+14155550199");
        desk.book(&clinic.tenant, rival).await.unwrap();
    }
    let taken = proto::CreateBookingRequest {
        provider_id: other.clone(),
        ..clinic.booking("2026-12-16T10:00:00Z", "+14155550188")
    };
    desk.book(&clinic.tenant, taken).await.unwrap();
    let series = book(&desk, &clinic, any(4)).await.unwrap();
    let providers: Vec<_> = series
        .bookings
        .iter()
        .map(|one| &*one.provider_id)
        .collect();
    assert_eq!(providers, [&*other, &*other, &*clinic.provider, &*other]);
}

#[tokio::test]
async fn two_series_that_want_the_same_weeks_make_one() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let rivals = (0..6).map(|rival| {
        let mut request = weekly(&clinic, 6);
        let Some(Who::Patient(patient)) = &mut request.who else {
            unreachable!("weekly names one")
        };
        patient.name = format!("Rival {rival}");
        book(&desk, &clinic, request)
    });
    let answers = futures_util::future::join_all(rivals).await;
    let (booked, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((booked.len(), refused.len()), (1, 5));
    for refused in refused.into_iter().map(Result::unwrap_err) {
        assert_eq!(refused.reason, "SERIES_NOT_BOOKED", "{refused:?}");
    }
    assert_eq!(desk.count("booking.booking").await, 6);
}

#[tokio::test]
async fn the_rest_of_a_series_is_cancelled_and_what_has_begun_stays() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let series = book(&desk, &clinic, weekly(&clinic, 4)).await.unwrap();
    let ids: Vec<_> = series.bookings.iter().map(|one| one.id.clone()).collect();
    desk.cancel(&clinic.tenant, &ids[3]).await.unwrap();
    let rest = proto::CancelSeriesRequest {
        id: series.id.clone(),
        from: proto_at("2026-12-09T10:00:00Z"),
        reason: "moved away".into(),
    };
    let ended = cancel(&desk, &clinic, rest).await.unwrap();
    let cancelled: Vec<_> = ended.cancelled.iter().map(|one| one.id.clone()).collect();
    assert_eq!((cancelled, ended.kept.len()), (ids[1..3].to_vec(), 0));
    assert_eq!(ended.cancelled[0].history[1].reason, "moved away");
    // The first is over by now, as is everything else.
    desk.clock.set(crate::desk::at("2026-12-02T10:10:00Z"));
    let rest = proto::CancelSeriesRequest {
        id: series.id,
        from: proto_at(TEN),
        ..Default::default()
    };
    let ended = cancel(&desk, &clinic, rest).await.unwrap();
    let kept: Vec<_> = ended
        .kept
        .iter()
        .map(|one| (&*one.booking_id, &*one.reason))
        .collect();
    assert_eq!(
        (ended.cancelled.len(), kept),
        (0, vec![(&*ids[0], "BOOKING_STARTED")])
    );
}
