//! Who waits is made one with another, or erased.

use super::*;

#[tokio::test]
async fn who_is_erased_leaves_the_list_and_the_next_is_offered() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let first = join(&desk, &clinic, "First").await;
    let second = join(&desk, &clinic, "Second").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    let offered = becomes(&desk, &clinic, &first, "offered").await;
    let patient = offered.patient.unwrap().id;
    desk.erase(&clinic.tenant, &patient).await.unwrap();
    let gone = entry(&desk, &clinic, &first).await;
    let named = gone.patient.unwrap().name;
    assert_eq!((&*gone.state, &*named), ("removed", "Erased patient"));
    assert_eq!(entry(&desk, &clinic, &second).await.state, "offered");
    accept(&desk, &clinic, &second, None).await.unwrap();
}

#[tokio::test]
async fn what_the_first_waits_for_the_second_is_offered() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let booking = take(&desk, &clinic, TEN).await;
    let waits = join(&desk, &clinic, "Ada Byron").await;
    let other = join(&desk, &clinic, "Ada Lovelace").await;
    desk.cancel(&clinic.tenant, &booking).await.unwrap();
    // The offer's hold is moved with its entry.
    let goes = becomes(&desk, &clinic, &waits, "offered").await.patient;
    let stays = entry(&desk, &clinic, &other).await.patient;
    let (goes, stays) = (goes.unwrap().id, stays.unwrap().id);
    let both = (&*goes, &*stays);
    desk.merge(&clinic.tenant, both).await.unwrap();
    let accepted = accept(&desk, &clinic, &waits, None).await.unwrap();
    assert_eq!(accepted.booking.unwrap().patient.unwrap().id, stays);
    let waits = entry(&desk, &clinic, &other).await;
    assert_eq!(waits.state, "waiting", "both entries are kept");
}
