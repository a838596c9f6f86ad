//! Series that are not even tried, or cannot be had.

use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use super::{book, missing, weekly};
use crate::desk::{Desk, bad_fields, proto_at};

#[tokio::test]
async fn every_bad_field_of_a_series_is_named() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let bad = proto::CreateSeriesRequest {
        count: 27,
        every_weeks: 27,
        notes: "x".repeat(2001),
        ..Default::default()
    };
    let problem = book(&desk, &clinic, bad).await.unwrap_err();
    assert_eq!(
        bad_fields(&problem),
        [
            "serviceId REQUIRED",
            "startsAt REQUIRED",
            "count RANGE",
            "every.weeks RANGE",
            "patient REQUIRED",
            "notes NOTES"
        ]
    );
    for (weeks, days, wrong) in [
        (0, 0, "every REQUIRED"),
        (1, 1, "every CONFLICT"),
        (0, 183, "every.days RANGE"),
    ] {
        let bad = proto::CreateSeriesRequest {
            every_weeks: weeks,
            every_days: days,
            ..weekly(&clinic, 2)
        };
        let problem = book(&desk, &clinic, bad).await.unwrap_err();
        assert_eq!(bad_fields(&problem), [wrong]);
    }
    let past = proto::CreateSeriesRequest {
        starts_at: proto_at("2026-11-25T10:00:00Z"),
        ..weekly(&clinic, 2)
    };
    let refused = book(&desk, &clinic, past).await.unwrap_err();
    let first = ("2026-11-25T10:00".to_owned(), "IN_PAST".to_owned());
    assert_eq!(missing(&refused), [first]);
    let far = proto::CreateSeriesRequest {
        every_weeks: 26,
        ..weekly(&clinic, 26)
    };
    let refused = book(&desk, &clinic, far).await.unwrap_err();
    assert!(missing(&refused).iter().all(|(_, why)| why == "TOO_FAR"));
    assert_eq!(desk.count("booking.booking").await, 0);
}
