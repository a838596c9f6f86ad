//! What a transaction tells the audit log.

use sqlx::PgConnection;
use uuid::Uuid;
use voxanne_tenant::Tenant;

/// An entry names this many records at most; more of them take several entries.
const MOST_RECORDS: usize = 1000;
/// Characters of a caller or a request id that an entry keeps.
const LONGEST_NAME: usize = 200;

/// Something a caller did, still to be written.
#[derive(Debug)]
struct Note {
    action: &'static str,
    records: Vec<Uuid>,
}

/// What one transaction has to tell, in the name of one caller.
#[derive(Debug)]
pub(crate) struct Notes {
    caller: String,
    request_id: String,
    notes: Vec<Note>,
}

impl Notes {
    pub(crate) fn of(tenant: &Tenant) -> Self {
        Self {
            caller: one_line(&tenant.caller().to_string()),
            request_id: one_line(tenant.request_id()),
            notes: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, action: &'static str, records: impl IntoIterator<Item = Uuid>) {
        let records: Vec<_> = records.into_iter().collect();
        let note = |records: &[Uuid]| Note {
            action,
            records: records.to_vec(),
        };
        if records.is_empty() {
            self.notes.push(note(&records));
        }
        self.notes.extend(records.chunks(MOST_RECORDS).map(note));
    }

    /// Appends everything to the organisation's chain, in one statement. The chain's lock is held
    /// from here to the end of the transaction.
    pub(crate) async fn append(&mut self, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        let (mut actions, mut counts, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for note in self.notes.drain(..) {
            actions.push(note.action);
            counts.push(i32::try_from(note.records.len()).unwrap_or(i32::MAX));
            records.extend(note.records);
        }
        if actions.is_empty() {
            return Ok(());
        }
        sqlx::query("SELECT audit.append_all($1, $2, $3, $4, $5)")
            .bind(&self.caller)
            .bind(&self.request_id)
            .bind(actions)
            .bind(counts)
            .bind(records)
            .execute(tx)
            .await?;
        Ok(())
    }
}

/// A call's id and a request's id come from outside; the lines of an entry's hash must stay apart.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(LONGEST_NAME).map(plain).collect()
}
