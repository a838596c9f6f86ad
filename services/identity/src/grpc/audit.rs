//! `AuditService`.

use tonic::{Request, Response, Status, async_trait};
use voxanne_proto::identity::v1::{
    ExportEntriesRequest, ExportEntriesResponse, ListEntriesRequest, ListEntriesResponse,
    audit_service_server::AuditService,
};
use voxanne_tenant::Tenant;

use crate::{Identity, audit::wire};

#[async_trait]
impl AuditService for Identity {
    async fn list_entries(
        &self,
        request: Request<ListEntriesRequest>,
    ) -> Result<Response<ListEntriesResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let (filter, page) = wire::question(request.into_inner())?;
        let listed = self.list_audit(&tenant, &filter, &page).await?;
        Ok(Response::new(wire::answer(listed)))
    }

    async fn export_entries(
        &self,
        request: Request<ExportEntriesRequest>,
    ) -> Result<Response<ExportEntriesResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let place = request.into_inner().try_into()?;
        let part = self.export_audit(&tenant, place).await?;
        Ok(Response::new(part.into()))
    }
}
