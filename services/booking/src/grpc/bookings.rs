//! `BookingService`.

use tonic::{Request, Response, Status};
use voxanne_idempotency::KeyedRequest;
use voxanne_proto::booking::v1::{self as proto, booking_service_server::BookingService};
use voxanne_tenant::Tenant;

use super::known;
use crate::{
    Desk,
    availability::slot_id::SlotIds,
    bookings::{book::NewBooking, change::Ask, reschedule::Move},
    error::What,
    outcomes,
};

#[tonic::async_trait]
impl BookingService for Desk {
    async fn find_slots(
        &self,
        request: Request<proto::FindSlotsRequest>,
    ) -> Result<Response<proto::FindSlotsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let wanted = request.into_inner().try_into()?;
        Ok(Response::new(
            self.find_slots(&tenant, wanted).await?.into(),
        ))
    }

    async fn create_booking(
        &self,
        request: Request<proto::CreateBookingRequest>,
    ) -> Result<Response<proto::CreateBookingResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let keyed = KeyedRequest::of(&request)?;
        let ids = SlotIds::new(self.keys.clone(), tenant.org());
        let new = NewBooking::read(request.get_ref(), &ids)?;
        let booked = self.book(&tenant, &new, keyed.as_ref()).await;
        outcomes::count(&booked, |answer| {
            if answer.replayed {
                "replayed"
            } else {
                "created"
            }
        });
        Ok(Response::new(booked?))
    }

    async fn get_booking(
        &self,
        request: Request<proto::GetBookingRequest>,
    ) -> Result<Response<proto::GetBookingResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = known(&request.get_ref().id, What::Booking)?;
        let booking = self.get_booking(&tenant, id).await?;
        Ok(Response::new(proto::GetBookingResponse {
            booking: Some(booking.into()),
        }))
    }

    async fn list_bookings(
        &self,
        request: Request<proto::ListBookingsRequest>,
    ) -> Result<Response<proto::ListBookingsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let filter = request.into_inner().try_into()?;
        Ok(Response::new(
            self.list_bookings(&tenant, filter).await?.into(),
        ))
    }

    async fn confirm_booking(
        &self,
        request: Request<proto::ConfirmBookingRequest>,
    ) -> Result<Response<proto::ConfirmBookingResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.into_inner();
        let ask = Ask::confirm(known(&request.id, What::Booking)?, &request);
        let changed = self.change(&tenant, &ask).await;
        outcomes::count(
            &changed,
            |(_, new)| if *new { "confirmed" } else { "unchanged" },
        );
        let (booking, _) = changed?;
        Ok(Response::new(proto::ConfirmBookingResponse {
            booking: Some(booking.into()),
        }))
    }

    async fn cancel_booking(
        &self,
        request: Request<proto::CancelBookingRequest>,
    ) -> Result<Response<proto::CancelBookingResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.into_inner();
        let ask = Ask::cancel(known(&request.id, What::Booking)?, &request)?;
        let changed = self.change(&tenant, &ask).await;
        outcomes::count(
            &changed,
            |(_, new)| if *new { "cancelled" } else { "unchanged" },
        );
        let (booking, _) = changed?;
        Ok(Response::new(proto::CancelBookingResponse {
            booking: Some(booking.into()),
        }))
    }

    async fn reschedule_booking(
        &self,
        request: Request<proto::RescheduleBookingRequest>,
    ) -> Result<Response<proto::RescheduleBookingResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let ids = SlotIds::new(self.keys.clone(), tenant.org());
        let id = known(&request.get_ref().id, What::Booking)?;
        let wanted = Move::read(id, request.get_ref(), &ids)?;
        let moved = self.reschedule(&tenant, &wanted).await;
        outcomes::count(
            &moved,
            |(_, new)| if *new { "rescheduled" } else { "unchanged" },
        );
        let (booking, _) = moved?;
        Ok(Response::new(proto::RescheduleBookingResponse {
            booking: Some(booking.into()),
        }))
    }

    async fn mark_booking(
        &self,
        request: Request<proto::MarkBookingRequest>,
    ) -> Result<Response<proto::MarkBookingResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.into_inner();
        let ask = Ask::mark(known(&request.id, What::Booking)?, &request)?;
        let changed = self.change(&tenant, &ask).await;
        outcomes::count(
            &changed,
            |(_, new)| if *new { "marked" } else { "unchanged" },
        );
        let (booking, _) = changed?;
        Ok(Response::new(proto::MarkBookingResponse {
            booking: Some(booking.into()),
        }))
    }
}
