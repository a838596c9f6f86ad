//! `TaskService`.

use tonic::{Request, Response, Status};
use voxanne_proto::booking::v1::{self as proto, task_service_server::TaskService};
use voxanne_tenant::Tenant;

use super::known;
use crate::{Desk, error::What};

#[tonic::async_trait]
impl TaskService for Desk {
    async fn list_tasks(
        &self,
        request: Request<proto::ListTasksRequest>,
    ) -> Result<Response<proto::ListTasksResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let filter = request.get_ref().try_into()?;
        Ok(Response::new(
            self.list_tasks(&tenant, filter).await?.into(),
        ))
    }

    async fn get_task(
        &self,
        request: Request<proto::GetTaskRequest>,
    ) -> Result<Response<proto::GetTaskResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Task)?;
        let task = Some(self.get_task(&tenant, id).await?.into());
        Ok(Response::new(proto::GetTaskResponse { task }))
    }

    async fn create_task(
        &self,
        request: Request<proto::CreateTaskRequest>,
    ) -> Result<Response<proto::CreateTaskResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let new = request.get_ref().try_into()?;
        let task = Some(self.create_task(&tenant, new).await?.into());
        Ok(Response::new(proto::CreateTaskResponse { task }))
    }

    async fn assign_task(
        &self,
        request: Request<proto::AssignTaskRequest>,
    ) -> Result<Response<proto::AssignTaskResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let assignment = request.get_ref().try_into()?;
        let task = Some(self.assign_task(&tenant, assignment).await?.into());
        Ok(Response::new(proto::AssignTaskResponse { task }))
    }

    async fn resolve_task(
        &self,
        request: Request<proto::ResolveTaskRequest>,
    ) -> Result<Response<proto::ResolveTaskResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let resolution = request.get_ref().try_into()?;
        let task = Some(self.resolve_task(&tenant, resolution).await?.into());
        Ok(Response::new(proto::ResolveTaskResponse { task }))
    }
}
