//! No route of the published document shows or changes anything for anybody but its organisation.

pub(crate) mod route;
mod seen;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_tests::Fleet;

use self::route::{FHIR_NAMES, Route, thing};
use crate::belongings::{Belongings, unknown};

const ORG: &str = "/api/org/{orgId}";
/// Routes that nobody needs to sign in for: each is its own proof, or tells nothing.
const OPEN: [&str; 20] = [
    "GET /api/google/oauth/callback",
    "GET /api/org/{orgId}/calendar.ics",
    "GET /.well-known/jwks.json",
    "GET /config.json",
    "GET /frontend/stream",
    "GET /healthz",
    "GET /readyz",
    "POST /api/auth/email/verify",
    "POST /api/auth/invitations/accept",
    "POST /api/auth/login",
    "POST /api/auth/login/second-factor",
    "POST /api/auth/password/forgot",
    "POST /api/auth/password/reset",
    "POST /api/auth/refresh",
    "POST /api/auth/signup",
    "POST /api/vapi/tools/{tool}",
    "POST /api/webhooks/google-calendar",
    "POST /api/webhooks/sms-inbound",
    "POST /api/webhooks/sms-status",
    "POST /api/webhooks/vapi",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_route_belongs_to_the_organisation_of_the_token() {
    let fleet = Fleet::start().await;
    let (acme, globex) = tokio::join!(
        Belongings::gather(&fleet, "acme", "+12125550155", "+12125550142"),
        Belongings::gather(&fleet, "globex", "+12125550166", "+12125550143"),
    );
    let scene = Scene { fleet };
    let routes = scene.routes().await;
    let of_org = |route: &&Route| route.secured && route.path.starts_with(ORG);
    let count = routes.iter().filter(of_org).count();
    assert!(count > 20, "the document was read: {count}");
    let mut wrong = Vec::new();
    for route in &routes {
        wrong.extend(scene.without_a_token(route, &acme).await);
    }
    for route in routes.iter().filter(of_org) {
        wrong.extend(scene.at_the_wrong_door(route, &acme, &globex).await);
        wrong.extend(scene.with_a_strangers_ids(route, &acme, &globex).await);
    }
    wrong.extend(scene.confirming_by_body(&acme, &globex).await);
    wrong.extend(scene.what_no_route_takes(&acme.clinic).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

struct Scene {
    fleet: Fleet,
}

impl Scene {
    async fn routes(&self) -> Vec<Route> {
        let (status, document) = self
            .fleet
            .call(Method::GET, "/openapi.json", "", Value::Null)
            .await;
        assert_eq!(status, StatusCode::OK);
        route::all(&document)
    }

    async fn without_a_token(&self, route: &Route, acme: &Belongings) -> Vec<String> {
        let mut wrong = Vec::new();
        if !route.secured {
            if !OPEN.contains(&&*route.name()) {
                wrong.push(format!("{}: is open to everybody", route.name()));
            }
            return wrong;
        }
        let url = route.url(&acme.clinic.org, |thing| thing(acme).clone());
        let forged = format!("{}AAAA", &acme.clinic.token[..acme.clinic.token.len() - 4]);
        for token in [
            None,
            Some(""),
            Some("garbage"),
            Some("a.b.c"),
            Some(&*forged),
        ] {
            match self.seen(&route.method, &url, token, &json!({})).await {
                Ok((StatusCode::UNAUTHORIZED, ..)) => {}
                other => wrong.push(format!("{} with token {token:?}: {other:?}", route.name())),
            }
        }
        wrong
    }

    async fn at_the_wrong_door(
        &self,
        route: &Route,
        acme: &Belongings,
        globex: &Belongings,
    ) -> Vec<String> {
        let url = route.url(&acme.clinic.org, |thing| thing(acme).clone());
        let seen = self
            .seen(&route.method, &url, Some(&globex.clinic.token), &json!({}))
            .await;
        let nowhere = unknown(&acme.clinic.org);
        let url = route.url(&nowhere, |thing| unknown(thing(acme)));
        let nobodys = self
            .seen(&route.method, &url, Some(&globex.clinic.token), &json!({}))
            .await;
        let refused =
            matches!(&seen, Ok((StatusCode::FORBIDDEN, code, ..)) if code == "ORG_MISMATCH");
        let mut wrong = Vec::new();
        if !refused || seen != nobodys {
            wrong.push(format!(
                "{} of another: {seen:?}, of nobody: {nobodys:?}",
                route.name()
            ));
        }
        wrong
    }

    async fn with_a_strangers_ids(
        &self,
        route: &Route,
        acme: &Belongings,
        globex: &Belongings,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        if let Some(thing) = route.names() {
            let ask = async |asker: &Belongings, id: String| {
                let url = route.url(&asker.clinic.org, |_| id.clone());
                self.seen(
                    &route.method,
                    &url,
                    Some(&asker.clinic.token),
                    &route.body(asker),
                )
                .await
            };
            let theirs = ask(globex, thing(acme).clone()).await;
            let nobodys = ask(globex, unknown(thing(acme))).await;
            if theirs != nobodys || !matches!(&theirs, Ok((StatusCode::NOT_FOUND, ..))) {
                wrong.push(format!(
                    "{}: another's {theirs:?}, nobody's {nobodys:?}",
                    route.name()
                ));
            }
            if ask(globex, thing(globex).clone()).await == nobodys {
                wrong.push(format!(
                    "{}: its own is like nobody's: {nobodys:?}",
                    route.name()
                ));
            }
        } else if route.method == Method::GET {
            wrong.extend(self.list(route, None, acme, globex).await);
            let names = |name: &&String| name.ends_with("Id") || FHIR_NAMES.contains(&&***name);
            for name in route.query.iter().filter(names) {
                wrong.extend(self.list(route, Some(name), acme, globex).await);
            }
        }
        wrong
    }

    /// What Globex is shown by a route that lists, by Acme's id for the parameter `by` if any.
    async fn list(
        &self,
        route: &Route,
        by: Option<&str>,
        acme: &Belongings,
        globex: &Belongings,
    ) -> Vec<String> {
        let ask = async |id: Option<String>| {
            let more = by.zip(id.as_deref());
            let url = route.url(&globex.clinic.org, |_| String::new()) + &route.query(globex, more);
            let (status, mut answer) = self
                .fleet
                .call(Method::GET, &url, &globex.clinic.token, Value::Null)
                .await;
            // A page of FHIR repeats its own address, with what was asked for.
            if let Some(answer) = answer.as_object_mut() {
                answer.remove("link");
            }
            (status, answer["code"].clone(), answer)
        };
        let theirs = ask(by.map(|name| thing(name)(acme).clone())).await;
        let mut wrong = Vec::new();
        let text = theirs.2.to_string();
        for mark in acme.marks() {
            // FHIR's ids have a dash where ours have an underscore.
            if text.contains(mark) || text.contains(&mark.replacen('_', "-", 1)) {
                wrong.push(format!("{} by {by:?}: shows {mark}", route.name()));
            }
        }
        let Some(name) = by else {
            if theirs.0 != StatusCode::OK {
                wrong.push(format!("{}: shows nothing: {theirs:?}", route.name()));
            }
            return wrong;
        };
        let nobodys = ask(Some(unknown(thing(name)(acme)))).await;
        if (theirs.0, &theirs.1) != (nobodys.0, &nobodys.1)
            || theirs.2["items"] != nobodys.2["items"]
            || theirs.2["entry"] != nobodys.2["entry"]
        {
            wrong.push(format!(
                "{} by {name}: {theirs:?} is not {nobodys:?}",
                route.name()
            ));
        }
        wrong
    }

    /// The one route outside an organisation's path that takes an id.
    async fn confirming_by_body(&self, acme: &Belongings, globex: &Belongings) -> Option<String> {
        let ask = async |id: String| {
            let body = json!({ "bookingId": id });
            self.seen(
                &Method::POST,
                "/api/booking/confirm",
                Some(&globex.clinic.token),
                &body,
            )
            .await
        };
        let theirs = ask(acme.booking.clone()).await;
        let nobodys = ask(unknown(&acme.booking)).await;
        let hidden = theirs == nobodys && matches!(&theirs, Ok((StatusCode::NOT_FOUND, ..)));
        (!hidden).then(|| format!("confirming: {theirs:?} is not {nobodys:?}"))
    }
}
