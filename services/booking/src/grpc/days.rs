//! `DayService`.

use tonic::{Request, Response, Status};
use voxanne_proto::booking::v1::{self as proto, day_service_server::DayService};
use voxanne_tenant::Tenant;

use super::known;
use crate::{Desk, error::What, page::Page};

#[tonic::async_trait]
impl DayService for Desk {
    async fn list_rooms(
        &self,
        request: Request<proto::ListRoomsRequest>,
    ) -> Result<Response<proto::ListRoomsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let page = Page::of(request.limit, &request.cursor)?;
        Ok(Response::new(self.list_rooms(&tenant, page).await?.into()))
    }

    async fn create_room(
        &self,
        request: Request<proto::CreateRoomRequest>,
    ) -> Result<Response<proto::CreateRoomResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let new = request.into_inner().try_into()?;
        let room = Some(self.create_room(&tenant, new).await?.into());
        Ok(Response::new(proto::CreateRoomResponse { room }))
    }

    async fn get_room(
        &self,
        request: Request<proto::GetRoomRequest>,
    ) -> Result<Response<proto::GetRoomResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Room)?;
        let room = Some(self.get_room(&tenant, id).await?.into());
        Ok(Response::new(proto::GetRoomResponse { room }))
    }

    async fn update_room(
        &self,
        request: Request<proto::UpdateRoomRequest>,
    ) -> Result<Response<proto::UpdateRoomResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let id = known(&request.id, What::Room)?;
        let room = self.update_room(&tenant, id, request.try_into()?).await?;
        let room = Some(room.into());
        Ok(Response::new(proto::UpdateRoomResponse { room }))
    }

    async fn delete_room(
        &self,
        request: Request<proto::DeleteRoomRequest>,
    ) -> Result<Response<proto::DeleteRoomResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Room)?;
        self.delete_room(&tenant, id).await?;
        Ok(Response::new(proto::DeleteRoomResponse {}))
    }

    async fn list_exceptions(
        &self,
        request: Request<proto::ListExceptionsRequest>,
    ) -> Result<Response<proto::ListExceptionsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let page = Page::of(request.limit, &request.cursor)?;
        Ok(Response::new(
            self.list_exceptions(&tenant, page).await?.into(),
        ))
    }

    async fn create_exception(
        &self,
        request: Request<proto::CreateExceptionRequest>,
    ) -> Result<Response<proto::CreateExceptionResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let day = request.into_inner().try_into()?;
        let exception = Some(self.create_exception(&tenant, day).await?.into());
        Ok(Response::new(proto::CreateExceptionResponse { exception }))
    }

    async fn delete_exception(
        &self,
        request: Request<proto::DeleteExceptionRequest>,
    ) -> Result<Response<proto::DeleteExceptionResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Exception)?;
        self.delete_exception(&tenant, id).await?;
        Ok(Response::new(proto::DeleteExceptionResponse {}))
    }

    async fn list_blocks(
        &self,
        request: Request<proto::ListBlocksRequest>,
    ) -> Result<Response<proto::ListBlocksResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.get_ref();
        let page = Page::of(request.limit, &request.cursor)?;
        Ok(Response::new(self.list_blocks(&tenant, page).await?.into()))
    }

    async fn create_block(
        &self,
        request: Request<proto::CreateBlockRequest>,
    ) -> Result<Response<proto::CreateBlockResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let time = request.into_inner().try_into()?;
        let block = Some(self.create_block(&tenant, time).await?.into());
        Ok(Response::new(proto::CreateBlockResponse { block }))
    }

    async fn delete_block(
        &self,
        request: Request<proto::DeleteBlockRequest>,
    ) -> Result<Response<proto::DeleteBlockResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Block)?;
        self.delete_block(&tenant, id).await?;
        Ok(Response::new(proto::DeleteBlockResponse {}))
    }
}
