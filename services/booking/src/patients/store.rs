//! Every statement about patients.

mod current;
pub(crate) mod erasing;
pub(crate) mod exporting;
pub(crate) mod moving;
pub(crate) mod phones;
mod row;

use jiff_sqlx::ToSqlx as _;
use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;

pub(crate) use self::current::{load, lock};
use self::row::{CandidateRow, ProfileRow};
use super::{
    Changes, NewPatient, Numbers, Patient, Profile,
    list::Filter,
    matching::{self, Candidate, Evidence, Match},
    name_key,
    refusal::Refusal,
};
use crate::{Error, fields::Phone};

/// Patients of one number that are looked at; more are no family.
const MOST_CANDIDATES: i64 = 1000;

/// The columns of [`ProfileRow`]; what follows chooses and orders the rows.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT patient.id, patient.name, patient.phone, patient.email, patient.date_of_birth,
                    patient.merged_into, patient.erased_at,
                    ARRAY(SELECT number.phone FROM booking.patient_phone AS number
                          WHERE number.org_id = patient.org_id AND number.patient_id = patient.id
                          ORDER BY number.phone) AS further
             FROM booking.patient WHERE patient.org_id = $1 ",
            $tail
        )
    };
}

/// The patient who is meant, made when there is none; nobody merges or erases it until the end of
/// the transaction. A new address is kept, and so is what was not known.
pub(crate) async fn find_or_insert(tx: &mut OrgTx, new: &NewPatient) -> Result<Patient, Error> {
    if let Some(known) = find(tx, new).await? {
        return Ok(known);
    }
    // Somebody who is added twice at once waits for the first here, and is found then. So does who
    // was just merged into another: what was read before did not know of that.
    phones::lock(tx, new.phone.expose()).await?;
    if let Some(known) = find(tx, new).await? {
        return Ok(known);
    }
    let patient = insert(tx, new).await?;
    phones::add(tx, patient.id, &new.further).await?;
    Ok(patient)
}

async fn find(tx: &mut OrgTx, new: &NewPatient) -> Result<Option<Patient>, Error> {
    let evidence = Evidence {
        name_key: Some(name_key::of(new.name.expose().as_str()).into()),
        born: new.born.clone(),
    };
    let candidates = candidates(tx, &new.phone, &evidence).await?;
    match matching::decide(&evidence, &candidates) {
        Match::Nobody => Ok(None),
        Match::Several => Err(Refusal::Ambiguous.into()),
        Match::One(id) => {
            phones::add(tx, id, &new.further).await?;
            Ok(Some(learn(tx, id, new).await?))
        }
    }
}

/// The patients of a number whom the evidence may speak for, once for each name they go by: who was
/// merged into them is still called by the name of before. Nobody merges or erases them until the end
/// of the transaction.
pub(crate) async fn candidates(
    tx: &mut OrgTx,
    phone: &Private<Phone>,
    evidence: &Evidence,
) -> Result<Vec<Candidate>, sqlx::Error> {
    // Of a number that is read and not bound the plan is the same for all. Else some connections made
    // a new one each time, which took longer than reading.
    let rows: Vec<CandidateRow> = sqlx::query_as(
        "WITH RECURSIVE known (id, person) AS (
           (SELECT id, id FROM booking.patient
            WHERE org_id = $1 AND phone = (SELECT $2) AND phone <> ''
            UNION
            SELECT patient_id, patient_id FROM booking.patient_phone
            WHERE org_id = $1 AND phone = (SELECT $2))
           UNION
           SELECT tombstone.id, known.person FROM booking.patient AS tombstone
           JOIN known ON tombstone.org_id = $1 AND tombstone.merged_into = known.id
         )
         SELECT person.id, named.name_key, person.date_of_birth
         FROM booking.patient AS person
         JOIN known ON known.person = person.id
         JOIN booking.patient AS named ON named.org_id = $1 AND named.id = known.id
         WHERE person.org_id = $1 AND person.merged_into IS NULL AND person.erased_at IS NULL
           AND ($3::text IS NULL OR named.name_key = $3)
         ORDER BY person.id LIMIT $4 FOR KEY SHARE OF person",
    )
    .bind(tx.org())
    .bind(phone.expose().as_str())
    .bind(&evidence.name_key)
    .bind(MOST_CANDIDATES)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(CandidateRow::read).collect())
}

async fn insert(tx: &mut OrgTx, new: &NewPatient) -> Result<Patient, sqlx::Error> {
    let name = new.name.expose().as_str();
    sqlx::query_as(
        "INSERT INTO booking.patient (org_id, id, name, name_key, phone, email, date_of_birth)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id, name, phone, email",
    )
    .bind(tx.org())
    .bind(PatientId::new())
    .bind(name)
    .bind(name_key::of(name))
    .bind(new.phone.expose().as_str())
    .bind(new.email.as_ref().map(|email| email.expose().as_str()))
    .bind(new.born.as_ref().map(|born| born.expose().to_sqlx()))
    .fetch_one(&mut **tx)
    .await
}

/// Keeps what is new of a patient who was found, and leaves the row alone when nothing is.
async fn learn(tx: &mut OrgTx, id: PatientId, new: &NewPatient) -> Result<Patient, sqlx::Error> {
    sqlx::query(
        "UPDATE booking.patient SET email = coalesce($3, email),
           date_of_birth = coalesce(date_of_birth, $4)
         WHERE org_id = $1 AND id = $2
           AND (email IS DISTINCT FROM coalesce($3, email)
                OR date_of_birth IS NULL AND $4::date IS NOT NULL)",
    )
    .bind(tx.org())
    .bind(id)
    .bind(new.email.as_ref().map(|email| email.expose().as_str()))
    .bind(new.born.as_ref().map(|born| born.expose().to_sqlx()))
    .execute(&mut **tx)
    .await?;
    sqlx::query_as(
        "SELECT id, name, phone, email FROM booking.patient WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_one(&mut **tx)
    .await
}

pub(crate) async fn profile(tx: &mut OrgTx, id: PatientId) -> Result<Option<Profile>, sqlx::Error> {
    let row: Option<ProfileRow> = sqlx::query_as(select!("AND patient.id = $2"))
        .bind(tx.org())
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(ProfileRow::read))
}

/// A page in the order of ids.
pub(crate) async fn list(tx: &mut OrgTx, filter: &Filter) -> Result<Vec<Profile>, sqlx::Error> {
    let rows: Vec<ProfileRow> = sqlx::query_as(select!(
        "AND patient.merged_into IS NULL AND patient.erased_at IS NULL
         AND ($2::uuid IS NULL OR patient.id > $2)
         AND ($3::text IS NULL OR patient.id IN (
           SELECT id FROM booking.patient WHERE org_id = $1 AND phone = $3 AND phone <> ''
           UNION ALL
           SELECT patient_id FROM booking.patient_phone WHERE org_id = $1 AND phone = $3))
         AND ($4::text IS NULL OR position($4 IN patient.name_key) > 0)
         ORDER BY patient.id LIMIT $5"
    ))
    .bind(tx.org())
    .bind(filter.page.after)
    .bind(filter.phone.as_ref().map(|phone| phone.expose().as_str()))
    .bind(&filter.name_key)
    .bind(filter.page.rows())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(ProfileRow::read).collect())
}

/// Changes what is named, but for numbers beside the main one.
pub(crate) async fn update(
    tx: &mut OrgTx,
    id: PatientId,
    changes: &Changes,
) -> Result<(), sqlx::Error> {
    let name = changes.name.as_ref().map(|name| name.expose().as_str());
    let (email, born) = (changes.email.as_ref(), changes.born.as_ref());
    let main = changes.phones.as_ref().map(Numbers::main);
    sqlx::query(
        "UPDATE booking.patient
         SET name = coalesce($3, name), name_key = coalesce($4, name_key),
             phone = coalesce($5, phone), email = CASE WHEN $6 THEN $7 ELSE email END,
             date_of_birth = CASE WHEN $8 THEN $9 ELSE date_of_birth END
         WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(id)
    .bind(name)
    .bind(name.map(name_key::of))
    .bind(main.map(|main| main.expose().as_str()))
    .bind(email.is_some())
    .bind(
        email
            .and_then(Option::as_ref)
            .map(|email| email.expose().as_str()),
    )
    .bind(born.is_some())
    .bind(
        born.and_then(Option::as_ref)
            .map(|born| born.expose().to_sqlx()),
    )
    .execute(&mut **tx)
    .await?;
    phones::drop_main(tx, id).await
}

/// Whether another patient has the same name, one of `numbers`, and no other date of birth.
pub(crate) async fn has_double(
    tx: &mut OrgTx,
    id: PatientId,
    numbers: &[Private<String>],
) -> Result<bool, sqlx::Error> {
    let numbers: Vec<_> = numbers.iter().map(Private::expose).collect();
    sqlx::query_scalar(
        "SELECT EXISTS (
           SELECT FROM booking.patient AS one
           JOIN booking.patient AS other
             ON other.org_id = one.org_id AND other.id <> one.id
            AND other.name_key = one.name_key
            AND other.merged_into IS NULL AND other.erased_at IS NULL
            AND coalesce(other.date_of_birth = one.date_of_birth, true)
           WHERE one.org_id = $1 AND one.id = $2 AND other.id IN (
             SELECT id FROM booking.patient
               WHERE org_id = $1 AND phone = ANY($3) AND phone <> ''
             UNION ALL
             SELECT patient_id FROM booking.patient_phone WHERE org_id = $1 AND phone = ANY($3)))",
    )
    .bind(tx.org())
    .bind(id)
    .bind(numbers)
    .fetch_one(&mut **tx)
    .await
}
