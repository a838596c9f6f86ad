//! Who asks for another organisation is told to identity, after the answer and once.

use std::sync::{Arc, Mutex};

use axum::http::Method;
use tokio::sync::Semaphore;
use voxanne_ids::OrgId;
use voxanne_proto::identity::v1::{NoteRefusalRequest, NoteRefusalResponse};
use voxanne_tenant::Tenant;
use voxanne_testkit::eventually;

use super::fixture::{Api, Behind, Person, reply};

const NOTE: &str = "/voxanne.identity.v1.RefusalService/NoteRefusal";

/// What identity was told: in whose name, of which organisation, and about which one.
type Told = Arc<Mutex<Vec<(String, OrgId, String)>>>;

/// A gateway whose identity keeps everybody waiting until the gate opens.
async fn start(gate: &Arc<Semaphore>) -> (Api, Told) {
    let told = Told::default();
    let mut behind = Behind::default();
    let (memory, gate) = (told.clone(), gate.clone());
    behind.identity =
        behind
            .identity
            .unary(NOTE, move |request: tonic::Request<NoteRefusalRequest>| {
                let (told, gate) = (memory.clone(), gate.clone());
                async move {
                    drop(gate.acquire().await);
                    let tenant = Tenant::of(&request)?;
                    let caller = tenant.caller().to_string();
                    let named = request.into_inner().named;
                    let mut told = told.lock().expect("no holder panics");
                    told.push((caller, tenant.org(), named));
                    Ok(NoteRefusalResponse {})
                }
            });
    (behind.start().await, told)
}

async fn knock(api: &Api, person: &Person, named: &str) {
    let path = format!("/api/org/{named}/bookings");
    let got = reply(api.call(person, Method::GET, &path)).await;
    assert_eq!(got.problem(), (403, "ORG_MISMATCH".to_owned()));
}

#[tokio::test]
async fn it_is_told_once_in_the_callers_own_name() {
    let gate = Arc::new(Semaphore::new(0));
    let (api, told) = start(&gate).await;
    let (lee, kim) = (Person::new("owner"), Person::new("staff"));
    // The answers do not wait for identity, which is told nothing yet.
    for _ in 0..5 {
        knock(&api, &lee, &kim.org.to_string()).await;
    }
    // What is no id names nobody.
    knock(&api, &lee, "nonsense").await;
    knock(&api, &kim, &lee.org.to_string()).await;
    assert!(told.lock().unwrap().is_empty());
    gate.close();
    let count = || told.lock().unwrap().len();
    eventually("both are told", || std::future::ready(count() >= 2)).await;
    let mut told = told.lock().unwrap().clone();
    told.sort_by_key(|one| one.1 != lee.org);
    let expected = [(lee, kim), (kim, lee)].map(|(who, named)| {
        let caller = format!("user:{}", who.user);
        (caller, who.org, named.org.to_string())
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn an_identity_that_does_not_listen_changes_nothing() {
    let api = Behind::default().start().await;
    let lee = Person::new("owner");
    for _ in 0..3 {
        knock(&api, &lee, &OrgId::new().to_string()).await;
    }
}
