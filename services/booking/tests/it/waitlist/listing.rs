//! The list, and what a wish must look like.

use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use super::{leave, try_join, wish};
use crate::desk::{Desk, bad_fields};

#[tokio::test]
async fn the_list_goes_by_rank_page_by_page() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let mut ids = Vec::new();
    for (name, priority) in [("a", 0), ("b", 3), ("c", 9), ("d", 3), ("e", 0)] {
        let request = proto::JoinWaitlistRequest {
            priority,
            ..wish(&clinic, name)
        };
        ids.push(try_join(&desk, &clinic, request).await.unwrap().id);
    }
    let ranked: Vec<_> = [2, 1, 3, 0, 4].map(|place| ids[place].clone()).into();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..3 {
        let request = proto::ListWaitlistRequest {
            limit: 2,
            cursor,
            ..Default::default()
        };
        let request = desk.ask(&clinic.tenant, request);
        let page = desk.waitlist().list_waitlist(request).await.unwrap();
        let page = page.into_inner();
        seen.extend(page.entries.into_iter().map(|one| one.id));
        cursor = page.next_cursor;
    }
    assert_eq!((seen, &*cursor), (ranked, ""));
    leave(&desk, &clinic, &ids[0]).await.unwrap();
    let removed = proto::ListWaitlistRequest {
        state: "removed".into(),
        service_id: clinic.service.clone(),
        ..Default::default()
    };
    let removed = desk.ask(&clinic.tenant, removed);
    let removed = desk.waitlist().list_waitlist(removed).await.unwrap();
    let removed: Vec<_> = removed.into_inner().entries;
    assert_eq!((removed.len(), &*removed[0].id), (1, &*ids[0]));
}

#[tokio::test]
async fn every_bad_field_of_a_wish_is_named() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let bad = proto::JoinWaitlistRequest {
        service_id: "x".into(),
        provider_id: "y".into(),
        from_date: "2026-02-30".into(),
        part_of_day: "night".into(),
        priority: 10,
        note: "x".repeat(501),
        ..Default::default()
    };
    let problem = try_join(&desk, &clinic, bad).await.unwrap_err();
    assert_eq!(
        bad_fields(&problem),
        [
            "serviceId ID",
            "providerId ID",
            "fromDate DATE",
            "toDate REQUIRED",
            "partOfDay ONE_OF",
            "priority RANGE",
            "note NOTES",
            "patient REQUIRED"
        ]
    );
    for (to, ends) in [
        ("2026-12-01", false),
        ("2028-01-06", true),
        ("2028-01-07", false),
    ] {
        let request = proto::JoinWaitlistRequest {
            to_date: to.into(),
            ..wish(&clinic, "Long")
        };
        let joined = try_join(&desk, &clinic, request).await;
        assert_eq!(joined.is_ok(), ends, "{to}");
        if let Err(problem) = joined {
            assert_eq!(bad_fields(&problem), ["toDate RANGE"]);
        }
    }
    assert_eq!(desk.count("booking.waitlist_entry").await, 1);
}
