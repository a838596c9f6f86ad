//! Statements about numbers beside the main one.

use voxanne_ids::PatientId;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;

use crate::fields::Phone;

/// Waits until no other transaction adds a patient with this number.
pub(crate) async fn lock(tx: &mut OrgTx, phone: &Phone) -> Result<(), sqlx::Error> {
    lock_text(tx, phone.as_str()).await
}

/// Waits for all of `numbers`, in an order that is the same for everybody.
pub(crate) async fn lock_all(
    tx: &mut OrgTx,
    numbers: &[Private<String>],
) -> Result<(), sqlx::Error> {
    let mut sorted: Vec<_> = numbers.iter().map(Private::expose).collect();
    sorted.sort_unstable();
    for number in sorted {
        lock_text(tx, number).await?;
    }
    Ok(())
}

async fn lock_text(tx: &mut OrgTx, phone: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock(
           hashtextextended('booking.phone:' || $1::text || ':' || $2, 0))",
    )
    .bind(tx.org())
    .bind(phone)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds those of `numbers` that the patient does not have yet.
pub(crate) async fn add(
    tx: &mut OrgTx,
    patient: PatientId,
    numbers: &[Private<Phone>],
) -> Result<(), sqlx::Error> {
    if numbers.is_empty() {
        return Ok(());
    }
    let numbers: Vec<_> = numbers.iter().map(|one| one.expose().as_str()).collect();
    sqlx::query(
        "INSERT INTO booking.patient_phone (org_id, patient_id, phone)
         SELECT $1, patient.id, number.phone
         FROM booking.patient, unnest($3::text[]) AS number (phone)
         WHERE patient.org_id = $1 AND patient.id = $2 AND patient.phone <> number.phone
         ON CONFLICT DO NOTHING",
    )
    .bind(tx.org())
    .bind(patient)
    .bind(numbers)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn replace(
    tx: &mut OrgTx,
    patient: PatientId,
    numbers: &[Private<Phone>],
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM booking.patient_phone WHERE org_id = $1 AND patient_id = $2")
        .bind(tx.org())
        .bind(patient)
        .execute(&mut **tx)
        .await?;
    add(tx, patient, numbers).await
}

/// The main number is not among the others too.
pub(crate) async fn drop_main(tx: &mut OrgTx, patient: PatientId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM booking.patient_phone
         WHERE org_id = $1 AND patient_id = $2
           AND phone = (SELECT phone FROM booking.patient WHERE org_id = $1 AND id = $2)",
    )
    .bind(tx.org())
    .bind(patient)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
