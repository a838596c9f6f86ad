//! What a confirmation has to know of its booking, asked of booking.

use std::time::Duration;

use jiff::{Timestamp, civil};
use voxanne_ids::BookingId;
use voxanne_privacy::Private;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::booking::v1::{self, booking_service_client::BookingServiceClient};
use voxanne_resilience::Client;
use voxanne_tenant::{Outbound, Tenant};

const PATIENCE: Duration = Duration::from_secs(5);

/// A booking as far as a text may speak of it.
pub(crate) struct Booking {
    pub(crate) cancelled: bool,
    pub(crate) starts_at: Timestamp,
    /// Civil time at the location.
    pub(crate) local: civil::DateTime,
    /// E.164; empty when the patient has no number.
    pub(crate) phone: Private<String>,
}

/// Where bookings are asked for.
pub(crate) struct Bookings {
    booking: BookingServiceClient<Client>,
    outbound: Outbound,
}

impl Bookings {
    pub(crate) fn new(booking: Client, outbound: Outbound) -> Self {
        Self {
            booking: BookingServiceClient::new(booking),
            outbound,
        }
    }

    /// The booking, if there is one.
    pub(crate) async fn get(
        &self,
        tenant: &Tenant,
        id: BookingId,
    ) -> Result<Option<Booking>, Problem> {
        let tenant = tenant.clone().within(PATIENCE);
        let id = id.to_string();
        let request = self.outbound.request(&tenant, v1::GetBookingRequest { id });
        let answer = match self.booking.clone().get_booking(request).await {
            Ok(answer) => answer.into_inner(),
            Err(status) => match Problem::from(status) {
                none if none.kind == Kind::NotFound => return Ok(None),
                problem => return Err(problem),
            },
        };
        let booking = answer.booking.ok_or_else(|| malformed("booking"))?;
        read(booking).map(Some)
    }
}

fn read(booking: v1::Booking) -> Result<Booking, Problem> {
    let starts_at = booking
        .starts_at
        .and_then(|at| voxanne_clock::from_proto(&at).ok())
        .ok_or_else(|| malformed("starts_at"))?;
    let local = booking.local_time.parse();
    Ok(Booking {
        cancelled: booking.status == "cancelled",
        starts_at,
        local: local.map_err(|_| malformed("local_time"))?,
        phone: booking
            .patient
            .map(|who| who.phone.into())
            .unwrap_or_default(),
    })
}

fn malformed(field: &'static str) -> Problem {
    Problem::internal(format!("booking answered without a usable `{field}`"))
}
