//! Blocked times on the wire.

use jiff::SignedDuration;
use voxanne_clock::to_proto;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{Block, Blocked, Whose};
use crate::{
    availability::Span,
    fields::{self, free_text},
    page::Listed,
};

const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);
const LONGEST_REASON: usize = 200;

impl TryFrom<proto::CreateBlockRequest> for Blocked {
    type Error = Problem;

    fn try_from(request: proto::CreateBlockRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let whose = whose(&mut bad, &request);
        let from = fields::moment(&mut bad, "startsAt", request.starts_at.as_ref());
        let to = fields::moment(&mut bad, "endsAt", request.ends_at.as_ref());
        let reason = bad.take(
            "reason",
            "REASON",
            free_text(&request.reason, LONGEST_REASON),
        );
        let span = from.zip(to).map(|(from, to)| Span { from, to });
        if let Some(span) = &span {
            if span.to <= span.from {
                bad.add("endsAt", "ORDER", "must be later than `startsAt`");
            } else if span.to.duration_since(span.from) > LONGEST {
                bad.add(
                    "endsAt",
                    "RANGE",
                    "must be at most 366 days later than `startsAt`",
                );
            }
        }
        let blocked = (|| {
            Some(Self {
                whose: whose?,
                span: span?,
                reason: reason?,
            })
        })();
        bad.finish(blocked)
    }
}

fn whose(bad: &mut Violations, request: &proto::CreateBlockRequest) -> Option<Whose> {
    match (request.provider_id.as_str(), request.room_id.as_str()) {
        ("", "") => {
            bad.add("providerId", "REQUIRED", "must be given, or `roomId`");
            None
        }
        (provider, "") => fields::id(bad, "providerId", provider).map(Whose::Provider),
        ("", room) => fields::id(bad, "roomId", room).map(Whose::Room),
        _ => {
            bad.add("roomId", "CONFLICT", "must not come with `providerId`");
            None
        }
    }
}

impl From<Block> for proto::Block {
    fn from(block: Block) -> Self {
        let time = block.time;
        let provider = time.whose.provider().map(|id| id.to_string());
        let room = time.whose.room().map(|id| id.to_string());
        Self {
            id: block.id.to_string(),
            provider_id: provider.unwrap_or_default(),
            room_id: room.unwrap_or_default(),
            starts_at: Some(to_proto(time.span.from)),
            ends_at: Some(to_proto(time.span.to)),
            reason: time.reason.into_exposed(),
        }
    }
}

impl From<Listed<Block>> for proto::ListBlocksResponse {
    fn from(listed: Listed<Block>) -> Self {
        Self {
            blocks: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
