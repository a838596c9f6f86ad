//! Redis makes things fast and decides nothing.

use voxanne_testkit::{redis_url, two_orgs};

use crate::desk::{Desk, TEN};

#[tokio::test]
async fn a_slot_is_booked_with_redis_and_without() {
    for url in [redis_url(), "redis://127.0.0.1:1".to_owned().into()] {
        let desk = Desk::open_with(Some(url)).await;
        let clinic = desk.clinic(&two_orgs().0).await;
        desk.book(&clinic.tenant, clinic.booking(TEN, "+14155550123"))
            .await
            .unwrap();
        assert_eq!(desk.events(&clinic.tenant).await.len(), 1);
    }
}
