//! A booking service with a few slots, that remembers what it was asked.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tonic::{Request, Status};
use voxanne_ids::{BookingId, HoldId, LocationId, PatientId, ProviderId, ServiceId};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::booking::v1::{self as proto, create_booking_request::Who};

use crate::{
    api::fixture::{Api, Behind},
    fake::Rpcs,
};

const BOOKING: &str = "/voxanne.booking.v1.BookingService";
const CLINIC: &str = "/voxanne.booking.v1.ClinicService";
const HOLDS: &str = "/voxanne.booking.v1.HoldService";
/// When the first slot begins, and how many there are, an hour between them.
pub(super) const NINE: i64 = 1_796_133_600;
const SLOTS: i64 = 5;

/// What a clinic has, and what was asked of it.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) provider: ProviderId,
    pub(super) service: ServiceId,
    pub(super) location: LocationId,
    pub(super) patient: PatientId,
    pub(super) booking: BookingId,
    pub(super) hold: HoldId,
    /// The state that the booking is in.
    pub(super) status: Arc<Mutex<&'static str>>,
    pub(super) asked: Arc<Mutex<Asked>>,
}

/// The last question of each kind.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) find: Option<proto::FindSlotsRequest>,
    pub(super) list: Option<proto::ListBookingsRequest>,
    pub(super) hold: Option<proto::CreateHoldRequest>,
    pub(super) create: Option<proto::CreateBookingRequest>,
    pub(super) reschedule: Option<proto::RescheduleBookingRequest>,
    pub(super) cancel: Option<proto::CancelBookingRequest>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            provider: ProviderId::new(),
            service: ServiceId::new(),
            location: LocationId::new(),
            patient: PatientId::new(),
            booking: BookingId::new(),
            hold: HoldId::new(),
            status: Arc::new(Mutex::new("booked")),
            asked: Arc::default(),
        }
    }
}

const fn at(seconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds, nanos: 0 }
}

/// An id as the booking service writes that of a slot.
pub(super) fn slot_id(number: i64) -> String {
    format!("slt_{number}_{}", "a-_Z".repeat(15))
}

impl Desk {
    pub(super) fn asked(&self) -> std::sync::MutexGuard<'_, Asked> {
        self.asked.lock().expect("one holder")
    }

    fn slot(&self, number: i64) -> proto::Slot {
        proto::Slot {
            slot_id: slot_id(number),
            starts_at: Some(at(NINE + number * 3600)),
            ends_at: Some(at(NINE + number * 3600 + 1800)),
            provider_id: self.provider.to_string(),
            provider_name: "Dr. Ada Lee".to_owned(),
            service_id: self.service.to_string(),
            service_name: "Check-up".to_owned(),
            local_time: "2026-12-01T09:00".to_owned(),
            time_zone: "America/New_York".to_owned(),
        }
    }

    pub(super) fn booking(&self) -> proto::Booking {
        let status = *self.status.lock().expect("one holder");
        proto::Booking {
            id: self.booking.to_string(),
            status: status.to_owned(),
            starts_at: Some(at(NINE)),
            ends_at: Some(at(NINE + 1800)),
            provider_id: self.provider.to_string(),
            provider_name: "Dr. Ada Lee".to_owned(),
            service_id: self.service.to_string(),
            service_name: "Check-up".to_owned(),
            patient: Some(self.person()),
            version: 3,
            created_at: Some(at(NINE - 86_400)),
            notes: "Knows the way".to_owned(),
            history: vec![change("booked", "by phone"), change(status, "cannot come")],
            ..proto::Booking::default()
        }
    }

    fn person(&self) -> proto::Patient {
        proto::Patient {
            id: self.patient.to_string(),
            name: "Zebediah Quillfeather".to_owned(),
            phone: "+12125550142".to_owned(),
            email: "zebediah@clinic.test".to_owned(),
            ..Default::default()
        }
    }

    fn doctor(&self) -> proto::Provider {
        proto::Provider {
            id: self.provider.to_string(),
            name: "Dr. Ada Lee".to_owned(),
            location_id: self.location.to_string(),
            active: true,
        }
    }

    fn place(&self) -> proto::Location {
        proto::Location {
            id: self.location.to_string(),
            name: "Uptown".to_owned(),
            time_zone: "America/New_York".to_owned(),
            active: true,
        }
    }

    fn check_up(&self) -> proto::Service {
        proto::Service {
            id: self.service.to_string(),
            name: "Check-up".to_owned(),
            duration_minutes: 30,
            active: true,
            ..proto::Service::default()
        }
    }

    /// The slots from `from` on and before `to`, as many as were asked for.
    fn find(&self, wanted: &proto::FindSlotsRequest) -> proto::FindSlotsResponse {
        let second = |at: Option<prost_types::Timestamp>| at.map_or(0, |at| at.seconds);
        let span = second(wanted.from)..second(wanted.to);
        let slots = (0..SLOTS).map(|number| self.slot(number));
        let slots = slots.filter(|slot| span.contains(&second(slot.starts_at)));
        proto::FindSlotsResponse {
            slots: slots.take(wanted.limit as usize).collect(),
            time_zone: "America/New_York".to_owned(),
            ..proto::FindSlotsResponse::default()
        }
    }

    fn create(&self, new: &proto::CreateBookingRequest) -> Result<proto::Booking, Problem> {
        let Some(Who::Patient(patient)) = &new.who else {
            return Ok(self.booking());
        };
        if patient.name == "Late Comer" {
            let more = json!({ "alternatives": [{ "slotId": slot_id(2), "localTime": "12:00" }] });
            let taken = Problem::new(Kind::Conflict, "SLOT_TAKEN", "this time is taken");
            return Err(taken.with_extension(more.to_string()));
        }
        if patient.name == "Nobody Home" {
            return Err(Problem::not_found(
                "HOLD_NOT_FOUND",
                "there is no such hold",
            ));
        }
        Ok(self.booking())
    }

    fn rpcs(&self) -> Rpcs {
        let rpcs = self.bookings(Rpcs::default());
        self.clinic(rpcs)
    }

    fn bookings(&self, rpcs: Rpcs) -> Rpcs {
        let (find, get, list) = (self.clone(), self.clone(), self.clone());
        let (hold, create) = (self.clone(), self.clone());
        let (moved, cancel) = (self.clone(), self.clone());
        let rpcs = rpc(rpcs, &format!("{BOOKING}/FindSlots"), move |wanted| {
            find.asked().find = Some(wanted);
            Ok(find.find(&wanted_of(&find)))
        });
        let rpcs = rpc(rpcs, &format!("{BOOKING}/GetBooking"), move |wanted| {
            let proto::GetBookingRequest { id } = wanted;
            if id != get.booking.to_string() {
                let gone = Problem::not_found("BOOKING_NOT_FOUND", "there is no such booking");
                return Err(gone.into());
            }
            let booking = Some(get.booking());
            Ok(proto::GetBookingResponse { booking })
        });
        let rpcs = rpc(rpcs, &format!("{BOOKING}/ListBookings"), move |wanted| {
            list.asked().list = Some(wanted);
            Ok(proto::ListBookingsResponse {
                bookings: vec![list.booking()],
                next_cursor: "bmV4dA".to_owned(),
            })
        });
        let rpcs = rpc(rpcs, &format!("{HOLDS}/CreateHold"), move |wanted| {
            hold.asked().hold = Some(wanted);
            Ok(proto::CreateHoldResponse {
                hold: Some(proto::Hold {
                    id: hold.hold.to_string(),
                    starts_at: Some(at(NINE)),
                    ends_at: Some(at(NINE + 1800)),
                    provider_id: hold.provider.to_string(),
                    service_id: hold.service.to_string(),
                    expires_at: Some(at(NINE - 86_400)),
                    ..proto::Hold::default()
                }),
            })
        });
        let rpcs = rpc(rpcs, &format!("{BOOKING}/CreateBooking"), move |new| {
            let booking = create.create(&new);
            create.asked().create = Some(new);
            Ok(proto::CreateBookingResponse {
                booking: Some(booking?),
                replayed: false,
            })
        });
        let rpcs = rpc(
            rpcs,
            &format!("{BOOKING}/RescheduleBooking"),
            move |wanted| {
                moved.asked().reschedule = Some(wanted);
                let booking = Some(moved.booking());
                Ok(proto::RescheduleBookingResponse { booking })
            },
        );
        rpc(rpcs, &format!("{BOOKING}/CancelBooking"), move |wanted| {
            cancel.asked().cancel = Some(wanted);
            let booking = Some(cancel.booking());
            Ok(proto::CancelBookingResponse { booking })
        })
    }

    fn clinic(&self, rpcs: Rpcs) -> Rpcs {
        let (provider, providers) = (self.clone(), self.clone());
        let (place, places) = (self.clone(), self.clone());
        let (service, services, patient) = (self.clone(), self.clone(), self.clone());
        let rpcs = rpc(rpcs, &format!("{CLINIC}/GetProvider"), move |wanted| {
            let proto::GetProviderRequest { id } = wanted;
            if id != provider.provider.to_string() {
                let gone = Problem::not_found("PROVIDER_NOT_FOUND", "there is no such provider");
                return Err(gone.into());
            }
            let provider = Some(provider.doctor());
            Ok(proto::GetProviderResponse { provider })
        });
        let rpcs = rpc(rpcs, &format!("{CLINIC}/ListProviders"), move |wanted| {
            let proto::ListProvidersRequest { cursor, .. } = wanted;
            let next_cursor = if cursor.is_empty() { "bmV4dA" } else { "" }.to_owned();
            Ok(proto::ListProvidersResponse {
                providers: vec![providers.doctor()],
                next_cursor,
            })
        });
        let rpcs = rpc(rpcs, &format!("{CLINIC}/GetLocation"), move |wanted| {
            let proto::GetLocationRequest { .. } = wanted;
            let location = Some(place.place());
            Ok(proto::GetLocationResponse { location })
        });
        let rpcs = rpc(rpcs, &format!("{CLINIC}/ListLocations"), move |wanted| {
            let proto::ListLocationsRequest { .. } = wanted;
            Ok(proto::ListLocationsResponse {
                locations: vec![places.place()],
                next_cursor: String::new(),
            })
        });
        let rpcs = rpc(rpcs, &format!("{CLINIC}/GetService"), move |wanted| {
            let proto::GetServiceRequest { .. } = wanted;
            let service = Some(service.check_up());
            Ok(proto::GetServiceResponse { service })
        });
        let rpcs = rpc(rpcs, &format!("{CLINIC}/ListServices"), move |wanted| {
            let proto::ListServicesRequest { .. } = wanted;
            Ok(proto::ListServicesResponse {
                services: vec![services.check_up()],
                next_cursor: String::new(),
            })
        });
        rpc(rpcs, &format!("{CLINIC}/GetPatient"), move |wanted| {
            let proto::GetPatientRequest { .. } = wanted;
            let patient = Some(patient.person());
            Ok(proto::GetPatientResponse { patient })
        })
    }

    pub(super) async fn start(&self) -> Api {
        Behind::booking(self.rpcs()).start().await
    }

    pub(super) async fn start_with_redis(&self) -> Api {
        Behind {
            redis: Some(voxanne_testkit::redis_url()),
            ..Behind::booking(self.rpcs())
        }
        .start()
        .await
    }
}

fn wanted_of(desk: &Desk) -> proto::FindSlotsRequest {
    desk.asked().find.clone().expect("it was asked just now")
}

fn change(status: &str, reason: &str) -> proto::Change {
    proto::Change {
        status: status.to_owned(),
        reason: reason.to_owned(),
        ..proto::Change::default()
    }
}

/// Answers the rpc at `path`.
fn rpc<M, R, F>(rpcs: Rpcs, path: &str, answer: F) -> Rpcs
where
    M: prost::Message + Default + Send + 'static,
    R: prost::Message + Default + Send + 'static,
    F: Fn(M) -> Result<R, Status> + Clone + Send + Sync + 'static,
{
    rpcs.unary(path, move |request: Request<M>| {
        let answer = answer(request.into_inner());
        async { answer }
    })
}
