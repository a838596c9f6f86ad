//! `HoldService`.

use tonic::{Request, Response, Status};
use voxanne_proto::booking::v1::{self as proto, hold_service_server::HoldService};
use voxanne_tenant::Tenant;

use super::known;
use crate::{
    Desk, Error, availability::slot_id::SlotIds, error::What, fields::CallRef, holds::hold::NewHold,
};

#[tonic::async_trait]
impl HoldService for Desk {
    async fn create_hold(
        &self,
        request: Request<proto::CreateHoldRequest>,
    ) -> Result<Response<proto::CreateHoldResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let ids = SlotIds::new(self.keys.clone(), tenant.org());
        let new = NewHold::read(request.get_ref(), &ids)?;
        let hold = self.hold(&tenant, &new).await?;
        Ok(Response::new(proto::CreateHoldResponse {
            hold: Some(hold.into()),
        }))
    }

    async fn release_hold(
        &self,
        request: Request<proto::ReleaseHoldRequest>,
    ) -> Result<Response<proto::ReleaseHoldResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.into_inner();
        let id = known(&request.id, What::Hold)?;
        let call: CallRef = request
            .call_id
            .parse()
            .map_err(|_unreadable| Error::NotFound(What::Hold))?;
        self.release(&tenant, id, &call).await?;
        Ok(Response::new(proto::ReleaseHoldResponse {}))
    }
}
