//! Asking for a call back.

use jiff::Timestamp;
use voxanne_ids::{BookingId, PatientId, UserId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::{Permission, Tenant};

use super::{Kind, Subject, Task, refusal::Refusal, store};
use crate::{Desk, Error, bookings, error::What, patients, rights};

/// A call that somebody wants.
#[derive(Clone, Debug)]
pub(crate) struct NewCallback {
    pub(crate) patient: Option<PatientId>,
    pub(crate) booking: Option<BookingId>,
    pub(crate) note: Private<String>,
    pub(crate) owner: Option<UserId>,
    pub(crate) due_at: Option<Timestamp>,
}

impl Desk {
    pub(crate) async fn create_task(
        &self,
        tenant: &Tenant,
        new: NewCallback,
    ) -> Result<Task, Error> {
        rights::require(tenant, Permission::TasksWrite)?;
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let subject = subject(&mut tx, &new).await?;
        let task = Task {
            note: new.note,
            owner: new.owner,
            due_at: new.due_at,
            opened_by: tenant.caller().to_string(),
            ..Task::new(Kind::Callback, subject, now)
        };
        if !store::insert(&mut tx, &task).await? {
            let open = store::lock_open(&mut tx, task.kind, &task.key()).await?;
            let open = open.ok_or(Refusal::Stale)?;
            return Err(Refusal::Exists(open.id).into());
        }
        tx.note("task.opened", task.records());
        self.log.commit(tx, vec![task.announce(now)]).await?;
        Ok(task)
    }
}

/// Of a tombstone the patient it points to, who stays as it is until the task is there.
async fn subject(tx: &mut OrgTx, new: &NewCallback) -> Result<Subject, Error> {
    let mut subject = Subject::default();
    if let Some(id) = new.booking {
        let booking = bookings::store::load(tx, id).await?;
        subject.booking = Some(booking.ok_or(Error::NotFound(What::Booking))?.id);
    }
    if let Some(id) = new.patient {
        let patient = patients::store::load(tx, id).await?;
        subject.patient = Some(patient.ok_or(Error::NotFound(What::Patient))?.id);
    }
    Ok(subject)
}
