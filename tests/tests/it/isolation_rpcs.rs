//! No rpc of the contract shows or changes anything for anybody but the organisation it is called in.

mod cases;
mod wire;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tonic::{Code, Request};
use voxanne_clock::Clock;
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_tenant::{Keys, Outbound, System, Tenant};
use voxanne_tests::{Fleet, KEY};

use self::{
    cases::{Case, Takes, Who},
    wire::{Outcome, Rpc, call, rpcs},
};
use crate::belongings::{Belongings, unknown};

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
        wrong.extend(scene.trespass(case, &acme, &acme).await);
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

struct Scene {
    fleet: Fleet,
    keys: Keys,
    rpcs: Vec<Rpc>,
}

impl Scene {
    fn new(fleet: Fleet) -> Self {
        Self {
            fleet,
            keys: KEY.parse().expect("the fleet starts with it"),
            rpcs: rpcs(),
        }
    }

    /// Globex asks for what is Acme's and for what nobody has; says what it could tell apart.
    async fn trespass(&self, case: &Case, acme: &Belongings, globex: &Belongings) -> Vec<String> {
        let (theirs, nobodys) = match &case.takes {
            Takes::System => return Vec::new(),
            Takes::Id(thing, about) | Takes::AnyId(thing, about) => {
                let ask = |id: &str| self.ask(case, globex, about(globex, id));
                (ask(thing(acme)).await, ask(&unknown(thing(acme))).await)
            }
            Takes::Session(message) => (
                self.ask_with(case, globex.org, (acme.user, acme.session), message.clone())
                    .await,
                self.ask_with(
                    case,
                    globex.org,
                    (uuid::Uuid::new_v4(), uuid::Uuid::new_v4()),
                    message.clone(),
                )
                .await,
            ),
            Takes::Nothing(message) => {
                let answer = self.ask(case, globex, message.clone()).await;
                (answer.clone(), answer)
            }
        };
        let mut wrong = Vec::new();
        if theirs != nobodys {
            wrong.push(format!("{}: {theirs:?} is not {nobodys:?}", case.rpc));
        }
        if let (Takes::Nothing(_), Some(refused)) = (&case.takes, theirs.refused_as()) {
            wrong.push(format!("{}: {refused:?} shows nothing", case.rpc));
        }
        for mark in acme.marks() {
            if theirs.shows(mark) {
                wrong.push(format!("{}: shows {mark}", case.rpc));
            }
        }
        wrong
    }

    /// Acme asks for its own: were that refused too, a refusal would prove nothing.
    async fn own(&self, case: &Case, acme: &Belongings) -> Option<String> {
        let (own, nobodys) = match &case.takes {
            Takes::Id(thing, about) => {
                let ask = |id: &str| self.ask(case, acme, about(acme, id));
                (ask(thing(acme)).await, ask(&unknown(thing(acme))).await)
            }
            Takes::Session(message) if case.rpc.ends_with("/GetSession") => (
                self.ask_with(case, acme.org, (acme.user, acme.session), message.clone())
                    .await,
                self.ask_with(
                    case,
                    acme.org,
                    (uuid::Uuid::new_v4(), uuid::Uuid::new_v4()),
                    message.clone(),
                )
                .await,
            ),
            Takes::System | Takes::AnyId(..) | Takes::Session(_) | Takes::Nothing(_) => {
                return None;
            }
        };
        (own == nobodys).then(|| format!("{}: its own is {own:?}, like nobody's", case.rpc))
    }

    /// What Acme is shown by everything that reads.
    async fn everything_of(&self, acme: &Belongings, cases: &[Case]) -> Vec<(String, Outcome)> {
        let reads = cases.iter().filter(|case| case.reads());
        join_all(reads.map(async |case| {
            let Takes::Nothing(message) = &case.takes else {
                unreachable!("such cases do not read")
            };
            let answer = self.ask(case, acme, message.clone()).await;
            assert!(answer.refused_as().is_none(), "{}: {answer:?}", case.rpc);
            (case.rpc.clone(), answer)
        }))
        .await
    }

    async fn ask(&self, case: &Case, asker: &Belongings, message: Vec<u8>) -> Outcome {
        self.ask_with(case, asker.org, (asker.user, asker.session), message)
            .await
    }

    async fn ask_with(
        &self,
        case: &Case,
        org: OrgId,
        (user, session): (uuid::Uuid, uuid::Uuid),
        message: Vec<u8>,
    ) -> Outcome {
        let rpc = self
            .rpcs
            .iter()
            .find(|rpc| rpc.name == case.rpc)
            .expect("cases are of rpcs");
        let tenant = member(
            org,
            case.who,
            UserId::from_uuid(user),
            SessionId::from_uuid(session),
        );
        let outbound = Outbound::new(self.keys.clone(), Clock::system(), "gateway", rpc.process);
        call(&self.fleet, rpc, outbound.request(&tenant, message)).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test stands in for the gateway"
)]
fn member(org: OrgId, who: Who, user: UserId, session: SessionId) -> Tenant {
    Tenant::authenticated(org, who.caller(user, session), "isolation")
}
