//! Strangers and owners asking a running fleet.

use futures_util::future::join_all;
use uuid::Uuid;
use voxanne_clock::Clock;
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_tenant::{Keys, Outbound, Tenant};
use voxanne_tests::{Fleet, KEY};

use super::{
    cases::{Case, Takes, Who},
    wire::{Outcome, Rpc, call, rpcs},
};
use crate::belongings::{Belongings, unknown};

/// A fleet, and what it takes to call any of its rpcs.
pub(crate) struct Scene {
    fleet: Fleet,
    keys: Keys,
    rpcs: Vec<Rpc>,
}

impl Scene {
    pub(crate) fn new(fleet: Fleet) -> Self {
        Self {
            fleet,
            keys: KEY.parse().expect("the fleet starts with it"),
            rpcs: rpcs(),
        }
    }

    /// Globex asks for what is Acme's and for what nobody has; says what it could tell apart.
    pub(crate) async fn trespass(
        &self,
        case: &Case,
        acme: &Belongings,
        globex: &Belongings,
    ) -> Vec<String> {
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
                    (Uuid::new_v4(), Uuid::new_v4()),
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
    pub(crate) async fn own(&self, case: &Case, acme: &Belongings) -> Option<String> {
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
                    (Uuid::new_v4(), Uuid::new_v4()),
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
    pub(crate) async fn everything_of(
        &self,
        acme: &Belongings,
        cases: &[Case],
    ) -> Vec<(String, Outcome)> {
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
        (user, session): (Uuid, Uuid),
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
pub(crate) fn member(org: OrgId, who: Who, user: UserId, session: SessionId) -> Tenant {
    Tenant::authenticated(org, who.caller(user, session), "isolation")
}
