//! `ClinicService`.

use tonic::{Request, Response, Status};
use voxanne_proto::booking::v1::{self as proto, clinic_service_server::ClinicService};
use voxanne_tenant::Tenant;

use super::known;
use crate::{Desk, error::What, page::Page};

#[tonic::async_trait]
impl ClinicService for Desk {
    async fn set_up_clinic(
        &self,
        request: Request<proto::SetUpClinicRequest>,
    ) -> Result<Response<proto::SetUpClinicResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let first = request.into_inner().try_into()?;
        self.set_up(&tenant, first).await?;
        Ok(Response::new(proto::SetUpClinicResponse {}))
    }

    async fn list_locations(
        &self,
        request: Request<proto::ListLocationsRequest>,
    ) -> Result<Response<proto::ListLocationsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let page = Page::of(request.limit, &request.cursor)?;
        Ok(Response::new(
            self.list_locations(&tenant, page).await?.into(),
        ))
    }

    async fn create_location(
        &self,
        request: Request<proto::CreateLocationRequest>,
    ) -> Result<Response<proto::CreateLocationResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let new = request.into_inner().try_into()?;
        let location = Some(self.create_location(&tenant, new).await?.into());
        Ok(Response::new(proto::CreateLocationResponse { location }))
    }

    async fn get_location(
        &self,
        request: Request<proto::GetLocationRequest>,
    ) -> Result<Response<proto::GetLocationResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Location)?;
        let location = Some(self.get_location(&tenant, id).await?.into());
        Ok(Response::new(proto::GetLocationResponse { location }))
    }

    async fn update_location(
        &self,
        request: Request<proto::UpdateLocationRequest>,
    ) -> Result<Response<proto::UpdateLocationResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let id = known(&request.id, What::Location)?;
        let location = Some(
            self.update_location(&tenant, id, request.try_into()?)
                .await?
                .into(),
        );
        Ok(Response::new(proto::UpdateLocationResponse { location }))
    }

    async fn delete_location(
        &self,
        request: Request<proto::DeleteLocationRequest>,
    ) -> Result<Response<proto::DeleteLocationResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Location)?;
        self.delete_location(&tenant, id).await?;
        Ok(Response::new(proto::DeleteLocationResponse {}))
    }

    async fn list_providers(
        &self,
        request: Request<proto::ListProvidersRequest>,
    ) -> Result<Response<proto::ListProvidersResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let page = Page::of(request.limit, &request.cursor)?;
        Ok(Response::new(
            self.list_providers(&tenant, page).await?.into(),
        ))
    }

    async fn create_provider(
        &self,
        request: Request<proto::CreateProviderRequest>,
    ) -> Result<Response<proto::CreateProviderResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let new = request.into_inner().try_into()?;
        let provider = Some(self.create_provider(&tenant, new).await?.into());
        Ok(Response::new(proto::CreateProviderResponse { provider }))
    }

    async fn get_provider(
        &self,
        request: Request<proto::GetProviderRequest>,
    ) -> Result<Response<proto::GetProviderResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Provider)?;
        let provider = Some(self.get_provider(&tenant, id).await?.into());
        Ok(Response::new(proto::GetProviderResponse { provider }))
    }

    async fn update_provider(
        &self,
        request: Request<proto::UpdateProviderRequest>,
    ) -> Result<Response<proto::UpdateProviderResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let id = known(&request.id, What::Provider)?;
        let provider = Some(
            self.update_provider(&tenant, id, request.try_into()?)
                .await?
                .into(),
        );
        Ok(Response::new(proto::UpdateProviderResponse { provider }))
    }

    async fn delete_provider(
        &self,
        request: Request<proto::DeleteProviderRequest>,
    ) -> Result<Response<proto::DeleteProviderResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Provider)?;
        self.delete_provider(&tenant, id).await?;
        Ok(Response::new(proto::DeleteProviderResponse {}))
    }

    async fn list_services(
        &self,
        request: Request<proto::ListServicesRequest>,
    ) -> Result<Response<proto::ListServicesResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let page = Page::of(request.limit, &request.cursor)?;
        Ok(Response::new(
            self.list_services(&tenant, page).await?.into(),
        ))
    }

    async fn create_service(
        &self,
        request: Request<proto::CreateServiceRequest>,
    ) -> Result<Response<proto::CreateServiceResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let new = request.into_inner().try_into()?;
        let service = Some(self.create_service(&tenant, new).await?.into());
        Ok(Response::new(proto::CreateServiceResponse { service }))
    }

    async fn get_service(
        &self,
        request: Request<proto::GetServiceRequest>,
    ) -> Result<Response<proto::GetServiceResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Service)?;
        let service = Some(self.get_service(&tenant, id).await?.into());
        Ok(Response::new(proto::GetServiceResponse { service }))
    }

    async fn update_service(
        &self,
        request: Request<proto::UpdateServiceRequest>,
    ) -> Result<Response<proto::UpdateServiceResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let id = known(&request.id, What::Service)?;
        let service = Some(
            self.update_service(&tenant, id, request.try_into()?)
                .await?
                .into(),
        );
        Ok(Response::new(proto::UpdateServiceResponse { service }))
    }

    async fn delete_service(
        &self,
        request: Request<proto::DeleteServiceRequest>,
    ) -> Result<Response<proto::DeleteServiceResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Service)?;
        self.delete_service(&tenant, id).await?;
        Ok(Response::new(proto::DeleteServiceResponse {}))
    }

    async fn list_schedules(
        &self,
        request: Request<proto::ListSchedulesRequest>,
    ) -> Result<Response<proto::ListSchedulesResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let page = Page::of(request.limit, &request.cursor)?;
        Ok(Response::new(
            self.list_schedules(&tenant, page).await?.into(),
        ))
    }

    async fn put_schedule(
        &self,
        request: Request<proto::PutScheduleRequest>,
    ) -> Result<Response<proto::PutScheduleResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let schedule = request.into_inner().try_into()?;
        let schedule = Some(self.put_schedule(&tenant, schedule).await?.into());
        Ok(Response::new(proto::PutScheduleResponse { schedule }))
    }

    async fn delete_schedule(
        &self,
        request: Request<proto::DeleteScheduleRequest>,
    ) -> Result<Response<proto::DeleteScheduleResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let provider = known(&request.get_ref().provider_id, What::Provider)?;
        self.delete_schedule(&tenant, provider).await?;
        Ok(Response::new(proto::DeleteScheduleResponse {}))
    }

    async fn list_patients(
        &self,
        request: Request<proto::ListPatientsRequest>,
    ) -> Result<Response<proto::ListPatientsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let filter = request.get_ref().try_into()?;
        Ok(Response::new(
            self.list_patients(&tenant, filter).await?.into(),
        ))
    }

    async fn create_patient(
        &self,
        request: Request<proto::CreatePatientRequest>,
    ) -> Result<Response<proto::CreatePatientResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let new = request.into_inner().try_into()?;
        let patient = Some(self.create_patient(&tenant, new).await?.into());
        Ok(Response::new(proto::CreatePatientResponse { patient }))
    }

    async fn get_patient(
        &self,
        request: Request<proto::GetPatientRequest>,
    ) -> Result<Response<proto::GetPatientResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Patient)?;
        let patient = Some(self.get_patient(&tenant, id).await?.into());
        Ok(Response::new(proto::GetPatientResponse { patient }))
    }

    async fn update_patient(
        &self,
        request: Request<proto::UpdatePatientRequest>,
    ) -> Result<Response<proto::UpdatePatientResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let id = known(&request.id, What::Patient)?;
        let patient = Some(
            self.update_patient(&tenant, id, request.try_into()?)
                .await?
                .into(),
        );
        Ok(Response::new(proto::UpdatePatientResponse { patient }))
    }
}
