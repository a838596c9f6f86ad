//! The booking service, as the tools use it.

use voxanne_idempotency::KeyedRequest;
use voxanne_problem::Problem;
use voxanne_proto::booking::v1::{
    CreateBookingRequest, CreateBookingResponse, FindSlotsRequest, FindSlotsResponse,
    booking_service_client::BookingServiceClient,
};
use voxanne_resilience::{Client, retry_idempotent};
use voxanne_tenant::{Outbound, Tenant};

/// A connection to the booking service.
#[derive(Clone)]
pub(crate) struct Booking {
    client: BookingServiceClient<Client>,
    outbound: Outbound,
}

impl Booking {
    pub(crate) fn new(client: Client, outbound: Outbound) -> Self {
        Self {
            client: BookingServiceClient::new(client),
            outbound,
        }
    }

    pub(crate) async fn find_slots(
        &self,
        tenant: &Tenant,
        request: FindSlotsRequest,
    ) -> Result<FindSlotsResponse, Problem> {
        let found = retry_idempotent(|| {
            let request = self.outbound.request(tenant, request.clone());
            let mut client = self.client.clone();
            async move { client.find_slots(request).await }
        })
        .await?;
        Ok(found.into_inner())
    }

    /// Books at most once for each key, so it may be asked again.
    pub(crate) async fn create_booking(
        &self,
        tenant: &Tenant,
        request: CreateBookingRequest,
        keyed: &KeyedRequest,
    ) -> Result<CreateBookingResponse, Problem> {
        let created = retry_idempotent(|| {
            let mut request = self.outbound.request(tenant, request.clone());
            keyed.attach(&mut request);
            let mut client = self.client.clone();
            async move { client.create_booking(request).await }
        })
        .await?;
        Ok(created.into_inner())
    }
}
