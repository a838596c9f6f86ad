//! A session that ends is over on every gateway, whatever else is away.

use axum::http::Method;
use futures_util::future::join_all;
use voxanne_events::{Bell, Redis};
use voxanne_gateway::auth::BELL;
use voxanne_proto::booking::v1::{ListProvidersRequest, ListProvidersResponse};
use voxanne_testkit::eventually;

use super::fixture::{Api, Behind, Person, reply};
use crate::fake::{Rpcs, line::Line, sessions::Sessions};

/// Three gateways, each with an identity of its own over the same sessions, and their line to Redis.
struct Replicas {
    gateways: Vec<Api>,
    sessions: Sessions,
    line: Line,
}

impl Replicas {
    async fn start() -> Self {
        let (sessions, line) = (Sessions::default(), Line::open().await);
        let mut gateways = Vec::new();
        for _ in 0..3 {
            let behind = Behind {
                booking: Some(booking()),
                redis: Some(line.url()),
                ..Behind::with(sessions.clone())
            };
            gateways.push(behind.start().await);
        }
        let replicas = Self {
            gateways,
            sessions,
            line,
        };
        replicas.trust_what_they_know().await;
        replicas
    }

    /// Status of one request of `person` at each gateway.
    async fn statuses(&self, person: &Person) -> Vec<u16> {
        let ask = async |api: &Api| {
            let path = person.path("/providers");
            reply(api.call(person, Method::GET, &path)).await.status
        };
        join_all(self.gateways.iter().map(ask)).await
    }

    /// Waits until no gateway asks about single sessions.
    async fn trust_what_they_know(&self) {
        self.settle("the feed is trusted", 0).await;
    }

    /// Waits until every gateway asks about single sessions.
    async fn ask_about_each(&self) {
        self.settle("each session is asked about", 3).await;
    }

    /// Nobody else asks, so each request of these is one check or none.
    async fn settle(&self, what: &str, checks: usize) {
        let person = Person::new("staff");
        eventually(what, || async {
            let before = self.sessions.checks();
            let statuses = self.statuses(&person).await;
            statuses == [200; 3] && self.sessions.checks() - before == checks
        })
        .await;
    }
}

fn booking() -> Rpcs {
    Rpcs::default().unary(
        "/voxanne.booking.v1.ClinicService/ListProviders",
        |_: tonic::Request<ListProvidersRequest>| async { Ok(ListProvidersResponse::default()) },
    )
}

#[tokio::test]
async fn with_redis_a_ring_ends_the_session_and_nobody_is_asked_about_it() {
    let replicas = Replicas::start().await;
    let process = &replicas.gateways[0].gateway.process;
    let redis = Redis::connect_lazy(&replicas.line.url()).expect("a URL");
    let bell = Bell::new(&redis, BELL, &process.tasks, process.shutdown.clone());
    let (gone, stays) = (Person::new("staff"), Person::new("staff"));
    assert_eq!(replicas.statuses(&gone).await, [200; 3]);
    let checks = replicas.sessions.checks();
    replicas.sessions.revoke(gone.org, gone.session);
    bell.ring();
    eventually("every gateway has heard", || async {
        replicas.statuses(&gone).await == [401; 3]
    })
    .await;
    assert_eq!(replicas.statuses(&stays).await, [200; 3]);
    assert_eq!(replicas.sessions.checks(), checks);
}

#[tokio::test]
async fn without_redis_the_very_next_request_is_refused() {
    let replicas = Replicas::start().await;
    for stop in [Line::cut, Line::silence] {
        stop(&replicas.line);
        replicas.ask_about_each().await;
        let (gone, stays) = (Person::new("staff"), Person::new("staff"));
        assert_eq!(replicas.statuses(&gone).await, [200; 3]);
        replicas.sessions.revoke(gone.org, gone.session);
        assert_eq!(replicas.statuses(&gone).await, [401; 3], "at once");
        assert_eq!(replicas.statuses(&stays).await, [200; 3]);
        replicas.line.mend();
        replicas.trust_what_they_know().await;
        assert_eq!(replicas.statuses(&gone).await, [401; 3]);
    }
}

#[tokio::test]
async fn while_the_feed_hangs_the_very_next_request_is_refused() {
    let replicas = Replicas::start().await;
    replicas.sessions.stall(true);
    replicas.ask_about_each().await;
    let gone = Person::new("staff");
    assert_eq!(replicas.statuses(&gone).await, [200; 3]);
    replicas.sessions.revoke(gone.org, gone.session);
    assert_eq!(replicas.statuses(&gone).await, [401; 3], "at once");
    replicas.sessions.stall(false);
    replicas.trust_what_they_know().await;
    assert_eq!(replicas.statuses(&gone).await, [401; 3]);
}

#[tokio::test]
async fn while_identity_is_away_nobody_is_let_in_on_old_knowledge() {
    let replicas = Replicas::start().await;
    let person = Person::new("staff");
    assert_eq!(replicas.statuses(&person).await, [200; 3]);
    replicas.sessions.leave(true);
    eventually("what was read is too old", || async {
        replicas.statuses(&person).await == [503; 3]
    })
    .await;
    replicas.sessions.revoke(person.org, person.session);
    assert_eq!(replicas.statuses(&person).await, [503; 3]);
    replicas.sessions.leave(false);
    eventually("identity is back", || async {
        replicas.statuses(&person).await == [401; 3]
    })
    .await;
}

#[tokio::test]
async fn requests_that_wait_for_one_session_share_an_answer() {
    let sessions = Sessions::default();
    let behind = Behind {
        booking: Some(booking()),
        ..Behind::with(sessions.clone())
    };
    let api = behind.start().await;
    let person = Person::new("staff");
    let path = person.path("/providers");
    let ask = || async { reply(api.call(&person, Method::GET, &path)).await.status };
    assert_eq!(ask().await, 200);
    let before = sessions.checks();
    let held = sessions.hold().await;
    let asking = join_all((0..20).map(|_| ask()));
    let release = async {
        eventually("identity is asked", || async { sessions.checks() > before }).await;
        drop(held);
    };
    let (statuses, ()) = tokio::join!(asking, release);
    assert_eq!(statuses, [200; 20]);
    // The first one's answer is too old for those that came after it was asked for.
    let asked = sessions.checks() - before;
    assert!((1..20).contains(&asked), "{asked} of 20");
}

#[tokio::test]
async fn another_organisations_session_of_the_same_id_goes_on() {
    let replicas = Replicas::start().await;
    let acme = Person::new("staff");
    let globex = Person {
        session: acme.session,
        ..Person::new("staff")
    };
    replicas.sessions.revoke(globex.org, globex.session);
    eventually("one has ended", || async {
        replicas.statuses(&globex).await == [401; 3]
    })
    .await;
    assert_eq!(replicas.statuses(&acme).await, [200; 3]);
}
