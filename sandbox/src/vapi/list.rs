//! Lists the resources of one kind: a plain array, newest first.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Extension, Json,
    extract::{Query, State},
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    refusal::Refusal,
    resources::{Kind, shown},
};
use crate::Sandbox;

const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;

pub(crate) async fn list(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(kind): Extension<Kind>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Vec<Value>>, Refusal> {
    let limit = limit(&query)?;
    let bounds = bounds(&query)?;
    let found = sandbox.vapi.shelf(kind).newest(limit, |resource| {
        bounds.iter().all(|bound| bound.holds(resource))
    });
    Ok(Json(
        found
            .into_iter()
            .map(|resource| shown(kind, resource))
            .collect(),
    ))
}

fn limit(query: &HashMap<String, String>) -> Result<usize, Refusal> {
    let Some(text) = query.get("limit") else {
        return Ok(PAGE);
    };
    match text.parse() {
        Ok(limit) if limit <= LARGEST_PAGE => Ok(limit),
        Ok(_) => Err(Refusal::violations(vec![format!(
            "limit must not be greater than {LARGEST_PAGE}"
        )])),
        Err(_) => Err(Refusal::violations(vec![
            "limit must not be less than 0".to_owned(),
        ])),
    }
}

/// One condition on a time, such as `createdAtLt`.
struct Bound {
    field: &'static str,
    holds: fn(&Timestamp, &Timestamp) -> bool,
    than: Timestamp,
}

impl Bound {
    fn holds(&self, resource: &Value) -> bool {
        let at = resource[self.field]
            .as_str()
            .and_then(|text| text.parse().ok());
        at.is_some_and(|at| (self.holds)(&at, &self.than))
    }
}

fn bounds(query: &HashMap<String, String>) -> Result<Vec<Bound>, Refusal> {
    type Comparison = fn(&Timestamp, &Timestamp) -> bool;
    let comparisons: [(&str, Comparison); 4] = [
        ("Gt", Timestamp::gt),
        ("Lt", Timestamp::lt),
        ("Ge", Timestamp::ge),
        ("Le", Timestamp::le),
    ];
    let mut bounds = Vec::new();
    for field in ["createdAt", "updatedAt"] {
        for (suffix, holds) in comparisons {
            let name = format!("{field}{suffix}");
            let Some(text) = query.get(&name) else {
                continue;
            };
            let than = text.parse().map_err(|_| {
                Refusal::violations(vec![format!("{name} must be a valid ISO 8601 date string")])
            })?;
            bounds.push(Bound { field, holds, than });
        }
    }
    Ok(bounds)
}
