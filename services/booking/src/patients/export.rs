//! Everything that is kept of a patient, as one JSON document in pieces.
//!
//! The first piece holds the person, who was merged into it, the tasks and the waitlist; each piece adds bookings,
//! and the last one closes the document. So a document that broke off is no JSON.

use serde_json::{Value, json};
use uuid::Uuid;
use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_tenant::{Permission, Tenant};

use super::{Profile, refusal::Refusal, store};
use crate::{
    Desk, Error,
    bookings::{self, Booking},
    error::What,
    page::Page,
    rights,
    tasks::{self, Task},
    waitlist::{self, Entry},
};

/// Bookings in one piece.
const BOOKINGS: u32 = 100;

/// A piece of the document.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Leads to the next one; empty at the end.
    pub(crate) next_cursor: String,
}

impl Desk {
    #[tracing::instrument(name = "patient.export", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn export_patient(
        &self,
        tenant: &Tenant,
        (id, cursor): (PatientId, &str),
    ) -> Result<Piece, Error> {
        rights::require_desk(tenant, Permission::PatientsRead)?;
        let page = page(cursor)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let profile = store::profile(&mut tx, id).await?;
        let profile = profile.ok_or(Error::NotFound(What::Patient))?;
        if profile.erased_at.is_some() {
            return Err(Refusal::Erased.into());
        }
        let patient = store::load(&mut tx, id).await?;
        let patient = patient.ok_or(Error::NotFound(What::Patient))?.id;
        let ids = store::exporting::bookings(&mut tx, patient, &page).await?;
        let listed = page.cut(ids, |id| id.as_uuid());
        let mut found = Vec::new();
        for id in &listed.items {
            found.extend(bookings::store::load(&mut tx, *id).await?);
        }
        let mut text = String::new();
        if page.after.is_none() {
            text = head(&mut tx, patient).await?;
        }
        text += &lines(&found, page.after.is_none());
        if listed.next_cursor.is_empty() {
            text += "\n]}\n";
        }
        let shown = found.iter().map(|one| one.id.as_uuid());
        tx.note(
            "patient.exported",
            [patient.as_uuid()].into_iter().chain(shown),
        );
        tx.commit().await?;
        Ok(Piece {
            text,
            next_cursor: listed.next_cursor,
        })
    }
}

fn page(cursor: &str) -> Result<Page<Uuid>, Problem> {
    Page::of(BOOKINGS, cursor)
}

/// The document up to its first booking.
async fn head(tx: &mut OrgTx, id: PatientId) -> Result<String, Error> {
    let patient = store::profile(tx, id).await?;
    let patient = patient.ok_or(Error::NotFound(What::Patient))?;
    let mut merged = Vec::new();
    for tombstone in store::erasing::tombstones(tx, id).await? {
        if tombstone != id {
            merged.extend(store::profile(tx, tombstone).await?.as_ref().map(person));
        }
    }
    let tasks = tasks::store::of_patient(tx, id).await?;
    let tasks: Vec<_> = tasks.iter().map(task).collect();
    let waitlist = waitlist::store::of_patient::list(tx, id).await?;
    let waitlist: Vec<_> = waitlist.iter().map(entry).collect();
    Ok(format!(
        "{{\"patient\":{},\n\"mergedPatients\":{},\n\"tasks\":{},\n\"waitlist\":{},\n\"bookings\":[",
        person(&patient),
        Value::from(merged),
        Value::from(tasks),
        Value::from(waitlist),
    ))
}

fn lines(bookings: &[Booking], is_first: bool) -> String {
    let mut text = String::new();
    for (place, one) in bookings.iter().enumerate() {
        text += if is_first && place == 0 { "\n" } else { ",\n" };
        text += &booking(one).to_string();
    }
    text
}

fn person(profile: &Profile) -> Value {
    json!({
        "id": profile.patient.id,
        "name": profile.patient.name,
        "phones": profile.numbers(),
        "email": profile.patient.email,
        "dateOfBirth": profile.born,
        "mergedIntoId": profile.merged_into,
    })
}

fn booking(one: &Booking) -> Value {
    let history: Vec<_> = one
        .history
        .iter()
        .map(|change| {
            json!({
                "status": change.status.as_str(),
                "actor": change.actor,
                "reason": change.reason,
                "at": change.at,
            })
        })
        .collect();
    json!({
        "id": one.id,
        "status": one.status.as_str(),
        "startsAt": one.visit.from,
        "endsAt": one.visit.to,
        "timeZone": one.time_zone,
        "localTime": one.local_time,
        "providerId": one.provider,
        "providerName": one.provider_name,
        "serviceId": one.service,
        "serviceName": one.service_name,
        "source": one.source.as_str(),
        "callId": one.call,
        "notes": one.notes,
        "version": one.version,
        "createdAt": one.created_at,
        "history": history,
    })
}

fn task(one: &Task) -> Value {
    json!({
        "id": one.id,
        "kind": one.kind.as_str(),
        "bookingId": one.subject.booking,
        "messageId": one.subject.message,
        "note": one.note,
        "openedAt": one.opened_at,
        "state": one.state().as_str(),
        "outcome": one.end.as_ref().map(|end| &end.outcome),
    })
}

fn entry(one: &Entry) -> Value {
    json!({
        "id": one.id,
        "state": one.state.as_str(),
        "serviceId": one.service,
        "serviceName": one.service_name,
        "providerId": one.wish.provider,
        "fromDate": one.wish.from,
        "toDate": one.wish.to,
        "partOfDay": one.wish.part.as_str(),
        "note": one.note,
        "bookingId": one.booking,
        "createdAt": one.created_at,
    })
}
