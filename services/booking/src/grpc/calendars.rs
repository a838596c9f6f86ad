//! Calendars: each rpc is read, done and answered.

use tonic::{Request, Response, Status, async_trait};
use voxanne_problem::Problem;
use voxanne_proto::booking::v1::{self as proto, calendar_service_server::CalendarService};
use voxanne_tenant::{System, Tenant};

use crate::{
    Error,
    calendars::{Calendars, finish::Answer, refusal, ring::Ring, wire},
    page::Page,
};

/// What comes from outside without a token comes through the gateway.
fn gateway<T>(request: &Request<T>) -> Result<(), Problem> {
    match System::of(request)?.service() {
        "gateway" => Ok(()),
        _ => Err(refusal::not_the_gateway()),
    }
}

#[async_trait]
impl CalendarService for Calendars {
    async fn start_connect(
        &self,
        request: Request<proto::StartConnectRequest>,
    ) -> Result<Response<proto::StartConnectResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let provider = wire::provider(&request.into_inner().provider_id)?;
        let started = Self::start_connect(self, &tenant, provider).await?;
        Ok(Response::new(proto::StartConnectResponse {
            url: started.url.into(),
            browser: started.browser,
        }))
    }

    async fn finish_connect(
        &self,
        request: Request<proto::FinishConnectRequest>,
    ) -> Result<Response<proto::FinishConnectResponse>, Status> {
        gateway(&request)?;
        let request = request.into_inner();
        let answer = Answer {
            state: request.state,
            code: request.code,
            error: request.error,
            browser: request.browser,
        };
        let provider = Self::finish_connect(self, answer).await?;
        Ok(Response::new(proto::FinishConnectResponse {
            provider_id: provider.to_string(),
        }))
    }

    async fn list_calendars(
        &self,
        request: Request<proto::ListCalendarsRequest>,
    ) -> Result<Response<proto::ListCalendarsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.into_inner();
        let page = Page::of(request.limit, &request.cursor)?;
        let listed = self.list(&tenant, page).await?;
        let now = self.clock.now();
        let rows = listed.items.into_iter().map(|row| row.into_proto(now));
        Ok(Response::new(proto::ListCalendarsResponse {
            calendars: rows.collect::<Result<_, Error>>()?,
            next_cursor: listed.next_cursor,
        }))
    }

    async fn update_calendar(
        &self,
        request: Request<proto::UpdateCalendarRequest>,
    ) -> Result<Response<proto::UpdateCalendarResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let row = self
            .change(&tenant, request.into_inner().try_into()?)
            .await?;
        Ok(Response::new(proto::UpdateCalendarResponse {
            calendar: Some(row.into_proto(self.clock.now())?),
        }))
    }

    async fn disconnect(
        &self,
        request: Request<proto::DisconnectRequest>,
    ) -> Result<Response<proto::DisconnectResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let provider = wire::provider(&request.into_inner().provider_id)?;
        Self::disconnect(self, &tenant, provider).await?;
        Ok(Response::new(proto::DisconnectResponse {}))
    }

    async fn test_calendar(
        &self,
        request: Request<proto::TestCalendarRequest>,
    ) -> Result<Response<proto::TestCalendarResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let provider = wire::provider(&request.into_inner().provider_id)?;
        let tested = self.test(&tenant, provider).await?;
        Ok(Response::new(proto::TestCalendarResponse {
            calendar: Some(tested.calendar.into_proto(self.clock.now())?),
            verdict: tested.verdict.to_owned(),
        }))
    }

    async fn make_feed_key(
        &self,
        request: Request<proto::MakeFeedKeyRequest>,
    ) -> Result<Response<proto::MakeFeedKeyResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let provider = wire::provider(&request.into_inner().provider_id)?;
        let key = Self::make_feed_key(self, &tenant, provider).await?;
        Ok(Response::new(proto::MakeFeedKeyResponse { key }))
    }

    async fn read_feed(
        &self,
        request: Request<proto::ReadFeedRequest>,
    ) -> Result<Response<proto::ReadFeedResponse>, Status> {
        gateway(&request)?;
        let feed = Self::read_feed(self, &request.into_inner().key).await?;
        Ok(Response::new(proto::ReadFeedResponse {
            org_id: feed.org.to_string(),
            ics: feed.ics,
            etag: feed.etag,
        }))
    }

    async fn ring(
        &self,
        request: Request<proto::RingRequest>,
    ) -> Result<Response<proto::RingResponse>, Status> {
        gateway(&request)?;
        let request = request.into_inner();
        let ring = Ring {
            channel: request.channel_id,
            token: request.token,
            resource: request.resource_id,
        };
        Self::ring(self, ring).await?;
        Ok(Response::new(proto::RingResponse {}))
    }
}
