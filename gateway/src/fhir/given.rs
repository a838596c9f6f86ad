//! What a search or an operation is given: parameters of the query, or of a Parameters resource.

mod parameters;

use std::str::FromStr;

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
};
use serde_json::Value;
use url::form_urlencoded;
use voxanne_problem::{Kind, Problem, Violations};

use super::{FHIR_JSON, base::Base, date::Limit, id};
use crate::{App, body, reply::Refusal};

const COUNT: &str = "_count";
const CURSOR: &str = "_cursor";
const FORMAT: &str = "_format";
const DEFAULT_COUNT: u32 = 50;
const LARGEST_COUNT: u32 = 200;
/// The longest name that is repeated, and only when it could be one.
const LONGEST_NAME: usize = 40;
/// More values than this for one name are no question that anybody asks.
const MOST_VALUES: usize = 20;

/// Names and what they stand for: a text, or a whole resource.
#[derive(Debug, Default)]
pub(crate) struct Given(Vec<(String, Value)>);

/// The same from the body.
pub(crate) struct Posted(pub(crate) Given);

impl FromRequestParts<App> for Given {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let text = parts.uri.query().unwrap_or_default();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(|_| {
            let detail = "the query is not well formed";
            Problem::new(Kind::Invalid, "MALFORMED_QUERY", detail)
        })?;
        let texts = pairs.into_iter();
        Ok(Self(
            texts.map(|(name, text)| (name, text.into())).collect(),
        ))
    }
}

impl FromRequest<App> for Posted {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &App) -> Result<Self, Refusal> {
        let body = body::json(request, FHIR_JSON).await?;
        Ok(Self(Given(parameters::read(body)?)))
    }
}

impl Given {
    /// Notes every name that is none of `known`: a parameter that is passed over would find more
    /// than was asked for.
    pub(super) fn only(&self, known: &[&str], wrong: &mut Violations) {
        for (name, value) in &self.0 {
            if name == FORMAT {
                let text = value.as_str().unwrap_or_default();
                if !["json", "application/json", FHIR_JSON].contains(&text) {
                    wrong.add(FORMAT, "ONE_OF", "only JSON is spoken here");
                }
            } else if !known.contains(&name.as_str()) {
                wrong.add(told(name), "UNKNOWN_FIELD", "this is not supported here");
            }
        }
    }

    fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.of(name).next().is_some()
    }

    /// The texts that `name` has.
    pub(super) fn texts<'a>(&'a self, name: &'a str, wrong: &mut Violations) -> Vec<&'a str> {
        let mut texts = Vec::new();
        for value in self.of(name) {
            match value.as_str() {
                Some(text) if text.contains('\0') => {
                    let detail = "this has a character that cannot be kept";
                    wrong.add(name, "FORMAT", detail);
                }
                Some(text) => texts.push(text),
                None => wrong.add(name, "TYPE", "expected a value and no resource"),
            }
        }
        if texts.len() > MOST_VALUES {
            wrong.add(name, "RANGE", format!("at most {MOST_VALUES} times"));
            texts.clear();
        }
        texts
    }

    /// The one text that `name` has, if any.
    pub(super) fn text<'a>(&'a self, name: &'a str, wrong: &mut Violations) -> Option<&'a str> {
        let texts = self.texts(name, wrong);
        if texts.len() > 1 {
            wrong.add(name, "REPEATED", "give this once");
        }
        texts.first().copied()
    }

    /// The one resource that `name` has, if any.
    pub(super) fn resource<'a>(
        &'a self,
        name: &'a str,
        wrong: &mut Violations,
    ) -> Option<&'a Value> {
        let resources: Vec<_> = self.of(name).collect();
        match resources.as_slice() {
            [] => None,
            [one] if one.is_object() => Some(*one),
            [_] => {
                wrong.add(name, "TYPE", "expected a resource");
                None
            }
            _ => {
                wrong.add(name, "REPEATED", "give this once");
                None
            }
        }
    }

    /// The id of the resource of type `kind` that `name` refers to.
    pub(super) fn reference<I: FromStr>(
        &self,
        (name, kind): (&str, &str),
        base: &Base,
        wrong: &mut Violations,
    ) -> Option<I> {
        let text = self.text(name, wrong)?;
        let read = base.strip(text).and_then(|path| {
            let bare = path
                .strip_prefix(kind)
                .and_then(|rest| rest.strip_prefix('/'));
            id::read(bare.unwrap_or(path)).parse().ok()
        });
        if read.is_none() {
            wrong.add(name, "FORMAT", format!("expected a reference to a {kind}"));
        }
        read
    }

    /// The id that the code `name` has in our `system`.
    pub(super) fn code<I: FromStr>(
        &self,
        (name, system): (&str, &str),
        wrong: &mut Violations,
    ) -> Option<I> {
        let text = self.text(name, wrong)?;
        let code = match text.split_once('|') {
            Some((said, code)) if said == system => Some(code),
            Some(_) => None,
            None => Some(text),
        };
        let read = code.and_then(|code| id::read(code).parse().ok());
        if read.is_none() {
            wrong.add(name, "FORMAT", format!("expected a code of {system}"));
        }
        read
    }

    /// The limits that `name` sets to a time.
    pub(super) fn limits(&self, name: &str, wrong: &mut Violations) -> Vec<Limit> {
        let texts = self.texts(name, wrong);
        let read: Vec<_> = texts.iter().filter_map(|text| Limit::parse(text)).collect();
        if read.len() < texts.len() {
            let detail = "expected a date such as ge2026-12-01 or ge2026-12-01T09:00:00Z";
            wrong.add(name, "FORMAT", detail);
        }
        read
    }

    /// How many resources a page has.
    pub(super) fn count(&self, wrong: &mut Violations) -> u32 {
        let Some(text) = self.text(COUNT, wrong) else {
            return DEFAULT_COUNT;
        };
        match text.parse() {
            Ok(count) if (1..=LARGEST_COUNT).contains(&count) => return count,
            Ok(_) => wrong.add(COUNT, "RANGE", format!("from 1 to {LARGEST_COUNT}")),
            Err(_) => wrong.add(COUNT, "TYPE", "expected a whole number"),
        }
        DEFAULT_COUNT
    }

    /// Where the page before ended.
    pub(super) fn cursor(&self, wrong: &mut Violations) -> &str {
        self.text(CURSOR, wrong).unwrap_or_default()
    }

    pub(super) fn is_continued(&self) -> bool {
        self.has(CURSOR)
    }

    /// The question as a query, for this page or for the one that `next` leads to.
    pub(super) fn query(&self, next: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            let stays = next.is_none() || name != CURSOR;
            if let Some(text) = value.as_str().filter(|_| stays) {
                query.append_pair(name, text);
            }
        }
        if let Some(next) = next {
            query.append_pair(CURSOR, next);
        }
        query.finish()
    }
}

/// The names that every list takes.
pub(super) const PAGING: [&str; 2] = [COUNT, CURSOR];

/// A name that could be no parameter's may be a value in the wrong place, and values are never
/// repeated.
fn told(name: &str) -> &str {
    let is_word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte));
    if is_word && (1..=LONGEST_NAME).contains(&name.len()) {
        name
    } else {
        "(unnamed)"
    }
}
