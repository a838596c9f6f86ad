//! Tasks on the wire.

use voxanne_clock::to_proto;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{
    Kind, State, Task,
    assign::Assignment,
    create::NewCallback,
    list::{Filter, Owner},
    resolve::Resolution,
};
use crate::{
    Error,
    error::What,
    fields::{self, Unacceptable, free_text},
    page::{Listed, Page},
};

const LONGEST_NOTE: usize = 2000;
const LONGEST_OUTCOME: usize = 500;
/// Instead of a user's id.
const NOBODY: &str = "none";

impl TryFrom<&proto::CreateTaskRequest> for NewCallback {
    type Error = Problem;

    fn try_from(request: &proto::CreateTaskRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let patient = fields::optional_id(&mut bad, "patientId", &request.patient_id);
        let booking = fields::optional_id(&mut bad, "bookingId", &request.booking_id);
        let owner = fields::optional_id(&mut bad, "ownerId", &request.owner_id);
        let note = bad.take("note", "NOTES", free_text(&request.note, LONGEST_NOTE));
        let due_at = match &request.due_at {
            None => Some(None),
            Some(at) => fields::moment(&mut bad, "dueAt", Some(at)).map(Some),
        };
        let new = (|| {
            Some(Self {
                patient: patient?,
                booking: booking?,
                note: note?,
                owner: owner?,
                due_at: due_at?,
            })
        })();
        bad.finish(new)
    }
}

impl TryFrom<&proto::ListTasksRequest> for Filter {
    type Error = Problem;

    fn try_from(request: &proto::ListTasksRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let wrong = Unacceptable("must be one of the known ones");
        let state = match request.state.as_str() {
            "" => Some(None),
            word => bad
                .take("state", "ONE_OF", State::from_word(word).ok_or(wrong))
                .map(Some),
        };
        let kind = match request.kind.as_str() {
            "" => Some(None),
            word => bad
                .take("kind", "ONE_OF", Kind::from_word(word).ok_or(wrong))
                .map(Some),
        };
        let owner = match request.owner.as_str() {
            "" => Some(Owner::Anybody),
            NOBODY => Some(Owner::Nobody),
            id => fields::id(&mut bad, "owner", id).map(Owner::One),
        };
        let page = Page::read(&mut bad, request.limit, &request.cursor);
        let filter = (|| {
            Some(Self {
                state: state?,
                kind: kind?,
                owner: owner?,
                page: page?,
            })
        })();
        bad.finish(filter)
    }
}

fn unknown<E>(_malformed: E) -> Problem {
    Error::NotFound(What::Task).into()
}

impl TryFrom<&proto::AssignTaskRequest> for Assignment {
    type Error = Problem;

    fn try_from(request: &proto::AssignTaskRequest) -> Result<Self, Problem> {
        let id = request.id.parse().map_err(unknown)?;
        let mut bad = Violations::default();
        let owner = fields::optional_id(&mut bad, "ownerId", &request.owner_id);
        let owner = bad.finish(owner)?;
        let seen = request.version;
        Ok(Self { id, owner, seen })
    }
}

impl TryFrom<&proto::ResolveTaskRequest> for Resolution {
    type Error = Problem;

    fn try_from(request: &proto::ResolveTaskRequest) -> Result<Self, Problem> {
        let id = request.id.parse().map_err(unknown)?;
        let mut bad = Violations::default();
        let outcome = free_text(&request.outcome, LONGEST_OUTCOME);
        let outcome = bad.take("outcome", "REASON", outcome);
        if outcome.as_ref().is_some_and(|text| text.is_empty()) {
            bad.add("outcome", "REQUIRED", "must be given");
        }
        let outcome = bad.finish(outcome)?;
        let seen = request.version;
        Ok(Self { id, outcome, seen })
    }
}

impl From<Task> for proto::Task {
    fn from(task: Task) -> Self {
        let state = task.state().as_str().to_owned();
        let text = |id: Option<String>| id.unwrap_or_default();
        let subject = task.subject;
        let (outcome, resolved_at, resolved_by) = match task.end {
            None => (String::new(), None, String::new()),
            Some(end) => (end.outcome.into_exposed(), Some(to_proto(end.at)), end.by),
        };
        Self {
            id: task.id.to_string(),
            kind: task.kind.as_str().to_owned(),
            state,
            booking_id: text(subject.booking.map(|id| id.to_string())),
            patient_id: text(subject.patient.map(|id| id.to_string())),
            message_id: text(subject.message.map(|id| id.to_string())),
            provider_id: text(subject.provider.map(|id| id.to_string())),
            location_id: text(subject.location.map(|id| id.to_string())),
            note: task.note.into_exposed(),
            owner_id: text(task.owner.map(|id| id.to_string())),
            due_at: task.due_at.map(to_proto),
            opened_at: Some(to_proto(task.opened_at)),
            opened_by: task.opened_by,
            outcome,
            resolved_at,
            resolved_by,
            version: task.version,
        }
    }
}

impl From<Listed<Task>> for proto::ListTasksResponse {
    fn from(listed: Listed<Task>) -> Self {
        Self {
            tasks: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
