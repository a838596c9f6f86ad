//! The audit log on the wire.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use uuid::Uuid;
use voxanne_audit::{Entry, Hash, Head};
use voxanne_clock::{from_proto, to_proto};
use voxanne_problem::{Problem, Violations};
use voxanne_proto::identity::v1 as proto;

use super::{
    Between, Filter,
    export::{Part, Place},
    list::Page,
};

const PAGE: u32 = 50;
const WIDEST_PAGE: u32 = 200;
/// The longest caller and the longest action that an entry can have.
const LONGEST_TEXT: usize = 200;

/// What is asked for: the filter and the page.
pub(crate) fn question(request: proto::ListEntriesRequest) -> Result<(Filter, Page), Problem> {
    let mut bad = Violations::default();
    let between = between(&mut bad, request.from.as_ref(), request.to.as_ref());
    let caller = text(&mut bad, "caller", request.caller);
    let action = text(&mut bad, "action", request.action);
    let record = record(&mut bad, &request.record_id);
    if request.limit > WIDEST_PAGE {
        bad.add("limit", "TOO_LARGE", "at most 200");
    }
    let before = cursor(&mut bad, &request.cursor);
    let limit = match request.limit {
        0 => PAGE,
        limit => limit,
    };
    let question = (|| {
        let filter = Filter {
            between: between?,
            caller: caller?,
            action: action?,
            record: record?,
        };
        let before = before?;
        Some((filter, Page { limit, before }))
    })();
    bad.finish(question)
}

impl TryFrom<proto::ExportEntriesRequest> for Place {
    type Error = Problem;

    fn try_from(request: proto::ExportEntriesRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let between = between(&mut bad, request.from.as_ref(), request.to.as_ref());
        let head = match request.head {
            None => Some(None),
            Some(head) => bad.take("head", "INVALID", read_head(&head)).map(Some),
        };
        let place = between.zip(head).map(|(between, head)| Self {
            between,
            after: request.after,
            head,
        });
        bad.finish(place)
    }
}

fn between(
    bad: &mut Violations,
    from: Option<&prost_types::Timestamp>,
    to: Option<&prost_types::Timestamp>,
) -> Option<Between> {
    let mut moment = |field, at: Option<&prost_types::Timestamp>| match at {
        None => Some(None),
        Some(at) => bad.take(field, "TIME", from_proto(at)).map(Some),
    };
    let (from, to) = (moment("from", from), moment("to", to));
    let (from, to): (Option<Timestamp>, Option<Timestamp>) = (from?, to?);
    Some(Between { from, to })
}

fn text(bad: &mut Violations, field: &str, text: String) -> Option<Option<String>> {
    if text.len() > LONGEST_TEXT || text.contains('\0') {
        bad.add(field, "INVALID", "is none that an entry could have");
        return None;
    }
    Some((!text.is_empty()).then_some(text))
}

/// An id of any kind: the log holds what is behind its prefix.
fn record(bad: &mut Violations, text: &str) -> Option<Option<Uuid>> {
    if text.is_empty() {
        return Some(None);
    }
    let bare = text.split_once('_').map_or(text, |(_, bare)| bare);
    bad.take(
        "record",
        "ID",
        Uuid::try_parse(bare).map_err(|_malformed| "must be an id"),
    )
    .map(Some)
}

fn cursor(bad: &mut Violations, text: &str) -> Option<Option<i64>> {
    if text.is_empty() {
        return Some(None);
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    let number = bytes.and_then(|bytes| Some(i64::from_be_bytes(bytes.try_into().ok()?)));
    bad.take(
        "cursor",
        "CURSOR",
        number.ok_or("is not a cursor of this list"),
    )
    .map(Some)
}

fn read_head(head: &proto::Head) -> Result<Head, &'static str> {
    let hash =
        Hash::try_from(&*head.hash).map_err(|_length| "must be the one of the first page")?;
    Ok(Head {
        seq: head.seq,
        hash,
    })
}

/// A page as an answer.
pub(crate) fn answer((entries, next): (Vec<Entry>, Option<i64>)) -> proto::ListEntriesResponse {
    proto::ListEntriesResponse {
        entries: entries.into_iter().map(told).collect(),
        next_cursor: next
            .map(|seq| BASE64_URL_SAFE_NO_PAD.encode(seq.to_be_bytes()))
            .unwrap_or_default(),
    }
}

impl From<Part> for proto::ExportEntriesResponse {
    fn from(part: Part) -> Self {
        Self {
            entries: part.entries.into_iter().map(told).collect(),
            head: Some(proto::Head {
                seq: part.head.seq,
                hash: part.head.hash.0.to_vec(),
            }),
            is_last: part.is_last,
        }
    }
}

fn told(entry: Entry) -> proto::Entry {
    proto::Entry {
        seq: entry.seq,
        at: Some(to_proto(entry.at)),
        caller: entry.caller,
        request_id: entry.request_id,
        action: entry.action,
        record_ids: entry
            .records
            .iter()
            .map(|id| id.as_bytes().to_vec())
            .collect(),
        previous: entry.previous.0.to_vec(),
        hash: entry.hash.0.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_field_is_named() {
        let request = proto::ListEntriesRequest {
            from: Some(prost_types::Timestamp {
                seconds: i64::MAX,
                nanos: 0,
            }),
            caller: "x".repeat(201),
            action: "a\0b".into(),
            record_id: "pat_nonsense".into(),
            limit: 201,
            cursor: "!".into(),
            ..Default::default()
        };
        let problem = question(request).unwrap_err();
        let fields: Vec<_> = problem.violations.iter().map(|bad| &*bad.field).collect();
        assert_eq!(
            fields,
            ["from", "caller", "action", "record", "limit", "cursor"]
        );
    }

    #[test]
    fn a_record_is_found_by_its_id_with_or_without_prefix() {
        let id = Uuid::from_u128(7);
        for text in [id.to_string(), format!("pat_{}", id.simple())] {
            let request = proto::ListEntriesRequest {
                record_id: text,
                ..Default::default()
            };
            assert_eq!(question(request).unwrap().0.record, Some(id));
        }
    }
}
