//! `PatientService`.

use tonic::{Request, Response, Status};
use voxanne_proto::booking::v1::{self as proto, patient_service_server::PatientService};
use voxanne_tenant::Tenant;

use super::known;
use crate::{Desk, error::What};

#[tonic::async_trait]
impl PatientService for Desk {
    async fn identify_patient(
        &self,
        request: Request<proto::IdentifyPatientRequest>,
    ) -> Result<Response<proto::IdentifyPatientResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let claimed = request.get_ref().try_into()?;
        let identified = self.identify_patient(&tenant, &claimed).await?;
        Ok(Response::new(identified.into()))
    }

    async fn merge_patients(
        &self,
        request: Request<proto::MergePatientsRequest>,
    ) -> Result<Response<proto::MergePatientsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let merge = request.get_ref().try_into()?;
        let patient = Some(self.merge_patients(&tenant, merge).await?.into());
        Ok(Response::new(proto::MergePatientsResponse { patient }))
    }

    async fn export_patient(
        &self,
        request: Request<proto::ExportPatientRequest>,
    ) -> Result<Response<proto::ExportPatientResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let id = known(&request.id, What::Patient)?;
        let piece = self.export_patient(&tenant, (id, &request.cursor)).await?;
        Ok(Response::new(proto::ExportPatientResponse {
            piece: piece.text,
            next_cursor: piece.next_cursor,
        }))
    }

    async fn erase_patient(
        &self,
        request: Request<proto::ErasePatientRequest>,
    ) -> Result<Response<proto::ErasePatientResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Patient)?;
        self.erase_patient(&tenant, id).await?;
        Ok(Response::new(proto::ErasePatientResponse {}))
    }
}
