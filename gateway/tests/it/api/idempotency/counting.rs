//! A booking service that counts what it is asked.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::json;
use tokio::sync::{Barrier, Notify};
use voxanne_idempotency::KeyedRequest;
use voxanne_ids::{OrgId, ProviderId};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::booking::v1::{
    Booking, CancelBookingRequest, CancelBookingResponse, CreateBookingRequest,
    CreateBookingResponse, CreateProviderRequest, CreateProviderResponse, Provider,
};
use voxanne_tenant::Tenant;

use crate::{
    api::fixture::{Api, Behind},
    fake::Rpcs,
};

const BOOKING: &str = "/voxanne.booking.v1.BookingService";
const CLINIC: &str = "/voxanne.booking.v1.ClinicService";

/// A booking service that counts what it does.
#[derive(Clone)]
pub(super) struct Counting {
    pub(super) created: Arc<AtomicUsize>,
    pub(super) records: Arc<Mutex<HashSet<(OrgId, String)>>>,
    pub(super) cancelled: Arc<AtomicUsize>,
    pub(super) providers: Arc<AtomicUsize>,
    /// Where two bookings meet.
    pub(super) both: Arc<Barrier>,
    /// A provider is made only when it is told to go on.
    pub(super) go_on: Arc<Notify>,
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            created: Arc::default(),
            records: Arc::default(),
            cancelled: Arc::default(),
            providers: Arc::default(),
            both: Arc::new(Barrier::new(2)),
            go_on: Arc::default(),
        }
    }
}

impl Counting {
    fn rpcs(&self) -> Rpcs {
        let (create, cancel, provide) = (self.clone(), self.clone(), self.clone());
        Rpcs::default()
            .unary(
                &format!("{BOOKING}/CreateBooking"),
                move |request: tonic::Request<CreateBookingRequest>| {
                    let counts = create.clone();
                    async move {
                        if request.get_ref().notes == "both" {
                            counts.both.wait().await;
                        }
                        counts.create(&request)
                    }
                },
            )
            .unary(
                &format!("{BOOKING}/CancelBooking"),
                move |_: tonic::Request<CancelBookingRequest>| {
                    let counts = cancel.clone();
                    async move { counts.cancel() }
                },
            )
            .unary(
                &format!("{CLINIC}/CreateProvider"),
                move |_: tonic::Request<CreateProviderRequest>| {
                    let counts = provide.clone();
                    async move {
                        counts.go_on.notified().await;
                        let number = counts.providers.fetch_add(1, Ordering::SeqCst);
                        Ok(CreateProviderResponse {
                            provider: Some(Provider {
                                id: ProviderId::new().to_string(),
                                name: format!("number {number}"),
                                ..Provider::default()
                            }),
                        })
                    }
                },
            )
    }

    /// The first call books; a call with a known key is a replay, as Postgres would have it.
    fn create(
        &self,
        request: &tonic::Request<CreateBookingRequest>,
    ) -> Result<CreateBookingResponse, tonic::Status> {
        let org = Tenant::of(request)?.org();
        if request.get_ref().notes == "taken" {
            let taken = Problem::new(Kind::Conflict, "SLOT_TAKEN", "that time was just taken");
            let more = json!({ "alternatives": [{ "slotId": "s1" }] }).to_string();
            return Err(taken.with_extension(more).into());
        }
        self.created.fetch_add(1, Ordering::SeqCst);
        let replayed = match KeyedRequest::of(request)? {
            None => false,
            Some(keyed) => {
                let mut records = self.records.lock().expect("one holder");
                !records.insert((org, keyed.key.as_str().to_owned()))
            }
        };
        Ok(CreateBookingResponse {
            booking: Some(Booking {
                id: "bkg_the_only_one".to_owned(),
                status: "booked".to_owned(),
                version: 1,
                ..Booking::default()
            }),
            replayed,
        })
    }

    fn cancel(&self) -> Result<CancelBookingResponse, tonic::Status> {
        let before = self.cancelled.fetch_add(1, Ordering::SeqCst);
        if before == 0 {
            return Err(Problem::unavailable("Postgres restarts").into());
        }
        Ok(CancelBookingResponse {
            booking: Some(Booking {
                id: format!("cancelled at attempt {before}"),
                ..Booking::default()
            }),
        })
    }

    pub(super) async fn behind(&self, redis: Option<secrecy::SecretString>) -> Api {
        Behind {
            redis,
            ..Behind::booking(self.rpcs())
        }
        .start()
        .await
    }
}
