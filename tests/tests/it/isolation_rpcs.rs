//! No rpc of the contract shows or changes anything for anybody but the organisation it is called in.

pub(crate) mod cases;
mod scene;
pub(crate) mod wire;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tonic::{Code, Request};
use voxanne_clock::Clock;
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_tenant::{Keys, Outbound, System};
use voxanne_tests::{Fleet, KEY};

use self::{
    cases::{Takes, Who},
    scene::{Scene, member},
    wire::{call, rpcs},
};
use crate::belongings::Belongings;

/// Length of `uncovered_rpcs.txt`, which may only shrink.
const MOST_UNCOVERED: usize = 0;
/// Names a request could try to say its organisation under.
const ORGANISATION: [&str; 10] = [
    "org",
    "org_id",
    "orgid",
    "organization",
    "organization_id",
    "organisation",
    "organisation_id",
    "tenant",
    "tenant_id",
    "clinic_id",
];

#[test]
fn every_rpc_has_a_case() {
    let known: BTreeSet<_> = rpcs().into_iter().map(|rpc| rpc.name).collect();
    let covered: BTreeSet<_> = cases::all().into_iter().map(|case| case.rpc).collect();
    let excused: BTreeSet<_> = include_str!("../../uncovered_rpcs.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split(": ").next().unwrap_or_default().to_owned())
        .collect();
    let missing: Vec<_> = known
        .iter()
        .filter(|rpc| !covered.contains(*rpc) && !excused.contains(*rpc))
        .collect();
    assert!(
        missing.is_empty(),
        "neither a case nor an excuse: {missing:?}"
    );
    let idle: Vec<_> = excused
        .iter()
        .filter(|rpc| covered.contains(*rpc) || !known.contains(*rpc))
        .collect();
    assert!(idle.is_empty(), "excused for nothing: {idle:?}");
    let gone: Vec<_> = covered.difference(&known).collect();
    assert!(gone.is_empty(), "cases of rpcs that are gone: {gone:?}");
    assert_eq!(excused.len(), MOST_UNCOVERED);
}

#[test]
fn no_request_says_which_organisation_it_is_for() {
    let messages = wire::messages();
    let mut open: Vec<String> = rpcs().into_iter().map(|rpc| rpc.input).collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        // Types of Google's own say nothing of organisations.
        let Some((_, message)) = messages.iter().find(|(known, _)| *known == name) else {
            continue;
        };
        for field in &message.field {
            assert!(
                !ORGANISATION.contains(&field.name()),
                "{name}.{}",
                field.name()
            );
            open.push(field.type_name().to_owned());
        }
    }
    assert!(seen.len() > 50, "the contract was walked: {}", seen.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_context_of_ours_is_refused() {
    let fleet = Fleet::start().await;
    let keys: Keys = KEY.parse().expect("the fleet starts with it");
    let forged: Keys = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
        .parse()
        .expect("32 bytes in base64");
    let now = Clock::system().now();
    let tenant = member(OrgId::new(), Who::Owner, UserId::new(), SessionId::new());
    let cases = cases::all();
    for rpc in rpcs() {
        let elsewhere = if rpc.process == "booking" {
            "identity"
        } else {
            "booking"
        };
        let made = |keys: &Keys, now: Timestamp, to: &'static str| {
            let outbound = Outbound::new(keys.clone(), Clock::fixed(now), "gateway", to);
            outbound.request(&tenant, Vec::new())
        };
        let hour = SignedDuration::from_hours(1);
        for (what, request) in [
            ("no context", Request::new(Vec::new())),
            ("a forged context", made(&forged, now, rpc.process)),
            ("an expired context", made(&keys, now - hour, rpc.process)),
            (
                "a context of the future",
                made(&keys, now + hour, rpc.process),
            ),
            ("a context for another service", made(&keys, now, elsewhere)),
        ] {
            let outcome = call(&fleet, &rpc, request).await;
            let expected = (Code::Unauthenticated, &"CONTEXT_REFUSED".to_owned());
            assert_eq!(outcome.refused_as(), Some(expected), "{}: {what}", rpc.name);
        }
        let system = cases
            .iter()
            .any(|case| case.rpc == rpc.name && matches!(case.takes, Takes::System));
        let outbound = Outbound::new(keys.clone(), Clock::system(), "gateway", rpc.process);
        let (request, reason) = if system {
            (outbound.request(&tenant, Vec::new()), "NOT_SYSTEM")
        } else {
            let system = System::new("gateway", "isolation");
            (outbound.system_request(&system, Vec::new()), "NO_TENANT")
        };
        let outcome = call(&fleet, &rpc, request).await;
        let expected = (Code::Unauthenticated, &reason.to_owned());
        assert_eq!(
            outcome.refused_as(),
            Some(expected),
            "{}: a caller of the other kind",
            rpc.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_another_organisation_does_not_exist() {
    let fleet = Fleet::start().await;
    let (acme, globex) = tokio::join!(
        Belongings::gather(&fleet, "acme", "+12125550155", "+12125550142"),
        Belongings::gather(&fleet, "globex", "+12125550166", "+12125550143"),
    );
    let scene = Scene::new(fleet);
    let cases = cases::all();
    let before = scene.everything_of(&acme, &cases).await;
    let mut wrong = Vec::new();
    for case in &cases {
        wrong.extend(scene.trespass(case, &acme, &globex).await);
    }
    let after = scene.everything_of(&acme, &cases).await;
    for ((rpc, before), (_, after)) in before.iter().zip(&after) {
        if before != after {
            wrong.push(format!(
                "{rpc}: a stranger changed the answer\n{before:?}\n{after:?}"
            ));
        }
    }
    // Last, as the owner may change what is its own.
    for case in &cases {
        wrong.extend(scene.own(case, &acme).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
