//! Who did what to which record: every rpc leaves its entry, and a refused one none.

mod leaves;
mod log;

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, StatusCode};
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};
use tonic::Code;
use uuid::Uuid;
use voxanne_audit::{Chain, Entry, Head};
use voxanne_clock::Clock;
use voxanne_ids::{SessionId, UserId};
use voxanne_tenant::{Keys, Outbound, Tenant};
use voxanne_tests::{Fleet, KEY};

use self::leaves::Leaves;
use crate::{
    belongings::{Belongings, unknown},
    isolation_rpcs::{
        cases::{self, Case, Takes},
        wire::{self, Outcome},
    },
};

#[test]
fn every_rpc_says_what_it_leaves() {
    let known: BTreeSet<_> = wire::rpcs().into_iter().map(|rpc| rpc.name).collect();
    let listed: BTreeSet<_> = leaves::ALL
        .iter()
        .map(|(rpc, _)| format!("voxanne.{rpc}"))
        .collect();
    assert_eq!(listed.len(), leaves::ALL.len(), "each is listed once");
    let unsaid: Vec<_> = known.difference(&listed).collect();
    assert!(unsaid.is_empty(), "say what they leave: {unsaid:?}");
    let gone: Vec<_> = listed.difference(&known).collect();
    assert!(gone.is_empty(), "there is no such rpc: {gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_leaves_one_entry_and_a_refused_one_none() {
    let fleet = Fleet::start().await;
    let acme = Belongings::gather(&fleet, "acme", "+12125550155", "+12125550142").await;
    let scene = Scene::new(&fleet).await;
    let mut wrong = Vec::new();
    let mut proved = BTreeSet::new();
    let mut idle = Vec::new();
    for case in cases::all() {
        let leaves = leaves::ALL
            .iter()
            .find(|(rpc, _)| case.rpc.ends_with(rpc))
            .map(|(_, leaves)| *leaves)
            .expect("every rpc is listed");
        match scene.judge(&case, &acme, leaves).await {
            Ok(None) => drop(proved.insert(case.rpc.clone())),
            Ok(Some(why)) => idle.push(format!("{}: {why}", case.rpc)),
            Err(fault) => wrong.push(format!("{}: {fault}", case.rpc)),
        }
    }
    for (rpc, leaves) in leaves::ALL {
        let by_calling = matches!(leaves, Leaves::Entry(_) | Leaves::Bare(_));
        if by_calling && !proved.contains(&format!("voxanne.{rpc}")) {
            let tried = idle.iter().filter(|one| one.contains(rpc));
            let tried: Vec<_> = tried.collect();
            wrong.push(format!("{rpc}: no case of it proves it: {tried:?}"));
        }
        if let Leaves::After(action) = leaves
            && !log::actions(&fleet, acme.org).await.contains(*action)
        {
            wrong.push(format!("{rpc}: there is no {action}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Calls rpcs, each under a request id of its own.
struct Scene<'a> {
    fleet: &'a Fleet,
    keys: Keys,
    rpcs: BTreeMap<String, wire::Rpc>,
}

impl<'a> Scene<'a> {
    async fn new(fleet: &'a Fleet) -> Self {
        log::arrange(fleet).await;
        let rpcs = wire::rpcs().into_iter();
        Self {
            fleet,
            keys: KEY.parse().expect("the fleet starts with it"),
            rpcs: rpcs.map(|rpc| (rpc.name.clone(), rpc)).collect(),
        }
    }

    /// Whether its rpc leaves what it should; else why the case proves nothing.
    async fn judge(
        &self,
        case: &Case,
        acme: &Belongings,
        leaves: Leaves,
    ) -> Result<Option<String>, String> {
        let (message, id) = match &case.takes {
            Takes::System => return Ok(Some("called by the system".to_owned())),
            Takes::Id(thing, about) | Takes::AnyId(thing, about) => {
                if matches!(case.takes, Takes::Id(..)) {
                    let nobodys = unknown(thing(acme));
                    self.refused(case, acme, about(acme, &nobodys)).await?;
                }
                (about(acme, thing(acme)), Some(thing(acme).to_owned()))
            }
            Takes::Session(message) | Takes::Nothing(message) => (message.clone(), None),
        };
        log::arrange(self.fleet).await;
        let (outcome, tenant) = self.call(case, acme, message).await;
        let entries = log::entries(self.fleet, tenant.request_id()).await;
        if let Some(refused) = outcome.refused_as() {
            let none = entries.is_empty();
            return none
                .then(|| Some(format!("{refused:?}")))
                .ok_or(format!("{refused:?} left {entries:?}"));
        }
        let (actions, is_bare): (&[&str], bool) = match leaves {
            Leaves::Entry(actions) => (actions, false),
            Leaves::Bare(action) => (&[action], true),
            Leaves::After(_) | Leaves::Elsewhere => return Ok(None),
            Leaves::Nothing(reason) => {
                let none = entries.is_empty();
                let fault = format!("left {entries:?}, but: {reason}");
                return none.then_some(None).ok_or(fault);
            }
        };
        // A second case of the same rpc may find nothing left to change.
        let Some(entry) = entries.first() else {
            return Ok(Some("nothing was left to change".to_owned()));
        };
        let is_whole = entries.len() == 1
            && entry.org == acme.org.as_uuid()
            && entry.caller == tenant.caller().to_string()
            && actions.contains(&&*entry.action)
            && (is_bare || !entry.records.is_empty())
            && names(case, entry, id.as_deref());
        is_whole
            .then_some(None)
            .ok_or(format!("left {entries:?} about {id:?}"))
    }

    /// What nobody has is refused or empty, and a refusal leaves nothing.
    async fn refused(
        &self,
        case: &Case,
        acme: &Belongings,
        message: Vec<u8>,
    ) -> Result<(), String> {
        let (outcome, tenant) = self.call(case, acme, message).await;
        let entries = log::entries(self.fleet, tenant.request_id()).await;
        if outcome.refused_as().is_some() && !entries.is_empty() {
            return Err(format!("{outcome:?} left {entries:?}"));
        }
        Ok(())
    }

    /// Asks again when a service was too busy to answer; each time is a request of its own.
    async fn call(&self, case: &Case, acme: &Belongings, message: Vec<u8>) -> (Outcome, Tenant) {
        for _ in 0..5 {
            let (outcome, tenant) = self.call_once(case, acme, message.clone()).await;
            let busy = [Code::DeadlineExceeded, Code::Unavailable, Code::Cancelled];
            match outcome.refused_as() {
                Some((code, _)) if busy.contains(&code) => {}
                _ => return (outcome, tenant),
            }
        }
        self.call_once(case, acme, message).await
    }

    async fn call_once(
        &self,
        case: &Case,
        acme: &Belongings,
        message: Vec<u8>,
    ) -> (Outcome, Tenant) {
        let rpc = &self.rpcs[&case.rpc];
        let caller = case.who.caller(
            UserId::from_uuid(acme.user),
            SessionId::from_uuid(acme.session),
        );
        let tenant = called(acme, caller);
        let outbound = Outbound::new(self.keys.clone(), Clock::system(), "gateway", rpc.process);
        let outcome = wire::call(self.fleet, rpc, outbound.request(&tenant, message)).await;
        (outcome, tenant)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test stands in for the gateway"
)]
fn called(acme: &Belongings, caller: voxanne_tenant::Caller) -> Tenant {
    Tenant::authenticated(acme.org, caller, format!("audit-{}", Uuid::new_v4()))
}

/// Whether the entry names the record that was asked for, where the rpc is about one.
fn names(case: &Case, entry: &Entry, id: Option<&str>) -> bool {
    let method = case.rpc.rsplit('/').next().unwrap_or_default();
    let about_one = ["Get", "Update", "Confirm", "Cancel", "Retry", "Put"]
        .iter()
        .any(|verb| method.starts_with(verb));
    let uuid = id
        .and_then(|id| id.split_once('_'))
        .and_then(|(_, bare)| Uuid::try_parse(bare).ok());
    match uuid {
        // A provider is changed by naming its location too.
        Some(uuid) if about_one && method != "UpdateProvider" => entry.records.contains(&uuid),
        _ => true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_read_exported_and_checked_by_those_who_may() {
    let fleet = Fleet::start().await;
    let acme = Belongings::gather(&fleet, "acme", "+12125550155", "+12125550142").await;
    let patient = format!("/patients/{}", acme.patient);
    let (status, _) = acme
        .clinic
        .call(&fleet, Method::GET, &patient, Value::Null)
        .await;
    assert_eq!(status, StatusCode::OK);
    let by_record = format!("/audit?record={}&action=patient.read", acme.patient);
    let (status, read) = acme
        .clinic
        .call(&fleet, Method::GET, &by_record, Value::Null)
        .await;
    assert_eq!(status, StatusCode::OK, "{read}");
    let found = read["items"].as_array().expect("a list");
    assert_eq!(found.len(), 1, "{read}");
    let owner = format!("user:{}", UserId::from_uuid(acme.user));
    assert_eq!(found[0]["caller"], *owner, "{read}");

    let (entries, head) = export(&fleet, &acme).await;
    let mut chain = Chain::from_start(acme.org.as_uuid());
    for entry in &entries {
        chain.follow(entry).expect("the chain is whole");
    }
    chain.end(&head).expect("nothing is missing at the end");
    let actions: BTreeSet<_> = entries.iter().map(|entry| &*entry.action).collect();
    for action in [
        "clinic.set_up",
        "booking.created",
        "message.sent",
        "audit.read",
    ] {
        assert!(actions.contains(action), "{action} of {actions:?}");
    }
    // A texted confirmation reads the booking in the clinic's name, and says so.
    let reader = entries
        .iter()
        .find(|entry| entry.action == "booking.read" && entry.caller.starts_with("job:"));
    assert!(reader.is_some(), "{actions:?}");
}

async fn export(fleet: &Fleet, acme: &Belongings) -> (Vec<Entry>, Head) {
    let url = format!(
        "http://{}{}",
        fleet.gateway,
        acme.clinic.path("/audit/export")
    );
    let request = fleet.http.get(url).bearer_auth(&acme.clinic.token);
    let answer = request.send().await.expect("the gateway answers");
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let text = answer.text().await.expect("it does not break off");
    let mut lines: Vec<_> = text.lines().collect();
    let last = lines.pop().expect("a last line");
    let head: Value = serde_json::from_str(last).expect("JSON");
    let head = serde_json::from_value(head["head"].clone()).expect("a head");
    let entries = lines
        .iter()
        .map(|line| serde_json::from_str(line).expect(line));
    (entries.collect(), head)
}

/// A connection past every right.
async fn owner(fleet: &Fleet) -> PgConnection {
    PgConnection::connect(fleet.database.owner_url())
        .await
        .expect("Postgres answers")
}
