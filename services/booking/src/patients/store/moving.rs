//! Statements that move what belongs to one patient to another.

use voxanne_pg::OrgTx;

use crate::patients::merge::Merge;

/// Runs a statement that takes the organisation and the two patients.
macro_rules! moves {
    ($($(#[doc = $doc:literal])* $name:ident = $($statement:literal),+;)*) => {$(
        $(#[doc = $doc])*
        pub(crate) async fn $name(tx: &mut OrgTx, merge: Merge) -> Result<(), sqlx::Error> {
            for statement in [$($statement),+] {
                sqlx::query(statement)
                    .bind(tx.org())
                    .bind(merge.from)
                    .bind(merge.into)
                    .execute(&mut **tx)
                    .await?;
            }
            Ok(())
        }
    )*};
}

moves! {
    bookings =
        "UPDATE booking.booking SET patient_id = $3 WHERE org_id = $1 AND patient_id = $2";
    /// Where both have a visit at the same time, the one that moves keeps nobody away any more: both
    /// were promised.
    claims =
        "UPDATE booking.claim AS moved SET exclusive = false
         WHERE moved.org_id = $1 AND moved.patient_id = $2 AND moved.exclusive AND EXISTS (
           SELECT FROM booking.claim AS other
           WHERE other.org_id = $1 AND other.patient_id = $3 AND other.exclusive
             AND other.busy && moved.busy)",
        "UPDATE booking.claim SET patient_id = $3 WHERE org_id = $1 AND patient_id = $2";
    /// What each is about stays as it was said; who it is about is the one who stays.
    tasks =
        "UPDATE booking.task SET patient_id = $3 WHERE org_id = $1 AND patient_id = $2";
    waitlist =
        "UPDATE booking.waitlist_entry SET patient_id = $3 WHERE org_id = $1 AND patient_id = $2";
    phones =
        "INSERT INTO booking.patient_phone (org_id, patient_id, phone)
         SELECT $1, $3, number.phone FROM (
           SELECT phone FROM booking.patient WHERE org_id = $1 AND id = $2
           UNION
           SELECT phone FROM booking.patient_phone WHERE org_id = $1 AND patient_id = $2
         ) AS number
         WHERE number.phone <> (SELECT phone FROM booking.patient WHERE org_id = $1 AND id = $3)
         ON CONFLICT DO NOTHING",
        "DELETE FROM booking.patient_phone WHERE org_id = $1 AND patient_id = $2 AND $3 <> $2";
    /// What is known of the first and not of the second is known of the second now.
    person =
        "UPDATE booking.patient AS stays
         SET email = coalesce(stays.email, goes.email),
             date_of_birth = coalesce(stays.date_of_birth, goes.date_of_birth)
         FROM booking.patient AS goes
         WHERE stays.org_id = $1 AND stays.id = $3 AND goes.org_id = $1 AND goes.id = $2",
        "UPDATE booking.patient SET merged_into = $3, phone = '' WHERE org_id = $1 AND id = $2";
}
