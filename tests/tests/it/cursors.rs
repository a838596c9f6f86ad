//! A cursor is what an earlier page of the same list gave; whatever else is sent in its place shows
//! nothing of anybody else and breaks nothing.

use std::collections::BTreeSet;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use voxanne_tests::{Clinic, Fleet};

use crate::{
    belongings::Belongings,
    isolation_routes::route::{self, Route},
};

/// One list of one clinic.
struct List<'a> {
    fleet: &'a Fleet,
    owner: &'a Belongings,
    path: String,
    /// The ids in it.
    ids: BTreeSet<String>,
    /// A cursor that it gave; none while it has less than two items.
    cursor: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_not_given_shows_and_breaks_nothing() {
    let fleet = Fleet::start().await;
    let (acme, globex) = tokio::join!(
        Belongings::gather(&fleet, "acme", "+12125550155", "+12125550142"),
        Belongings::gather(&fleet, "globex", "+12125550166", "+12125550143"),
    );
    for owner in [&acme, &globex] {
        add_more(&fleet, &owner.clinic).await;
    }
    let (_, document) = fleet
        .call(Method::GET, "/openapi.json", "", Value::Null)
        .await;
    let routes = route::all(&document);
    let lists = routes
        .iter()
        .filter(|one| one.query.iter().any(|name| name == "cursor"));
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for route in lists {
        mine.push(List::read(&fleet, &globex, route).await);
        theirs.push(List::read(&fleet, &acme, route).await);
    }
    assert!(mine.len() > 10, "{} lists", mine.len());
    let given = |lists: &[List<'_>]| {
        lists
            .iter()
            .filter_map(|list| list.cursor.clone())
            .collect()
    };
    let (of_mine, of_theirs): (Vec<String>, Vec<String>) = (given(&mine), given(&theirs));
    assert!(
        of_theirs.len() > 8,
        "{} of the lists have a second page",
        of_theirs.len()
    );
    let mut foreign: BTreeSet<_> = theirs.iter().flat_map(|list| list.ids.clone()).collect();
    foreign.extend(acme.marks().into_iter().map(str::to_owned));
    assert!(foreign.len() > 20, "{foreign:?}");
    let mut wrong = Vec::new();
    for list in &mine {
        let changed = list.cursor.iter().flat_map(|cursor| tampered(cursor));
        let all = made_up().into_iter().chain(changed);
        for cursor in all.chain(of_mine.clone()).chain(of_theirs.clone()) {
            wrong.extend(list.ask(&cursor, &foreign).await);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl<'a> List<'a> {
    async fn read(fleet: &'a Fleet, owner: &'a Belongings, route: &Route) -> Self {
        assert!(
            route.names().is_none(),
            "{}: a list of something",
            route.name()
        );
        let path = route.url(&owner.clinic.org, |_| String::new());
        let mut list = Self {
            fleet,
            owner,
            path,
            ids: BTreeSet::new(),
            cursor: None,
        };
        let (status, all) = list.page("limit=200").await;
        assert_eq!(status, StatusCode::OK, "{}: {all}", list.path);
        let items = all["items"].as_array().expect("items");
        let ids = items.iter().filter_map(|item| item["id"].as_str());
        list.ids = ids.map(str::to_owned).collect();
        let (_, first) = list.page("limit=1").await;
        list.cursor = first["nextCursor"].as_str().map(str::to_owned);
        list
    }

    async fn page(&self, query: &str) -> (StatusCode, Value) {
        let path = format!("{}?{query}", self.path);
        let token = &self.owner.clinic.token;
        self.fleet
            .call(Method::GET, &path, token, Value::Null)
            .await
    }

    /// What is wrong with the answer to `cursor`: it has to be refused by its name, or to show
    /// nothing that is `foreign`.
    async fn ask(&self, cursor: &str, foreign: &BTreeSet<String>) -> Option<String> {
        let encoded: String = cursor.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let (status, answer) = self.page(&format!("limit=200&cursor={encoded}")).await;
        let text = answer.to_string();
        let is_right = match status {
            StatusCode::OK => !foreign.iter().any(|id| text.contains(id)),
            StatusCode::BAD_REQUEST => {
                answer["code"] == "INVALID" && answer["errors"][0]["field"] == "cursor"
            }
            _ => false,
        };
        (!is_right).then(|| format!("{} by {cursor:?}: {status} {text}", self.path))
    }
}

/// Cursors that no list gave.
fn made_up() -> Vec<String> {
    let mut cursors: Vec<String> = [
        "x",
        "?",
        "AAAA",
        "null",
        "-1",
        "0",
        "' OR 1=1--",
        "\u{1f984}",
        "\0",
        "../../x",
        "=",
        " ",
    ]
    .map(str::to_owned)
    .into();
    cursors.push("A".repeat(500));
    cursors.push("A".repeat(501));
    // Of the lengths that keys have, at the ends of what they can say.
    for length in [8, 15, 16, 24] {
        for byte in [0x00, 0xff] {
            let mut bytes = vec![byte; length];
            cursors.push(BASE64_URL_SAFE_NO_PAD.encode(&bytes));
            if let Some(first) = bytes.first_mut() {
                *first ^= 0x80;
                cursors.push(BASE64_URL_SAFE_NO_PAD.encode(&bytes));
            }
        }
    }
    // The first and the last moment that a time here can be.
    for moment in [
        jiff::Timestamp::MIN,
        jiff::Timestamp::MAX,
        jiff::Timestamp::UNIX_EPOCH,
    ] {
        let mut bytes = moment.as_microsecond().to_be_bytes().to_vec();
        bytes.extend([0; 16]);
        cursors.push(BASE64_URL_SAFE_NO_PAD.encode(&bytes));
    }
    cursors
}

/// `cursor` with each of its bytes changed, cut short, and made longer.
fn tampered(cursor: &str) -> Vec<String> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).expect("base64");
    let mut all: Vec<_> = (0..bytes.len())
        .map(|at| {
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            changed
        })
        .collect();
    all.push(bytes[1..].to_vec());
    all.push([&bytes[..], &[0]].concat());
    let mut texts: Vec<_> = all
        .iter()
        .map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes))
        .collect();
    texts.extend([
        format!("{cursor}="),
        format!(" {cursor}"),
        cursor.to_lowercase(),
    ]);
    texts
}

/// A second of most things.
async fn add_more(fleet: &Fleet, clinic: &Clinic) {
    for (path, body) in [
        (
            "/locations",
            json!({ "name": "Annexe", "timeZone": "America/New_York" }),
        ),
        ("/providers", json!({ "name": "Dr. Bob Ray" })),
        (
            "/services",
            json!({ "name": "Cleaning", "durationMinutes": 30 }),
        ),
        (
            "/patients",
            json!({ "name": "Ann Other", "phone": "+12125550199" }),
        ),
        (
            "/api-keys",
            json!({ "name": "Website", "scopes": ["clinic:read"] }),
        ),
        (
            "/invitations",
            json!({ "email": "another@guest.example", "role": "staff" }),
        ),
        (
            "/messages",
            json!({ "to": "+12125550199", "body": "Hello" }),
        ),
    ] {
        let (status, answer) = clinic.call(fleet, Method::POST, path, body).await;
        assert!(status.is_success(), "{path}: {answer}");
    }
    let slot = clinic.slots(fleet).await.swap_remove(0);
    let booking = json!({
        "serviceId": clinic.service, "startsAt": slot["startsAt"], "providerId": slot["providerId"],
        "patient": { "name": "Ann Other", "phone": "+12125550199" },
    });
    let (status, answer) = clinic.call(fleet, Method::POST, "/bookings", booking).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
}
