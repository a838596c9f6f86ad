//! Lists an account's messages, newest first.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, RawQuery, State},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::{accounts::Authorised, message::Message, refusal::Refusal};
use crate::Sandbox;

const PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;

pub(crate) async fn list(
    State(sandbox): State<Arc<Sandbox>>,
    Authorised(account): Authorised,
    OriginalUri(uri): OriginalUri,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let query = query.unwrap_or_default();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&query)
        .map_err(|_| Refusal::new(20001, "The query could not be read"))?;
    let filter = Filter::read(&pairs)?;
    let mut found =
        sandbox
            .twilio
            .messages
            .older(filter.after.as_deref(), filter.size + 1, |message| {
                message.account_sid == account.sid && filter.keeps(message)
            });
    let more = found.len() > filter.size;
    found.truncate(filter.size);
    let last = found.last().filter(|_| more);
    let next = last.map(|last| format!("{}?{}", uri.path(), next_page(&pairs, &filter, &last.sid)));
    let start = filter.page * filter.size;
    Ok(Json(json!({
        "messages": found.iter().map(Message::resource).collect::<Vec<_>>(),
        "end": start + found.len().saturating_sub(1),
        "first_page_uri": format!("{}?PageSize={}&Page=0", uri.path(), filter.size),
        "next_page_uri": next,
        "page": filter.page,
        "page_size": filter.size,
        "previous_page_uri": null,
        "start": start,
        "uri": format!("{}?{query}", uri.path()),
    })))
}

/// The query for the messages older than the one with `last`.
fn next_page(pairs: &[(String, String)], filter: &Filter, last: &str) -> String {
    let kept = pairs
        .iter()
        .filter(|(name, _)| name != "PageToken" && name != "Page");
    let mut next: Vec<_> = kept.cloned().collect();
    next.push(("Page".to_owned(), (filter.page + 1).to_string()));
    next.push(("PageToken".to_owned(), format!("PA{last}")));
    serde_urlencoded::to_string(next).unwrap_or_default()
}

#[derive(Default)]
struct Filter {
    to: Option<String>,
    from: Option<String>,
    /// First instant that fits, and the first that is too late.
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    size: usize,
    page: usize,
    after: Option<String>,
}

impl Filter {
    fn read(pairs: &[(String, String)]) -> Result<Self, Refusal> {
        let mut filter = Self {
            size: PAGE,
            ..Self::default()
        };
        let invalid = |name: &str| Refusal::new(20001, format!("Invalid parameter: {name}"));
        for (name, value) in pairs {
            match name.as_str() {
                "To" => filter.to = Some(value.clone()),
                "From" => filter.from = Some(value.clone()),
                "DateSent" | "DateSent>" | "DateSent<" => {
                    let (start, end) = span(value).ok_or_else(|| invalid(name))?;
                    if name != "DateSent<" {
                        filter.since = Some(start);
                    }
                    if name != "DateSent>" {
                        filter.until = Some(end);
                    }
                }
                "PageSize" => {
                    let size = value
                        .parse()
                        .ok()
                        .filter(|size| (1..=LARGEST_PAGE).contains(size));
                    filter.size = size.ok_or_else(|| invalid(name))?;
                }
                "Page" => filter.page = value.parse().map_err(|_| invalid(name))?,
                "PageToken" => {
                    let sid = value.strip_prefix("PA").ok_or_else(|| invalid(name))?;
                    filter.after = Some(sid.to_owned());
                }
                _ => return Err(invalid(name)),
            }
        }
        Ok(filter)
    }

    fn keeps(&self, message: &Message) -> bool {
        let at = message.sent_at.unwrap_or(message.received_at);
        self.to.as_ref().is_none_or(|to| *to == message.to)
            && self
                .from
                .as_ref()
                .is_none_or(|from| Some(from) == message.from.as_ref())
            && self.since.is_none_or(|since| at >= since)
            && self.until.is_none_or(|until| at < until)
    }
}

/// The instants that a day or a moment covers.
fn span(text: &str) -> Option<(Timestamp, Timestamp)> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some((at, at.checked_add(jiff::SignedDuration::from_secs(1)).ok()?));
    }
    let day: Date = text.parse().ok()?;
    let midnight = |day: Date| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
    Some((midnight(day)?, midnight(day.tomorrow().ok()?)?))
}
