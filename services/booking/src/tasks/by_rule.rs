//! Tasks that open and end with their cause, not by hand.

use jiff::Timestamp;
use voxanne_events::New;
use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;

use super::{End, Kind, Subject, Task, store};
use crate::Error;

/// Who opened or ended it.
pub(super) fn actor(kind: Kind) -> String {
    format!("rule:{}", kind.as_str())
}

/// Opens a task by a rule; nothing when one of its kind is open for its subject. The events are to
/// be committed with the transaction.
pub(crate) async fn open(
    tx: &mut OrgTx,
    (kind, subject): (Kind, Subject),
    now: Timestamp,
) -> Result<Vec<New>, Error> {
    let task = Task::new(kind, subject, now);
    if !store::insert(tx, &task).await? {
        return Ok(Vec::new());
    }
    tx.note("task.opened", task.records());
    Ok(vec![task.announce(now)])
}

/// Ends the open task of a kind for a subject, if there is one, because its cause went away.
pub(crate) async fn end(
    tx: &mut OrgTx,
    (kind, subject): (Kind, Subject),
    outcome: &'static str,
    now: Timestamp,
) -> Result<Vec<New>, Error> {
    let Some(key) = subject.key() else {
        return Ok(Vec::new());
    };
    let found = store::lock_open(tx, kind, &key).await?;
    end_all(tx, found.into_iter().collect(), (outcome, actor(kind)), now).await
}

/// Ends what is open about a patient who is erased, and blanks what was noted about them.
pub(crate) async fn end_of_patient(
    tx: &mut OrgTx,
    patient: PatientId,
    now: Timestamp,
) -> Result<Vec<New>, Error> {
    let open = store::lock_open_of_patient(tx, patient).await?;
    let ended = end_all(
        tx,
        open,
        ("The patient was erased.", "rule:erased".to_owned()),
        now,
    )
    .await?;
    store::blank(tx, patient).await?;
    Ok(ended)
}

async fn end_all(
    tx: &mut OrgTx,
    tasks: Vec<Task>,
    (outcome, by): (&'static str, String),
    now: Timestamp,
) -> Result<Vec<New>, Error> {
    let mut events = Vec::new();
    for mut task in tasks {
        task.end = Some(End {
            outcome: outcome.into(),
            at: now,
            by: by.clone(),
        });
        task.version += 1;
        store::save(tx, &task).await?;
        tx.note("task.resolved", task.records());
        events.push(task.announce(now));
    }
    Ok(events)
}
