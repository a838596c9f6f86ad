//! `WaitlistService`.

use tonic::{Request, Response, Status};
use voxanne_proto::booking::v1::{self as proto, waitlist_service_server::WaitlistService};
use voxanne_tenant::Tenant;

use super::known;
use crate::{Desk, error::What, outcomes, waitlist::join::NewEntry};

#[tonic::async_trait]
impl WaitlistService for Desk {
    async fn list_waitlist(
        &self,
        request: Request<proto::ListWaitlistRequest>,
    ) -> Result<Response<proto::ListWaitlistResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let filter = request.into_inner().try_into()?;
        Ok(Response::new(
            self.list_waitlist(&tenant, filter).await?.into(),
        ))
    }

    async fn join_waitlist(
        &self,
        request: Request<proto::JoinWaitlistRequest>,
    ) -> Result<Response<proto::JoinWaitlistResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let new = NewEntry::try_from(request.get_ref())?;
        let entry = self.join_waitlist(&tenant, &new).await?;
        Ok(Response::new(proto::JoinWaitlistResponse {
            entry: Some(entry.into()),
        }))
    }

    async fn accept_offer(
        &self,
        request: Request<proto::AcceptOfferRequest>,
    ) -> Result<Response<proto::AcceptOfferResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.into_inner();
        let id = known(&request.id, What::WaitlistEntry)?;
        let accepted = self.accept_offer(&tenant, (id, request.version)).await;
        outcomes::count(&accepted, |_| "created");
        let (entry, booking) = accepted?;
        Ok(Response::new(proto::AcceptOfferResponse {
            entry: Some(entry.into()),
            booking: Some(booking.into()),
        }))
    }

    async fn decline_offer(
        &self,
        request: Request<proto::DeclineOfferRequest>,
    ) -> Result<Response<proto::DeclineOfferResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.into_inner();
        let id = known(&request.id, What::WaitlistEntry)?;
        let entry = self.decline_offer(&tenant, (id, request.version)).await?;
        Ok(Response::new(proto::DeclineOfferResponse {
            entry: Some(entry.into()),
        }))
    }

    async fn leave_waitlist(
        &self,
        request: Request<proto::LeaveWaitlistRequest>,
    ) -> Result<Response<proto::LeaveWaitlistResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::WaitlistEntry)?;
        self.leave_waitlist(&tenant, id).await?;
        Ok(Response::new(proto::LeaveWaitlistResponse {}))
    }
}
