//! Patients: who is meant, and what becomes of them.

mod erase;
mod export;
mod identify;
mod merge;
mod odd;
mod search;

use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::Tenant;

use crate::desk::Desk;

pub(crate) const PHONE: &str = "+14155550123";

/// A patient to add, by name, number and date of birth.
pub(crate) fn person(name: &str, phone: &str, born: &str) -> proto::CreatePatientRequest {
    proto::CreatePatientRequest {
        name: name.into(),
        phone: phone.into(),
        date_of_birth: born.into(),
        ..Default::default()
    }
}

impl Desk {
    pub(crate) async fn add(
        &self,
        tenant: &Tenant,
        new: proto::CreatePatientRequest,
    ) -> Result<proto::Patient, Problem> {
        let request = self.ask(tenant, new);
        let answer = self.clinics().create_patient(request).await?;
        Ok(answer.into_inner().patient.unwrap())
    }

    pub(crate) async fn patient(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<proto::Patient, Problem> {
        let request = self.ask(tenant, proto::GetPatientRequest { id: id.into() });
        let answer = self.clinics().get_patient(request).await?;
        Ok(answer.into_inner().patient.unwrap())
    }

    pub(crate) async fn merge(
        &self,
        tenant: &Tenant,
        (from, into): (&str, &str),
    ) -> Result<proto::Patient, Problem> {
        let message = proto::MergePatientsRequest {
            id: from.into(),
            into_id: into.into(),
        };
        let request = self.ask(tenant, message);
        let answer = self.patients().merge_patients(request).await?;
        Ok(answer.into_inner().patient.unwrap())
    }

    pub(crate) async fn erase(&self, tenant: &Tenant, id: &str) -> Result<(), Problem> {
        let request = self.ask(tenant, proto::ErasePatientRequest { id: id.into() });
        self.patients().erase_patient(request).await?;
        Ok(())
    }

    pub(crate) async fn identify(
        &self,
        tenant: &Tenant,
        (name, born): (&str, &str),
    ) -> Result<proto::IdentifyPatientResponse, Problem> {
        let message = proto::IdentifyPatientRequest {
            phone: PHONE.into(),
            name: name.into(),
            date_of_birth: born.into(),
        };
        let request = self.ask(tenant, message);
        Ok(self
            .patients()
            .identify_patient(request)
            .await?
            .into_inner())
    }

    /// Copies a booking `count` times, past the service's back and with what it claims left out.
    pub(crate) async fn copy_booking(&self, id: &str, count: i32) {
        let (_, id) = id.split_once('_').unwrap();
        sqlx::query(
            "INSERT INTO booking.booking
             SELECT copy.* FROM booking.booking, generate_series(1, $2) AS number,
               jsonb_populate_record(booking, jsonb_build_object(
                 'id', md5(number::text || now()::text)::uuid)) AS copy
             WHERE booking.id = $1::uuid",
        )
        .bind(id)
        .bind(count)
        .execute(&mut self.database.owner().await)
        .await
        .unwrap();
    }
}

/// What became of a request: nothing to say, or the reason it was refused for.
pub(crate) fn reason<T>(outcome: Result<T, Problem>) -> String {
    outcome
        .err()
        .map_or_else(String::new, |problem| problem.reason.into_owned())
}
