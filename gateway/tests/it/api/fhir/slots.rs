//! Free times.

use super::{
    Desk,
    desk::{NINE, slot_id},
    entries, get, link, post,
};
use crate::api::fixture::Person;
use serde_json::json;

#[tokio::test]
async fn slots_are_asked_for_as_they_are_wanted_and_shown_page_by_page() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    let provider = desk.provider.to_string().replace('_', "-");
    let service = desk.service.to_string().replace('_', "-");
    // A day is meant where the clinic is.
    let path = format!(
        "Slot?schedule=Schedule/{provider}&start=ge2026-12-01&start=lt2026-12-01T18:00:00Z\
         &status=free&service-type=urn:voxanne:service%7C{service}&_count=2"
    );
    let first = get(&api, &person, &path).await;
    let asked = desk.asked().find.take().expect("it was asked");
    assert_eq!(asked.provider_id, desk.provider.to_string());
    assert_eq!(asked.service_id, desk.service.to_string());
    assert_eq!(asked.from.map(|at| at.seconds), Some(NINE - 9 * 3600));
    assert_eq!(asked.to.map(|at| at.seconds), Some(NINE + 4 * 3600));
    let slots = entries(&first);
    assert_eq!(slots.len(), 2, "{first}");
    assert_eq!(slots[0]["start"], "2026-12-01T14:00:00Z");
    assert_eq!(slots[0]["status"], "free");
    assert_eq!(
        slots[0]["schedule"]["reference"],
        format!("Schedule/{provider}")
    );
    assert_eq!(slots[0]["serviceType"][0]["coding"][0]["code"], service);

    let mut starts = vec![slots[0]["start"].clone(), slots[1]["start"].clone()];
    let mut next = link(&first, "next", &person);
    while let Some(path) = next {
        let page = get(&api, &person, &path).await;
        starts.extend(entries(&page).iter().map(|slot| slot["start"].clone()));
        next = link(&page, "next", &person);
    }
    let hours = [14, 15, 16, 17].map(|hour| json!(format!("2026-12-01T{hour}:00:00Z")));
    assert_eq!(starts, hours);
}

#[tokio::test]
async fn without_a_time_the_next_days_are_shown() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    get(&api, &person, "Slot").await;
    let asked = desk.asked().find.take().expect("it was asked");
    let (from, to) = (asked.from.expect("a time"), asked.to.expect("a time"));
    assert_eq!(to.seconds - from.seconds, 7 * 86_400);
    assert_eq!((asked.service_id, asked.provider_id), Default::default());
}

#[tokio::test]
async fn nobody_is_asked_for_what_cannot_be() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("staff"));
    for path in [
        "Slot?status=busy",
        "Slot?status=busy-tentative,busy",
        "Slot?start=ge2026-12-02&start=lt2026-12-01",
    ] {
        let nothing = get(&api, &person, path).await;
        assert!(entries(&nothing).is_empty(), "{nothing}");
        assert!(nothing.get("entry").is_none(), "{nothing}");
        assert_eq!(nothing["total"], 0);
        assert!(desk.asked().find.is_none(), "{path}");
    }
}

#[tokio::test]
async fn what_is_found_is_proposed_with_its_slot() {
    let desk = Desk::default();
    let (api, person) = (desk.start().await, Person::new("auditor"));
    let practitioner = format!("Practitioner/{}", desk.provider).replacen('_', "-", 1);
    let wanted = json!({ "resourceType": "Parameters", "parameter": [
        { "name": "start", "valueDateTime": "2026-12-01T14:00:00Z" },
        { "name": "end", "valueDateTime": "2026-12-01" },
        { "name": "practitioner", "valueReference": { "reference": practitioner } },
        { "name": "patient-resource", "resource": { "resourceType": "Patient" } },
        { "name": "_count", "valueInteger": 3 },
    ]});
    let got = post(&api, &person, "$find", &wanted).await;
    let posted = super::checked(&got);
    let asked = desk.asked().find.take().expect("it was asked");
    assert_eq!(asked.provider_id, desk.provider.to_string());
    assert_eq!(asked.from.map(|at| at.seconds), Some(NINE));
    // Until the day is over where the clinic is.
    assert_eq!(asked.to.map(|at| at.seconds), Some(NINE + 15 * 3600));
    let proposed = entries(&posted);
    assert_eq!(proposed.len(), 3);
    let first = proposed[0];
    assert_eq!(first["status"], "proposed");
    assert_eq!(first["participant"][0]["actor"]["reference"], practitioner);
    let slot = slot_id(0).trim_start_matches("slt_").replace('_', ".");
    assert_eq!(first["id"], slot);
    assert_eq!(first["contained"][0]["id"], slot);
    assert_eq!(first["contained"][0]["status"], "free");
    assert_eq!(first["slot"][0]["reference"], format!("#{slot}"));
    assert!(posted["entry"][0].get("fullUrl").is_none(), "it is nowhere");

    // The next page is asked for by its address alone.
    let next = link(&posted, "next", &person).expect("a link");
    let rest = get(&api, &person, &next).await;
    assert_eq!(entries(&rest).len(), 2);
    let own = link(&posted, "self", &person).expect("a link");
    let again = get(&api, &person, &own).await;
    assert_eq!(again["entry"], posted["entry"]);
}
