//! `SeriesService`.

use tonic::{Request, Response, Status};
use voxanne_idempotency::KeyedRequest;
use voxanne_proto::booking::v1::{self as proto, series_service_server::SeriesService};
use voxanne_tenant::Tenant;

use super::known;
use crate::{
    Desk,
    error::What,
    outcomes,
    series::{book::NewSeries, cancel::Rest},
};

#[tonic::async_trait]
impl SeriesService for Desk {
    async fn create_series(
        &self,
        request: Request<proto::CreateSeriesRequest>,
    ) -> Result<Response<proto::CreateSeriesResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let keyed = KeyedRequest::of(&request)?;
        let new = NewSeries::try_from(request.get_ref())?;
        let booked = self.book_series(&tenant, &new, keyed.as_ref()).await;
        outcomes::count(&booked, |answer| {
            if answer.replayed {
                "replayed"
            } else {
                "created"
            }
        });
        Ok(Response::new(booked?))
    }

    async fn cancel_series(
        &self,
        request: Request<proto::CancelSeriesRequest>,
    ) -> Result<Response<proto::CancelSeriesResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Series)?;
        let rest = Rest::read(id, request.get_ref())?;
        let ended = self.cancel_series(&tenant, &rest).await;
        outcomes::count(&ended, |_| "cancelled");
        let (cancelled, kept) = ended?;
        Ok(Response::new(proto::CancelSeriesResponse {
            cancelled: cancelled.into_iter().map(Into::into).collect(),
            kept: kept.into_iter().map(Into::into).collect(),
        }))
    }
}
