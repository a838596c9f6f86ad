//! A booking service that does what a test tells it.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tonic::{Request, Response, Status, service::Routes};
use voxanne_clock::{Clock, to_proto};
use voxanne_idempotency::KeyedRequest;
use voxanne_ids::BookingId;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::booking::v1::{
    Booking, CancelBookingRequest, CancelBookingResponse, ConfirmBookingRequest,
    ConfirmBookingResponse, CreateBookingRequest, CreateBookingResponse, FindSlotsRequest,
    FindSlotsResponse, GetBookingRequest, GetBookingResponse, ListBookingsRequest,
    ListBookingsResponse, MarkBookingRequest, MarkBookingResponse, RescheduleBookingRequest,
    RescheduleBookingResponse, Slot,
    booking_service_server::{BookingService, BookingServiceServer},
};
use voxanne_runtime::{Process, serve_grpc};
use voxanne_tenant::Tenant;
use voxanne_testkit::keys;

/// How the next calls go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    #[default]
    Well,
    /// Answers UNAVAILABLE.
    Away,
    /// Books, and answers too late.
    LateAnswer,
    /// Says that the slot is taken.
    Taken,
}

#[derive(Default)]
pub(crate) struct Script {
    pub(crate) mood: Mood,
    pub(crate) slots: Vec<Slot>,
    pub(crate) searches: Vec<FindSlotsRequest>,
    /// Bookings that were made, by organisation and key.
    pub(crate) made: HashMap<(String, String), (CreateBookingRequest, Booking)>,
}

/// A running stand-in for booking.
#[derive(Clone)]
pub(crate) struct Upstream {
    script: Arc<Mutex<Script>>,
    pub(crate) addr: SocketAddr,
}

impl Upstream {
    pub(crate) async fn start(clock: Clock) -> Self {
        let process = Process::new("booking").with_clock(clock);
        let listener = process
            .bind("grpc", ([127, 0, 0, 1], 0).into())
            .await
            .unwrap();
        let upstream = Self {
            script: Arc::default(),
            addr: listener.local_addr().unwrap(),
        };
        let routes = Routes::new(BookingServiceServer::new(upstream.clone()));
        process.tasks.clone().spawn(async move {
            serve_grpc(&process, listener, keys(), routes)
                .await
                .unwrap();
        });
        upstream
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }
}

/// A slot at a clinic in New York in winter.
pub(crate) fn slot(local_time: &str) -> Slot {
    let at: jiff::civil::DateTime = local_time.parse().unwrap();
    let starts_at = at.in_tz("America/New_York").unwrap().timestamp();
    Slot {
        slot_id: format!("slot-{local_time}"),
        starts_at: Some(to_proto(starts_at)),
        provider_name: "Dr. Lee".into(),
        local_time: local_time.into(),
        time_zone: "America/New_York".into(),
        ..Slot::default()
    }
}

#[tonic::async_trait]
impl BookingService for Upstream {
    async fn find_slots(
        &self,
        request: Request<FindSlotsRequest>,
    ) -> Result<Response<FindSlotsResponse>, Status> {
        let mut script = self.script();
        if script.mood == Mood::Away {
            return Err(Problem::unavailable("told to be").into());
        }
        let search = request.into_inner();
        let date = search.date.clone();
        script.searches.push(search);
        Ok(Response::new(FindSlotsResponse {
            slots: script.slots.clone(),
            time_zone: "America/New_York".into(),
            date,
            ..FindSlotsResponse::default()
        }))
    }

    async fn create_booking(
        &self,
        request: Request<CreateBookingRequest>,
    ) -> Result<Response<CreateBookingResponse>, Status> {
        let org = Tenant::of(&request)?.org().to_string();
        let keyed = KeyedRequest::of(&request)?.expect("bookings by voice have a key");
        let request = request.into_inner();
        let mood = self.script().mood;
        match mood {
            Mood::Away => return Err(Problem::unavailable("told to be").into()),
            Mood::Taken => {
                let alternatives = r#"{"alternatives":[{"localTime":"2026-12-01T09:30","providerName":"Dr. Lee"}]}"#;
                let taken = Problem::new(Kind::Conflict, "SLOT_TAKEN", "this time is taken");
                return Err(taken.with_extension(alternatives).into());
            }
            Mood::Well | Mood::LateAnswer => {}
        }
        let local_time = request.slot_id.trim_start_matches("slot-").to_owned();
        let booking = {
            let mut script = self.script();
            let place = (org, keyed.key.as_str().to_owned());
            let made = script.made.entry(place).or_insert_with(|| {
                let booking = Booking {
                    id: BookingId::new().to_string(),
                    starts_at: slot(&local_time).starts_at,
                    local_time,
                    provider_name: "Dr. Lee".into(),
                    ..Booking::default()
                };
                (request, booking)
            });
            made.1.clone()
        };
        if mood == Mood::LateAnswer {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        Ok(Response::new(CreateBookingResponse {
            booking: Some(booking),
            replayed: false,
        }))
    }

    async fn get_booking(
        &self,
        _: Request<GetBookingRequest>,
    ) -> Result<Response<GetBookingResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn list_bookings(
        &self,
        _: Request<ListBookingsRequest>,
    ) -> Result<Response<ListBookingsResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn confirm_booking(
        &self,
        _: Request<ConfirmBookingRequest>,
    ) -> Result<Response<ConfirmBookingResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn cancel_booking(
        &self,
        _: Request<CancelBookingRequest>,
    ) -> Result<Response<CancelBookingResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn reschedule_booking(
        &self,
        _: Request<RescheduleBookingRequest>,
    ) -> Result<Response<RescheduleBookingResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn mark_booking(
        &self,
        _: Request<MarkBookingRequest>,
    ) -> Result<Response<MarkBookingResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }
}
