//! The page on which somebody allows an application to use their calendar.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use jiff::{SignedDuration, Timestamp};
use url::Url;
use uuid::Uuid;

use super::{Google, answer};
use crate::{Sandbox, clock};

/// How long a code waits to be exchanged.
const CODE_LIVES: SignedDuration = SignedDuration::from_mins(10);
const SCOPES: &str = "https://www.googleapis.com/auth/";
const KNOWN_SCOPES: [&str; 9] = [
    "calendar",
    "calendar.readonly",
    "calendar.events",
    "calendar.events.owned",
    "calendar.events.readonly",
    "calendar.freebusy",
    "calendar.events.freebusy",
    "calendar.calendarlist.readonly",
    "calendar.app.created",
];

/// What an application asks for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    redirect_uri: Url,
    state: String,
    pub(crate) scopes: Vec<String>,
    challenge: Option<(String, bool)>,
    offline: bool,
}

/// What somebody allowed, until the application fetches it.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) account: String,
    pub(super) scopes: Vec<String>,
    pub(super) redirect_uri: Url,
    /// The challenge of PKCE, and whether it is a hash.
    pub(super) challenge: Option<(String, bool)>,
    pub(super) offline: bool,
    pub(super) until: Timestamp,
}

/// What somebody answered.
pub(crate) struct Decision {
    pub(crate) account: String,
    pub(crate) allows: bool,
    pub(crate) scopes: Vec<String>,
}

impl Google {
    /// Reads the address that an application sent the browser to.
    pub(crate) fn question(&self, query: &BTreeMap<String, String>) -> Result<Question, String> {
        let given = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        if given("client_id") != self.client.id {
            return Err("Error 401: invalid_client".to_owned());
        }
        let redirect_uri = Url::parse(given("redirect_uri"))
            .ok()
            .filter(|uri| {
                let registered = self.client.redirect_uri.as_ref();
                registered.is_none_or(|registered| registered == uri)
            })
            .ok_or("Error 400: redirect_uri_mismatch")?;
        if given("response_type") != "code" {
            return Err("Error 400: invalid_request (response_type)".to_owned());
        }
        let scopes: Vec<_> = given("scope").split(' ').map(str::to_owned).collect();
        let is_known = |scope: &String| {
            let name = scope.strip_prefix(SCOPES);
            name.is_some_and(|name| KNOWN_SCOPES.contains(&name))
        };
        if !scopes.iter().all(is_known) {
            return Err("Error 400: invalid_scope".to_owned());
        }
        let challenge = match (given("code_challenge"), given("code_challenge_method")) {
            ("", _) => None,
            (text, "S256") => Some((text.to_owned(), true)),
            (text, "" | "plain") => Some((text.to_owned(), false)),
            _ => return Err("Error 400: invalid_request (code_challenge_method)".to_owned()),
        };
        Ok(Question {
            redirect_uri,
            state: given("state").to_owned(),
            scopes,
            challenge,
            offline: given("access_type") == "offline",
        })
    }

    /// Where the browser is sent with the answer.
    pub(crate) fn answer(&self, question: Question, decision: Decision) -> Url {
        let mut back = question.redirect_uri.clone();
        if !decision.allows {
            back.query_pairs_mut().append_pair("error", "access_denied");
            back.query_pairs_mut().append_pair("state", &question.state);
            return back;
        }
        let scopes: Vec<_> = question
            .scopes
            .into_iter()
            .filter(|scope| decision.scopes.contains(scope))
            .collect();
        let code = format!("4/{}", Uuid::new_v4().simple());
        back.query_pairs_mut()
            .append_pair("state", &question.state)
            .append_pair("code", &code)
            .append_pair("scope", &scopes.join(" "));
        let given = Given {
            account: decision.account,
            scopes,
            redirect_uri: question.redirect_uri,
            challenge: question.challenge,
            offline: question.offline,
            until: clock::now() + CODE_LIVES,
        };
        self.codes.put(&code, given);
        back
    }
}

pub(super) async fn ask(
    State(sandbox): State<Arc<Sandbox>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let question = match sandbox.google.question(&query) {
        Ok(question) => question,
        Err(why) => return (StatusCode::BAD_REQUEST, Html(answer::page(&why, ""))).into_response(),
    };
    let id = Uuid::new_v4().simple().to_string();
    let form = answer::form(&id, &question.scopes);
    sandbox.google.questions.put(&id, question);
    Html(answer::page("Choose what the application may do", &form)).into_response()
}

pub(super) async fn decide(State(sandbox): State<Arc<Sandbox>>, body: String) -> Response {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&body).unwrap_or_default();
    let all = |name: &str| {
        let named = pairs.iter().filter(|(given, _)| given == name);
        named.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let one = |name: &str| all(name).pop().unwrap_or_default();
    let Some(question) = sandbox.google.questions.remove(&one("request")) else {
        let page = answer::page("Error 400: this page has expired", "");
        return (StatusCode::BAD_REQUEST, Html(page)).into_response();
    };
    let decision = Decision {
        account: one("account"),
        allows: one("decision") == "allow",
        scopes: all("scope"),
    };
    let back = sandbox.google.answer(question, decision);
    (StatusCode::FOUND, [(header::LOCATION, back.to_string())]).into_response()
}
